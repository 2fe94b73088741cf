"""The live display: in a window that understands the control codes, and real processes in pseudo-terminals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import minigrad
from minigrad.errors import MinigradWarning, MissingExtraError
from minigrad.train.event import Event, FitEnded
from minigrad.train.renderer import PlainRenderer, TerminalRenderer, default_renderer

HERE = Path(__file__).parent


def test_it_needs_rich(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "rich", None)  # as if it were not installed
    with pytest.raises(MissingExtraError, match="TerminalRenderer draws with the rich library: pip install rich"):
        TerminalRenderer()


rich_console = pytest.importorskip("rich.console")


def console(window: Any, **options: Any) -> Any:
    return rich_console.Console(file=window, force_terminal=True, width=80, height=24, **options)


def test_the_last_picture_stays(job: ModuleType, tmp_path: Path, window: Any) -> None:
    seen = window()
    job.learner(job.builder(tmp_path, 3).renderer(TerminalRenderer(console(seen))), job.model()).fit(*job.loaders())
    lines = seen.text.split("\n")
    assert lines[0] == "Epoch 3/3  valid 9/9 items  iteration 2"
    assert lines[1].endswith(" 100%")
    rows = [line.split("  ") for line in lines[3:6]]
    assert [row[0] for row in rows] == ["Loss", "Loss", "Binary Accuracy"]
    final = [float(line.split(",")[0]) for line in (tmp_path / "valid/epoch-3/Loss.log").read_text().splitlines()]
    assert lines[4].split()[2:5] == [f"{final[1]:.3f}", *[f"{(5 * final[0] + 4 * final[1]) / 9:.3f}"] * 2]
    assert lines[-1] == ""
    assert seen.cursor


def test_it_draws_before_the_first_item(job: ModuleType, tmp_path: Path, window: Any) -> None:
    seen = window()
    early: list[str] = []

    class Looking(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            early.append(seen.text)
            return super().train_step(batch)

    renderer = TerminalRenderer(console(seen))
    job.learner(job.builder(tmp_path, 1).renderer(renderer), job.model(kind=Looking)).fit(*job.loaders())
    assert early[0].startswith("Epoch 1/1")
    assert "waiting for the first batch" in early[0]


def test_a_run_without_metrics(job: ModuleType, tmp_path: Path, window: Any) -> None:
    seen = window()
    builder = job.LearnerBuilder(tmp_path).renderer(TerminalRenderer(console(seen)))
    job.learner(builder, job.model()).fit(*job.loaders())
    assert seen.text.split("\n")[1].endswith(" 100%")


@pytest.mark.parametrize(("no_color", "coloured"), [(None, True), ("1", False)])
def test_no_colours_where_they_are_not_wanted(
    job: ModuleType,
    tmp_path: Path,
    window: Any,
    monkeypatch: pytest.MonkeyPatch,
    no_color: str | None,
    coloured: bool,
) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.delenv("NO_COLOR", raising=False)
    if no_color is not None:
        monkeypatch.setenv("NO_COLOR", no_color)
    seen = window()
    renderer = TerminalRenderer(console(seen))
    job.learner(job.builder(tmp_path, 3).renderer(renderer), job.model()).fit(*job.loaders())
    parts = {int(part) for code in seen.colours for part in code.split(";") if part}
    assert bool(parts & {*range(30, 48), *range(90, 108)}) == coloured


def test_an_error_in_a_step_leaves_the_terminal_in_order(job: ModuleType, tmp_path: Path, window: Any) -> None:
    class Failing(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            raise ZeroDivisionError

    seen, streams = window(), (sys.stdout, sys.stderr)
    builder = job.builder(tmp_path).renderer(TerminalRenderer(console(seen)))
    with pytest.raises(ZeroDivisionError):
        job.learner(builder, job.model(kind=Failing)).fit(*job.loaders())
    assert seen.cursor
    assert (sys.stdout, sys.stderr) == streams
    assert seen.text.split("\n")[1].endswith("stopped")


class Broken(TerminalRenderer):
    """Draws once, and never again."""

    drawn = 0
    seconds = 0.001

    def draw(self) -> None:
        self.drawn += 1
        if self.drawn > 1:
            raise ValueError("no such colour")
        super().draw()


def test_an_error_in_the_drawing_thread_switches_it_off(job: ModuleType, tmp_path: Path, window: Any) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGTSTP)]
    seen, renderer = window(), Broken(console(window()))
    closed: list[bool] = []

    class Slow(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            while renderer._clock is not None and renderer._clock.error is None:
                time.sleep(0.001)
            time.sleep(0.01)
            closed.append(seen.cursor)
            return super().train_step(batch)

    renderer._given = console(seen)
    with pytest.warns(MinigradWarning) as warned:
        job.learner(job.builder(tmp_path, 2).renderer(renderer), job.model(kind=Slow)).fit(*job.loaders())
    assert [str(w.message) for w in warned] == ["the renderer was switched off: ValueError: no such colour"]
    assert closed == [True] * 6  # at once, and not only at the next event
    assert [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGTSTP)] == handlers
    assert len(list((tmp_path / "train").iterdir())) == 2


def test_an_error_at_the_end_is_said_too(job: ModuleType, tmp_path: Path, window: Any) -> None:
    class Late(TerminalRenderer):
        def draw(self) -> None:
            if self.view.ended:
                raise ValueError("no such colour")
            super().draw()

    seen = window()
    with pytest.warns(MinigradWarning, match="the renderer was switched off: ValueError: no such colour"):
        job.learner(job.builder(tmp_path, 1).renderer(Late(console(seen))), job.model()).fit(*job.loaders())
    assert seen.cursor


def test_a_renderer_serves_one_run_after_another(job: ModuleType, tmp_path: Path, window: Any) -> None:
    seen = window()
    renderer = TerminalRenderer(console(seen))
    for name in "ab":
        job.learner(job.builder(tmp_path / name, 1).renderer(renderer), job.model()).fit(*job.loaders())
    assert [line for line in seen.text.split("\n") if line.startswith("Epoch")] == [
        "Epoch 1/1  valid 9/9 items  iteration 2"
    ] * 2


def test_no_thread_is_left(job: ModuleType, tmp_path: Path, window: Any) -> None:
    import threading

    names: list[list[str]] = []

    def watch(event: Event) -> None:
        renderer(event)
        if isinstance(event, FitEnded):
            names.append([thread.name for thread in threading.enumerate()])

    renderer = TerminalRenderer(console(window()))
    job.learner(job.builder(tmp_path, 1).renderer(watch), job.model()).fit(*job.loaders())
    assert "minigrad renderer" not in names[0]


def test_two_runs_in_one_terminal(
    job: ModuleType, tmp_path: Path, window: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second, which the first one's step makes here, has lines above the display of the first."""
    seen = window()
    monkeypatch.setattr(sys, "stdout", seen)
    monkeypatch.setenv("TERM", "xterm")
    chosen: list[str] = []

    class Outer(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            if not chosen:
                chosen.append(type(default_renderer()).__name__)
                for renderer in PlainRenderer(), TerminalRenderer():
                    inner = job.builder(tmp_path / "inner", 1).renderer(renderer)
                    job.learner(inner, job.model()).fit(*job.loaders())
            return super().valid_step(batch)

    outer = job.builder(tmp_path / "outer", 2).renderer(TerminalRenderer(console(seen)))
    with pytest.warns(MinigradWarning) as warned:
        job.learner(outer, job.model(kind=Outer)).fit(*job.loaders())
    assert [str(w.message).split("\n")[0] for w in warned if "renderer" in str(w.message)] == [
        "the renderer was switched off: LearnerError: TerminalRenderer: another run is shown in this terminal"
    ]
    assert chosen == ["PlainRenderer"]
    lines = seen.text.split("\n")
    assert lines[0].startswith("Epoch 1/1: train Loss")
    assert lines[1].startswith("Epoch 2/2  valid 9/9 items")
    assert seen.cursor


# Real processes

pty = pytest.importorskip("pty")
PROGRAM = """
import fcntl, logging, os, signal, sys, termios, time, warnings
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
sys.path.insert(0, sys.argv[1])
import job
from minigrad.train.renderer import default_renderer
mode, folder = sys.argv[2:]
handler = logging.StreamHandler()
logging.getLogger("user").addHandler(handler)

class Model(job.Model):
    steps = 0
    def train_step(self, batch):
        Model.steps += 1
        time.sleep(0.02)
        if mode == "talk":
            print("print", Model.steps)
            logging.getLogger("user").warning("log %d", Model.steps)
        if mode == "ask" and Model.steps == 5:
            print("answer", input("name? "))
        if mode == "fail" and Model.steps == 8:
            raise ValueError("no such luck")
        return super().train_step(batch)

if mode == "hangup":
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    warnings.simplefilter("default")
epochs = {"talk": 3, "ask": 3, "hangup": 30}.get(mode, 10_000)
renderer = default_renderer()
assert type(renderer).__name__ == "TerminalRenderer", renderer
run = job.builder(folder, epochs).renderer(renderer).summary()
try:
    job.learner(run, job.model(kind=Model)).fit(*job.loaders())
except KeyboardInterrupt:
    sys.exit(130)
"""


TRAINING = r"Epoch ([2-9]|\d\d+)/10000"  # a fast one may come and go between two pictures


class Terminal:
    """A pseudo-terminal with a program in it."""

    def __init__(self, mode: str, folder: Path, stderr: Any = None) -> None:
        import fcntl
        import struct
        import termios

        self.here, self.there = pty.openpty()
        fcntl.ioctl(self.there, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        environment = {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1]), "TERM": "xterm"}
        for name in "NO_COLOR", "COLUMNS", "LINES":
            environment.pop(name, None)
        command = [sys.executable, "-W", "error", "-c", PROGRAM, str(HERE.parent), mode, str(folder)]
        self.process = subprocess.Popen(
            command,
            stdin=self.there,
            stdout=self.there,
            stderr=self.there if stderr is None else stderr,
            env=environment,
            start_new_session=True,
        )
        self.before = termios.tcgetattr(self.there)
        self._read = b""
        self.closed: set[int] = set()

    @property
    def output(self) -> str:
        return self._read.decode(errors="ignore")  # half a sign may stand at its end

    @property
    def words(self) -> str:
        """Without styles."""
        return re.sub(r"\x1b\[[\d;]*m", "", self.output)

    def modes(self) -> Any:
        import termios

        return termios.tcgetattr(self.there)

    def read(self) -> None:
        from select import select

        while select([self.here], [], [], 0.02)[0]:
            self._read += os.read(self.here, 65536)

    def until(self, pattern: str) -> None:
        end = time.monotonic() + 60
        while not re.search(pattern, self.words):
            self.read()
            assert time.monotonic() < end, self.words[-3000:]
            assert self.process.poll() is None, self.words[-3000:]

    def send(self, text: str) -> None:
        os.write(self.here, text.encode())

    def wait(self) -> int:
        end = time.monotonic() + 60
        while self.process.poll() is None:
            self.read()
            assert time.monotonic() < end, self.words[-3000:]
        self.read()
        return self.process.returncode

    def check_in_order(self) -> None:
        """The terminal is as it was."""
        assert self.modes() == self.before
        assert self.output.rfind("\x1b[?25h") > self.output.rfind("\x1b[?25l") > -1


@contextmanager
def terminal(mode: str, folder: Path, stderr: Any = None) -> Iterator[Terminal]:
    made = Terminal(mode, folder, stderr)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.process.wait()
        for end in {made.here, made.there} - made.closed:
            os.close(end)


def test_q_stops_after_the_batch(tmp_path: Path) -> None:
    import termios

    with terminal("run", tmp_path) as made:
        made.until(TRAINING)
        assert not made.modes()[3] & (termios.ECHO | termios.ICANON)
        made.send("q")
        assert made.wait() == 0
        made.check_in_order()
    assert "stopped" in made.output
    assert "Learner Summary" in made.output
    assert "Training interrupted: q was pressed" in (tmp_path / "experiment.log").read_text()


def test_the_arrow_keys_choose_the_curve(tmp_path: Path) -> None:
    with terminal("run", tmp_path) as made:
        made.until(TRAINING)
        made.until("Loss  ─ train")
        made.send("\x1b[C")
        made.until("Binary Accuracy  ─ train")
        made._read = b""
        made.send("\x1b[D")
        made.until("Loss  ─ train")
        made.send("q")
        assert made.wait() == 0


@pytest.mark.parametrize(("how", "code"), [("\x03", 130), (signal.SIGINT, 130), (signal.SIGTERM, -signal.SIGTERM)])
def test_ctrl_c_and_signals_leave_the_terminal_in_order(tmp_path: Path, how: str | signal.Signals, code: int) -> None:
    with terminal("run", tmp_path) as made:
        made.until(TRAINING)
        if isinstance(how, str):
            made.send(how)
        else:
            os.kill(made.process.pid, how)
        assert made.wait() == code
        made.check_in_order()
    if code == 130:
        assert "go on with LearnerBuilder" in made.output


def test_an_error_leaves_the_terminal_in_order(tmp_path: Path) -> None:
    with terminal("fail", tmp_path) as made:
        assert made.wait() == 1
        made.check_in_order()
    assert made.output.rstrip().endswith("ValueError: no such luck")


def test_prints_and_logs_of_steps_stand_above_the_display(tmp_path: Path, window: Any) -> None:
    with terminal("talk", tmp_path) as made:
        assert made.wait() == 0
        made.check_in_order()
    seen = window()
    seen.write(made.output)
    lines = seen.text.split("\n")
    assert lines[:18] == [line for step in range(1, 10) for line in (f"print {step}", f"log {step}")]
    assert lines[18] == "Epoch 3/3  valid 9/9 items  iteration 2  lr 0.05"


def test_errors_go_where_they_were_sent(tmp_path: Path) -> None:
    with open(tmp_path / "errors.txt", "w") as errors, terminal("talk", tmp_path / "a", errors) as made:
        assert made.wait() == 0
        made.check_in_order()
    assert (tmp_path / "errors.txt").read_text().splitlines() == [f"log {step}" for step in range(1, 10)]
    assert "log" not in made.output


def test_a_question_of_a_step_gets_its_answer(tmp_path: Path) -> None:
    with terminal("ask", tmp_path) as made:
        made.until(r"name\? ")
        time.sleep(0.3)  # the display has every opportunity to take the keys
        assert made.modes() == made.before
        made.send("Bob q\n")
        assert made.wait() == 0
        made.check_in_order()
    assert "answer Bob q" in made.output
    assert "Epoch 3/3" in made.output


def test_a_terminal_that_goes_away_does_not_end_the_run(tmp_path: Path) -> None:
    with open(tmp_path / "errors.txt", "w") as errors, terminal("hangup", tmp_path / "a", errors) as made:
        made.until(r"Epoch [2-9]/30")
        for end in made.here, made.there:
            os.close(end)
            made.closed.add(end)
        assert made.process.wait(60) in (0, 120)  # Python's own, when what it holds for the terminal has no place to go
    assert len(list((tmp_path / "a/valid").iterdir())) == 30
    log = (tmp_path / "a/experiment.log").read_text()
    assert "the renderer was switched off: OSError: [Errno 5]" in log
    assert "the summary cannot be printed: OSError: [Errno 5]" in (tmp_path / "errors.txt").read_text()


def test_a_terminal_that_goes_away_ends_a_run_that_does_not_ignore_it(tmp_path: Path) -> None:
    with open(tmp_path / "errors.txt", "w") as errors, terminal("run", tmp_path / "a", errors) as made:
        made.until(TRAINING)
        for end in made.here, made.there:
            os.close(end)
            made.closed.add(end)
        assert made.process.wait(60) == -signal.SIGHUP
