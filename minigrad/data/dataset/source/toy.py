"""Toy shapes: small sets of points in the plane, to learn and to test with."""

from __future__ import annotations

from dataclasses import dataclass

from ....errors import DatasetError
from ...rng import stream
from ..dataset import InMemDataset

__all__ = ["CircleDataset", "CircleItem"]


@dataclass(frozen=True)
class CircleItem:
    """A point, and 1.0 where it lies inside the unit circle, 0.0 elsewhere."""

    input: tuple[float, float]
    target: float


class CircleDataset(InMemDataset[CircleItem]):
    """`n` points, uniform in [-1.5, 1.5) x [-1.5, 1.5): is a point inside the unit circle?

    The same seed gives the same points. Raises `DatasetError` for n < 1 or a negative seed.

    >>> dataset = CircleDataset(1000, seed=1)
    >>> sum(item.target for item in dataset) / len(dataset)  # the circle covers pi / 9 of the square
    0.374
    """

    def __init__(self, n: int, seed: int) -> None:
        if n < 1 or seed < 0:
            raise DatasetError(f"CircleDataset({n}, seed={seed}): n is at least 1, a seed at least 0")
        points = stream(seed, "circle").uniform(-1.5, 1.5, (n, 2))
        inside = (points**2).sum(1) < 1
        super().__init__(
            CircleItem((x, y), target)
            for (x, y), target in zip(points.tolist(), inside.astype(float).tolist(), strict=True)
        )
