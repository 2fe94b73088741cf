"""The value of every metric in every epoch: what the summary prints and what chooses the best checkpoint."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from ...errors import LearnerError
from .format import shortest

__all__ = ["Aggregate", "Direction", "History", "Split", "needs_one_of"]


class Split(Enum):
    """Which part of the data; its value is the folder's name."""

    Train = "train"
    Valid = "valid"


class Aggregate(Enum):
    """How the batches of an epoch become one number."""

    Mean = "mean"


class Direction(Enum):
    """Which values are better."""

    Lowest = "lowest"
    Highest = "highest"


def needs_one_of(call: str, name: str, value: object, kind: type[Enum]) -> None:
    """Raises `LearnerError` for what is no member of this kind."""
    if not isinstance(value, kind):
        raise LearnerError(
            f"{call}: {name} is {value!r}, and must be one of {kind.__name__}\n  {' or '.join(map(str, kind))}"
        )


@dataclass(frozen=True)
class History:
    """The epoch's value by split, metric and epoch (from 1). A value: `with_epoch` gives a longer one.

    >>> history = History()
    >>> for epoch, loss in enumerate([0.7, 0.4, 0.4, float("nan")], 1):
    ...     history = history.with_epoch(Split.Valid, epoch, {"Loss": loss})
    >>> history.best("Loss", Split.Valid)
    2
    """

    values: dict[Split, dict[str, dict[int, float]]] = field(default_factory=lambda: {split: {} for split in Split})

    def with_epoch(self, split: Split, epoch: int, values: dict[str, float]) -> History:
        """This history and one more epoch of a split."""
        old = self.values[split]
        return History({**self.values, split: old | {k: old.get(k, {}) | {epoch: v} for k, v in values.items()}})

    def until(self, epoch: int) -> History:
        """This history up to an epoch, that included."""
        return History(
            {
                split: {name: {e: v for e, v in series.items() if e <= epoch} for name, series in metrics.items()}
                for split, metrics in self.values.items()
            }
        )

    def best(
        self,
        metric: str,
        split: Split,
        direction: Direction = Direction.Lowest,
        among: Iterable[int] | None = None,
    ) -> int | None:
        """The epoch of the best value (of those `among`), the earliest of equals; None when no epoch has a number.

        NaN is never the best.
        """
        sign = 1 if direction is Direction.Lowest else -1
        values = self.values[split].get(metric, {})
        epochs = sorted(values if among is None else values.keys() & set(among))
        return min((e for e in epochs if not math.isnan(values[e])), key=lambda e: sign * values[e], default=None)

    def to_record(self) -> dict[str, Any]:
        """JSON has no NaN, so numbers are written as text."""
        return {
            split.value: {
                name: {str(epoch): shortest(v) for epoch, v in series.items()} for name, series in metrics.items()
            }
            for split, metrics in self.values.items()
        }

    @classmethod
    def from_record(cls, record: dict[str, Any]) -> History:
        return cls(
            {
                split: {
                    name: {int(epoch): float(v) for epoch, v in series.items()}
                    for name, series in record[split.value].items()
                }
                for split in Split
            }
        )
