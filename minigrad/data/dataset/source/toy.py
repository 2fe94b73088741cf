"""Toy shapes: small sets of points in the plane, to learn and to test with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from math import pi, sin
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ....errors import DatasetError
from ...items import Items
from ...rng import stream
from ..checks import integer
from ..dataset import InMemDataset

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "BlobsDataset",
    "CircleDataset",
    "CircleItem",
    "MoonsDataset",
    "PointItem",
    "SpiralsDataset",
    "XorDataset",
]

I = TypeVar("I")  # noqa: E741


@dataclass(frozen=True)
class CircleItem:
    """A point, and 1.0 where it lies inside the unit circle, 0.0 elsewhere."""

    input: tuple[float, float]
    target: float


@dataclass(frozen=True)
class PointItem:
    """A point and the number of its class, from 0."""

    input: tuple[float, float]
    target: int


class CircleDataset(InMemDataset[CircleItem]):
    """`n` points, uniform in [-1.5, 1.5) x [-1.5, 1.5): is a point inside the unit circle?

    The same seed gives the same points. Raises `DatasetError` for n < 1 or a negative seed.

    >>> dataset = CircleDataset(1000, seed=1)
    >>> sum(item.target for item in dataset) / len(dataset)  # the circle covers pi / 9 of the square
    0.374
    """

    def __init__(self, n: int, seed: int) -> None:
        points = _generator("CircleDataset", "circle", n, seed).uniform(-1.5, 1.5, (n, 2))
        super().__init__(_items(points, ((points**2).sum(1) < 1).astype(float), CircleItem))


class MoonsDataset(InMemDataset[PointItem]):
    """`n` points on two half circles of radius 1 that reach into each other, the upper one class 0, the lower one 1.

    They are moved by normal noise of this standard deviation; the classes take turns. The same seed gives the same
    points. Raises `DatasetError` for n < 1, a negative seed, or noise that is negative or not finite.

    >>> [item.target for item in MoonsDataset(4, seed=1)]
    [0, 1, 0, 1]
    """

    def __init__(self, n: int, seed: int, *, noise: float = 0.1) -> None:
        rng = _generator("MoonsDataset", "moons", n, seed, noise)
        target = np.arange(n) % 2
        angle, side = rng.uniform(0, pi, n), 1 - 2 * target
        points = np.stack([target + side * np.cos(angle), target / 2 + side * np.sin(angle)], 1)
        super().__init__(_items(points + noise * rng.standard_normal((n, 2)), target))


class SpiralsDataset(InMemDataset[PointItem]):
    """`n` points on spirals of radius 1 around one centre, one a class, each `turns` turns from there to its end.

    They are moved by normal noise of this standard deviation; the classes take turns. The same seed gives the same
    points. Raises `DatasetError` for n < 1, a negative seed, less than one class, or noise or turns that are negative
    or not finite.

    >>> [item.target for item in SpiralsDataset(6, seed=1, classes=3)]
    [0, 1, 2, 0, 1, 2]
    """

    def __init__(self, n: int, seed: int, *, classes: int = 2, turns: float = 1.25, noise: float = 0.02) -> None:
        rng = _generator("SpiralsDataset", "spirals", n, seed, noise)
        target = np.arange(n) % integer("SpiralsDataset", "classes", classes, 1)
        # The root spreads the points evenly along a spiral. In the very centre all of them would meet.
        radius = 0.1 + 0.9 * np.sqrt(rng.random(n))
        angle = 2 * pi * (_size("SpiralsDataset", "turns", turns) * radius + target / classes)
        points = radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], 1)
        super().__init__(_items(points + noise * rng.standard_normal((n, 2)), target))


class XorDataset(InMemDataset[PointItem]):
    """`n` points, uniform in [-1, 1) x [-1, 1): have the two coordinates different signs? No straight line can tell.

    The noise, normal of this standard deviation, moves the points after that question. The same seed gives the same
    points. Raises `DatasetError` for n < 1, a negative seed, or noise that is negative or not finite.

    >>> item = XorDataset(200, seed=1).get(0)
    >>> item.target, [round(x, 2) for x in item.input]
    (1, [0.24, -0.43])
    """

    def __init__(self, n: int, seed: int, *, noise: float = 0.0) -> None:
        rng = _generator("XorDataset", "xor", n, seed, noise)
        points = rng.uniform(-1, 1, (n, 2))
        target = ((points[:, 0] < 0) != (points[:, 1] < 0)).astype(np.int64)
        super().__init__(_items(points + noise * rng.standard_normal((n, 2)), target))


class BlobsDataset(InMemDataset[PointItem]):
    """`n` points in normal clouds of this standard deviation, a cloud a class.

    Their centres stand evenly on a circle, neighbours 2 apart; the classes take turns. The same seed gives the same
    points. Raises `DatasetError` for n < 1, a negative seed, less than one class, or noise that is negative or not
    finite.

    >>> BlobsDataset(4, seed=1, classes=2, noise=0.0).get(0)
    PointItem(input=(1.0, 0.0), target=0)
    """

    def __init__(self, n: int, seed: int, *, classes: int = 3, noise: float = 0.3) -> None:
        rng = _generator("BlobsDataset", "blobs", n, seed, noise)
        target = np.arange(n) % integer("BlobsDataset", "classes", classes, 1)
        radius = 1 / sin(pi / classes) if classes > 1 else 0.0
        angle = 2 * pi * target / classes
        points = radius * np.stack([np.cos(angle), np.sin(angle)], 1)
        super().__init__(_items(points + noise * rng.standard_normal((n, 2)), target))


def _generator(call: str, purpose: str, n: int, seed: int, noise: float = 0.0) -> np.random.Generator:
    """What draws the points, once the arguments that all shapes have are known to be good."""
    integer(call, "n", n, 1)
    _size(call, "noise", noise)
    return stream(integer(call, "seed", seed), purpose)


def _size(call: str, name: str, value: float) -> float:
    if not isinstance(value, (int, float, np.number)) or not 0 <= value < np.inf:
        raise DatasetError(f"{call}: {name} is {value!r}, and must be a finite number >= 0")
    return float(value)


def _items(points: NDArray[Any], target: NDArray[Any], item: Callable[..., Any] = PointItem) -> Items[Any]:
    """Items that exist as columns: a million objects would take a second."""
    return Items.from_columns({"input": points, "target": target}, partial(_item, item))


def _item(kind: Callable[..., I], input: NDArray[Any], target: float) -> I:
    return kind(tuple(input.tolist()), target)
