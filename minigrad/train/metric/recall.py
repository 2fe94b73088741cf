"""How many of the positives were found."""

from __future__ import annotations

from typing import Any

from .confusion import ConfusionStats, RateMetric

__all__ = ["RecallMetric"]


class RecallMetric(RateMetric):
    """`Recall @ Threshold(0.5) [Macro]` in per cent: TP / (TP + FN), over the counts of the epoch.

    Made by `binary`, `multiclass` or `multilabel`. A class that no target was has no recall, and drops out of the mean.
    Raises `MetricError` for shapes and targets that do not fit, for NaN, and for logits at a threshold of
    probabilities.

    >>> RecallMetric.multilabel(0.25).name()
    'Recall @ Threshold(0.25) [Macro]'
    """

    title = "Recall"

    def ratio(self, stats: ConfusionStats) -> tuple[Any, Any]:
        return stats.tp, stats.tp + stats.fn
