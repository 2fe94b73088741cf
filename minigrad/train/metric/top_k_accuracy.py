"""The share of items whose target class is among the k largest outputs."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import MetricMetadata, NumericEntry
from .decision import TopK
from .history import Direction
from .padded import PaddedMetric

__all__ = ["TopKAccuracyMetric"]


class TopKAccuracyMetric(PaddedMetric):
    """`Top-K Accuracy @ TopK(3)` in per cent: output `[batch, classes]`, targets `[batch]` of class numbers.

    Of equal outputs the first come first, as argmax has it. `with_pad_token` leaves rows out. Raises `MetricError` for
    a k below 1 or above the number of columns, and for what `AccuracyMetric` raises it for.

    >>> TopKAccuracyMetric(3).name()
    'Top-K Accuracy @ TopK(3)'
    """

    unit = "%"
    direction = Direction.Highest

    def __init__(self, k: int) -> None:
        self._rule = TopK(k, f"TopKAccuracyMetric({k!r})")
        self._name = f"Top-K Accuracy @ {self._rule!r}"
        super().__init__()

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        output, targets = self.rows(item)
        if not len(targets):
            return self.no_value()
        chosen = np.take_along_axis(self._rule(output), targets[:, None].astype(np.intp), 1)
        return self.record(100.0 * np.count_nonzero(chosen) / len(targets), len(targets))
