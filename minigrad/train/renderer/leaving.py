"""What a program must undo when a signal ends or stops it."""

from __future__ import annotations

import atexit
import os
import signal
import threading
from collections.abc import Callable
from contextlib import suppress
from types import FrameType
from typing import Any

__all__ = ["Leaving", "in_main_thread"]

ENDS = ("SIGTERM", "SIGHUP", "SIGTSTP")  # and a stop, Ctrl-Z; Ctrl-C arrives as an exception


def in_main_thread() -> bool:
    """Where signals are heard."""
    return threading.current_thread() is threading.main_thread()


class Leaving:
    """From `open` to `close`, calls `leave` before a signal ends or stops the process, and `enter` when it goes on.

    Only in the main thread, and only for signals that nobody else handles.
    """

    def __init__(self, leave: Callable[[], object], enter: Callable[[], object]) -> None:
        self._leave = leave
        self._enter = enter
        self._handled: list[int] = []

    def open(self) -> None:
        atexit.register(self._leave)  # a run in a thread ends with the program, in the middle of a batch
        if in_main_thread():
            numbers = [getattr(signal, name, None) for name in ENDS]
            self._handled = [n for n in numbers if n is not None and signal.getsignal(n) is signal.SIG_DFL]
            for number in self._handled:
                signal.signal(number, self._handle)

    def close(self) -> None:
        atexit.unregister(self._leave)
        if in_main_thread():
            for number in self._handled:
                if signal.getsignal(number) == self._handle:
                    signal.signal(number, signal.SIG_DFL)
            self._handled = []

    def _handle(self, number: int, frame: FrameType | Any) -> None:
        with suppress(Exception):  # the terminal may be gone
            self._leave()
        signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)  # as if we had not been there
        signal.signal(number, self._handle)
        with suppress(Exception):  # then the next drawing says so
            self._enter()
