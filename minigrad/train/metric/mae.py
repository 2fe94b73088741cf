"""The mean absolute error."""

from __future__ import annotations

from typing import Any

from .base import MetricMetadata, NumericEntry, NumericMetric
from .history import Direction
from .outputs import pairs
from .reading import ItemMetric

__all__ = ["MaeMetric"]


class MaeMetric(ItemMetric, NumericMetric):
    """`MAE`: the mean of the absolute differences of output and targets, of one shape, in float64.

    Raises `MetricError` for shapes that differ, and for NaN.
    """

    _name = "MAE"
    direction = Direction.Lowest

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        output, targets = pairs(self, item)
        return self.record(abs(output - targets).mean(), len(output))
