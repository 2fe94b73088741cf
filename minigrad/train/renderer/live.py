"""What the renderers that draw on a clock have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from contextlib import suppress
from typing import ClassVar

from ..event import Event, FitEnded, FitStarted
from .clock import Clock
from .view import RunView

__all__ = ["LiveRenderer"]


class LiveRenderer(ABC):
    """Draws `view` on a clock in a thread of its own, once before the first item, and once at the end.

    The training loop pays for a look at its numbers when one is drawn, and for nothing else. An error in the thread is
    raised at the next event, when `close` has put things back.
    """

    batches = False
    seconds: ClassVar[float] = 1 / 8  # from one drawing to the next

    def __init__(self) -> None:
        self.view = RunView()
        self._clock: Clock | None = None

    def open(self) -> None:
        """Before the first drawing of a run."""
        return

    @abstractmethod
    def draw(self) -> None:
        """Shows what `view` knows. Never called twice at a time."""

    def close(self) -> None:
        """After the last drawing, whatever happened; also called twice, and before `open` is done."""
        return

    def heard(self, event: Event) -> None:
        """After `view` has heard it, in the thread that trains."""
        return

    def __call__(self, event: Event) -> None:
        try:
            if isinstance(event, FitStarted):
                self._start(event)
            elif self._clock is not None:
                self._hear(event)
        except BaseException:
            self._stop()
            with suppress(Exception):  # of two errors the first says more
                self.close()
            raise

    def _start(self, event: FitStarted) -> None:
        self.view = RunView(event)
        self.open()
        self.draw()
        self._clock = Clock(self._tick, self.seconds, self.close)
        self._clock.start()

    def _hear(self, event: Event) -> None:
        self.view.hear(event)
        self.heard(event)
        if isinstance(event, FitEnded):
            clock = self._stop()
            if clock is None or clock.error is None:
                self.draw()
            self.close()
        else:
            clock = self._clock
        if clock is not None and clock.error is not None:
            raise clock.error

    def _stop(self) -> Clock | None:
        clock, self._clock = self._clock, None
        if clock is not None:
            clock.stop()
        return clock

    def _tick(self) -> None:
        self.view.look()
        self.draw()
