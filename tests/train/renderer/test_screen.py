"""A picture that stays below what is printed: looked at in a window that understands the control codes."""

from __future__ import annotations

import builtins
import io
import logging
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from minigrad.train.renderer.screen import Screen

rich_console = pytest.importorskip("rich.console")


@pytest.fixture
def terminal(window: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Makes a terminal that stdout and stderr share, and a screen that is open there: in the test, as pytest has
    streams of its own between it and its fixtures.
    """
    screens: list[Screen] = []

    def make(asked: Any = lambda: None) -> tuple[Screen, Any]:
        seen = window(columns=20, rows=8)
        for name in "stdout", "stderr":
            monkeypatch.setattr(sys, name, seen)
        screens.append(Screen(rich_console.Console(file=seen, force_terminal=True, width=20, height=8), asked))
        return screens[-1], seen

    yield make
    for screen in screens:
        screen.close()


@pytest.fixture
def opened(terminal: Any) -> Any:
    def make() -> tuple[Screen, Any]:
        screen, seen = terminal()
        screen.open()
        return screen, seen

    return make


def test_a_picture_takes_the_place_of_the_last(opened: Any) -> None:
    screen, seen = opened()
    for picture in "one\ntwo\nthree", "1\n2", "a\nb\nc\nd":
        screen.draw(picture)
        assert seen.text == picture
    assert not seen.cursor
    screen.close()
    assert seen.text == "a\nb\nc\nd\n"
    assert seen.cursor


def test_prints_go_above_it(opened: Any) -> None:
    screen, seen = opened()
    for number in range(20):
        print("line", number)
        print("error", number, file=sys.stderr)
        if number % 3 == 0:
            screen.draw("a picture\nof two lines")
    screen.draw("the last\npicture")
    printed = "".join(f"line {number}\nerror {number}\n" for number in range(20))
    assert seen.text == f"{printed}the last\npicture"


def test_a_single_print_does_not_make_it_blink(opened: Any) -> None:
    screen, seen = opened()
    screen.draw("picture")
    print("a word")
    assert seen.text == "a word\npicture"


def test_half_a_line_stands_above_it_until_it_is_whole(opened: Any) -> None:
    screen, seen = opened()
    for number in range(3):
        print(".", end="", flush=True)
        screen.draw(f"picture {number}")
    assert seen.text == "...\npicture 2"
    print(" done")
    screen.draw("picture")
    assert seen.text == "... done\npicture"


def test_a_progress_bar_of_somebody_else(opened: Any) -> None:
    screen, seen = opened()
    for number in range(4):
        sys.stderr.write(f"\rat {number}")
        sys.stderr.flush()
        screen.draw("picture")
    assert seen.text == "at 3\npicture"


def test_half_a_line_at_the_end_is_not_lost(opened: Any) -> None:
    screen, seen = opened()
    screen.draw("picture")
    print("half", end="")
    screen.close()
    assert seen.text == "half\npicture\n"


def test_very_long_halves_do_not_push_it_up(opened: Any) -> None:
    screen, seen = opened()
    for _ in range(3):
        sys.stdout.write("x" * 100)
        sys.stderr.write("y" * 100)
        screen.draw("1\n2\n3\n4\n5\n6\n7")
    assert len(seen.lines) == 8


def test_logs_of_earlier_handlers_go_above_it(terminal: Any) -> None:
    screen, seen = terminal()
    logger = logging.getLogger("somebody")
    handler = logging.StreamHandler()
    logger.addHandler(handler)
    try:
        screen.open()
        screen.draw("picture")
        logger.warning("careful")
        screen.draw("picture")
        assert seen.text == "careful\npicture"
        screen.close()
        assert handler.stream is seen
        logger.warning("later")
        assert seen.text == "careful\npicture\nlater\n"
    finally:
        screen.close()
        logger.removeHandler(handler)


def test_a_stream_that_goes_elsewhere_is_left_alone(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    screen, seen = terminal()
    file = io.StringIO()
    monkeypatch.setattr(sys, "stderr", file)
    screen.open()
    screen.draw("picture")
    print("to the file", file=sys.stderr)
    screen.close()
    assert file.getvalue() == "to the file\n"
    assert seen.text == "picture\n"


def test_everything_is_put_back(opened: Any) -> None:
    screen, seen = opened()
    kept = sys.stdout
    assert kept is not seen
    screen.close()
    screen.close()
    assert (sys.stdout, sys.stderr) == (seen, seen)
    print("late", file=kept)  # whoever kept it may go on
    assert seen.text == "late\n"


def test_what_somebody_else_has_put_there_stays(opened: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    screen, _ = opened()
    other = io.StringIO()
    monkeypatch.setattr(sys, "stdout", other)
    screen.close()
    assert sys.stdout is other


def test_input_has_the_terminal_for_itself(terminal: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    screen, seen = terminal(lambda: asked.append("asked"))

    def answer(prompt: object = "") -> str:
        seen.write(f"{prompt}Bob\n")
        screen.draw("not now")
        assert seen.text == "your name? Bob\n"
        assert seen.cursor
        assert sys.stdout is seen
        return "Bob"

    monkeypatch.setattr(builtins, "input", answer)
    screen.open()
    screen.draw("picture")
    assert input("your name? ") == "Bob"
    screen.draw("picture")
    assert seen.text == "your name? Bob\npicture"
    assert not seen.cursor
    screen.close()
    assert builtins.input is answer
    assert asked == ["asked"]


def test_a_narrower_window(opened: Any) -> None:
    """The terminal has wrapped the old picture's lines: they are all taken away."""
    screen, seen = opened()
    print("above")
    screen.draw("0123456789abcde\nshort")
    seen.lines[1:] = ["0123456789", "abcde", "short"]  # what the terminal does
    seen.row, seen.columns = 3, 10
    screen._console.width = 10
    screen.draw("new")
    assert seen.text == "above\nnew"
    screen.close()


def test_many_threads_print(opened: Any) -> None:
    screen, seen = opened()
    over = threading.Event()

    def draw() -> None:
        while not over.is_set():
            screen.draw("picture\nof two lines")

    drawing = threading.Thread(target=draw)
    printing = [threading.Thread(target=lambda n=n: [print(f"{n}-{i}\n", end="") for i in range(50)]) for n in range(3)]
    for thread in [drawing, *printing]:
        thread.start()
    for thread in printing:
        thread.join()
    over.set()
    drawing.join()
    screen.draw("end")
    *lines, end = seen.text.split("\n")
    assert end == "end"
    assert sorted(lines) == sorted(f"{n}-{i}" for n in range(3) for i in range(50))


def test_a_stream_of_text_is_still_one(opened: Any) -> None:
    opened()
    with pytest.raises(TypeError, match="must be str, not bytes"):
        sys.stdout.write(b"bytes")  # type: ignore[arg-type]
    assert sys.stdout.isatty()
    assert sys.stdout.writable()
    assert sys.stdout.encoding == "utf-8"


def test_a_fork_prints_past_it(opened: Any) -> None:
    screen, seen = opened()
    screen.draw("picture")
    screen.process = -1  # as if this were another
    print("word", end="")
    assert seen.text == "pictureword"
