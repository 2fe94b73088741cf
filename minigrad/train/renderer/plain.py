"""A line an epoch, for pipes and files."""

from __future__ import annotations

from ..event import EpochDone, Event
from ..metric.format import format_float
from ..metric.history import Split

__all__ = ["PlainRenderer", "SilentRenderer"]


class PlainRenderer:
    """Prints `Epoch 1/100: train Loss 0.690, valid Loss 0.647 (0.02 s)` after each epoch."""

    batches = False

    def __init__(self) -> None:
        self._train = ""
        self._seconds = 0.0

    def __call__(self, event: Event) -> None:
        if not isinstance(event, EpochDone):
            return
        numbers = [f"{name} {format_float(value, 3)}" for name, value in event.values.items()]
        words = (
            f"{event.split.value} {', '.join(numbers)}"
            if numbers
            else f"{event.split.value} {event.iterations} batches"
        )
        if event.split is Split.Train:
            self._train, self._seconds = words, event.seconds
        else:
            seconds = self._seconds + event.seconds
            print(f"Epoch {event.epoch}/{event.epoch_total}: {self._train}, {words} ({seconds:.2f} s)", flush=True)


class SilentRenderer:
    """Says nothing."""

    batches = False

    def __call__(self, event: Event) -> None:
        pass
