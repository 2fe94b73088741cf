"""The share of items whose largest output is the target class."""

from __future__ import annotations

from typing import Any

from .base import MetricMetadata, NumericEntry
from .history import Direction
from .padded import PaddedMetric

__all__ = ["AccuracyMetric"]


class AccuracyMetric(PaddedMetric):
    """`Accuracy` in per cent: output `[batch, classes]`, targets `[batch]` of class numbers.

    `with_pad_token` leaves rows out. Raises `MetricError` for other shapes, for one column, where argmax has no choice,
    for targets that are the number of no column, and for NaN.
    """

    unit = "%"
    direction = Direction.Highest
    _name = "Accuracy"

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        output, targets = self.rows(item)
        if not len(targets):
            return self.no_value()
        hits = int((output.argmax(1) == targets).sum())
        return self.record(100.0 * hits / len(targets), len(targets))
