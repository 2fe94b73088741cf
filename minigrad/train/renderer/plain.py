"""Lines of plain text, for pipes and files."""

from __future__ import annotations

import time

from ..event import EpochDone, Event, StateReady
from ..logger.application import put
from ..metric.format import format_float
from .live import LiveRenderer
from .pace import as_time

__all__ = ["PlainRenderer", "SilentRenderer"]


class PlainRenderer(LiveRenderer):
    """Prints `Epoch 1/100: train Loss 0.690, valid Loss 0.647 (0.02 s)` after each epoch.

    In an epoch that takes long, every 30 seconds: `Epoch 1/100: train 5100/10000 items, Loss 0.690 (1:02:03 left)`.
    """

    seconds = 30.0

    def open(self) -> None:
        self._passes: list[EpochDone] = []
        self._printed = time.monotonic()

    def heard(self, event: Event) -> None:
        match event:
            case EpochDone():
                self._passes.append(event)
            case StateReady():
                done, self._passes = self._passes, []
                words, seconds = ", ".join(map(_words, done)), sum(each.seconds for each in done)
                self._print(f"Epoch {done[-1].epoch}/{done[-1].epoch_total}: {words} ({seconds:.2f} s)")

    def draw(self) -> None:
        view, place = self.view, self.view.place
        if place.items and view.ended is None and time.monotonic() - self._printed >= self.seconds:
            numbers = [f"{r.name} {r.epoch}" for r in view.readings() if r.split is place.split and r.numeric]
            words = ", ".join([f"{place.split.value} {place.items}/{place.items_total} items", *numbers])
            left = f" ({as_time(view.seconds_left)} left)" if view.seconds_left is not None else ""
            self._print(f"Epoch {view.epoch}/{view.epoch_total}: {words}{left}")

    def _print(self, line: str) -> None:
        self._printed = time.monotonic()
        put(line)


def _words(done: EpochDone) -> str:
    numbers = [f"{name} {format_float(value, 3)}" for name, value in done.values.items()]
    return f"{done.split.value} {', '.join(numbers) or f'{done.iterations} batches'}"


class SilentRenderer:
    """Says nothing."""

    batches = False

    def __call__(self, event: Event) -> None:
        pass
