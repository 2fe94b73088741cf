"""The share of items that fall on the right side of a threshold."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import MetricError
from .base import MetricMetadata, NumericEntry, NumericMetric
from .decision import ROUNDING
from .format import format_float, shortest
from .history import Direction
from .outputs import empty_batch
from .reading import ItemMetric, not_a_number

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["BinaryAccuracyMetric"]


class BinaryAccuracyMetric(ItemMetric, NumericMetric):
    """`Binary Accuracy` in per cent: one output an item, `[batch]` or `[batch, 1]`, targets 0 and 1 of either shape.

    An output above `threshold` says class 1. The default suits logits; probabilities want 0.5.
    Raises `MetricError` when the output has more than one column, for NaN, for targets other than 0 and 1, for logits
    at 0.5, and for probabilities at the threshold of logits, where every item would count as class 1: outputs within
    [0, 1] alone may be logits, but not where the item's loss is that of probabilities.
    """

    unit = "%"
    direction = Direction.Highest

    def __init__(self, threshold: float = 0.0) -> None:
        super().__init__()
        self.threshold = threshold
        self._judged = threshold != 0.0  # whether the outputs are known to suit it
        self._name = "Binary Accuracy" + (f" @ Threshold({shortest(threshold)})" if threshold else "")

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        output, targets = self.arrays(item)
        if output.size != targets.size or output.shape[:1] != (output.size,):
            raise MetricError(
                f"BinaryAccuracyMetric: output of shape {output.shape} and targets of shape {targets.shape}\n"
                "  it wants one output an item, [batch] or [batch, 1]; for one column a class use AccuracyMetric"
            )
        if not targets.size:
            raise empty_batch(self)
        output, targets = output.ravel(), targets.ravel()
        above, ones = output > self.threshold, targets == 1
        if np.count_nonzero(ones) + np.count_nonzero(targets == 0) != targets.size:
            wrong = targets[~ones & (targets != 0)][0]
            raise MetricError(
                f"BinaryAccuracyMetric: a target is {wrong}, and they are 0 or 1\n"
                "  for more than two classes use AccuracyMetric, with a column for each"
            )
        if np.count_nonzero(above) + np.count_nonzero(output <= self.threshold) != output.size:
            raise not_a_number(self)
        if self.threshold == 0.5 and not (output.min() >= -ROUNDING and output.max() <= 1 + ROUNDING):
            raise MetricError(
                f"BinaryAccuracyMetric(threshold=0.5): the outputs go from {format_float(output.min(), 2)} to "
                f"{format_float(output.max(), 2)}, and 0.5 is the threshold of probabilities\n"
                "  for logits say BinaryAccuracyMetric()"
            )
        if not self._judged:
            if _are_probabilities(output, targets, getattr(item, "loss", None)):
                raise MetricError(
                    "BinaryAccuracyMetric(): the outputs are probabilities "
                    f"({format_float(output.min(), 2)} to {format_float(output.max(), 2)}), as the loss tells, and all "
                    "of them are above 0: each would count as class 1\n"
                    "  BinaryAccuracyMetric(threshold=0.5)"
                )
            self._judged = True
        return self.record(100.0 * np.count_nonzero(above == ones) / targets.size, targets.size)


def _are_probabilities(output: NDArray[Any], targets: NDArray[Any], loss: Any) -> bool:
    """Whether `loss` is the cross-entropy or the squared error of these outputs, taken as they are.

    That they lie within [0, 1] does not tell: logits of a model that always says 0.6 are 0.41.
    """
    if output.min() < 0 or output.max() > 1 or not hasattr(loss, "data"):
        return False
    value, p, t = float(loss.data.mean()), output.astype(np.float64), targets.astype(np.float64)
    with np.errstate(divide="ignore"):
        entropy = -np.log(np.where(t == 1, p, 1 - p)).mean()
    return any(math.isclose(value, known, rel_tol=1e-4) for known in (entropy, ((p - t) ** 2).mean()))
