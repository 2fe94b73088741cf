"""The metric logs."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.errors import LearnerError
from minigrad.train import LearnerBuilder, LearnerSummary, MetricEarlyStoppingStrategy, StoppingCondition
from minigrad.train.event import EpochDone
from minigrad.train.logger import FileMetricLogger, InMemoryMetricLogger
from minigrad.train.metric import (
    Aggregate,
    Direction,
    LossMetric,
    Metric,
    MetricEntry,
    MetricMetadata,
    NumericEntry,
    Split,
)


class Sizes(Metric):
    """A text metric, with a name that is no file name."""

    def name(self) -> str:
        return "Batch size / items"

    def update(self, item: Any, metadata: MetricMetadata) -> MetricEntry:
        return MetricEntry(self.name(), f"{metadata.items} items", f"{metadata.iteration}:{metadata.items}")

    def clear(self) -> None:
        pass


def test_the_folder(job: ModuleType, tmp_path: Path) -> None:
    builder = job.builder(tmp_path, 2).metric_train(Sizes())
    job.learner(builder, job.model()).fit(*job.loaders())
    logs = sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.log"))
    assert logs == [
        "experiment.log",
        "train/epoch-1/Batch_size___items.log",
        "train/epoch-1/Binary_Accuracy.log",
        "train/epoch-1/Loss.log",
        "train/epoch-2/Batch_size___items.log",
        "train/epoch-2/Binary_Accuracy.log",
        "train/epoch-2/Loss.log",
        "valid/epoch-1/Loss.log",
        "valid/epoch-2/Loss.log",
    ]
    assert (tmp_path / "train/epoch-2/Batch_size___items.log").read_text() == "1:7\n2:7\n3:6\n"


def test_a_line_a_batch(job: ModuleType, tmp_path: Path) -> None:
    losses: list[float] = []

    class Recording(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            item = super().valid_step(batch)
            losses.append(item.loss.item())
            return item

    job.learner(job.builder(tmp_path, 1), job.model(kind=Recording)).fit(*job.loaders())
    lines = (tmp_path / "valid/epoch-1/Loss.log").read_text().splitlines()
    assert [(float(value), int(items)) for value, items in (line.split(",") for line in lines)] == [
        (losses[0], 5),
        (losses[1], 4),
    ]


def test_loggers_of_ones_own_take_the_place_of_files(job: ModuleType, tmp_path: Path) -> None:
    first, second = (InMemoryMetricLogger(), InMemoryMetricLogger()), (InMemoryMetricLogger(), InMemoryMetricLogger())
    builder = (
        LearnerBuilder(tmp_path)
        .metric_train_numeric(LossMetric())
        .metric_valid_numeric(LossMetric())
        .metric_loggers(*first)
        .metric_loggers(*second)
        .renderer(job.SilentRenderer())
        .num_epochs(2)
    )
    job.learner(builder, job.model()).fit(*job.loaders())
    assert not (tmp_path / "train").exists()
    for loggers in (first, second):
        assert [{epoch: len(entries["Loss"]) for epoch, entries in log.epochs.items()} for log in loggers] == [
            {1: 3, 2: 3},
            {1: 2, 2: 2},
        ]


def test_a_logger_for_both_splits_that_would_lose_one(tmp_path: Path) -> None:
    builder, log = LearnerBuilder(tmp_path), InMemoryMetricLogger()
    with pytest.raises(LearnerError) as error:
        builder.metric_loggers(log, log)
    assert str(error.value) == (
        "metric_loggers: in one InMemoryMetricLogger validation would be logged over training\n"
        "  metric_loggers(InMemoryMetricLogger(), InMemoryMetricLogger())"
    )
    with pytest.raises(LearnerError, match="would be logged over training") as error:
        builder.metric_loggers(FileMetricLogger(tmp_path / "a"), FileMetricLogger(f"{tmp_path}/b/../a"))
    assert str(error.value).endswith('metric_loggers(FileMetricLogger("runs/train"), FileMetricLogger("runs/valid"))')
    builder.metric_loggers(FileMetricLogger("a"), FileMetricLogger("b")).metric_loggers(log, InMemoryMetricLogger())


def test_the_diary(job: ModuleType, tmp_path: Path) -> None:
    job.learner(job.builder(tmp_path, 2), job.model()).fit(*job.loaders())
    text = (tmp_path / "experiment.log").read_text()
    stamp = r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z"
    assert re.sub(stamp, "NOW", text).replace(str(tmp_path), "DIR").splitlines() == [
        "NOW  INFO minigrad.train.learner: Fitting the model:",
        " Model {",
        "  linear1: Linear {d_input: 2, d_output: 4, bias: true, params: 12}",
        "  linear2: Linear {d_input: 4, d_output: 1, bias: true, params: 5}",
        "  params: 17",
        "}",
        "NOW  INFO minigrad.train.learner: Executing training step for epoch 1",
        "NOW  INFO minigrad.train.learner: Executing validation step for epoch 1",
        "NOW  INFO minigrad.train.checkpoint.file: Saving checkpoint 1 to DIR/checkpoint/model-1.mpk",
        "NOW  INFO minigrad.train.checkpoint.file: Saving checkpoint 1 to DIR/checkpoint/optim-1.mpk",
        "NOW  INFO minigrad.train.checkpoint.file: Saving checkpoint 1 to DIR/checkpoint/scheduler-1.mpk",
        "NOW  INFO minigrad.train.learner: Executing training step for epoch 2",
        "NOW  INFO minigrad.train.learner: Executing validation step for epoch 2",
        "NOW  INFO minigrad.train.checkpoint.file: Saving checkpoint 2 to DIR/checkpoint/model-2.mpk",
        "NOW  INFO minigrad.train.checkpoint.file: Saving checkpoint 2 to DIR/checkpoint/optim-2.mpk",
        "NOW  INFO minigrad.train.checkpoint.file: Saving checkpoint 2 to DIR/checkpoint/scheduler-2.mpk",
    ]


def test_the_diary_tells_which_epoch_is_the_best_so_far(job: ModuleType, tmp_path: Path) -> None:
    patience = StoppingCondition.NoImprovementSince(9)
    by_loss = MetricEarlyStoppingStrategy(LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid, patience)
    job.learner(job.builder(tmp_path, 9).early_stopping(by_loss), job.model()).fit(*job.loaders())
    found = re.findall(r"New best epoch found (\d+) valid Loss: (\S+)\n", (tmp_path / "experiment.log").read_text())
    (valid,) = LearnerSummary(tmp_path).valid
    best_so_far = [
        (epoch, value)
        for epoch, value in valid.values.items()
        if all(value < valid.values[earlier] for earlier in range(1, epoch)) and epoch < 9  # nobody asks after the last
    ]
    assert [(int(epoch), float(value)) for epoch, value in found] == best_so_far
    assert found[0][0] == "1"


def test_the_diary_tells_why_a_run_ended(job: ModuleType, tmp_path: Path) -> None:
    train, valid = job.loaders()
    with pytest.raises(LearnerError):
        job.learner(job.builder(tmp_path), job.model()).fit(train.slice(0, 0), valid)
    lines = (tmp_path / "experiment.log").read_text().splitlines()
    assert lines[-2].endswith(
        "ERROR minigrad.train.learner: LearnerError: the training loader gave no batch in epoch 1"
    )


@given(
    st.lists(
        st.tuples(
            st.floats() | st.floats(width=32) | st.integers(-1000, 1000).map(float) | st.just(np.float32(0.1)),
            st.integers(1, 1000),
        ),
        min_size=1,
    )
)
def test_a_column_is_written_as_its_entries_serialize(tmp_path_factory: Any, values: list[tuple[float, int]]) -> None:
    metric = LossMetric()
    column = [NumericEntry(metric, value, items) for value, items in values]
    folder = tmp_path_factory.mktemp("logs")
    FileMetricLogger(folder).log_epoch(EpochDone(Split.Train, 1, 1, len(column), {"Loss": list(column)}, {}, 0.0))
    assert (folder / "epoch-1/Loss.log").read_text().splitlines() == [entry.serialize for entry in column]
    back = [float(line.split(",")[0]) for line in (folder / "epoch-1/Loss.log").read_text().splitlines()]
    assert np.array_equal(back, [float(value) for value, _ in values], equal_nan=True)
