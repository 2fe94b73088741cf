"""A graph of 1,000 operations on scalars, forward and backward: what is paid when arithmetic costs nothing."""

from __future__ import annotations

import json
import time

from minigrad import Tensor
from minigrad.backend import Autodiff, NdArray

OPERATIONS, GRAPHS = 1_000, 60


def graph(x, y):
    """Half of the operations take two tensors, half a tensor and a number."""
    z = x
    for _ in range(OPERATIONS // 4):
        z = z * y
        z = z + x
        z = z * 0.5
        z = 0.25 - z
    return z


def main():
    device = Autodiff(NdArray(seed=0))
    x, y = (Tensor.from_data(value, device).require_grad() for value in (0.3, 0.9))
    seconds = []
    for _ in range(GRAPHS):
        start = time.perf_counter()
        gradients = graph(x, y).backward()
        seconds.append(time.perf_counter() - start)
        assert abs(x.grad(gradients).item() + 0.5 / (1 + 0.45)) < 1e-5  # z = 0.25 - 0.5 (y z + x) has settled
    print(json.dumps({"value": sum(seconds) / GRAPHS / OPERATIONS * 1e6}))


if __name__ == "__main__":
    main()
