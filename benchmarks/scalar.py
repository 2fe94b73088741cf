"""A graph of 1,000 operations on scalars, forward and backward: what is paid when arithmetic costs nothing.

Microseconds an operation. Half of the operations take two tensors, half a tensor and a number.
"""

from __future__ import annotations

import json
import sys
import time

import numpy as np

X, Y, OPERATIONS, GRAPHS = 0.3, 0.9, 1_000, 60


def graph(x, y):
    z = x
    for _ in range(OPERATIONS // 4):
        z = z * y
        z = z + x
        z = z * 0.5
        z = 0.25 - z
    return z


def by_hand():
    """In NumPy's scalars, with the backward pass written down."""
    x, y, half, quarter = map(np.float32, (X, Y, 0.5, 0.25))

    def step():
        z, before = x, []
        for _ in range(OPERATIONS // 4):
            before.append(z)
            z = z * y
            z = z + x
            z = z * half
            z = quarter - z
        dz, dx, dy = np.float32(1), np.float32(0), np.float32(0)
        for z in reversed(before):
            dz = -dz
            dz = dz * half
            dx = dx + dz
            dy = dy + dz * z
            dz = dz * y
        return dx + dz

    return step


def in_minigrad():
    from minigrad import Tensor
    from minigrad.backend import Autodiff, NdArray

    device = Autodiff(NdArray(seed=0))
    x, y = (Tensor.from_data(value, device).require_grad() for value in (X, Y))
    return lambda: x.grad(graph(x, y).backward())


def in_torch():
    import torch

    torch.set_num_threads(1)
    x, y = (torch.tensor(value, requires_grad=True) for value in (X, Y))
    return lambda: torch.autograd.grad(graph(x, y), (x, y))[0]


def main():
    step = {"numpy": by_hand, "minigrad": in_minigrad, "torch": in_torch}[sys.argv[1]]()
    seconds = []
    for _ in range(GRAPHS):
        start = time.perf_counter()
        slope = step()
        seconds.append(time.perf_counter() - start)
        assert abs(float(slope) + 0.5 / (1 + 0.45)) < 1e-5  # z = 0.25 - 0.5 (y z + x) has settled
    print(json.dumps({"value": sum(seconds) / GRAPHS / OPERATIONS * 1e6}))


if __name__ == "__main__":
    main()
