"""A line an epoch, for pipes and files."""

from __future__ import annotations

from ..event import EpochDone, Event, FitStarted, StateReady
from ..metric.format import format_float

__all__ = ["PlainRenderer", "SilentRenderer"]


class PlainRenderer:
    """Prints `Epoch 1/100: train Loss 0.690, valid Loss 0.647 (0.02 s)` after each epoch."""

    batches = False

    def __init__(self) -> None:
        self._passes: list[EpochDone] = []

    def __call__(self, event: Event) -> None:
        match event:
            case FitStarted():
                self._passes = []
            case EpochDone():
                self._passes.append(event)
            case StateReady():
                done, self._passes = self._passes, []
                last = done[-1]
                words, seconds = ", ".join(map(_words, done)), sum(each.seconds for each in done)
                print(f"Epoch {last.epoch}/{last.epoch_total}: {words} ({seconds:.2f} s)", flush=True)


def _words(done: EpochDone) -> str:
    numbers = [f"{name} {format_float(value, 3)}" for name, value in done.values.items()]
    return f"{done.split.value} {', '.join(numbers) or f'{done.iterations} batches'}"


class SilentRenderer:
    """Says nothing."""

    batches = False

    def __call__(self, event: Event) -> None:
        pass
