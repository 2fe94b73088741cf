"""What the workloads share: start weights, cross-entropy by hand, training steps, and how a row is run and reported.

A row is a function that builds a *step*: given the number of a batch, it does forward, backward and update, and returns
the loss, which is read each time. Batches are made beforehand, in whatever form the row likes best. All rows of a
workload start from the same weights; after 20 steps their losses must agree.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy import divide, exp, multiply, subtract

from numpy_adam import BETA_1, BETA_2, EPSILON

LR = 1e-3
BATCHES, SETTLE = 16, 20  # different batches, which are taken in turn; steps before the clock starts

Step = Callable[[int], float]


def threads() -> int:
    """What the harness allows; NumPy's BLAS reads the same variable."""
    return int(os.environ.get("OMP_NUM_THREADS", "1"))


def start_weights(shapes: dict[str, tuple[tuple[int, ...], int]]) -> dict[str, np.ndarray]:
    """Float32 of each shape, from U(-a, a) with a = 1 / sqrt(inputs); `inputs` of 0 says zeros, of -1 ones."""
    rng = np.random.default_rng(0)

    def draw(shape: tuple[int, ...], inputs: int) -> np.ndarray:
        if inputs <= 0:
            return np.full(shape, -inputs, np.float32)
        return (rng.random(shape, np.float32) * 2 - 1) / np.sqrt(np.float32(inputs))

    return {name: draw(*what) for name, what in shapes.items()}


def flat_views(weights: dict[str, np.ndarray]) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """One vector with the values of all weights, and the weights as views of it."""
    flat, views, start = np.concatenate([w.ravel() for w in weights.values()]), {}, 0
    for name, w in weights.items():
        views[name] = flat[start : start + w.size].reshape(w.shape)
        start += w.size
    return flat, views


def make_cross_entropy(n: int, classes: int) -> Callable[[np.ndarray, np.ndarray], float]:
    """For logits [n, classes] and labels [n]: the mean loss; the logits are overwritten with its gradient."""
    column, rows = np.empty((n, 1), np.float32), np.arange(n)
    ones, share = np.ones(classes, np.float32), np.array(1 / n, np.float32)

    def differentiate(z: np.ndarray, labels: np.ndarray) -> float:
        np.maximum.reduce(z, 1, None, column, True)
        subtract(z, column, z)
        chosen = z[rows, labels]
        exp(z, z)
        z.dot(ones, column[:, 0])  # the sums of the rows
        loss = float((np.log(column[:, 0]) - chosen).sum() * share)
        divide(z, column, z)
        z[rows, labels] -= 1
        multiply(z, share, z)
        return loss

    return differentiate


def minigrad_step(model: Any, data: list[Any]) -> Step:
    """Steps of a model that gives logits, in minigrad: `data` is a pair of inputs and labels for each batch."""
    from minigrad.functional import cross_entropy
    from minigrad.optim import AdamConfig

    optim = AdamConfig(beta_1=BETA_1, beta_2=BETA_2, epsilon=EPSILON).init()

    def step(i: int) -> float:
        nonlocal model
        x, labels = data[i]
        loss = cross_entropy(model(x), labels)
        model = optim.step(LR, model, loss.backward())
        return loss.item()

    return step


def torch_step(weights: Any, data: list[Any], loss_of: Callable[..., Any], compiled: bool) -> Step:
    """Steps of PyTorch at its best: a fused Adam, and the loss compiled if asked for."""
    import torch

    torch.set_num_threads(threads())
    adam = torch.optim.Adam(weights, lr=LR, betas=(BETA_1, BETA_2), eps=EPSILON, fused=True)
    loss_of = torch.compile(loss_of) if compiled else loss_of

    def step(i: int) -> float:
        adam.zero_grad()
        loss = loss_of(*data[i])
        loss.backward()
        adam.step()
        return loss.item()

    return step


def kept(make: Callable[[], Step]) -> Callable[[], Step]:
    """The same row in a process that keeps its memory: `minigrad.memory`, by its path, as PyTorch may be elsewhere."""

    def make_kept() -> Step:
        memory = Path(__file__).parents[1] / "minigrad" / "memory.py"
        runpy.run_path(str(memory))["keep_memory"]()
        return make()

    return make_kept


def rows(
    numpy: Callable[[], Step], minigrad: Callable[[], Step], torch: Callable[..., Step]
) -> dict[str, Callable[[], Step]]:
    """What every workload has. `torch(compiled=True)` is its step under torch.compile."""
    return {
        "numpy": numpy,
        "minigrad": minigrad,
        "minigrad_kept": kept(minigrad),
        "torch": torch,
        "torch_kept": kept(torch),
        "torch_compile": lambda: torch(compiled=True),
    }


def peak_mb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main(choices: dict[str, Callable[[], Step]], steps: int) -> None:
    """Run the row that the command line names, and print one line of JSON about it: microseconds a step."""
    parser = argparse.ArgumentParser()
    parser.add_argument("row", choices=choices)
    parser.add_argument("--steps", type=int, default=steps)
    options = parser.parse_args()
    step = choices[options.row]()
    for i in range(SETTLE):
        loss = step(i % BATCHES)
    start = time.perf_counter()
    for i in range(SETTLE, SETTLE + options.steps):
        step(i % BATCHES)
    seconds = time.perf_counter() - start
    value = seconds / options.steps * 1e6 if options.steps else None
    print(json.dumps({"value": value, "loss": loss, "peak_mb": peak_mb()}))
