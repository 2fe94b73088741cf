"""Early stopping: its answers, and what a run makes of them."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.errors import LearnerError, MinigradError, MinigradWarning
from minigrad.train import (
    ComposedCheckpointingStrategy,
    KeepLastNCheckpoints,
    LearnerBuilder,
    MetricCheckpointingStrategy,
    MetricEarlyStoppingStrategy,
    StoppingCondition,
)
from minigrad.train.event import Event, FitEnded, FitStarted, StateReady
from minigrad.train.metric import Aggregate, BinaryAccuracyMetric, Direction, History, LossMetric, Split

F, T = False, True
NAN = math.nan


def strategy(
    n: int, direction: Direction = Direction.Lowest, split: Split = Split.Train, min_delta: float = 0.0
) -> MetricEarlyStoppingStrategy:
    condition = StoppingCondition.NoImprovementSince(n)
    return MetricEarlyStoppingStrategy(LossMetric(), Aggregate.Mean, direction, split, condition, min_delta)


def answers(stopping: Any, values: Sequence[float], split: Split = Split.Train) -> list[bool]:
    history, found = History(), []
    for epoch, value in enumerate(values, 1):
        history = history.with_epoch(split, epoch, {"Loss": value})
        found.append(stopping.should_stop(epoch, history))
    return found


# The first three are Burn's own tests: the means of [1, .5], [.5, .3], [1, 3], [1, 2], and so on.
TABLE = [
    (2, [0.75, 0.4, 2.0, 1.5], [F, F, F, T]),
    (2, [0.4, 0.4, 0.4], [F, F, T]),
    (1, [0.4, 0.35, 0.3, 0.25], [F, F, F, F]),
    (1, [0.4, 0.4], [F, T]),
    (3, [0.5, 0.6, 0.6, 0.6], [F, F, F, T]),
    (2, [0.5, 0.6, 0.4, 0.5, 0.5], [F, F, F, F, T]),
    (2, [0.5, math.inf, 0.4, 0.5], [F, F, F, F]),
    (2, [math.inf, math.inf, math.inf], [F, F, T]),
]


@pytest.mark.parametrize(("n", "values", "expected"), TABLE)
def test_the_truth_table(n: int, values: list[float], expected: list[bool]) -> None:
    assert answers(strategy(n), values) == expected
    assert answers(strategy(n, Direction.Highest), [-value for value in values]) == expected
    assert answers(strategy(n, split=Split.Valid), values, Split.Valid) == expected


class Burns:
    """Burn 0.17's, which remembers."""

    def __init__(self, n: int) -> None:
        self.n, self.best, self.best_epoch = n, 1.7976931348623157e308, 1

    def should_stop(self, epoch: int, history: History) -> bool:
        value = history.values[Split.Train]["Loss"][epoch]
        if value < self.best:
            self.best, self.best_epoch = value, epoch
            return False
        return epoch - self.best_epoch >= self.n


@pytest.mark.filterwarnings("ignore::minigrad.errors.MinigradWarning")
@given(st.integers(1, 4), st.lists(st.sampled_from([0.1, 0.2, 0.3, 0.4, NAN]), min_size=1, max_size=12))
def test_it_answers_as_burns_which_remembers(n: int, values: list[float]) -> None:
    assert answers(strategy(n), values) == answers(Burns(n), values)


@given(st.integers(1, 4), st.lists(st.floats(0, 1), min_size=1, max_size=12), st.data())
def test_a_resumed_run_gets_the_same_answers(n: int, values: list[float], data: st.DataObject) -> None:
    """Whichever object is asked: there is nothing to restore, and later epochs do not count."""
    whole = History()
    for epoch, value in enumerate(values, 1):
        whole = whole.with_epoch(Split.Train, epoch, {"Loss": value})
    epoch = data.draw(st.integers(1, len(values)))
    assert strategy(n).should_stop(epoch, whole) is answers(strategy(n), values)[epoch - 1]


def test_a_least_improvement() -> None:
    values = [1.0, 0.95, 0.9, 0.85]  # no epoch is 0.2 better than the best of then
    assert answers(strategy(3, min_delta=0.2), values) == [F, F, F, T]
    assert answers(strategy(3, min_delta=0.125), values) == [F, F, F, F]  # the last is, by 0.15
    assert answers(strategy(3, Direction.Highest, min_delta=0.2), [-value for value in values]) == [F, F, F, T]
    assert answers(strategy(2, min_delta=0.25), [1.0, 0.75, 0.75]) == [F, F, T]  # exactly so much is not more


def test_numbers_of_numpy_are_numbers() -> None:
    assert answers(strategy(np.int64(2), min_delta=np.float32(0.125)), [1.0, 0.9, 0.9]) == [F, F, T]  # type: ignore[arg-type]


def test_nan_is_no_improvement_and_said_once() -> None:
    with pytest.warns(MinigradWarning) as warned:
        assert answers(strategy(2), [0.5, NAN, NAN]) == [F, F, T]
    assert [str(warning.message) for warning in warned] == [
        "early stopping: train Loss is NaN in epoch 2, which is no improvement"
    ]


def test_nothing_but_nan() -> None:
    with pytest.warns(MinigradWarning, match="train Loss is NaN in epoch 1"):
        assert answers(strategy(2), [NAN, NAN, NAN]) == [F, F, T]
    with pytest.warns(MinigradWarning):
        assert answers(strategy(2), [NAN, NAN, 0.5, 0.6, 0.7]) == [F, F, F, F, T]


def test_an_epoch_without_a_value() -> None:
    with pytest.warns(MinigradWarning, match="early stopping: train Loss has no value in epoch 1, and the run goes on"):
        assert not strategy(1).should_stop(1, History())


# Runs


class Scripted:
    """A model whose validation loss is what the script says, by epoch."""

    def __init__(self, job: ModuleType, losses: Sequence[float]) -> None:
        script = iter([loss for loss in losses for _ in range(2)])  # two batches

        class Model(job.Model):  # type: ignore[name-defined, misc]
            def valid_step(self, batch: Any) -> Any:
                item = super().valid_step(batch)
                return job.ClassificationOutput(item.loss * 0 + next(script), item.output, item.targets)

        self.model = Model


def run(job: ModuleType, folder: Path, losses: Sequence[float], builder: LearnerBuilder | None = None) -> Any:
    stopping = (builder or job.builder(folder, 9)).early_stopping(strategy(2, split=Split.Valid))
    return job.learner(stopping, job.model(kind=Scripted(job, losses).model))


def test_a_run_stops_early(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events: list[Event] = []
    learner = run(job, tmp_path, [0.5, 0.25, 0.75, 0.625, 0.1], job.builder(tmp_path, 9).renderer(events.append))
    learner.fit(*job.loaders())
    states = [event.state for event in events if isinstance(event, StateReady)]
    assert [state.epoch for state in states] == [1, 2, 3, 4]
    reason = "valid Loss has not improved in 2 epochs"
    assert events[-1] == FitEnded(4, False, reason)
    assert sorted(path.name for path in (tmp_path / "valid").iterdir()) == [f"epoch-{n}" for n in (1, 2, 3, 4)]
    assert [path.name for path in sorted((tmp_path / "checkpoint").glob("model-*"))] == [
        f"model-{n}.mpk" for n in (2, 3, 4)
    ]  # the best and the last two
    words = f"Training stopped early after epoch 4 of 9: {reason}."
    assert capsys.readouterr().err == words + "\n"
    assert words in (tmp_path / "experiment.log").read_text()
    assert [p.numpy().tobytes() for p in learner.best().params()] == [
        p.numpy().tobytes() for p in states[1].model.params()
    ]


def test_a_run_that_was_stopped_early_is_not_trained_on(
    job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    first = run(job, tmp_path, [0.5, 0.25, 0.75, 0.625]).fit(*job.loaders())
    files = {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.name != "experiment.log"}
    capsys.readouterr()
    events: list[Event] = []
    builder = job.builder(tmp_path, 9).resume().renderer(events.append)
    again = run(job, tmp_path, [], builder).fit(*job.loaders())  # no epoch: the script has nothing to say
    assert [p.numpy().tobytes() for p in again.params()] == [p.numpy().tobytes() for p in first.params()]
    assert {p: p.read_bytes() for p in tmp_path.rglob("*") if p.is_file() and p.name != "experiment.log"} == files
    assert isinstance(events[0], FitStarted)
    assert events[1:] == [FitEnded(4, False, "valid Loss has not improved in 2 epochs")]
    assert capsys.readouterr().err == (
        "Training stopped early after epoch 4 of 9: valid Loss has not improved in 2 epochs. It was so when it was "
        "resumed: without early_stopping(...), or with more patience, it would go on.\n"
    )
    patient = job.builder(tmp_path, 6).resume()  # and so it does
    events.clear()
    job.learner(patient.renderer(events.append), job.model(kind=Scripted(job, [0.7] * 2).model)).fit(*job.loaders())
    assert events[-1] == FitEnded(6, True)


def test_a_run_resumed_in_the_middle_stops_where_it_would_have(job: ModuleType, tmp_path: Path) -> None:
    losses = [0.5, 0.25, 0.75, 0.625, 0.1]
    run(job, tmp_path / "whole", losses).fit(*job.loaders())
    for epochs in 1, 2, 3:
        folder = tmp_path / str(epochs)
        run(job, folder, losses, job.builder(folder, epochs)).fit(*job.loaders())
        run(job, folder, losses[epochs:], job.builder(folder, 9).resume()).fit(*job.loaders())
        for file in "checkpoint/model-4.mpk", "checkpoint/optim-4.mpk", "valid/epoch-4/Loss.log":
            assert (folder / file).read_bytes() == (tmp_path / "whole" / file).read_bytes()
        assert not (folder / "valid/epoch-5").exists()


def test_a_loss_of_nan_stops_in_the_end(job: ModuleType, tmp_path: Path) -> None:
    with warnings.catch_warnings(record=True) as warned:
        warnings.simplefilter("always")
        run(job, tmp_path, [0.5, NAN, NAN, 0.1]).fit(*job.loaders())
    assert [str(warning.message) for warning in warned] == [
        "the validation loss is NaN in epoch 2, iteration 1",
        "early stopping: valid Loss is NaN in epoch 2, which is no improvement",
    ]
    assert not (tmp_path / "valid/epoch-4").exists()


def test_the_last_epoch_is_not_early(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events: list[Event] = []
    run(job, tmp_path, [0.5] * 3, job.builder(tmp_path, 3).renderer(events.append)).fit(*job.loaders())
    assert events[-1] == FitEnded(3, True)
    assert capsys.readouterr().err == ""


def test_a_run_that_replaces_another_and_stops_early(job: ModuleType, tmp_path: Path) -> None:
    """Its strategy keeps no checkpoint until it stops: then the folder is its own all the same."""

    class KeepNone:
        def keep(self, epoch: int, history: History) -> set[int]:
            return set()

    job.learner(job.builder(tmp_path, 2), job.model()).fit(*job.loaders())
    builder = job.builder(tmp_path, 9).with_checkpointing_strategy(KeepNone())
    run(job, tmp_path, [0.5, 0.75, 0.625], builder).fit(*job.loaders())
    assert (tmp_path / "valid/epoch-3/Loss.log").read_text() == "0.625,5\n0.625,4\n"
    assert not list((tmp_path / "checkpoint").glob("model-*"))


def test_a_strategy_of_ones_own(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class GoodEnough:
        def should_stop(self, epoch: int, history: History) -> bool:
            return history.values[Split.Train]["Loss"][epoch] < 10

    events: list[Event] = []
    builder = job.builder(tmp_path, 5).early_stopping(GoodEnough()).renderer(events.append)
    job.learner(builder, job.model()).fit(*job.loaders())
    assert events[-1] == FitEnded(1, False, "GoodEnough")
    assert capsys.readouterr().err == "Training stopped early after epoch 1 of 5: GoodEnough.\n"


# What cannot be


def said(call: Any) -> str:
    with pytest.raises(MinigradError) as error:
        call()
    return f"{type(error.value).__name__}: {error.value}"


@pytest.mark.parametrize(("answer", "named"), [(None, "None"), (1, "an int"), (np.array([True, False]), "a ndarray")])
@pytest.mark.parametrize("earlier", [False, True])
def test_an_answer_that_is_neither_yes_nor_no(
    job: ModuleType, tmp_path: Path, answer: Any, named: str, earlier: bool
) -> None:
    """A `return` that was forgotten would be a run that never stops."""

    class Strange:
        def should_stop(self, epoch: int, history: History) -> Any:
            return answer

    if earlier:
        job.learner(job.builder(tmp_path, 1), job.model()).fit(*job.loaders())
    with pytest.raises(LearnerError) as error:
        job.learner(job.builder(tmp_path).early_stopping(Strange()), job.model()).fit(*job.loaders())
    assert str(error.value) == (
        f"Strange.should_stop(1, history) returned {named}, and must return a bool\n"
        "  return True ends the run after this epoch"
    )
    assert (tmp_path / "checkpoint/state-1.json").exists()


def test_a_bool_of_numpy_is_an_answer(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Second:
        def should_stop(self, epoch: int, history: History) -> Any:
            return np.bool_(epoch == 2)

    job.learner(job.builder(tmp_path).early_stopping(Second()), job.model()).fit(*job.loaders())
    assert "Training stopped early after epoch 2 of 3: Second." in capsys.readouterr().err


def test_arguments_that_cannot_be() -> None:
    condition = StoppingCondition.NoImprovementSince(1)
    good: list[Any] = [LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid, condition]

    def of(place: int, value: Any) -> str:
        return said(lambda: MetricEarlyStoppingStrategy(*[*good[:place], value, *good[place + 1 :]]))

    assert said(lambda: StoppingCondition.NoImprovementSince(0)) == (
        "LearnerError: NoImprovementSince: n_epochs is 0, and must be a whole number of at least 1\n"
        "  NoImprovementSince(5) stops when five epochs in a row were no better than the best before them"
    )
    assert "n_epochs is 1.5, and" in said(lambda: StoppingCondition.NoImprovementSince(1.5))  # type: ignore[arg-type]
    assert "n_epochs is True, and" in said(lambda: StoppingCondition.NoImprovementSince(True))
    assert of(0, LossMetric) == (
        "MetricError: MetricEarlyStoppingStrategy(LossMetric, a class): it takes a metric\n"
        "  MetricEarlyStoppingStrategy(LossMetric())"
    )
    assert of(0, "Loss").startswith("MetricError: MetricEarlyStoppingStrategy('Loss'): it takes a metric")
    assert of(1, "mean") == (
        "LearnerError: MetricEarlyStoppingStrategy: aggregate is 'mean', and must be one of Aggregate\n  Aggregate.Mean"
    )
    assert of(2, "lowest") == (
        "LearnerError: MetricEarlyStoppingStrategy: direction is 'lowest', and must be one of Direction\n"
        "  Direction.Lowest or Direction.Highest"
    )
    assert "split is None, and must be one of Split\n  Split.Train or Split.Valid" in of(3, None)
    assert of(4, 5) == (
        "LearnerError: MetricEarlyStoppingStrategy: condition is 5, and must be a StoppingCondition\n"
        "  StoppingCondition.NoImprovementSince(5)"
    )
    for wrong in -0.1, NAN, math.inf, True, "0.1":
        assert said(lambda wrong=wrong: MetricEarlyStoppingStrategy(*good, wrong)) == (
            f"LearnerError: MetricEarlyStoppingStrategy: min_delta is {wrong!r}, and must be a finite number >= 0\n"
            "  it is how much better than the best an epoch must be to count, such as 0.001"
        )


def test_a_strategy_that_is_none(job: ModuleType, tmp_path: Path) -> None:
    builder = job.builder(tmp_path)
    assert said(lambda: builder.early_stopping(MetricEarlyStoppingStrategy)) == (
        "LearnerError: early_stopping(MetricEarlyStoppingStrategy, a class): it takes a strategy, with a method "
        "should_stop\n  early_stopping(MetricEarlyStoppingStrategy(LossMetric(), ...))"
    )
    assert said(lambda: builder.early_stopping(3)).startswith("LearnerError: early_stopping(an int): it takes")
    assert said(lambda: builder.with_checkpointing_strategy(3)) == (
        "LearnerError: with_checkpointing_strategy(an int): it takes a strategy, with a method keep\n"
        "  with_checkpointing_strategy(KeepLastNCheckpoints(2))"
    )


def test_a_metric_that_nobody_measures(job: ModuleType, tmp_path: Path) -> None:
    builder = job.builder(tmp_path)
    condition = StoppingCondition.NoImprovementSince(1)
    accuracy = BinaryAccuracyMetric()
    stopping = MetricEarlyStoppingStrategy(accuracy, Aggregate.Mean, Direction.Highest, Split.Valid, condition)
    assert said(lambda: job.learner(builder.early_stopping(stopping), job.model())) == (
        "LearnerError: build: early_stopping watches Binary Accuracy of valid, where Loss is measured\n"
        "  give the same metric to metric_valid_numeric(...)"
    )
    keeping = ComposedCheckpointingStrategy(
        [
            KeepLastNCheckpoints(1),
            MetricCheckpointingStrategy(accuracy, Aggregate.Mean, Direction.Highest, Split.Valid),
        ]
    )
    assert said(lambda: job.learner(builder.with_checkpointing_strategy(keeping), job.model())) == (
        "LearnerError: build: with_checkpointing_strategy watches Binary Accuracy of valid, where Loss is measured\n"
        "  give the same metric to metric_valid_numeric(...)"
    )
    measured = builder.metric_valid_numeric(accuracy)
    job.learner(measured.early_stopping(stopping).with_checkpointing_strategy(keeping), job.model())


def test_a_validation_that_is_watched_and_not_there(job: ModuleType, tmp_path: Path) -> None:
    learner = run(job, tmp_path, [])
    assert said(lambda: learner.fit(job.loaders()[0])) == (
        "LearnerError: fit: early_stopping watches Loss of valid, and there is no validation loader\n"
        "  fit(train_loader, valid_loader), or watch Split.Train"
    )
    assert not (tmp_path / "train").exists()
