"""Lines of text, silence, which renderer is the default, and what becomes of one that raises."""

from __future__ import annotations

import os
import re
import sys
import time
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from minigrad.errors import MinigradWarning, MissingExtraError
from minigrad.train.event import BatchDone, Event
from minigrad.train.metric import LossMetric, Split
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


def test_a_line_an_epoch_without_validation(
    job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job.learner(job.builder(tmp_path, 2).renderer(PlainRenderer()), job.model()).fit(job.loaders()[0])
    lines = capsys.readouterr().out.splitlines()
    assert [re.sub(r"\d+\.\d+", "#", line) for line in lines] == [
        f"Epoch {epoch}/2: train Loss #, Binary Accuracy # (# s)" for epoch in (1, 2)
    ]


def test_a_long_epoch_says_how_far_it_is(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    class Often(PlainRenderer):
        seconds = 0.01

    class Slow(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            time.sleep(0.1)
            return super().train_step(batch)

    job.learner(job.builder(tmp_path, 1).renderer(Often()), job.model(kind=Slow)).fit(*job.loaders())
    out = capsys.readouterr().out
    lines = out.splitlines()
    assert out.replace("\n", "").isprintable()  # no control characters
    assert re.fullmatch(r"Epoch 1/1: train 7/20 items, Loss \d\.\d{3}, Binary Accuracy \d+\.\d{3}", lines[0])
    assert any(line.startswith("Epoch 1/1: train 14/20 items") for line in lines)
    assert lines[-1].startswith("Epoch 1/1: train Loss")


def test_how_far_it_is_is_said_when_nothing_was_said_for_long(
    run: Any, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    renderer, r = PlainRenderer(), run(epochs=3).begin(Split.Train).batch(0.25, seconds=2.0)
    clock = SimpleNamespace(monotonic=lambda: clock.now, now=1000.0)
    monkeypatch.setattr("minigrad.train.renderer.plain.time", clock)
    renderer.view = r.view
    renderer.open()
    said = []
    for clock.now in 1029.0, 1031.0, 1060.0, 1062.0:
        renderer.draw()
        said.append(capsys.readouterr().out)
    line = "Epoch 1/3: train 50/100 items, Loss 0.250 (0:10 left)\n"
    assert said == ["", line, "", line]


def test_a_run_that_is_stopped_leaves_nothing_to_the_next(
    job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Failing(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            raise ZeroDivisionError

    renderer = PlainRenderer()
    with pytest.raises(ZeroDivisionError):
        job.learner(job.builder(tmp_path, 1).renderer(renderer), job.model(kind=Failing)).fit(*job.loaders())
    job.learner(job.builder(tmp_path, 1).renderer(renderer), job.model()).fit(*job.loaders())
    assert capsys.readouterr().out.count("train Loss") == 1


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
    with monkeypatch.context() as background:
        background.setattr("os.tcgetpgrp", lambda file: -1)
        assert isinstance(default_renderer(), PlainRenderer)
    monkeypatch.setattr(sys, "stdout", None)  # a process without a console
    assert isinstance(default_renderer(), PlainRenderer)
    builder = job.LearnerBuilder(tmp_path).metric_train_numeric(LossMetric()).summary()
    job.learner(builder, job.model()).fit(*job.loaders())


def test_a_live_display_without_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)  # as if it were not installed
    with pytest.raises(MissingExtraError, match="TerminalRenderer draws with the rich library: pip install rich"):
        TerminalRenderer()
