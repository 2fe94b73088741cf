"""The share of the targets' variance that the outputs explain."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ...errors import MetricError
from .base import MetricMetadata, NumericEntry, NumericMetric
from .history import Direction
from .outputs import pairs
from .reading import ItemMetric
from .reduction import mean_of_classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["R2ScoreMetric"]


class R2ScoreMetric(ItemMetric, NumericMetric):
    """`R2 Score`: 1 - the squared errors / the squared distances of the targets from their mean, over the epoch.

    1 is perfect, 0 as good as always saying the mean. Output and targets have one shape; of several columns it is the
    mean. A column whose targets are all equal has none, and drops out; without any it is NaN. Raises `MetricError` for
    shapes that differ, and for NaN.
    """

    _name = "R2 Score"
    direction = Direction.Highest
    _sums: _Sums | None

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        output, targets = pairs(self, item)
        if self._sums is None:
            self._origin = targets[0]
        elif self._origin.shape != targets.shape[1:]:
            raise MetricError(
                f"R2ScoreMetric: the output has {targets.shape[1]} columns, and had {len(self._origin)} before"
            )
        moved = targets - self._origin  # equal targets are exactly 0 then, and their spread is, too
        mean = moved.mean(0)
        spread, error = ((moved - mean) ** 2).sum(0), ((output - targets) ** 2).sum(0)
        batch = _Sums(len(moved), mean, spread, error)
        self._sums = batch if self._sums is None else self._sums.plus(batch)
        score = batch.score()
        return self.no_value() if math.isnan(score) else self.record(score, len(output))

    def running_value(self) -> float:
        return math.nan if self._sums is None else self._sums.score()

    def clear(self) -> None:
        super().clear()
        self._sums = None


class _Sums(NamedTuple):
    """Of every column: rows, mean of the targets, their squared distances from it, and the squared errors."""

    rows: int
    mean: NDArray[np.float64]
    spread: NDArray[np.float64]
    error: NDArray[np.float64]

    def plus(self, other: _Sums) -> _Sums:
        """Of both together. Chan, Golub, LeVeque (1979): the distances from the new mean, without a second pass."""
        rows = self.rows + other.rows
        apart = other.mean - self.mean
        mean = self.mean + apart * (other.rows / rows)
        spread = self.spread + other.spread + apart**2 * (self.rows * other.rows / rows)
        return _Sums(rows, mean, spread, self.error + other.error)

    def score(self) -> float:
        varied = self.spread > 0
        return mean_of_classes(1 - self.error[varied] / self.spread[varied])
