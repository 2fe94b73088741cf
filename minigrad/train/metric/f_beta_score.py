"""Precision and recall in one number."""

from __future__ import annotations

import math
from typing import Any, Self

import numpy as np

from ...errors import MetricError
from .confusion import ConfusionMetric, ConfusionStats
from .decision import Decision
from .format import shortest
from .reduction import ClassReduction

__all__ = ["FBetaScoreMetric"]


class FBetaScoreMetric(ConfusionMetric):
    """`FBetaScore (1) @ Threshold(0.5) [Macro]` in per cent: the harmonic mean, recall weighing beta squared.

    (1 + beta²) TP / ((1 + beta²) TP + beta² FN + FP), over the counts of the epoch. Made by `binary`, `multiclass` or
    `multilabel`. A class that was neither said nor meant drops out of the mean. Raises `MetricError` for a beta that is
    not above 0, for shapes and targets that do not fit, for NaN, and for logits at a threshold of probabilities.

    >>> FBetaScoreMetric.binary(2, 0.5).name()
    'FBetaScore (2) @ Threshold(0.5) [Macro]'
    """

    def __init__(self, beta: float = 1.0, decision: Decision | None = None) -> None:
        """With beta alone: `binary(beta)`."""
        call = f"FBetaScoreMetric({beta!r})"
        given: Any = beta
        if not isinstance(given, (int, float, np.integer, np.floating)) or not 0 < given < math.inf:
            raise MetricError(f"{call}: beta is {beta!r}, and must be a number above 0; 1 weighs both alike")
        self._squared = float(beta) ** 2
        super().__init__(f"FBetaScore ({shortest(beta)})", decision or Decision.binary(call, 0.5, False))

    @classmethod
    def binary(cls, beta: float = 1.0, threshold: float = 0.5, *, sigmoid: bool = False) -> Self:
        """One probability an item, `[batch]` or `[batch, 1]`, and targets 0 and 1; logits want `sigmoid=True`."""
        return cls(beta, Decision.binary(f"FBetaScoreMetric.binary({beta!r}, {threshold!r})", threshold, sigmoid))

    @classmethod
    def multiclass(cls, beta: float = 1.0, top_k: int = 1, reduction: ClassReduction = ClassReduction.Macro) -> Self:
        """A column a class, `[batch, classes]`, and targets `[batch]`; the `top_k` largest columns count as said."""
        return cls(beta, Decision.multiclass(f"FBetaScoreMetric.multiclass({beta!r}, {top_k!r})", top_k, reduction))

    @classmethod
    def multilabel(
        cls,
        beta: float = 1.0,
        threshold: float = 0.5,
        reduction: ClassReduction = ClassReduction.Macro,
        *,
        sigmoid: bool = False,
    ) -> Self:
        """A probability and a target of 0 or 1 in every column, `[batch, classes]`; logits want `sigmoid=True`."""
        call = f"FBetaScoreMetric.multilabel({beta!r}, {threshold!r})"
        return cls(beta, Decision.multilabel(call, threshold, reduction, sigmoid))

    def ratio(self, stats: ConfusionStats) -> tuple[Any, Any]:
        part = (1 + self._squared) * stats.tp
        return part, part + self._squared * stats.fn + stats.fp
