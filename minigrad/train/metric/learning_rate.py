"""The learning rate."""

from __future__ import annotations

import math
from typing import Any

from .base import MetricMetadata, NumericEntry, NumericMetric

__all__ = ["LearningRateMetric"]


class LearningRateMetric(NumericMetric):
    """`Learning Rate` of the batch; of the epoch, the mean of its iterations. NaN in validation, which has none."""

    def name(self) -> str:
        return "Learning Rate"

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        return self.record(math.nan if metadata.lr is None else metadata.lr, 1)
