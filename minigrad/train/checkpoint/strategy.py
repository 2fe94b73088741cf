"""Which checkpoints stay: each strategy says which epochs it wants kept, and what no strategy wants goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

from ...errors import LearnerError
from ..metric import Aggregate, Direction, History, LossMetric, Metric, Split

__all__ = [
    "CheckpointingStrategy",
    "ComposedCheckpointingStrategy",
    "KeepLastNCheckpoints",
    "LeastLoss",
    "MetricCheckpointingStrategy",
    "default_strategy",
    "parts",
]


class CheckpointingStrategy(Protocol):
    """Asked after every epoch. It answers from the history alone, so there is nothing to restore in a resumed run."""

    def keep(self, epoch: int, history: History) -> set[int]:
        """The epochs whose checkpoints are to exist now; `epoch` is saved if it is one of them."""
        ...


class KeepLastNCheckpoints:
    """Keeps the last `n`.

    >>> sorted(KeepLastNCheckpoints(2).keep(5, History()))
    [4, 5]
    """

    def __init__(self, n: int) -> None:
        if n < 1:
            raise LearnerError(f"KeepLastNCheckpoints({n}): keep at least one, or leave out with_file_checkpointer")
        self.n = n

    def keep(self, epoch: int, history: History) -> set[int]:
        return set(range(max(1, epoch - self.n + 1), epoch + 1))


class MetricCheckpointingStrategy:
    """Keeps the best epoch by a metric, the earliest of equals; an epoch of a metric that nobody measures is the best.

    >>> history = History().with_epoch(Split.Valid, 1, {"Loss": 0.5}).with_epoch(Split.Valid, 2, {"Loss": 0.6})
    >>> MetricCheckpointingStrategy(LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid).keep(2, history)
    {1}
    """

    def __init__(self, metric: Metric, aggregate: Aggregate, direction: Direction, split: Split) -> None:
        self.metric = metric.name()
        self.aggregate = aggregate
        self.direction = direction
        self.split = split

    def best(self, history: History, among: Iterable[int] | None = None) -> int | None:
        """The best epoch, of those `among`; None when none has a number."""
        return history.best(self.metric, self.split, self.direction, among)

    def keep(self, epoch: int, history: History) -> set[int]:
        return {self.best(history) or epoch}


class LeastLoss(MetricCheckpointingStrategy):
    """The best by the loss of validation, or of training in a run where validation measures nothing."""

    def __init__(self) -> None:
        super().__init__(LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid)

    def best(self, history: History, among: Iterable[int] | None = None) -> int | None:
        split = Split.Valid if history.values[Split.Valid] else Split.Train
        return history.best(self.metric, split, self.direction, among)


class ComposedCheckpointingStrategy:
    """Keeps what any of its strategies keeps."""

    def __init__(self, strategies: Iterable[CheckpointingStrategy]) -> None:
        self.strategies = tuple(strategies)
        if not self.strategies:
            raise LearnerError("ComposedCheckpointingStrategy([]): it wants at least one strategy")

    def keep(self, epoch: int, history: History) -> set[int]:
        return set().union(*(strategy.keep(epoch, history) for strategy in self.strategies))


def parts(strategy: CheckpointingStrategy) -> list[CheckpointingStrategy]:
    """The strategies that one is composed of; itself, if of none."""
    if isinstance(strategy, ComposedCheckpointingStrategy):
        return [part for each in strategy.strategies for part in parts(each)]
    return [strategy]


def default_strategy() -> CheckpointingStrategy:
    """Burn's default: the last two, and the best by the loss."""
    return ComposedCheckpointingStrategy([KeepLastNCheckpoints(2), LeastLoss()])
