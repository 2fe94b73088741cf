"""A live display in the terminal, with keys: it draws below whatever the program prints."""

from __future__ import annotations

import os
import sys
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...errors import LearnerError, MissingExtraError
from .dashboard import dashboard
from .keys import Keys
from .leaving import Leaving, in_main_thread
from .live import LiveRenderer
from .screen import Above, Screen

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["TerminalRenderer"]


class TerminalRenderer(LiveRenderer):
    """The run's progress and time left, each metric's values, and the curve of one of them.

    The arrow keys choose it, `q` stops the run after the batch at hand, as its interrupter does. What a step prints or
    logs appears above the display; `input()` and the debugger have the terminal for themselves. No colours where the
    environment has `NO_COLOR`. Raises `MissingExtraError` without rich.
    """

    def __init__(self, console: Console | None = None) -> None:
        if find_spec("rich") is None:
            raise MissingExtraError("TerminalRenderer draws with the rich library: pip install rich")
        super().__init__()
        self._given = console
        self._chosen: str | None = None
        self._keys: Keys | None = None
        self._screen: Screen | None = None
        self._leaving: Leaving | None = None
        self._away = False

    def open(self) -> None:
        from rich.console import Console

        if isinstance(sys.stdout, Above):
            raise LearnerError(
                "TerminalRenderer: another run is shown in this terminal\n"
                "  .renderer(PlainRenderer()) prints its lines above it"
            )
        self._console = self._given or Console(file=sys.stdout, highlight=False)
        self._chosen = None
        self._keys = Keys() if in_main_thread() else None  # elsewhere a signal could not put the terminal back
        self._screen = Screen(self._console, self._rest)
        self._leaving = Leaving(self._leave, self._return)
        self._leaving.open()
        self._screen.open()

    def close(self) -> None:
        if self._screen is not None and self._leaving is not None:
            try:
                self._rest()
            finally:
                try:
                    self._screen.close()
                finally:
                    self._leaving.close()

    def draw(self) -> None:
        screen, keys = self._screen, self._keys
        assert screen is not None
        with screen.lock:
            if keys is not None and not screen.busy and self.view.ended is None:
                for key in keys.read():
                    self._press(key)
        screen.draw(self._picture())

    def _press(self, key: str) -> None:
        curves = self.view.curves
        if key in ("q", "Q"):
            self.view.stop()
        elif key in ("left", "right") and self._chosen in curves:
            step = 1 if key == "right" else -1
            self._chosen = curves[(curves.index(self._chosen) + step) % len(curves)]

    def _picture(self) -> str:
        from rich.text import Text

        console = self._console
        if self._chosen is None:
            self._chosen = next(iter(self.view.curves), None)
        # Linux's own console has no braille.
        ascii = console.options.ascii_only or console.legacy_windows or os.environ.get("TERM") == "linux"
        keys = self._keys is not None and self._keys.are_there
        coloured = console.color_system is not None and not console.no_color
        width, height = console.size.width - 1, console.size.height - 1
        lines = dashboard(self.view, self._chosen, width, height, ascii, keys, coloured)
        with console.capture() as captured:
            console.print(Text("\n").join(lines), width=max(width, 1), no_wrap=True, overflow="crop", end="")
        return captured.get()

    # Others at the terminal

    def _rest(self) -> None:
        if self._keys is not None:
            self._keys.rest()

    def _leave(self) -> None:
        """Before the process ends or stops; nobody draws from here on."""
        assert self._screen is not None
        self._away = self._screen.lock.acquire(timeout=1)  # a terminal that Ctrl-S holds must not keep us alive
        if self._away:
            self._rest()
            self._screen.let_go()

    def _return(self) -> None:
        assert self._screen is not None
        if self._away:
            try:
                self._screen.show_cursor(self._screen.busy > 0)
            finally:
                self._screen.lock.release()
