"""Which checkpoints stay."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType

import pytest

from minigrad.errors import LearnerError
from minigrad.train import ComposedCheckpointingStrategy, KeepLastNCheckpoints, MetricCheckpointingStrategy
from minigrad.train.checkpoint import CheckpointingStrategy, default_strategy
from minigrad.train.metric import Aggregate, Direction, History, LossMetric, Split


def on_disk(strategy: CheckpointingStrategy, losses: list[float], metric: str = "Loss") -> list[set[int]]:
    """The checkpoints there are after each epoch."""
    history, disk, seen = History(), set[int](), []
    for epoch, loss in enumerate(losses, 1):
        history = history.with_epoch(Split.Valid, epoch, {metric: loss})
        keep = strategy.keep(epoch, history)
        disk = (disk | {epoch}) & keep
        seen.append(disk)
    return seen


def best(direction: Direction = Direction.Lowest) -> MetricCheckpointingStrategy:
    return MetricCheckpointingStrategy(LossMetric(), Aggregate.Mean, direction, Split.Valid)


def test_the_default_is_the_last_two_and_the_best() -> None:
    """Burn's worked example."""
    assert on_disk(default_strategy(), [0.5, 0.4, 0.6, 0.7, 0.8]) == [{1}, {1, 2}, {2, 3}, {2, 3, 4}, {2, 4, 5}]


def test_without_the_metric_every_epoch_is_the_best() -> None:
    assert on_disk(default_strategy(), [0.5, 0.4, 0.6, 0.7], metric="Accuracy") == [{1}, {1, 2}, {2, 3}, {3, 4}]


def test_keep_last() -> None:
    assert on_disk(KeepLastNCheckpoints(1), [0.1] * 3) == [{1}, {2}, {3}]


def test_by_metric() -> None:
    losses = [0.5, 0.4, 0.6, 0.4, 0.3]
    assert on_disk(best(), losses) == [{1}, {2}, {2}, {2}, {5}]
    assert on_disk(best(Direction.Highest), losses) == [{1}, {1}, {3}, {3}, {3}]


def test_nan_is_never_the_best() -> None:
    assert on_disk(best(), [math.nan, 0.4, math.nan, 0.3]) == [{1}, {2}, {2}, {4}]


def test_what_cannot_be() -> None:
    with pytest.raises(LearnerError) as error:
        KeepLastNCheckpoints(0)
    assert str(error.value) == "KeepLastNCheckpoints(0): keep at least one, or leave out with_file_checkpointer"
    with pytest.raises(LearnerError, match="at least one strategy"):
        ComposedCheckpointingStrategy([])


def test_a_run_keeps_what_its_strategy_says(job: ModuleType, tmp_path: Path) -> None:
    class Odd:
        def keep(self, epoch: int, history: History) -> set[int]:
            return {number for number in range(1, epoch + 1) if number % 2}

    builder = job.builder(tmp_path, 4).with_checkpointing_strategy(Odd())
    job.learner(builder, job.model()).fit(*job.loaders())
    names = [f"{part}-{epoch}" for part in ("model", "optim", "scheduler", "state") for epoch in (1, 3)]
    assert sorted(path.stem for path in (tmp_path / "checkpoint").iterdir() if path.stem != "run") == names
