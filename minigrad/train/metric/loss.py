"""The loss."""

from __future__ import annotations

from typing import Any

from ...errors import MetricError
from .base import MetricMetadata, NumericEntry, NumericMetric
from .history import Direction
from .reading import ItemMetric

__all__ = ["LossMetric", "loss_value"]


def loss_value(item: Any) -> float:
    """The item's `.loss` as a Python float; a loss that was not reduced counts as its mean.

    Raises `MetricError` when there is none.
    """
    try:
        data = item.loss.data
        return float(data if data.ndim == 0 else data.mean())
    except (AttributeError, TypeError, ValueError):  # an array of NumPy's has a `data` too, which is no array
        raise MetricError(
            f"the loss cannot be read: {type(item).__name__} has no tensor in a field `loss`\n"
            "  return ClassificationOutput(loss, output, targets), or a dataclass of yours with a field `loss`"
        ) from None


class LossMetric(ItemMetric, NumericMetric):
    """`Loss`, the mean of the item's `.loss` over the items of the epoch.

    >>> LossMetric().reading("KL Loss", loss="kl").name()
    'KL Loss'
    """

    reads = ("loss",)
    direction = Direction.Lowest
    _name = "Loss"

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        return self.record(loss_value(item if self._view is None else self._view(item)), metadata.items)
