"""The area under the precision-recall curve, as steps."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from .ranking import RankingMetric

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["AveragePrecisionMetric"]


class AveragePrecisionMetric(RankingMetric):
    """`Average Precision` in per cent: the mean of the precisions at which each item of class 1 is found.

    The sum over all thresholds of the epoch of (recall - the recall before) * precision: no line is drawn between the
    points of the curve, as that would promise too much. It reads what `AurocMetric` reads.

    Without an item of class 1 it is NaN; an epoch that lacks one gives one `MinigradWarning`, a batch none. Raises
    `MetricError` for shapes and targets that do not fit, and for NaN.

    >>> from minigrad.train.metric import ClassReduction
    >>> AveragePrecisionMetric.multilabel(ClassReduction.Macro).name()
    'Average Precision [Macro]'
    """

    title = "Average Precision"
    lacks = "no class has an item that is of it"

    def area(self, true: NDArray[np.int64], false: NDArray[np.int64]) -> float:
        if not true[-1]:
            return math.nan
        precision = true[1:] / (true[1:] + false[1:])
        return float((true[1:] - true[:-1]) @ precision / true[-1])
