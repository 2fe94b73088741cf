"""Numbers to try a rule on: inside its domain and away from its singular points by construction, never by rejection."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..rules import Reals

__all__ = ["MARGIN", "lay", "points", "whole", "wide"]

Array = np.ndarray[Any, Any]

MARGIN = 0.05  # no point is nearer to a singular one, nor equal elements to each other where a tie would be one
NICE = (0.0, 1.0, -1.0, 0.5, 2.0)  # where formulas that hold almost everywhere break
ALL = Reals(-1e4, 1e4)
EXTREMES = (0.0, 1e4, -1e4, 1.0, -1.0, 100.0, -100.0)


def points(rng: np.random.Generator, size: int, interval: Reals, distinct: bool = False) -> Array:
    """`size` points of `interval`, a fifth of them round numbers; or, if `distinct`, all well apart.

    >>> points(np.random.default_rng(0), 4, Reals(-3, 3, (0.0,)), distinct=True).round(1)
    array([ 0.4, -2.6, -0.6,  2.6])
    """
    edges = [interval.low, *(k + side for k in sorted(interval.kinks) for side in (-MARGIN, MARGIN)), interval.high]
    starts, ends = np.array(edges[::2]), np.array(edges[1::2])
    lengths = np.maximum(ends - starts, 0.0)
    before = np.cumsum(lengths) - lengths
    if distinct:
        u = (rng.permutation(size) + rng.uniform(0.25, 0.75, size)) * (lengths.sum() / max(size, 1))
    else:
        u = rng.uniform(0, lengths.sum(), size)
    piece = np.searchsorted(before, u, side="right") - 1
    drawn = starts[piece] + (u - before[piece])
    nice = [x for x in NICE if any(a <= x <= b for a, b in zip(starts, ends))]
    if nice and not distinct:
        drawn = np.where(rng.random(size) < 0.2, rng.choice(nice, size), drawn)
    return drawn  # type: ignore[no-any-return]


def wide(rng: np.random.Generator, size: int, interval: Reals = ALL) -> Array:
    """`size` points of `interval`, of all magnitudes from 1e-6 to 1e4, half of them its ends, 0 and the like."""
    magnitude = 10.0 ** rng.uniform(-6, 4, size) * rng.choice([-1.0, 1.0], size)
    drawn = np.where(rng.random(size) < 0.5, rng.choice(EXTREMES, size), magnitude)
    for kink in interval.kinks:
        drawn = np.where(np.abs(drawn - kink) < MARGIN, kink + np.copysign(MARGIN, drawn - kink), drawn)
    return np.clip(drawn, interval.low, interval.high)


def whole(rng: np.random.Generator, size: int, interval: Reals) -> Array:
    """`size` whole numbers of `interval`."""
    numbers = range(int(np.ceil(interval.low)), int(np.floor(interval.high)) + 1)
    return rng.choice([n for n in numbers if all(abs(n - kink) >= MARGIN for kink in interval.kinks)], size)


def lay(rng: np.random.Generator, values: Array, shape: tuple[int, ...], dtype: Any) -> Any:
    """The values as the engine holds them: a scalar without axes; else an array in one of several memory layouts."""
    array = values.astype(dtype).reshape(shape)
    if not shape:
        return array[()]
    match rng.integers(3):
        case 0:
            return array
        case 1:
            return np.asfortranarray(array)
        case _:
            return np.repeat(array[..., ::-1], 2, axis=-1)[..., ::-2]  # a negative stride, and gaps
