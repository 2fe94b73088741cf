"""One pass over a loader as the metrics see it."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..data.dataloader import DataLoaderIterator
from ..errors import LearnerError, NonFiniteError
from .event import BatchDone, EpochDone, EpochStarted, Events
from .logger.application import warn
from .metric import MetricEntry, MetricMetadata, NumericEntry, NumericMetric, Split
from .metric.format import shortest
from .metric.loss import loss_value

if TYPE_CHECKING:
    from ..data.dataloader import DataLoader
    from .settings import Settings

__all__ = ["Meter"]

LOG = logging.getLogger(__name__)


class Meter:
    """Hands out a loader's batches, and takes what came of each to the metrics."""

    def __init__(
        self, split: Split, epoch: int, loader: DataLoader[Any], settings: Settings, events: Events, told: set[Split]
    ) -> None:
        self.split = split
        self.epoch = epoch
        self.epoch_total = settings.num_epochs
        self.iteration = 0
        self._metrics = metrics = settings.metrics[split]
        self._numeric = settings.numeric[split]
        self._columns: list[list[MetricEntry | NumericEntry]] = [[] for _ in metrics]
        self._measure = [(metric.update, column.append) for metric, column in zip(metrics, self._columns)]
        self._events = events
        self._heard = events.wanted(BatchDone)
        self._told = told
        self._items_done = 0
        for metric in metrics:
            metric.clear()
        events.emit(EpochStarted(split, epoch, self.epoch_total, loader.num_items()))
        self._began = time.perf_counter()
        self._batches: DataLoaderIterator[Any] = iter(loader)

    def __iter__(self) -> Iterator[Any]:
        return self._batches

    def add(self, item: Any, lr: float | None) -> None:
        """Counts a batch: it weighs as many items as the loader put into it."""
        progress = self._batches.progress()
        done = progress.items_processed
        items, self._items_done = done - self._items_done, done
        self.iteration += 1
        metadata = MetricMetadata(progress, self.epoch, self.epoch_total, self.iteration, lr, items)
        for update, keep in self._measure:
            keep(update(item, metadata))
        if self._heard:
            self._events.emit(BatchDone(self.split, metadata, [column[-1] for column in self._columns]))

    def done(self) -> EpochDone:
        """What the epoch came to. Raises `LearnerError` if there was no batch in it."""
        if self.iteration == 0:
            raise LearnerError(
                f"the {self._kind} loader gave no batch in epoch {self.epoch}\n"
                "  is its dataset empty, or smaller than one batch with drop_last?"
            )
        entries = {metric.name(): column for metric, column in zip(self._metrics, self._columns)}
        values = {
            metric.name(): metric.running_value()
            for metric in self._metrics
            if isinstance(metric, NumericMetric) and metric.name() in self._numeric
        }
        seconds = time.perf_counter() - self._began
        return EpochDone(self.split, self.epoch, self.epoch_total, self.iteration, entries, values, seconds)

    def interrupted(self) -> None:
        """Leaves the epoch on Ctrl-C, which does not wait for the loader's workers."""
        if isinstance(self._batches, DataLoaderIterator):
            self._batches.close(wait=False)

    def not_finite(self, item: Any, model: Any, stop: bool) -> None:
        """Raises `NonFiniteError` for the loss of the batch at hand, or warns of it, once in a run."""
        if not stop and self.split in self._told:
            return
        from ..debug import where_nan

        born = where_nan(item.loss, model) if getattr(item.loss, "birth", 0) else None
        value = shortest(loss_value(item))
        message = f"the {self._kind} loss is {value} in epoch {self.epoch}, iteration {self.iteration + 1}"
        message += "\n  born in " + born.replace("\n", "\n  ") if born else ""
        if stop:
            raise NonFiniteError(
                f"{message}\n  a smaller learning rate or grad_clipping may help; allow_non_finite() lets the run go on"
            )
        self._told.add(self.split)
        warn(LOG, message)

    @property
    def _kind(self) -> str:
        return "training" if self.split is Split.Train else "validation"
