"""Which class was taken for which."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import MetricError
from .base import MetricEntry, MetricMetadata
from .decision import Threshold
from .outputs import binary, check_classes, check_range
from .reading import ItemMetric

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ConfusionMatrixMetric"]


class ConfusionMatrixMetric(ItemMetric):
    """`Confusion Matrix`: how often items of each class (a row) were said to be of each class (a column).

    No number, hence for `metric_train` and `metric_valid`: the log has a matrix a batch, `matrix()` the epoch's. Output
    `[batch, num_classes]`, of which the largest is said, and targets `[batch]`; `binary()` reads one output an item.
    Raises `MetricError` for other shapes, for targets out of range, and for NaN.

    >>> ConfusionMatrixMetric(2).matrix()
    array([[0, 0],
           [0, 0]])
    """

    for_one = "{}.binary(...)"
    for_classes = "{}(num_classes)"
    _name = "Confusion Matrix"
    _rule: Threshold | None = None

    def __init__(self, num_classes: int) -> None:
        given: Any = num_classes
        if isinstance(given, bool) or not hasattr(given, "__index__") or given < 2:
            raise MetricError(
                f"ConfusionMatrixMetric({num_classes!r}): num_classes is {num_classes!r}, and must be a whole number "
                "of at least 2"
            )
        self.num_classes = int(num_classes)
        self.clear()

    @classmethod
    def binary(cls, threshold: float = 0.5, *, sigmoid: bool = False) -> ConfusionMatrixMetric:
        """One probability an item, `[batch]` or `[batch, 1]`, and targets 0 and 1; logits want `sigmoid=True`."""
        metric = cls(2)
        metric._rule = Threshold(threshold, sigmoid, f"ConfusionMatrixMetric.binary({threshold!r})")
        return metric

    def matrix(self) -> NDArray[np.int64]:
        """The counts of the epoch so far, `[true class, class that was said]`."""
        return self._counts.reshape(self.num_classes, self.num_classes).copy()

    def update(self, item: Any, metadata: MetricMetadata) -> MetricEntry:
        if self._rule is not None:
            scores, meant = binary(self, item)
            cells = 2 * meant[:, 0] + self._rule(scores)[:, 0]
        else:
            output, targets = self.arrays(item)
            check_classes(self, output, targets)
            check_range(self, output, targets)
            if output.shape[1] != self.num_classes:
                raise MetricError(
                    f"ConfusionMatrixMetric({self.num_classes}): the output has {output.shape[1]} columns\n"
                    f"  ConfusionMatrixMetric({output.shape[1]})"
                )
            cells = targets.astype(np.intp) * self.num_classes + output.argmax(1)
        np.add.at(self._counts, cells, 1)
        return _MatrixEntry(self, cells)

    def clear(self) -> None:
        self._counts = np.zeros(self.num_classes**2, np.int64)


class _MatrixEntry(MetricEntry):
    """A batch's cells, and the epoch's matrix; words are made on demand."""

    _metric: ConfusionMatrixMetric
    _cells: NDArray[np.intp]

    def __new__(cls, metric: ConfusionMatrixMetric, cells: NDArray[np.intp]) -> _MatrixEntry:
        entry = super().__new__(cls, metric.name(), "", "")
        entry._metric = metric
        entry._cells = cells
        return entry

    @property
    def serialize(self) -> str:
        n = self._metric.num_classes
        return str(np.bincount(self._cells, minlength=n * n).reshape(n, n).tolist())

    @property
    def formatted(self) -> str:
        return str(self._metric.matrix().tolist())
