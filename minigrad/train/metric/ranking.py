"""What AUROC and average precision share: every score of the epoch, and the steps of the curve that they make."""

from __future__ import annotations

import logging
import math
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from ...errors import MetricError
from .base import MetricMetadata, NumericEntry, NumericMetric
from .history import Direction
from .outputs import binary, check_classes, check_range, multiclass, multilabel, one_hot
from .reading import ItemMetric, not_a_number
from .reduction import ClassReduction, check_reduction, mean_of_classes

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["RankingMetric", "steps"]

LOG = logging.getLogger(__name__)


def steps(scores: Any, positive: NDArray[np.bool_]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """True and false positives, at first none, then down to every score from the highest on; equal ones make one step.

    >>> steps(np.array([0.9, 0.3, 0.9]), np.array([True, True, False]))
    (array([0, 1, 2]), array([0, 1, 1]))
    """
    order = scores.argsort()[::-1]
    falling = scores[order]
    edge = np.ones(len(order) + 1, bool)
    np.not_equal(falling[1:], falling[:-1], out=edge[1:-1])
    found = np.zeros(len(edge), np.int64)
    positive[order].cumsum(out=found[1:])
    said = edge.nonzero()[0]
    true = found[said]
    return true, said - true


class RankingMetric(ItemMetric, NumericMetric):
    """A number in per cent that the order of all scores of the epoch decides; NaN where it is not defined.

    The epoch's scores are kept, in the width they came in. A subclass says what the steps of a curve come to.
    """

    unit = "%"
    direction = Direction.Highest
    for_one = "{}()"
    for_classes = "{}.multiclass(...)"
    title = ""
    lacks = ""  # what a class without a value lacks

    def __init__(self, kind: str = "binary", reduction: ClassReduction = ClassReduction.Macro) -> None:
        if kind not in ("binary", "multiclass", "multilabel"):
            name = type(self).__name__
            raise MetricError(
                f"{name}({kind!r}): {name}() is for two classes, {name}.multiclass(reduction) and "
                f"{name}.multilabel(reduction) for more"
            )
        check_reduction(f"{type(self).__name__}.{kind}", reduction)
        self._kind = kind
        self._reduction = reduction
        self._name = self.title + ("" if kind == "binary" else f" [{reduction.name}]")
        self._warned = False
        super().__init__()

    @classmethod
    def multiclass(cls, reduction: ClassReduction = ClassReduction.Macro) -> Self:
        """Output `[batch, classes]`, targets `[batch]`: each class against the rest, by its column as it is.

        A softmax changes the order within a column: give what you will judge by.
        """
        return cls("multiclass", reduction)

    @classmethod
    def multilabel(cls, reduction: ClassReduction = ClassReduction.Macro) -> Self:
        """Output and targets of 0 and 1, both `[batch, classes]`: each class by its column."""
        return cls("multilabel", reduction)

    @abstractmethod
    def area(self, true: NDArray[np.int64], false: NDArray[np.int64]) -> float:
        """What the `steps` of one curve come to, from 0 to 1; NaN where it is not defined."""

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        scores, positive = _COLUMNS[self._kind](self, item)
        seen = self._seen
        if seen.batches and seen.batches[0][0].shape[1] != scores.shape[1]:
            raise MetricError(
                f"{type(self).__name__}: the output has {scores.shape[1]} columns, "
                f"and had {seen.batches[0][0].shape[1]} before"
            )
        seen.batches.append((scores, positive))
        seen.whole = metadata.progress.items_processed >= metadata.progress.items_total
        value = self._value_of(scores, positive)
        return self.no_value() if math.isnan(value) else self.record(value, len(scores))

    def running_value(self) -> float:
        seen = self._seen
        batches = seen.batches[:]  # a display asks in a thread of its own, while batches come in
        if not batches:
            return math.nan
        if seen.known[0] != len(batches):
            scores, positive = (np.concatenate(columns) for columns in zip(*batches))
            seen.known = len(batches), self._value_of(scores, positive)
        value = seen.known[1]
        if seen.whole and math.isnan(value) and not self._warned:
            from ..logger.application import warn

            self._warned = True
            warn(LOG, f"{self._name} of the epoch is NaN: {self.lacks}")
        return value

    def _value_of(self, scores: Any, positive: NDArray[np.bool_]) -> float:
        if self._reduction is ClassReduction.Micro:
            scores, positive = scores.reshape(-1, 1), positive.reshape(-1, 1)
        return 100.0 * mean_of_classes(np.array([self.area(*steps(s, p)) for s, p in zip(scores.T, positive.T)]))

    def clear(self) -> None:
        super().clear()
        self._seen = _Seen()


class _Seen:
    """The scores of an epoch."""

    def __init__(self) -> None:
        self.batches: list[tuple[Any, NDArray[np.bool_]]] = []
        self.known = 0, math.nan  # of how many batches, and their value
        self.whole = False  # whether the epoch is over


def _binary(metric: ItemMetric, item: Any) -> tuple[Any, NDArray[np.bool_]]:
    """One score an item; or two columns, whose difference has the order of their softmax, without its rounding."""
    output, targets = metric.arrays(item)
    if output.ndim != 2 or output.shape[1] < 2:
        return binary(metric, item)
    if output.shape[1] > 2:
        name = type(metric).__name__
        raise MetricError(
            f"{name}: the output has {output.shape[1]} columns, and {name}() is for two classes\n"
            f"  {name}.multiclass(ClassReduction.Macro), or {name}.multilabel(...) for targets [batch, classes]"
        )
    check_classes(metric, output, targets)
    check_range(metric, output, targets)
    wide = output.astype(np.float64)
    with np.errstate(invalid="ignore"):  # of two infinite logits: NaN
        scores = wide[:, 1:] - wide[:, :1]
    if math.isnan(scores.max()):
        raise not_a_number(metric, "difference of the columns")
    return scores, one_hot(targets, 2)[:, 1:]


_COLUMNS = {"binary": _binary, "multiclass": multiclass, "multilabel": multilabel}
