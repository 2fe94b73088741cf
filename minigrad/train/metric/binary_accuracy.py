"""The share of items that fall on the right side of a threshold."""

from __future__ import annotations

from typing import Any

from ...errors import MetricError
from .accuracy import output_and_targets
from .base import MetricMetadata, NumericEntry, NumericMetric
from .format import shortest

__all__ = ["BinaryAccuracyMetric"]


class BinaryAccuracyMetric(NumericMetric):
    """`Binary Accuracy` in per cent: one output an item, `[batch]` or `[batch, 1]`, targets 0 and 1 of either shape.

    An output above `threshold` says class 1. The default suits logits; probabilities want 0.5.
    Raises `MetricError` when the output has more than one column.
    """

    unit = "%"

    def __init__(self, threshold: float = 0.0) -> None:
        super().__init__()
        self.threshold = threshold
        self._name = "Binary Accuracy" + (f" @ Threshold({shortest(threshold)})" if threshold else "")

    def name(self) -> str:
        return self._name

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        output, targets = output_and_targets(self, item)
        if output.size != targets.size or len(output) != output.size:
            raise MetricError(
                f"BinaryAccuracyMetric: output of shape {output.shape} and targets of shape {targets.shape}\n"
                "  it wants one output an item, [batch] or [batch, 1]; for one column a class use AccuracyMetric"
            )
        hits = int(((output.ravel() > self.threshold) == (targets.ravel() != 0)).sum())
        return self.record(100.0 * hits / targets.size, metadata.items)
