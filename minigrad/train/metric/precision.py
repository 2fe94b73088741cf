"""How many of the positives that were said are right."""

from __future__ import annotations

from typing import Any

from .confusion import ConfusionStats, RateMetric

__all__ = ["PrecisionMetric"]


class PrecisionMetric(RateMetric):
    """`Precision @ Threshold(0.5) [Macro]` in per cent: TP / (TP + FP), over the counts of the epoch.

    Made by `binary`, `multiclass` or `multilabel`. A class that was never said has no precision, and drops out of the
    mean. Raises `MetricError` for shapes and targets that do not fit, for NaN, and for logits at a threshold of
    probabilities.

    >>> from minigrad.train.metric import ClassReduction
    >>> PrecisionMetric.binary(0.5, sigmoid=True).name()
    'Precision @ Threshold(0.5) [Macro]'
    >>> PrecisionMetric.multiclass(3, ClassReduction.Micro).name()
    'Precision @ TopK(3) [Micro]'
    """

    title = "Precision"

    def ratio(self, stats: ConfusionStats) -> tuple[Any, Any]:
        return stats.tp, stats.tp + stats.fp
