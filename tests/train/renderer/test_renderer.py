"""What a run shows."""

from __future__ import annotations

import io
import os
import re
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

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


def console(height: int = 40) -> Any:
    rich = pytest.importorskip("rich.console")
    return rich.Console(file=io.StringIO(), force_terminal=True, width=100, height=height, color_system=None)


def last_frame(text: str) -> list[str]:
    """What stands on the screen at the end."""
    frame = re.split(r"\x1b\[\d*[AJK]", text)[-1]
    return [re.sub(r"\x1b\[[\d;?]*[a-zA-Z]|\r", "", line).rstrip() for line in frame.splitlines() if line.strip()]


def test_the_terminal_shows_progress_and_metrics(job: ModuleType, tmp_path: Path) -> None:
    screen = console()
    job.learner(job.builder(tmp_path, 3).renderer(TerminalRenderer(screen)), job.model()).fit(*job.loaders())
    text = screen.file.getvalue()
    frame = [line for line in last_frame(text) if line]
    assert frame[0].startswith("Epoch 3/3  valid 9/9 items")
    assert frame[1].split() == ["Metric", "Split", "Now", "Lowest", "epoch", "Highest", "epoch"]
    rows = [re.split(r"\s{2,}", line.strip()) for line in frame[2:5]]
    assert [row[:2] for row in rows] == [["Binary Accuracy", "train"], ["Loss", "train"], ["Loss", "valid"]]
    final = [float(line.split(",")[0]) for line in (tmp_path / "valid/epoch-3/Loss.log").read_text().splitlines()]
    assert rows[2][2] == f"{(5 * final[0] + 4 * final[1]) / 9:.3f}"
    assert text.endswith("\x1b[?25h")  # the cursor is shown again


def test_prints_of_a_step_stay_above_the_display(
    job: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = console()
    monkeypatch.setattr(sys, "stdout", screen.file)

    class Talking(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            print("a word")
            return super().train_step(batch)

    job.learner(job.builder(tmp_path, 1).renderer(TerminalRenderer(screen)), job.model(kind=Talking)).fit(
        *job.loaders()
    )
    assert screen.file.getvalue().count("a word") == 3
    assert "a word" not in "".join(last_frame(screen.file.getvalue()))


def test_the_terminal_is_put_back_after_an_error(job: ModuleType, tmp_path: Path) -> None:
    screen = console()

    class Failing(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        job.learner(job.builder(tmp_path).renderer(TerminalRenderer(screen)), job.model(kind=Failing)).fit(
            *job.loaders()
        )
    assert screen.file.getvalue().endswith("\x1b[?25h")


def test_an_error_in_the_drawing_thread_switches_it_off(job: ModuleType, tmp_path: Path) -> None:
    class Broken(TerminalRenderer):
        def _display(self) -> Any:
            raise ValueError("no such colour")

    screen = console()
    with pytest.warns(MinigradWarning, match="the renderer was switched off: ValueError: no such colour"):
        job.learner(job.builder(tmp_path, 2).renderer(Broken(screen)), job.model()).fit(*job.loaders())
    assert screen.file.getvalue().endswith("\x1b[?25h")
    assert len(list((tmp_path / "train").iterdir())) == 2
