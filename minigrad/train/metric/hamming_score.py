"""The share of labels that are right."""

from __future__ import annotations

from typing import Any

import numpy as np

from .base import MetricMetadata, NumericEntry, NumericMetric
from .decision import Threshold
from .format import shortest
from .history import Direction
from .outputs import multilabel
from .reading import ItemMetric

__all__ = ["HammingScore"]


class HammingScore(ItemMetric, NumericMetric):
    """`Hamming Score @ Threshold(0.5)` in per cent: output and targets of 0 and 1, both `[batch, classes]`.

    Every label counts, whether it was to be said or not. Logits want `sigmoid=True`. Raises `MetricError` for other
    shapes and targets, for NaN, for a threshold that is not between 0 and 1, and for logits without `sigmoid`.

    >>> HammingScore(0.75).name()
    'Hamming Score @ Threshold(0.75)'
    """

    unit = "%"
    direction = Direction.Highest

    def __init__(self, threshold: float = 0.5, sigmoid: bool = False) -> None:
        self._rule = Threshold(threshold, sigmoid, f"HammingScore({threshold!r})")
        self._name = f"Hamming Score @ Threshold({shortest(threshold)})"
        super().__init__()

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        scores, meant = multilabel(self, item)
        right = np.count_nonzero(self._rule(scores) == meant)
        return self.record(100.0 * right / meant.size, len(meant))
