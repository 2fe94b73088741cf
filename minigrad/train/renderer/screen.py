"""The lowest lines of a terminal: a picture that is drawn over and over, and above it whatever the program prints."""

from __future__ import annotations

import builtins
import io
import logging
import os
import re
import sys
import threading
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Above", "Screen"]

PATIENCE = 1 / 50  # seconds between the prints that bring the picture back at once


class Screen:
    """A picture at the cursor, from `open` to `close`; `asked` is called before somebody else reads the keyboard.

    Prints reach the terminal at once and as they are. Where there are many, the picture waits for its next drawing.
    `input()`, and with it the debugger, has the terminal for itself.
    """

    def __init__(self, console: Console, asked: Callable[[], object]) -> None:
        self.lock = threading.RLock()
        self.busy = 0  # how many are asking at the terminal
        self.process = os.getpid()
        self._console = console
        self._out: Any = console.file
        self._asked = asked
        self._picture = ""
        self._widths: list[int] = []  # of the lines that stand there
        self._came_back = 0.0  # when a print last brought the picture back
        self._above: list[Above] = []
        self._input = builtins.input
        self._opened = False

    # Opening and closing

    def open(self) -> None:
        """From now on prints and logs go above the picture."""
        for name in "stdout", "stderr":
            stream = getattr(sys, name)
            if stream is self._out or (stream is not None and stream.isatty()):  # another way out is none of ours
                above = Above(self, stream)
                self._above.append(above)
                setattr(sys, name, above)
                _redirect_logs(stream, above)
        self._input, builtins.input = builtins.input, self._ask
        self._opened = True
        self.show_cursor(False)

    def close(self) -> None:
        """Leaves the last picture where it is and everything else as it was."""
        with self.lock:
            if not self._opened:
                return
            self._opened = False
            builtins.input = self._input
            above, self._above = self._above, []
            for each in above:
                for name in "stdout", "stderr":
                    if getattr(sys, name) is each:
                        setattr(sys, name, each.stream)
                _redirect_logs(each, each.stream)
            for each in above:
                if each.half:
                    self.write(each.half + "\n", each.stream)
                    each.half = ""
            if self._picture:
                self.draw(self._picture)
            self._picture = ""
            self.let_go()

    def show_cursor(self, shown: bool) -> None:
        self._out.write("\x1b[?25h" if shown else "\x1b[?25l")
        self._out.flush()

    def _ask(self, prompt: object = "", /) -> str:
        """`input`, without a picture."""
        before = sys.stdout, sys.stderr
        with self.lock:
            self.busy += 1
            self._asked()
            self.erase()
            for name in "stdout", "stderr":  # with the real ones a line can be edited
                setattr(sys, name, getattr(getattr(sys, name), "stream", getattr(sys, name)))
            self.show_cursor(True)
        try:
            return self._input(prompt)
        finally:
            with self.lock:
                self.busy -= 1
                sys.stdout, sys.stderr = before
                self.show_cursor(self.busy > 0)

    # What is written

    def draw(self, picture: str) -> None:
        """Puts a picture in the place of the last one. Above it stands half a line that was printed."""
        with self.lock:
            if not self.busy:
                self._picture = picture
                half = "".join(above.half for above in self._above)[-max(self._console.width - 1, 1) :]
                lines = [*filter(None, [half]), *picture.split("\n")]
                self._out.write(self._to_its_start() + "\x1b[K\n".join(lines) + "\x1b[J")
                self._out.flush()
                self._widths = [_width(line) for line in lines]

    def let_go(self) -> None:
        """Leaves the picture where it is; the next one comes below."""
        with self.lock:
            if self._widths:
                self._widths = []
                self._out.write("\n")
            self.show_cursor(True)

    def erase(self) -> None:
        """Takes the picture away until the next drawing."""
        with self.lock:
            if self._widths:
                self._out.write(self._to_its_start() + "\x1b[J")
                self._out.flush()
                self._widths = []

    def write(self, lines: str, stream: Any) -> None:
        """Puts whole lines above the picture."""
        with self.lock:
            self.erase()
            stream.write(lines)
            stream.flush()
            if self._picture and (now := time.monotonic()) - self._came_back > PATIENCE:
                self._came_back = now
                self.draw(self._picture)

    def _to_its_start(self) -> str:
        """From the end of the picture, where the cursor is, to its first sign."""
        columns = max(self._console.width, 1)  # in a window that has become narrow a line takes several
        rows = sum(max(-(-width // columns), 1) for width in self._widths)
        return f"\r\x1b[{rows - 1}A" if rows > 1 else "\r"


class Above(io.TextIOBase):
    """Stands for a stream that shares the terminal with the picture; half a line waits for its other half."""

    def __init__(self, screen: Screen, stream: Any) -> None:
        self.stream = stream
        self.half = ""
        self._screen = screen

    def write(self, text: str) -> int:
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        if os.getpid() != self._screen.process:  # a fork has no picture, and maybe a lock that nobody will open
            return int(self.stream.write(text))
        with self._screen.lock:
            lines, newline, half = (self.half + text).rpartition("\n")
            self.half = half[half.rfind("\r") + 1 :]  # a progress bar writes over itself
            if newline:
                self._screen.write(lines + newline, self.stream)
        return len(text)

    def flush(self) -> None:
        self.stream.flush()

    def fileno(self) -> int:
        return int(self.stream.fileno())

    def isatty(self) -> bool:
        return bool(self.stream.isatty())

    def writable(self) -> bool:
        return True

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return str(self.stream.encoding)

    @property
    def errors(self) -> str | None:  # type: ignore[override]
        return getattr(self.stream, "errors", None)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


def _redirect_logs(old: Any, new: Any) -> None:
    """Handlers that were made earlier hold a stream of their own."""
    loggers = [logging.root, *logging.Logger.manager.loggerDict.values()]
    for logger in loggers:
        for handler in getattr(logger, "handlers", ()):
            if isinstance(handler, logging.StreamHandler) and handler.stream is old:
                handler.setStream(new)


def _width(line: str) -> int:
    """In columns."""
    from rich.cells import cell_len

    return cell_len(re.sub(r"\x1b\[[\d;]*m", "", line))
