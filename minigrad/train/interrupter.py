"""Two ways to stop: a flag that the loop reads after every batch, and Ctrl-C, which waits for a write to finish."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

__all__ = ["CtrlC", "TrainingInterrupter"]


class TrainingInterrupter:
    """Stops a `fit` after the batch at hand, from any thread; `fit` then returns the model as it is.

    >>> interrupter = TrainingInterrupter()
    >>> interrupter.stop("the building closes")
    >>> interrupter.should_stop(), interrupter.reason
    (True, 'the building closes')
    """

    def __init__(self) -> None:
        self._stop = False
        self.reason: str | None = None

    def stop(self, reason: str | None = None) -> None:
        """The `reason`, if there is one, stands in the log and in `FitEnded`."""
        self.reason = self.reason or reason  # the first to say one
        self._stop = True

    def should_stop(self) -> bool:
        return self._stop

    def reset(self) -> None:
        """For another `fit` after one that was stopped."""
        self._stop = False
        self.reason = None


class CtrlC:
    """Within `with ctrl_c:`, a first Ctrl-C in a block `with ctrl_c.waits():` waits for its end, a second does not.

    A checkpoint is several files: a Ctrl-C between two of them would throw away an epoch that was nearly safe.
    """

    def __init__(self) -> None:
        self._before: Callable[[int, FrameType | None], Any] | None = None
        self._writing = False
        self._arrived: tuple[int, FrameType | None] | None = None

    def __enter__(self) -> None:
        # Signals come to the main thread only; a handler that cannot be called is "ignore", or could not be put back.
        if threading.current_thread() is threading.main_thread() and callable(
            before := signal.getsignal(signal.SIGINT)
        ):
            self._before = before
            signal.signal(signal.SIGINT, self._handle)

    def __exit__(self, *error: object) -> None:
        if self._before is not None:
            signal.signal(signal.SIGINT, self._before)

    def _handle(self, number: int, frame: FrameType | None) -> None:
        if self._writing and self._arrived is None:
            self._arrived = number, frame
        elif self._before is not None:
            self._before(number, frame)

    @contextmanager
    def waits(self) -> Iterator[None]:
        """A block that writes."""
        self._writing = True
        try:
            yield
        finally:
            self._writing = False
            arrived, self._arrived = self._arrived, None
        if arrived is not None and self._before is not None:
            self._before(*arrived)
