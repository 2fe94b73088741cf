"""The area under the ROC curve."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .ranking import RankingMetric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AurocMetric"]


class AurocMetric(RankingMetric):
    """`AUROC` in per cent: how often an item of class 1 has a higher score than one of class 0; a tie counts half.

    Over all pairs of the epoch, in O(n log n). The output is one score an item, `[batch]` or `[batch, 1]`, logit or
    probability, as only their order counts; or two columns, of which the second is class 1. For more classes there are
    `multiclass(reduction)` and `multilabel(reduction)`.

    Without both classes it is NaN; an epoch that lacks one gives one `MinigradWarning`, a batch none. Raises
    `MetricError` for shapes and targets that do not fit, and for NaN.

    >>> from minigrad.train.metric import ClassReduction
    >>> AurocMetric().name(), AurocMetric.multiclass(ClassReduction.Micro).name()
    ('AUROC', 'AUROC [Micro]')
    """

    title = "AUROC"
    lacks = "no class has both items that are of it and items that are not"

    def area(self, true: NDArray[np.int64], false: NDArray[np.int64]) -> float:
        positives, negatives = int(true[-1]), int(false[-1])
        if not positives or not negatives:
            return math.nan
        # twice the area of the trapezoids: whole numbers, so nothing is rounded before the division
        doubled = (false[1:] - false[:-1]) @ (true[1:] + true[:-1])
        return int(doubled) / (2 * positives * negatives)
