"""What metrics of class numbers share: rows of padding count for nothing."""

from __future__ import annotations

import copy
from typing import Any, Self

from ...errors import MetricError
from .base import NumericMetric
from .outputs import check_classes, check_range
from .reading import ItemMetric

__all__ = ["PaddedMetric"]


class PaddedMetric(ItemMetric, NumericMetric):
    """A metric of class numbers, among which there may be padding."""

    _pad_token: int | None = None

    def with_pad_token(self, token: int) -> Self:
        """This metric without the rows whose target is `token`, which counts for nothing; a new metric.

        >>> from minigrad.train.metric import AccuracyMetric
        >>> metric = AccuracyMetric().with_pad_token(-100)
        """
        if isinstance(token, bool) or not hasattr(token, "__index__"):
            raise MetricError(f"with_pad_token({token!r}): it takes the target of a row of padding, a whole number")
        metric = copy.copy(self)
        metric.clear()
        metric._pad_token = int(token)
        return metric

    def rows(self, item: Any) -> tuple[Any, Any]:
        """The output and the targets of the rows that count, which may be none. Raises `MetricError`."""
        output, targets = self.arrays(item)
        check_classes(self, output, targets)
        if self._pad_token is not None:
            counts = targets != self._pad_token
            output, targets = output[counts], targets[counts]
        if len(targets):
            check_range(self, output, targets)
        return output, targets
