"""How far a run has come, and how long the rest takes."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from ..metric.history import Split

__all__ = ["Pace", "Place", "as_time"]

RECENT = 5  # epochs, by which the time left is judged


class Place(NamedTuple):
    """Where a pass stands."""

    split: Split = Split.Train
    items: int = 0
    items_total: int = 0
    iteration: int = 0

    @property
    def part(self) -> float:
        """Of its items."""
        return self.items / self.items_total if self.items_total else 0.0


class Pace:
    """Counts epochs and looks at the clock when one is over."""

    def __init__(self, epochs_over: int, epochs_total: int, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._total = epochs_total
        self._over = epochs_over
        self._began = now()  # the epoch at hand
        self._between = True  # two epochs
        self._trained: float | None = None  # seconds it took to train, once that is done
        self._share = 1.0  # of training in the time of an epoch
        self._durations: deque[float] = deque(maxlen=RECENT)

    def pass_begins(self) -> None:
        self._between = False

    def training_done(self) -> None:
        self._trained = self._now() - self._began

    def epoch_done(self, epoch: int) -> None:
        """With its validation, its checkpoint and all that came between."""
        now = self._now()
        seconds, self._began = now - self._began, now
        self._durations.append(seconds)
        self._share = min((self._trained or 0.0) / seconds, 1.0) if seconds > 0 else 1.0
        self._over, self._trained, self._between = epoch, None, True

    def done(self, place: Place) -> float:
        """How much of the whole run, from 0 to 1; a resumed run starts where it was stopped."""
        return min((self._over + self._within(place)) / self._total, 1.0)

    def _within(self, place: Place) -> float:
        """How much of the epoch at hand, which the place is not of when the next has not begun."""
        if self._between:
            return 0.0
        if place.split is Split.Train:
            return place.part * self._share
        return self._share + place.part * (1 - self._share)

    def seconds_left(self, place: Place) -> float | None:
        """Judged by the last epochs; None when it is too early to say.

        It falls with the clock, and not with the items, which come at different speeds.
        """
        elapsed = self._now() - self._began
        left = self._total - self._over
        if self._durations:
            recent = list(self._durations)
            usual = sum(recent) / len(recent)
            return usual * left - min(elapsed, usual)
        within = self._within(place)
        return elapsed / within * left - elapsed if within and elapsed > 1 else None


def as_time(seconds: float) -> str:
    """`0:12`, or `1:02:03` from an hour on.

    >>> as_time(12.4), as_time(3723)
    ('0:12', '1:02:03')
    """
    minutes, rest = divmod(max(round(seconds), 0), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
