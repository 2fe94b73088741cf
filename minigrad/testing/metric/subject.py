"""A metric under test, and the batches that it gets."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from copy import deepcopy
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ...data.dataloader import Progress
from ...errors import CheckError
from ...tensor import Tensor
from ...train.metric import Metric, MetricMetadata, NumericMetric

__all__ = ["Said", "Subject", "agree", "same"]

Part = Callable[[NDArray[np.intp]], Any]
Batches = Iterable[Sequence[int] | NDArray[np.intp]]


class Said(NamedTuple):
    """All that a metric says after a batch; a text metric has no values."""

    value: float
    running_value: float
    serialize: str
    formatted: str

    @classmethod
    def by(cls, metric: Metric, entry: Any) -> Said:
        """What `metric` says, of which the last `entry` is."""
        numbers = (math.nan, math.nan)
        if isinstance(metric, NumericMetric):
            numbers = metric.value(), metric.running_value()
        return cls(*numbers, entry.serialize, entry.formatted)


class Subject:
    """A metric that was never used, of which it hands out copies, and an item, of whose rows it makes batches."""

    def __init__(
        self, metric: Metric, item: Any, rows: int | None = None, timed: bool = False, others: Sequence[Metric] = ()
    ) -> None:
        self.metric = metric
        self.timed = timed
        self.others = others
        if callable(item) and rows is None:
            raise CheckError("check_metric: a function that makes items must be told with rows=, of how many it has")
        self.rows = _length(item) if rows is None else rows
        self._part: Part = item if callable(item) else partial(_part, item, self.rows)
        if self.rows < 4:
            raise CheckError(f"check_metric: the item has {self.rows} rows, and must have at least 4 to be cut")

    def fresh(self) -> Any:
        """A metric that was never used."""
        try:
            return deepcopy(self.metric)
        except Exception as error:
            raise CheckError(f"copy.deepcopy of it raised {type(error).__name__}: {error}") from error

    def part(self, rows: Sequence[int] | NDArray[np.intp]) -> Any:
        """An item of these rows alone."""
        return self._part(np.array(rows, np.intp))

    def update(self, metric: Metric, item: Any, number: int, done: int, rows: int) -> Any:
        """The entry of batch `number`. Raises `CheckError` for what the metric raises."""
        try:
            return metric.update(item, MetricMetadata(Progress(done, self.rows), 1, 1, number, 0.1, rows))
        except Exception as error:
            raise CheckError(
                f"update raised {type(error).__name__}: {error}\n"
                f"  in batch {number}, of {rows} of {self.rows} rows; an epoch's last batch may have one row"
            ) from error

    def feed(self, metric: Metric, batches: Batches, ask: bool = False) -> Said:
        """What it says after batches of these rows; with `ask`, after each of them it is asked twice."""
        done, said, entry = 0, None, None
        for number, rows in enumerate(batches, 1):
            done += len(rows)
            entry = self.update(metric, self.part(rows), number, done, len(rows))
            if ask:
                said = Said.by(metric, entry), Said.by(metric, entry)
                agree(*said, "it was asked once more", "asking changes nothing: a display may do so at any time")
        return Said.by(metric, entry)

    @property
    def two(self) -> list[range]:
        """Two batches, of unequal size."""
        cut = self.rows // 3 + 1
        return [range(cut), range(cut, self.rows)]

    @property
    def cuts(self) -> list[list[NDArray[np.intp]]]:
        """Ways to cut the rows into batches, from one of all to one of each."""
        n, rng = self.rows, np.random.default_rng(0)
        some = [sorted(rng.choice(np.arange(1, n), 3, replace=False).tolist()) for _ in range(2)]
        return [np.split(np.arange(n), cut) for cut in ([], [1], [n - 1], *some, list(range(1, n)))]


def same(a: float, b: float) -> bool:
    """Whether they differ by no more than rounding; NaN equals NaN."""
    return math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) or (math.isnan(a) and math.isnan(b))


def agree(expected: Said, got: Said, when: str, help: str) -> None:
    """Raises `CheckError` where two that were told the same say something else."""
    a: Any
    b: Any
    for field, a, b in zip(Said._fields, expected, got):
        text = isinstance(a, str)
        if not (a == b if text else same(a, b)):
            raise CheckError(f"{field}{'' if text else '()'} is {b!r} when {when}, and {a!r} otherwise\n  {help}")


def _part(item: Any, count: int, rows: NDArray[np.intp]) -> Any:
    """Those rows of every tensor that has `count`, as new tensors."""
    parts = {
        name: Tensor(np.asarray(x.data)[rows] if x.shape[:1] == (count,) else x.data, x.device.inner, x.dtype)
        for name, x in _tensors(item).items()
    }
    return item._replace(**parts) if hasattr(item, "_replace") else dataclasses.replace(item, **parts)


def _length(item: Any) -> int:
    """That of the item's tensors, but for those without axes, or of length 1 as Burn's losses are."""
    lengths = {name: x.shape[0] for name, x in _tensors(item).items() if x.shape and x.shape[0] != 1}
    if len(set(lengths.values())) > 1:
        told = ", ".join(f"{name} {length}" for name, length in lengths.items())
        raise CheckError(f"check_metric: the tensors of the item have several lengths: {told}")
    return next(iter(lengths.values()), 0)


def _tensors(item: Any) -> dict[str, Tensor]:
    if dataclasses.is_dataclass(item) and not isinstance(item, type):
        names = [field.name for field in dataclasses.fields(item)]
    elif isinstance(item, tuple) and hasattr(item, "_fields"):
        names = list(item._fields)
    else:
        raise CheckError(
            f"check_metric: the item is {type(item).__name__}, and must be a dataclass or a named tuple\n"
            "  check_metric(metric, lambda rows: ..., rows=20) takes a function that makes an item of some of 20 rows"
        )
    return {name: getattr(item, name) for name in names if isinstance(getattr(item, name), Tensor)}
