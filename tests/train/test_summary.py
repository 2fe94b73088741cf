"""The table at the end, as Burn prints it."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType

import pytest

from minigrad.errors import LearnerError, MetricError
from minigrad.train import LearnerSummary
from minigrad.train.metric import BinaryAccuracyMetric, History, Split

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
    assert printed == f"{read}\n".replace("Total Epochs", f"Model:\n{fitted}\nTotal Epochs")
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
    with pytest.raises(LearnerError) as error:
        LearnerSummary(tmp_path / "nowhere", ["Loss"])
    assert str(error.value) == f"there is no artifact folder {tmp_path / 'nowhere'}"
    with pytest.raises(LearnerError) as error:
        LearnerSummary(tmp_path, ["Loss"])
    assert str(error.value) == f"artifact folder {tmp_path} has no metric logs: no train/epoch-1, no valid/epoch-1"


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
