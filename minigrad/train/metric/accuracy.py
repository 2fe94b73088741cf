"""The share of items whose largest output is the target class."""

from __future__ import annotations

from typing import Any

from ...errors import MetricError
from .base import MetricMetadata, NumericEntry, NumericMetric

__all__ = ["AccuracyMetric", "output_and_targets"]


def output_and_targets(metric: NumericMetric, item: Any) -> tuple[Any, Any]:
    """The arrays of the item's `.output` and `.targets`; `MetricError` when it lacks one."""
    try:
        return item.output.data, item.targets.data
    except AttributeError:
        raise MetricError(
            f"{type(metric).__name__}: {type(item).__name__} has no tensors in the fields `output` and `targets`\n"
            "  return ClassificationOutput(loss, output, targets), or a dataclass of yours with these fields"
        ) from None


class AccuracyMetric(NumericMetric):
    """`Accuracy` in per cent: output `[batch, classes]`, targets `[batch]` of class numbers.

    Raises `MetricError` for other shapes, and for one column, where argmax has no choice.
    """

    unit = "%"

    def name(self) -> str:
        return "Accuracy"

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        output, targets = output_and_targets(self, item)
        if output.ndim != 2 or targets.shape != output.shape[:1]:
            raise MetricError(
                f"AccuracyMetric: output of shape {output.shape} and targets of shape {targets.shape}\n"
                "  it wants output [batch, classes] and targets [batch]"
            )
        if output.shape[1] == 1:
            raise MetricError(
                "AccuracyMetric: the output has one column, so argmax would always say class 0\n"
                "  for one logit use BinaryAccuracyMetric"
            )
        hits = int((output.argmax(1) == targets).sum())
        return self.record(100.0 * hits / len(targets), metadata.items)
