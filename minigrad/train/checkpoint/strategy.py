"""Which checkpoints stay: each strategy says which epochs it wants kept, and what no strategy wants goes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import numpy as np

from ...errors import LearnerError
from ..metric import Aggregate, Direction, History, LossMetric, NumericMetric, Split
from ..metric.base import needs_metric
from ..metric.history import needs_one_of
from ..step import named, needs_method

__all__ = [
    "CheckpointingStrategy",
    "ComposedCheckpointingStrategy",
    "KeepLastNCheckpoints",
    "LeastLoss",
    "MetricCheckpointingStrategy",
    "default_strategy",
    "kept",
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
        given: object = n
        if not isinstance(given, (int, np.integer)) or isinstance(given, bool) or n < 1:
            raise LearnerError(
                f"KeepLastNCheckpoints: n is {n!r}, and must be a whole number of at least 1\n"
                "  KeepLastNCheckpoints(2) keeps the last two; without with_file_checkpointer there are none"
            )
        self.n = int(n)

    def keep(self, epoch: int, history: History) -> set[int]:
        return set(range(max(1, epoch - self.n + 1), epoch + 1))


class MetricCheckpointingStrategy:
    """Keeps the best epoch by a metric, the earliest of equals; an epoch of a metric that nobody measures is the best.

    >>> history = History().with_epoch(Split.Valid, 1, {"Loss": 0.5}).with_epoch(Split.Valid, 2, {"Loss": 0.6})
    >>> MetricCheckpointingStrategy(LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid).keep(2, history)
    {1}
    """

    def __init__(self, metric: NumericMetric, aggregate: Aggregate, direction: Direction, split: Split) -> None:
        call = "MetricCheckpointingStrategy"
        needs_metric(call, metric, NumericMetric)
        needs_one_of(call, "aggregate", aggregate, Aggregate)
        needs_one_of(call, "direction", direction, Direction)
        needs_one_of(call, "split", split, Split)
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
        call, example = "ComposedCheckpointingStrategy", "[KeepLastNCheckpoints(2), KeepLastNCheckpoints(5)]"
        given: object = strategies
        if not isinstance(given, Iterable) or isinstance(given, str):
            raise LearnerError(f"{call}({named(strategies)}): it takes a list of strategies\n  {call}({example})")
        self.strategies = tuple(strategies)
        if not self.strategies:
            raise LearnerError(f"{call}([]): it takes at least one strategy\n  {call}({example})")
        for strategy in self.strategies:
            needs_method(call, strategy, "keep", example)

    def keep(self, epoch: int, history: History) -> set[int]:
        return set().union(*(kept(strategy, epoch, history) for strategy in self.strategies))


def kept(strategy: CheckpointingStrategy, epoch: int, history: History) -> set[int]:
    """What a strategy answers. Raises `LearnerError` for what is no set of epochs: it would remove all checkpoints."""
    answer: object = strategy.keep(epoch, history)
    if isinstance(answer, Iterable):
        epochs = list(answer)
        if all(isinstance(number, (int, np.integer)) for number in epochs):
            return set(epochs)
    raise LearnerError(
        f"{type(strategy).__name__}.keep({epoch}, history) returned {answer!r}, and must return a set of epochs\n"
        "  return {epoch} keeps this one, and removes what there was before"
    )


def parts(strategy: CheckpointingStrategy) -> list[CheckpointingStrategy]:
    """The strategies that one is composed of; itself, if of none."""
    if isinstance(strategy, ComposedCheckpointingStrategy):
        return [part for each in strategy.strategies for part in parts(each)]
    return [strategy]


def default_strategy() -> CheckpointingStrategy:
    """Burn's default: the last two, and the best by the loss."""
    return ComposedCheckpointingStrategy([KeepLastNCheckpoints(2), LeastLoss()])
