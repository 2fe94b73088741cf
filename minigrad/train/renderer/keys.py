"""Keys, read from the terminal one by one while nobody else is asking there."""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from typing import TextIO

__all__ = ["Keys", "in_foreground"]

NAMES = {"\x1b[C": "right", "\x1b[D": "left", "\x1bOC": "right", "\x1bOD": "left", "\t": "right", "\x1b[Z": "left"}
WINDOWS = {"K": "left", "M": "right"}  # after a NUL or an 0xe0


class Keys:
    """The keys that were pressed: `left`, `right` (also Tab), and letters.

    While it reads, the terminal does not echo and does not wait for Enter; Ctrl-C and Ctrl-Z work as ever. It reads
    nothing where `stream` is no terminal, in the background, and while another has changed the terminal's settings.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._file = _terminal(sys.stdin if stream is None else stream)
        self._before: list[Any] | None = None  # the settings of others
        self._ours: list[Any] | None = None

    @property
    def are_there(self) -> bool:
        return self._file is not None

    def read(self) -> list[str]:
        """The keys since the last time; returns at once."""
        if self._file is None:
            return []
        if sys.platform == "win32":
            return _pressed_on_windows()
        if not in_foreground(self._file) or not self._take():
            return []
        from select import select

        text = ""
        while select([self._file], [], [], 0)[0] and (more := os.read(self._file, 1024)):
            text += more.decode("ascii", "replace")
        return [NAMES.get(key, key) for key in re.findall(r"\x1b[\[O][A-Z]|[^\x1b]", text)]

    def _take(self) -> bool:
        """Whether the terminal is set to our liking. What is neither ours nor what it was before is a password prompt
        or an editor: their business.
        """
        import termios

        assert self._file is not None
        try:
            now = termios.tcgetattr(self._file)
        except termios.error as error:  # which is no OSError: the terminal is gone
            raise OSError(*error.args) from None
        if now == self._ours:
            return True
        if self._before is not None and now != self._before:
            return False
        self._before = now
        flags = now[3] & ~(termios.ECHO | termios.ICANON)
        # One byte at least: with none, an input() that is waiting would see the end of the file.
        signs = [*now[6]]
        signs[termios.VMIN], signs[termios.VTIME] = 1, 0
        termios.tcsetattr(self._file, termios.TCSANOW, [*now[:3], flags, *now[4:6], signs])
        self._ours = termios.tcgetattr(self._file)
        return True

    def rest(self) -> None:
        """Leaves the terminal as it was; the next `read` takes it again."""
        if self._file is None or self._before is None or sys.platform == "win32":
            return
        import termios

        before, self._before = self._before, None
        with suppress(termios.error):  # the terminal may be gone
            if in_foreground(self._file) and termios.tcgetattr(self._file) == self._ours:
                termios.tcsetattr(self._file, termios.TCSANOW, before)


def _terminal(stream: TextIO | None) -> int | None:
    """The number of the file, if it is a terminal."""
    try:
        number = stream.fileno() if stream is not None else -1
        return number if number >= 0 and os.isatty(number) else None
    except (AttributeError, OSError, ValueError):  # closed, or no file at all
        return None


def in_foreground(file: int | TextIO) -> bool:
    """Whether the terminal listens to this process: one in the background would be stopped for touching it."""
    if sys.platform == "win32":
        return True
    try:
        return os.tcgetpgrp(file if isinstance(file, int) else file.fileno()) == os.getpgrp()
    except (AttributeError, OSError, ValueError):  # none that controls this process, such as one that a test has made
        return True


def _pressed_on_windows() -> list[str]:
    keys: list[str] = []
    if sys.platform == "win32":
        import msvcrt

        while msvcrt.kbhit():
            key = msvcrt.getwch()
            keys.append(WINDOWS.get(msvcrt.getwch(), "") if key in "\0\xe0" else NAMES.get(key, key))
    return keys
