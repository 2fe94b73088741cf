"""One pass over a loader as the metrics see it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..data.dataloader import DataLoaderIterator
from ..errors import LearnerError, MetricError
from .event import BatchDone, Events
from .finite import tell_not_finite
from .metric.base import Metric, MetricEntry, MetricMetadata, NumericEntry, NumericMetric, new_tuple
from .metric.history import Split
from .step import named

if TYPE_CHECKING:
    from ..data.dataloader import DataLoader

__all__ = ["Meter", "needs_loader"]

Entry = MetricEntry | NumericEntry
LOADER = ("to_device", "num_items", "to_record", "load_record")  # what is asked of a loader, beside iteration


class Meter:
    """Hands out a loader's batches until it is `stopped`, and takes what came of each to the metrics.

    It is `whole` when all were handed out. `kind` and `during` are for messages: the *training* loss is NaN in *epoch
    3*, iteration 7. `told` holds the kinds of which that was said.
    """

    def __init__(
        self,
        kind: str,
        during: str,
        loader: DataLoader[Any],
        metrics: Iterable[Metric],
        epoch: int = 1,
        epoch_total: int = 1,
        told: set[str] | None = None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        self.epoch, self.epoch_total = epoch, epoch_total
        self.iteration = 0
        self.whole = False
        self._kind, self._during = kind, during
        self._metrics = tuple(metrics)
        self._columns: list[list[Entry]] = [[] for _ in self._metrics]
        self._measure = [(metric.update, column.append) for metric, column in zip(self._metrics, self._columns)]
        self._told = set() if told is None else told
        self._stopped = stopped
        self._items_done = 0
        self.show_to(Events(), Split.Train)  # to nobody
        for metric in self._metrics:
            metric.clear()
        self._began = time.perf_counter()
        self._batches: DataLoaderIterator[Any] = iter(loader)
        if not hasattr(self._batches, "progress"):
            raise LearnerError(
                f"the {kind} loader gave {named(self._batches)} to iterate over, which has no progress()\n"
                "  return iter(loader) of a DataLoader: it counts the items of each batch"
            )

    def show_to(self, events: Events, split: Split) -> None:
        """From now on every batch is an event for those who want it."""
        self._events, self._split = events, split
        self._heard, self._asked = events.wanted(BatchDone), events.asked

    def __iter__(self) -> Iterator[Any]:
        for batch in self._batches:
            if self._stopped():
                return
            yield batch
        self.whole = True

    def add(self, item: Any, lr: float | None = None) -> None:
        """Counts a batch: it weighs as many items as the loader put into it."""
        progress = self._batches.progress()
        done = progress.items_processed
        items, self._items_done = done - self._items_done, done
        self.iteration += 1
        place = (progress, self.epoch, self.epoch_total, self.iteration, lr, items)
        metadata = new_tuple(MetricMetadata, place)
        for update, keep in self._measure:
            keep(update(item, metadata))
        if self._heard or self._asked:
            self._events.emit(BatchDone(self._split, metadata, [column[-1] for column in self._columns]))

    # When it is over

    @property
    def entries(self) -> dict[str, list[Entry]]:
        """What each metric said of each batch. Raises `LearnerError` if there was none, `MetricError` for no entry."""
        if self.iteration == 0:
            raise LearnerError(
                f"the {self._kind} loader gave no batch in {self._during}\n"
                "  is its dataset empty, or smaller than one batch with drop_last?"
            )
        for metric, column in zip(self._metrics, self._columns):
            if not all(issubclass(kind, Entry) for kind in {*map(type, column)}):
                raise _no_entry(metric, column)
        return {metric.name(): column for metric, column in zip(self._metrics, self._columns)}

    def values(self, names: Iterable[str]) -> dict[str, float]:
        """The value over the whole pass of the numeric metrics of these names. Raises `MetricError` for no number."""
        return {
            metric.name(): _number(metric)
            for metric in self._metrics
            if isinstance(metric, NumericMetric) and metric.name() in names
        }

    @property
    def seconds(self) -> float:
        """Since it began."""
        return time.perf_counter() - self._began

    def interrupted(self) -> None:
        """Leaves the epoch on Ctrl-C, which does not wait for the loader's workers."""
        if isinstance(self._batches, DataLoaderIterator):
            self._batches.close(wait=False)

    def not_finite(self, item: Any, model: Any, stop: bool) -> None:
        """Raises `NonFiniteError` for the loss of the batch at hand, or warns of it, once in a run."""
        if stop or self._kind not in self._told:
            self._told.add(self._kind)
            tell_not_finite(item, model, self._kind, f" in {self._during}, iteration {self.iteration + 1}", stop)


def _no_entry(metric: Metric, column: list[Any]) -> MetricError:
    number, entry = next((n, entry) for n, entry in enumerate(column, 1) if not isinstance(entry, Entry))
    numeric = isinstance(metric, NumericMetric)
    return MetricError(
        f"{type(metric).__name__}.update returned {named(entry)} for batch {number}, and must return an entry\n"
        f"  return {'self.record(value, metadata.items)' if numeric else 'MetricEntry(self.name(), words, words)'}"
    )


def _number(metric: NumericMetric) -> float:
    value: Any = metric.running_value()
    try:
        return float(value)
    except (TypeError, ValueError):
        raise MetricError(
            f"{type(metric).__name__}.running_value returned {named(value)}, and must return the epoch's value\n"
            "  a float, NaN where there is none"
        ) from None


def needs_loader(call: str, kind: str, given: object) -> None:
    """Raises `LearnerError` for what is no loader, and offers less than one."""
    if lacks := [name for name in LOADER if not hasattr(given, name)]:
        lacking = f" (it has no {', no '.join(lacks)})" if len(lacks) < len(LOADER) else ""
        raise LearnerError(
            f"{call}: the {kind} loader is {named(given)}, not a DataLoader{lacking}\n"
            "  DataLoaderBuilder(batcher).batch_size(150).build(dataset) makes one"
        )
