"""What a run says reaches nobody, or only in part: the model is returned all the same."""

from __future__ import annotations

import io
import logging
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad.errors import MinigradWarning
from minigrad.train import MetricEarlyStoppingStrategy, StoppingCondition
from minigrad.train.logger import FileApplicationLogger
from minigrad.train.logger.application import attached, put
from minigrad.train.metric import Aggregate, Direction, LossMetric, Split
from minigrad.train.renderer import PlainRenderer


class Broken(io.StringIO):
    """A pipe that nobody reads any more."""

    def write(self, text: str) -> int:
        raise BrokenPipeError(32, "Broken pipe")


def closed() -> io.StringIO:
    out = io.StringIO()
    out.close()
    return out


def stops_at_once() -> MetricEarlyStoppingStrategy:
    patience = StoppingCondition.NoImprovementSince(1)
    return MetricEarlyStoppingStrategy(LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid, patience, 100.0)


@pytest.mark.parametrize("out", [Broken, closed])
def test_a_summary_that_cannot_be_printed(
    job: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: Any
) -> None:
    learner = job.learner(job.builder(tmp_path, epochs=1).summary(), job.model())
    monkeypatch.setattr(sys, "stdout", out())
    with pytest.warns(MinigradWarning, match="the summary cannot be printed: (BrokenPipe|Value)Error"):
        assert isinstance(learner.fit(*job.loaders()), job.Model)


@pytest.mark.parametrize("out", [Broken, closed])
def test_a_last_word_that_cannot_be_printed(
    job: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, out: Any
) -> None:
    learner = job.learner(job.builder(tmp_path).early_stopping(stops_at_once()), job.model())
    monkeypatch.setattr(sys, "stderr", out())
    assert isinstance(learner.fit(*job.loaders()), job.Model)
    assert "stopped early after epoch 2 of 3" in (tmp_path / "experiment.log").read_text()


def test_an_output_that_lacks_a_character(job: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    metric = LossMetric().reading("µ-Loss", loss="loss")
    builder = job.builder(tmp_path, epochs=1).metric_train_numeric(metric).summary().renderer(PlainRenderer())
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding="ascii", errors="strict"))
    job.learner(builder, job.model()).fit(*job.loaders())
    line, *table = raw.getvalue().decode("ascii").splitlines()
    assert line.startswith("Epoch 1/1: train Loss") and r"\xb5-Loss" in line
    assert any(r"| Train | \xb5-Loss" in row for row in table)


def test_there_may_be_no_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdout", None)
    put("nobody reads this")


def test_a_path_that_is_no_text_can_be_logged(tmp_path: Path) -> None:
    log = FileApplicationLogger(tmp_path / "experiment.log")
    with attached(log):
        logging.getLogger("minigrad.test").info("Saving to %s", b"x\xff".decode("utf-8", "surrogateescape"))
    assert r"Saving to x\udcff" in (tmp_path / "experiment.log").read_text(encoding="utf-8")
