"""Which checkpoints stay."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.errors import LearnerError, MetricError
from minigrad.train import (
    ComposedCheckpointingStrategy,
    KeepLastNCheckpoints,
    LearnerBuilder,
    MetricCheckpointingStrategy,
)
from minigrad.train.checkpoint import CheckpointingStrategy, default_strategy
from minigrad.train.event import Event, StateReady
from minigrad.train.metric import (
    Aggregate,
    BinaryAccuracyMetric,
    Direction,
    History,
    LossMetric,
    Metric,
    MetricEntry,
    MetricMetadata,
    Split,
)


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


class Words(Metric):
    """A metric without numbers."""

    def name(self) -> str:
        return "Words"

    def update(self, item: Any, metadata: MetricMetadata) -> MetricEntry:
        raise AssertionError

    def clear(self) -> None:
        raise AssertionError


def by(**changes: Any) -> MetricCheckpointingStrategy:
    given = {"metric": LossMetric(), "aggregate": Aggregate.Mean, "direction": Direction.Lowest, "split": Split.Valid}
    return MetricCheckpointingStrategy(**(given | changes))


KEEP = "must be a whole number of at least 1\n  KeepLastNCheckpoints(2) keeps the last two; without "
KEEP += "with_file_checkpointer there are none"
LIST = "[KeepLastNCheckpoints(2), KeepLastNCheckpoints(5)]"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        *[
            (lambda n=n: KeepLastNCheckpoints(n), f"KeepLastNCheckpoints: n is {n!r}, and {KEEP}")
            for n in (0, -1, 2.0, "2", True, None)
        ],
        (
            lambda: ComposedCheckpointingStrategy([]),
            "ComposedCheckpointingStrategy([]): it takes at least one strategy\n"
            f"  ComposedCheckpointingStrategy({LIST})",
        ),
        (
            lambda: ComposedCheckpointingStrategy(KeepLastNCheckpoints(2)),  # type: ignore[arg-type]
            "ComposedCheckpointingStrategy(a KeepLastNCheckpoints): it takes a list of strategies\n"
            f"  ComposedCheckpointingStrategy({LIST})",
        ),
        (
            lambda: ComposedCheckpointingStrategy([KeepLastNCheckpoints(2), KeepLastNCheckpoints]),  # type: ignore[list-item]
            "ComposedCheckpointingStrategy(KeepLastNCheckpoints, a class): it takes a strategy, with a method keep\n"
            f"  ComposedCheckpointingStrategy({LIST})",
        ),
        (
            lambda: by(metric=LossMetric),
            "MetricCheckpointingStrategy(LossMetric, a class): it takes a metric\n"
            "  MetricCheckpointingStrategy(LossMetric())",
        ),
        (
            lambda: by(metric="Loss"),
            "MetricCheckpointingStrategy('Loss'): it takes a metric\n"
            "  MetricCheckpointingStrategy(LossMetric(), or a subclass of NumericMetric)",
        ),
        (
            lambda: by(direction=Split.Valid, split=Direction.Lowest),
            "MetricCheckpointingStrategy: direction is <Split.Valid: 'valid'>, and must be one of Direction\n"
            "  Direction.Lowest or Direction.Highest",
        ),
        (
            lambda: by(split="valid"),
            "MetricCheckpointingStrategy: split is 'valid', and must be one of Split\n  Split.Train or Split.Valid",
        ),
        (
            lambda: by(aggregate=Aggregate),
            "MetricCheckpointingStrategy: aggregate is <enum 'Aggregate'>, and must be one of Aggregate\n"
            "  Aggregate.Mean",
        ),
        (
            lambda: LearnerBuilder("a").with_checkpointing_strategy(KeepLastNCheckpoints),  # type: ignore[arg-type]
            "with_checkpointing_strategy(KeepLastNCheckpoints, a class): it takes a strategy, with a method keep\n"
            "  with_checkpointing_strategy(KeepLastNCheckpoints(2))",
        ),
        (
            lambda: LearnerBuilder("a").with_checkpointing_strategy(2),  # type: ignore[arg-type]
            "with_checkpointing_strategy(an int): it takes a strategy, with a method keep\n"
            "  with_checkpointing_strategy(KeepLastNCheckpoints(2))",
        ),
    ],
)
def test_what_cannot_be(make: Callable[[], object], words: str) -> None:
    with pytest.raises((LearnerError, MetricError)) as error:
        make()
    assert str(error.value) == words


def test_a_metric_of_words_is_never_the_best() -> None:
    with pytest.raises(MetricError, match=r"MetricCheckpointingStrategy\(.*Words.*\): it takes a metric"):
        by(metric=Words())


def test_numbers_of_numpy_are_numbers() -> None:
    assert KeepLastNCheckpoints(np.int64(2)).keep(5, History()) == {4, 5}  # type: ignore[arg-type]


def test_only_numbers_that_are_nan() -> None:
    """Burn looks for an epoch that does not exist."""
    assert on_disk(best(), [math.nan] * 3) == [{1}, {2}, {3}]
    assert on_disk(default_strategy(), [math.nan] * 4) == [{1}, {1, 2}, {2, 3}, {3, 4}]


def test_infinity_is_a_number() -> None:
    assert on_disk(best(), [math.inf, 0.5, -math.inf, 0.1]) == [{1}, {2}, {3}, {3}]
    assert on_disk(best(Direction.Highest), [0.5, math.inf, 0.1, math.inf]) == [{1}, {2}, {2}, {2}]


@given(st.lists(st.sampled_from([0.1, 0.2, 0.3, math.nan]), max_size=8), st.integers(1, 3))
def test_compositions_keep_what_either_keeps(losses: list[float], n: int) -> None:
    """As Burn composes: a checkpoint goes when every strategy lets it go."""
    last, least = KeepLastNCheckpoints(n), best()
    both = on_disk(ComposedCheckpointingStrategy([last, ComposedCheckpointingStrategy([least])]), losses)
    assert both == [one | other for one, other in zip(on_disk(last, losses), on_disk(least, losses))]
    for epoch, kept in enumerate(both, 1):
        past = [(loss, number) for number, loss in enumerate(losses[:epoch], 1) if not math.isnan(loss)]
        assert kept == {*range(max(1, epoch - n + 1), epoch + 1)} | ({min(past)[1]} if past else {epoch})


def test_a_run_keeps_what_its_strategy_says(job: ModuleType, tmp_path: Path) -> None:
    class Odd:
        def keep(self, epoch: int, history: History) -> set[int]:
            return {number for number in range(1, epoch + 1) if number % 2}

    builder = job.builder(tmp_path, 4).with_checkpointing_strategy(Odd())
    job.learner(builder, job.model()).fit(*job.loaders())
    names = [f"{part}-{epoch}" for part in ("model", "optim", "scheduler", "state") for epoch in (1, 3)]
    assert sorted(path.stem for path in (tmp_path / "checkpoint").iterdir() if path.stem != "run") == names


@pytest.mark.parametrize("answer", [None, 3, "2", {"2"}, [1.5], [[1]], True])
def test_an_answer_that_is_no_set_of_epochs_removes_nothing(job: ModuleType, tmp_path: Path, answer: Any) -> None:
    class Strange:
        def keep(self, epoch: int, history: History) -> Any:
            return {1} if epoch == 1 else answer

    for strategy in Strange(), ComposedCheckpointingStrategy([KeepLastNCheckpoints(1), Strange()]):
        builder = job.builder(tmp_path, 3).with_checkpointing_strategy(strategy)
        with pytest.raises(LearnerError) as error:
            job.learner(builder, job.model()).fit(*job.loaders())
        assert str(error.value) == (
            f"Strange.keep(2, history) returned {answer!r}, and must return a set of epochs\n"
            "  return {epoch} keeps this one, and removes what there was before"
        )
        assert (tmp_path / "checkpoint/state-1.json").exists()


@pytest.mark.parametrize("earlier", [False, True])
def test_an_error_in_a_strategy_is_not_one_of_the_folder(job: ModuleType, tmp_path: Path, earlier: bool) -> None:
    class Missing:
        def keep(self, epoch: int, history: History) -> set[int]:
            raise FileNotFoundError("a table of the user's")

    if earlier:
        job.learner(job.builder(tmp_path, 1), job.model()).fit(*job.loaders())
    with pytest.raises(FileNotFoundError, match="a table of the user's"):
        job.learner(job.builder(tmp_path).with_checkpointing_strategy(Missing()), job.model()).fit(*job.loaders())


def test_a_metric_that_nobody_measures(job: ModuleType, tmp_path: Path) -> None:
    strategy = ComposedCheckpointingStrategy([KeepLastNCheckpoints(1), by(metric=BinaryAccuracyMetric())])
    with pytest.raises(LearnerError) as error:
        job.learner(job.builder(tmp_path).with_checkpointing_strategy(strategy), job.model())
    assert str(error.value) == (
        "build: with_checkpointing_strategy watches Binary Accuracy of valid, where Loss is measured\n"
        "  give the same metric to metric_valid_numeric(...)"
    )


@pytest.mark.parametrize(
    ("strategy", "expected"),
    [
        (KeepLastNCheckpoints(3), "Loss"),
        (by(direction=Direction.Highest), "highest Loss"),
        (by(metric=BinaryAccuracyMetric(), direction=Direction.Highest), "highest Binary Accuracy"),
        (ComposedCheckpointingStrategy([KeepLastNCheckpoints(1), by(split=Split.Train)]), "train Loss"),
        (default_strategy(), "Loss"),
    ],
)
def test_best_is_the_best_of_those_on_disk(
    job: ModuleType, tmp_path: Path, strategy: CheckpointingStrategy, expected: str
) -> None:
    states: list[Any] = []

    def listen(event: Event) -> None:
        if isinstance(event, StateReady):
            states.append(event.state)

    builder = job.builder(tmp_path, 6).metric_valid_numeric(BinaryAccuracyMetric()).renderer(listen)
    learner = job.learner(builder.with_checkpointing_strategy(strategy), job.model())
    learner.fit(*job.loaders())
    split = Split.Train if "train" in expected else Split.Valid
    values = states[-1].history.values[split][expected.removeprefix("highest ").removeprefix("train ")]
    there = [int(path.stem.split("-")[1]) for path in (tmp_path / "checkpoint").glob("state-*.json")]
    choose = max if "highest" in expected else min
    best = choose(sorted(there), key=lambda epoch: values[epoch])
    assert [param.numpy().tobytes() for param in learner.best().params()] == [
        param.numpy().tobytes() for param in states[best - 1].model.params()
    ]
