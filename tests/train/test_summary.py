"""The table at the end, as Burn prints it."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad.errors import LearnerError, MetricError
from minigrad.train import LearnerSummary
from minigrad.train.event import Event, StateReady
from minigrad.train.logger import InMemoryMetricLogger
from minigrad.train.metric import BinaryAccuracyMetric, History, MetricMetadata, NumericEntry, NumericMetric, Split
from minigrad.train.run_log import read_run

BURN = Path(__file__).parents[1] / "fixtures" / "learner"


def test_burns_folder_gives_burns_table(job: ModuleType) -> None:
    printed = (BURN / "stdout.txt").read_text()
    printed = printed[printed.index("=====") :]
    summary = LearnerSummary(BURN / "circle", ["Loss"])
    assert (summary.epochs, len(summary.train), len(summary.valid)) == (3, 1, 1)
    model = str(job.model(hidden=16))
    assert f"{LearnerSummary.of_run(_history(summary), ['Loss'], 3, model)}\n" == printed
    without_model = printed.replace(f"Model:\n{model}\n", "")
    assert f"{summary}\n" == without_model


def _history(summary: LearnerSummary) -> History:
    history = History()
    for split, metrics in ((Split.Train, summary.train), (Split.Valid, summary.valid)):
        for metric in metrics:
            for epoch, value in metric.values.items():
                history = history.with_epoch(split, epoch, {metric.name: value})
    return history


def test_fit_prints_what_the_folder_says(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    builder = job.builder(tmp_path, 3).metric_valid_numeric(BinaryAccuracyMetric()).summary()
    fitted = job.learner(builder, job.model()).fit(*job.loaders())
    printed = capsys.readouterr().out
    read = str(LearnerSummary(tmp_path, ["Loss", "Binary Accuracy"]))
    assert printed == f"{read}\n"
    assert f"Model:\n{fitted}\nTotal Epochs: 3\n" in read
    assert [line.split("|")[1:3] for line in read.splitlines() if line.startswith("| ")][1:] == [
        [" Train ", " Loss            "],
        [" Train ", " Binary Accuracy "],
        [" Valid ", " Loss            "],
        [" Valid ", " Binary Accuracy "],
    ]


def test_the_first_minimum_the_last_maximum_and_nan_above_all() -> None:
    history = History()
    for epoch, value in enumerate([0.004, 1.0, 0.004, math.nan, 1.0, math.nan], 1):
        history = history.with_epoch(Split.Train, epoch, {"Loss": value})
    table = str(LearnerSummary.of_run(history, ["Loss", "Nobody's"], 6, "")).splitlines()
    assert table == [
        "======================== Learner Summary ========================",
        "Total Epochs: 6",
        "",
        "",
        "| Split | Metric | Min.     | Epoch    | Max.     | Epoch    |",
        "|-------|--------|----------|----------|----------|----------|",
        "| Train | Loss   | 4.000e-3 | 1        | NaN      | 6        |",
    ]


def test_a_folder_that_says_nothing(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    help = "give the folder that LearnerBuilder was given"
    for path, words in (
        (tmp_path / "nowhere", f"there is no artifact folder {tmp_path}/nowhere\n  {help}"),
        (tmp_path / "file", f"{tmp_path}/file is a file\n  {help}"),
        (tmp_path, f"artifact folder {tmp_path} has no metric logs: no train/epoch-1, no valid/epoch-1"),
    ):
        with pytest.raises(LearnerError) as error:
            LearnerSummary(path)
        assert str(error.value) == words


def test_a_line_that_is_no_entry(tmp_path: Path) -> None:
    (tmp_path / "train/epoch-1").mkdir(parents=True)
    (tmp_path / "train/epoch-1/Loss.log").write_text("0.5\n0.25,3\n0.1,2,3\n")
    with pytest.raises(MetricError) as error:
        LearnerSummary(tmp_path, ["Loss"])
    assert str(error.value) == (
        f"{tmp_path}/train/epoch-1/Loss.log, line 3: '0.1,2,3' is no entry of a numeric metric (value,items)"
    )


def test_an_entry_without_items_stands_for_one(tmp_path: Path) -> None:
    (tmp_path / "valid/epoch-2").mkdir(parents=True)
    (tmp_path / "valid/epoch-2/Loss.log").write_text("0.5\n1.25,2\n")  # Burn's own example: the mean is 1
    summary = LearnerSummary(tmp_path, ["Loss"])
    assert (summary.epochs, summary.valid[0].lowest) == (2, (2, 1.0))


def test_all_metrics_that_have_numbers(tmp_path: Path) -> None:
    (tmp_path / "train/epoch-1").mkdir(parents=True)
    (tmp_path / "valid/epoch-2").mkdir(parents=True)
    (tmp_path / "train/epoch-1/Top-K_Accuracy_@_TopK(3).log").write_text("50,2\n")
    (tmp_path / "train/epoch-1/CUDA_Stats.log").write_text("Unavailable\n")
    (tmp_path / "train/epoch-1/Empty.log").write_text("")
    (tmp_path / "train/epoch-1/notes.txt").write_text("mine")
    (tmp_path / "valid/epoch-2/Loss.log").write_text("NaN,2\n")
    (tmp_path / "valid/epoch-x").mkdir()
    summary = LearnerSummary(tmp_path)
    assert [metric.name for metric in summary.train] == ["Top-K Accuracy @ TopK(3)"]
    assert [metric.name for metric in summary.valid] == ["Loss"]
    assert LearnerSummary(tmp_path, ["Loss"]).train == []
    assert len(LearnerSummary(tmp_path, "Loss").valid) == 1
    assert len(LearnerSummary(tmp_path, ["Lost", "Loss", "CUDA Stats"]).valid) == 1
    for name, words in (
        ("Lost", f"artifact folder {tmp_path} has no metric 'Lost'\n  it has Loss, Top-K Accuracy @ TopK(3)"),
        ("CUDA Stats", "CUDA Stats is a metric of words, and has no value in an epoch"),
    ):
        with pytest.raises(MetricError) as error:
            read_run(tmp_path, ["Loss", name])
        assert str(error.value) == words


class Largest(NumericMetric):
    """A metric that is no mean over batches, with a name that a file does not give back."""

    def name(self) -> str:
        return "the_largest output"

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        self.record(0.0, 0)
        self._value = float(item.output.data.max())
        self._largest = max(self._largest, self._value)
        return NumericEntry(self, self._value, metadata.items)

    def running_value(self) -> float:
        return self._largest

    def clear(self) -> None:
        super().clear()
        self._largest = -math.inf


def test_the_epochs_value_is_the_one_that_a_checkpoint_has_noted(job: ModuleType, tmp_path: Path) -> None:
    history = History()

    def listen(event: Event) -> None:
        nonlocal history
        if isinstance(event, StateReady):
            history = event.state.history

    builder = job.builder(tmp_path, 3).metric_valid_numeric(Largest()).renderer(listen)
    job.learner(builder, job.model()).fit(*job.loaders())
    exact = history.values[Split.Valid]["the_largest output"]
    assert exact != {}
    found = {metric.name: metric.values for metric in LearnerSummary(tmp_path).valid}
    assert found["the_largest output"] == exact
    assert list(found) == ["Loss", "the_largest output"]
    assert LearnerSummary(tmp_path, ["the largest_output"]).valid[0].values == exact

    for file in (tmp_path / "checkpoint").glob("state-*"):
        file.write_text("{}")  # damaged: the logs tell less exactly
    found = {metric.name: metric.values for metric in LearnerSummary(tmp_path).valid}
    assert found["the largest output"].keys() == exact.keys()
    assert all(found["the largest output"][epoch] < exact[epoch] for epoch in exact)


def test_epochs_after_the_newest_checkpoint_are_read_from_the_logs(job: ModuleType, tmp_path: Path) -> None:
    class First:
        def keep(self, epoch: int, history: History) -> set[int]:
            return {1}

    job.learner(job.builder(tmp_path, 3).with_checkpointing_strategy(First()), job.model()).fit(*job.loaders())
    summary = LearnerSummary(tmp_path)
    assert [list(metric.values) for metric in summary.train + summary.valid] == [[1, 2, 3]] * 3
    assert summary.epochs == 3


def test_a_run_that_logs_elsewhere_has_what_its_checkpoint_noted(job: ModuleType, tmp_path: Path) -> None:
    loggers = InMemoryMetricLogger(), InMemoryMetricLogger()
    job.learner(job.builder(tmp_path, 3).metric_loggers(*loggers), job.model()).fit(*job.loaders())
    summary = LearnerSummary(tmp_path)
    assert (summary.epochs, len(summary.train), len(summary.valid)) == (3, 2, 1)


def test_hundreds_of_epochs_with_gaps(tmp_path: Path) -> None:
    for epoch in range(1, 400, 3):
        (tmp_path / f"train/epoch-{epoch}").mkdir(parents=True)
        (tmp_path / f"train/epoch-{epoch}/Loss.log").write_text(f"{epoch},3\n{epoch + 1},1\n")
    summary = LearnerSummary(tmp_path)
    assert summary.train[0].values == {epoch: epoch + 0.25 for epoch in range(1, 400, 3)}
    assert summary.epochs == 397
