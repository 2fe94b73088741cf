"""The share of items whose largest output is the target class."""

from __future__ import annotations

import math
from typing import Any

from ...errors import MetricError
from .base import MetricMetadata, NumericEntry, NumericMetric
from .history import Direction

__all__ = ["AccuracyMetric", "not_a_number", "output_and_targets"]


def output_and_targets(metric: NumericMetric, item: Any) -> tuple[Any, Any]:
    """The arrays of the item's `.output` and `.targets`; `MetricError` when it lacks one."""
    try:
        return item.output.data, item.targets.data
    except AttributeError:
        raise MetricError(
            f"{type(metric).__name__}: {type(item).__name__} has no tensors in the fields `output` and `targets`\n"
            "  return ClassificationOutput(loss, output, targets), or a dataclass of yours with these fields"
        ) from None


def not_a_number(metric: NumericMetric) -> MetricError:
    """Words the error for an output of NaN, which would count as some class."""
    return MetricError(
        f"{type(metric).__name__}: the output has NaN in it, which is on no side of anything\n"
        "  a smaller learning rate or grad_clipping may help"
    )


class AccuracyMetric(NumericMetric):
    """`Accuracy` in per cent: output `[batch, classes]`, targets `[batch]` of class numbers.

    Raises `MetricError` for other shapes, for one column, where argmax has no choice, for targets that are the number
    of no column, and for NaN.
    """

    unit = "%"
    direction = Direction.Highest

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
        classes = output.shape[1]
        wrong = targets[~((targets >= 0) & (targets < classes))]
        if wrong.size:
            raise MetricError(
                f"AccuracyMetric: a target is {wrong[0]}, and the output has {classes} columns: "
                f"classes 0 to {classes - 1}\n"
                "  give the output a column for every class; classes count from 0"
            )
        if math.isnan(output.max()):
            raise not_a_number(self)
        return self.record(100.0 * hits / len(targets), metadata.items)
