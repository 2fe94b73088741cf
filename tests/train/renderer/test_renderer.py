"""Lines of text, silence, which renderer is the default, and what becomes of one that raises."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from types import ModuleType

import pytest

from minigrad.errors import MinigradWarning, MissingExtraError
from minigrad.train.event import BatchDone, Event
from minigrad.train.metric import LossMetric
from minigrad.train.renderer import PlainRenderer, SilentRenderer, TerminalRenderer, default_renderer


def test_a_line_an_epoch(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job.learner(job.builder(tmp_path, 2).renderer(PlainRenderer()), job.model()).fit(*job.loaders())
    lines = capsys.readouterr().out.splitlines()
    number = r"\d+\.\d{3}"
    for epoch, line in enumerate(lines, 1):
        assert re.fullmatch(
            rf"Epoch {epoch}/2: train Loss {number}, Binary Accuracy {number}, valid Loss {number} \(\d+\.\d\d s\)",
            line,
        )
    assert len(lines) == 2
    last = (tmp_path / "valid/epoch-2/Loss.log").read_text().splitlines()
    (first, _), (second, _) = ([float(part) for part in line.split(",")] for line in last)
    assert f"valid Loss {(5 * first + 4 * second) / 9:.3f}" in lines[1]


def test_a_line_an_epoch_without_metrics(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    builder = job.LearnerBuilder(tmp_path).renderer(PlainRenderer())
    job.learner(builder, job.model()).fit(*job.loaders())
    assert re.fullmatch(r"Epoch 1/1: train 3 batches, valid 2 batches \(\d+\.\d\d s\)\n", capsys.readouterr().out)


def test_silence(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    job.learner(job.builder(tmp_path, 2).renderer(SilentRenderer()), job.model()).fit(*job.loaders())
    assert capsys.readouterr() == ("", "")


def test_a_renderer_that_raises_is_switched_off(job: ModuleType, tmp_path: Path) -> None:
    seen: list[Event] = []

    def broken(event: Event) -> None:
        seen.append(event)
        if isinstance(event, BatchDone):
            raise ValueError("no such colour")

    with pytest.warns(MinigradWarning) as warned:
        job.learner(job.builder(tmp_path, 3).renderer(broken), job.model()).fit(*job.loaders())
    assert [str(warning.message) for warning in warned] == ["the renderer was switched off: ValueError: no such colour"]
    assert [type(event).__name__ for event in seen] == ["FitStarted", "EpochStarted", "BatchDone"]
    assert len(list((tmp_path / "train").iterdir())) == 3


def test_a_pipe_that_closes_does_not_end_the_run(
    job: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as pipe:
        monkeypatch.setattr(sys, "stdout", pipe)
        with pytest.warns(MinigradWarning, match="BrokenPipeError"):
            job.learner(job.builder(tmp_path, 2).renderer(PlainRenderer()), job.model()).fit(*job.loaders())
        monkeypatch.undo()
        os.dup2(os.open(os.devnull, os.O_WRONLY), pipe.fileno())  # what it still holds has to go somewhere
    assert len(list((tmp_path / "train").iterdir())) == 2


def test_the_default_in_a_pipe_and_in_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert isinstance(default_renderer(), PlainRenderer)
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setitem(sys.modules, "rich", None)  # as if it were not installed
    assert isinstance(default_renderer(), PlainRenderer)
    monkeypatch.delitem(sys.modules, "rich")
    pytest.importorskip("rich")
    assert isinstance(default_renderer(), TerminalRenderer)


def test_the_default_where_nothing_can_be_drawn(
    job: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("rich")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(default_renderer(), PlainRenderer)
    monkeypatch.setenv("TERM", "xterm")
    assert isinstance(default_renderer(), TerminalRenderer)
    monkeypatch.setattr(sys, "stdout", None)  # a process without a console
    assert isinstance(default_renderer(), PlainRenderer)
    builder = job.LearnerBuilder(tmp_path).metric_train_numeric(LossMetric()).summary()
    job.learner(builder, job.model()).fit(*job.loaders())


def test_a_live_display_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)  # as if it were not installed
    with pytest.raises(MissingExtraError, match="TerminalRenderer draws with the rich library: pip install rich"):
        TerminalRenderer()
