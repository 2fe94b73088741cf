"""What precision, recall and F-beta share: how often each class was said and meant."""

from __future__ import annotations

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ...errors import MetricError
from .base import MetricMetadata, NumericEntry, NumericMetric
from .decision import Decision
from .history import Direction
from .reading import ItemMetric
from .reduction import ClassReduction, mean_of_classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ConfusionMetric", "ConfusionStats", "RateMetric"]


@dataclass(frozen=True, eq=False)
class ConfusionStats:
    """True and false positives and negatives, an array with a number for every class.

    >>> said = np.array([[True, False], [True, False]])
    >>> meant = np.array([[True, False], [False, True]])
    >>> stats = ConfusionStats.of(said, meant)
    >>> stats.tp, stats.fp, stats.tn, stats.fn
    (array([1, 0]), array([1, 0]), array([0, 1]), array([0, 1]))
    >>> (stats + stats).micro().fn
    array([2])
    """

    tp: NDArray[np.int64]
    fp: NDArray[np.int64]
    tn: NDArray[np.int64]
    fn: NDArray[np.int64]

    @classmethod
    def of(cls, said: NDArray[np.bool_], meant: NDArray[np.bool_]) -> ConfusionStats:
        """The counts of decisions and targets `[batch, classes]`."""
        tp = (said & meant).sum(0)
        fp, fn = said.sum(0) - tp, meant.sum(0) - tp
        return cls(tp, fp, len(said) - tp - fp - fn, fn)

    def __add__(self, other: ConfusionStats) -> ConfusionStats:
        return ConfusionStats(self.tp + other.tp, self.fp + other.fp, self.tn + other.tn, self.fn + other.fn)

    def micro(self) -> ConfusionStats:
        """All classes as one."""
        return ConfusionStats(*(counts.sum(keepdims=True) for counts in (self.tp, self.fp, self.tn, self.fn)))


class ConfusionMetric(ItemMetric, NumericMetric):
    """A rate in per cent, from counts that are kept over the epoch; NaN where it would be 0 / 0.

    A subclass says of which counts it is the ratio.
    """

    unit = "%"
    direction = Direction.Highest
    for_one = "{}.binary(...)"
    for_classes = "{}.multiclass(...)"
    _stats: ConfusionStats | None

    def __init__(self, title: str, decision: Decision) -> None:
        given: object = decision
        if not isinstance(given, Decision):
            kind = type(self).__name__
            raise MetricError(
                f"{kind}: {decision!r} does not say of which kind the output is\n"
                f"  {kind}.binary(...), .multiclass(...) and .multilabel(...) say it"
            )
        self._name = f"{title} @ {decision!r}"
        self._decision = decision
        super().__init__()

    @abstractmethod
    def ratio(self, stats: ConfusionStats) -> tuple[Any, Any]:
        """Numerator and denominator of every class."""

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        scores, meant = self._decision.columns(self, item)
        stats = ConfusionStats.of(self._decision.rule(scores), meant)
        if self._stats is None:
            self._stats = stats
        elif len(stats.tp) == len(self._stats.tp):
            self._stats = self._stats + stats
        else:
            raise MetricError(
                f"{type(self).__name__}: the output has {len(stats.tp)} columns, and had {len(self._stats.tp)} before"
            )
        rate = self._rate(stats)
        return self.no_value() if math.isnan(rate) else self.record(rate, len(meant))

    def running_value(self) -> float:
        return math.nan if self._stats is None else self._rate(self._stats)

    def _rate(self, stats: ConfusionStats) -> float:
        if self._decision.reduction is ClassReduction.Micro:
            stats = stats.micro()
        part, whole = self.ratio(stats)
        with np.errstate(invalid="ignore"):
            return 100.0 * mean_of_classes(part / whole)

    def clear(self) -> None:
        super().clear()
        self._stats = None


class RateMetric(ConfusionMetric):
    """A rate without a parameter of its own; without arguments it is `binary()`."""

    title = ""

    def __init__(self, decision: Decision | None = None) -> None:
        if decision is None:
            decision = Decision.binary(f"{type(self).__name__}()", 0.5, False)
        super().__init__(self.title, decision)

    @classmethod
    def binary(cls, threshold: float = 0.5, *, sigmoid: bool = False) -> Self:
        """One probability an item, `[batch]` or `[batch, 1]`, and targets 0 and 1; logits want `sigmoid=True`."""
        return cls(Decision.binary(f"{cls.__name__}.binary({threshold!r})", threshold, sigmoid))

    @classmethod
    def multiclass(cls, top_k: int = 1, reduction: ClassReduction = ClassReduction.Macro) -> Self:
        """A column a class, `[batch, classes]`, and targets `[batch]`; the `top_k` largest columns count as said."""
        return cls(Decision.multiclass(f"{cls.__name__}.multiclass({top_k!r})", top_k, reduction))

    @classmethod
    def multilabel(
        cls, threshold: float = 0.5, reduction: ClassReduction = ClassReduction.Macro, *, sigmoid: bool = False
    ) -> Self:
        """A probability and a target of 0 or 1 in every column, `[batch, classes]`; logits want `sigmoid=True`."""
        return cls(Decision.multilabel(f"{cls.__name__}.multilabel({threshold!r})", threshold, reduction, sigmoid))
