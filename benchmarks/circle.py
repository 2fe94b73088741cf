"""The job that every row does: circle points, start weights, batches; and how a row is run, timed and reported.

10,000 points of [-1.5, 1.5]², 1.0 inside the unit circle, in batches of 150; the affine model 2-16-1; binary
cross-entropy with logits; Adam with Burn's epsilon; each epoch shuffled and followed by validation on 400 points; the
loss of each step is read. 100 epochs are 6,700 steps. A job returns the mean loss per item of each epoch, in training
and in validation.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np

TRAIN, VALID, BATCH, HIDDEN = 10_000, 400, 150, 16
STEPS = -(-TRAIN // BATCH)  # of an epoch; the last batch has 100 items
LR = 0.02

History = list[tuple[float, float]]
Job = Callable[[int, bool], History | Callable[[], History]]  # (epochs, shuffled) -> history, or how to read it


def points(n: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """`n` points, [n, 2], and their targets 0.0 or 1.0, [n]; both float32."""
    x = np.random.default_rng(seed).uniform(-1.5, 1.5, (n, 2)).astype(np.float32)
    return x, ((x * x).sum(1) < 1).astype(np.float32)


def train_points() -> tuple[np.ndarray, np.ndarray]:
    return points(TRAIN, seed=1)


def valid_points() -> tuple[np.ndarray, np.ndarray]:
    return points(VALID, seed=2)


def start_weights() -> list[np.ndarray]:
    """Weights [in, out] and biases of the two layers, the same for every row."""
    rng = np.random.default_rng(0)
    shapes = [((2, HIDDEN), 2), ((HIDDEN,), 2), ((HIDDEN, 1), HIDDEN), ((1,), HIDDEN)]
    return [rng.uniform(-1, 1, shape).astype(np.float32) / np.sqrt(np.float32(inputs)) for shape, inputs in shapes]


def orders(epochs: int, shuffled: bool) -> Iterator[np.ndarray]:
    """The order of the items in each epoch."""
    rng = np.random.default_rng(42)
    for _ in range(epochs):
        yield rng.permutation(TRAIN) if shuffled else np.arange(TRAIN)


def starts(n: int) -> list[tuple[int, int]]:
    """First item and length of each batch."""
    return [(i, min(BATCH, n - i)) for i in range(0, n, BATCH)]


def peak_mb() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main(jobs: dict[str, Job]) -> None:
    """Run the job that the command line names, and print one line of JSON about it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("job", choices=jobs)
    parser.add_argument("--epochs", type=int, default=100)
    parser.add_argument("--in-order", action="store_true", help="do not shuffle, so that all rows see the same batches")
    options = parser.parse_args()
    jobs[options.job](1, True)  # first calls import modules and fill caches, in PyTorch for more than a second
    start = time.perf_counter()
    history = jobs[options.job](options.epochs, not options.in_order)
    seconds = time.perf_counter() - start
    report = {
        "value": seconds * 1e6 / (options.epochs * STEPS),
        "peak_mb": peak_mb(),
        "history": history() if callable(history) else history,
    }
    print(json.dumps(report))
