"""What there is to show of a run: events come in from one thread, another draws what they came to."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from ..event import BatchDone, EpochDone, EpochStarted, Event, FitEnded, FitStarted, StateReady
from ..metric.base import MetricEntry, NumericEntry, NumericMetric
from ..metric.format import format_float
from ..metric.history import History, Split
from .pace import Pace, Place, as_time

__all__ = ["Reading", "RunView"]

SAMPLES = 1000  # of a metric's batches are kept for its curve at most
PATIENCE = 0.02  # seconds for which a drawing waits for the next batch
SHARE = 0.05  # of the time, at most, goes into the epoch's values as they are so far: an exact one may be dear


@dataclass(frozen=True)
class Reading:
    """A metric in one split, in words: the last batch, the epoch so far, the last epoch, the best and its number.

    A metric without a number has its words in `batch`.
    """

    name: str
    split: Split
    batch: str = ""
    epoch: str = ""
    last: str = ""
    best: str = ""
    best_epoch: str = ""
    numeric: bool = True


class _Seen(NamedTuple):
    metric: NumericMetric | None
    batch: float | str
    epoch: float


class RunView:
    """A run as its events tell it, until it hears the next. What one thread changes, another may read at any moment:
    fields are replaced and not changed, but for dicts, of which readers take copies.
    """

    def __init__(self, started: FitStarted | None = None, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._started = started
        self.epoch = started.epoch if started else 1
        self.epoch_total = started.epoch_total if started else 1
        self.history = started.history if started else History()
        self.place = Place()
        self.lr: float | None = None
        self.ended: FitEnded | None = None
        self._pace = Pace(self.epoch - 1, self.epoch_total, now)
        self._seen: dict[tuple[str, Split], _Seen] = {}
        self._samples: dict[tuple[str, Split], dict[int, float]] = {}
        self._batches_before = 0  # the passes at hand
        self._looked = threading.Event()  # unset while a look is under way
        self._looked.set()
        self._next_look = 0.0
        self._error: Exception | None = None

    # What happens

    def hear(self, event: Event) -> None:
        """An event, in the thread that trains."""
        match event:
            case EpochStarted():
                if event.split is Split.Valid or event.epoch != self.epoch:
                    self._batches_before += self.place.iteration
                self.epoch = event.epoch
                self.place = Place(event.split, 0, event.items_total, 0)
                self._pace.pass_begins()
            case EpochDone():
                self._epoch_done(event)
            case StateReady():
                self.history = event.state.history
                self._pace.epoch_done(event.state.epoch)
            case FitEnded():
                self.ended = event

    def _epoch_done(self, event: EpochDone) -> None:
        self.place = Place(event.split, self.place.items_total, self.place.items_total, event.iterations)
        if event.split is Split.Train:
            self._pace.training_done()
        for name, entries in event.entries.items():
            self._see(event.split, entries[-1], event.values.get(name))

    def look(self) -> None:
        """Asks for the numbers of the next batch; where that is slow, they are for a later drawing.

        Raises what a metric raised.
        """
        if self._started is not None and self._looked.is_set() and self._now() >= self._next_look:
            self._looked.clear()
            self._started.next_batch(self._look)
            self._looked.wait(PATIENCE)
        if self._error is not None:
            raise self._error

    def _look(self, batch: BatchDone) -> None:
        """In the thread that trains, between two batches: no metric is read while it is written to."""
        began = self._now()
        try:
            progress, iteration = batch.metadata.progress, batch.metadata.iteration
            if batch.metadata.lr is not None:
                self.lr = batch.metadata.lr
            for entry in batch.entries:
                self._see(batch.split, entry)
                if isinstance(entry, NumericEntry):
                    self._sample(batch.split, entry, self._batches_before + iteration)
            self.place = Place(batch.split, progress.items_processed, progress.items_total, iteration)
        except Exception as error:  # a display must not end the run
            self._error = error
        self._next_look = self._now() + (self._now() - began) * (1 / SHARE - 1)
        self._looked.set()

    def _see(self, split: Split, entry: MetricEntry | NumericEntry, epoch: float | None = None) -> None:
        if isinstance(entry, NumericEntry):
            value = entry.metric.running_value() if epoch is None else epoch
            self._seen[entry.name, split] = _Seen(entry.metric, entry.value, value)
        else:
            self._seen[entry.name, split] = _Seen(None, entry.formatted, 0.0)

    def _sample(self, split: Split, entry: NumericEntry, number: int) -> None:
        samples = self._samples.get((entry.name, split), {})
        if len(samples) >= SAMPLES:
            samples = dict(list(samples.items())[::2])
        self._samples[entry.name, split] = samples | {number: entry.value}

    # What there is to say

    @property
    def stopping(self) -> bool:
        """Whether the run ends with the batch at hand."""
        return self.ended is None and self._started is not None and self._started.interrupter.should_stop()

    def stop(self) -> None:
        """Ends it with the batch at hand, as a key asks for."""
        if self._started is not None:
            self._started.interrupter.stop("q was pressed")

    @property
    def done(self) -> float:
        """How much of the whole run, from 0 to 1."""
        return self._pace.done(self.place)

    @property
    def seconds_left(self) -> float | None:
        """Until the end; None when it is too early to say."""
        return self._pace.seconds_left(self.place)

    @property
    def where(self) -> list[str]:
        """`Epoch 4/10`, `train 5000/10000 items`, `iteration 34`, `lr 0.02`; what is not known yet is left out."""
        place = self.place
        words = [f"Epoch {self.epoch}/{self.epoch_total}"]
        words += [f"{place.split.value} {place.items}/{place.items_total} items"] if place.items_total else []
        words += [f"iteration {place.iteration}"] if place.iteration else []
        words += [] if place.iteration or self._seen else ["waiting for the first batch"]
        return words + ([f"lr {self.lr:.4g}"] if self.lr is not None else [])

    @property
    def how_far(self) -> list[str]:
        """`34%`, and `1:10 left`, or what has come between."""
        words, left = [f"{self.done:.0%}"], self.seconds_left
        if self.ended is not None:
            return words if self.ended.finished else [*words, "stopped"]
        if self.stopping:
            return [*words, "stopping after this batch"]
        return words if left is None else [*words, f"{as_time(left)} left"]

    def readings(self) -> list[Reading]:
        """Each metric, for training and for validation; in the order in which they were first heard of."""
        seen = dict(self._seen)
        names = dict.fromkeys(name for name, _ in seen)
        return [self._reading(n, split, seen[n, split]) for n in names for split in Split if (n, split) in seen]

    def _reading(self, name: str, split: Split, seen: _Seen) -> Reading:
        if isinstance(seen.batch, str) or seen.metric is None:
            return Reading(name, split, str(seen.batch), numeric=False)
        batch, epoch = format_float(seen.batch, 3), format_float(seen.epoch, 3)
        values = self.history.values[split].get(name)
        if not values:
            return Reading(name, split, batch, epoch)
        last = format_float(next(reversed(values.values())), 3)
        direction = seen.metric.direction
        best = None if direction is None else self.history.best(name, split, direction)
        if best is None:
            return Reading(name, split, batch, epoch, last)
        return Reading(name, split, batch, epoch, last, format_float(values[best], 3), str(best))

    @property
    def curves(self) -> list[str]:
        """The metrics of which there is one."""
        return list(dict.fromkeys(name for (name, _), seen in dict(self._seen).items() if seen.metric is not None))

    def curve(self, name: str) -> tuple[str, list[dict[int, float]]]:
        """What is on the x axis, `epoch` or `batch`, and the values for training and for validation.

        Batches, of which there are samples, as long as there are not two epochs to draw a line through.
        """
        epochs = [self.history.values[split].get(name, {}) for split in Split]
        if max(map(len, epochs)) > 1:
            return "epoch", epochs
        return "batch", [dict(self._samples.get((name, split), {})) for split in Split]
