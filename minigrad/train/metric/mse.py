"""The mean squared error."""

from __future__ import annotations

from typing import Any

from .base import MetricMetadata, NumericEntry, NumericMetric
from .history import Direction
from .outputs import pairs
from .reading import ItemMetric

__all__ = ["MseMetric"]


class MseMetric(ItemMetric, NumericMetric):
    """`MSE`: the mean of the squared differences of output and targets, of one shape, in float64.

    Raises `MetricError` for shapes that differ, and for NaN.
    """

    _name = "MSE"
    direction = Direction.Lowest

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        output, targets = pairs(self, item)
        return self.record(((output - targets) ** 2).mean(), len(output))
