"""DataLoader: an iterable of batches; each pass over it is the next epoch."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ...backend import Device
from ...errors import DeviceError, LoaderError, RecordError
from .epoch import Epoch
from .progress import Progress
from .workers import worker_map

if TYPE_CHECKING:
    from ..dataset import Dataset
    from .batcher import Batcher
    from .plan import Plan

__all__ = ["DataLoader", "DataLoaderIterator"]

B = TypeVar("B")


@dataclass(slots=True)
class Position:
    """Where a pass is. The loader and its iterator share it; the loader does not hold the iterator itself, whose
    workers end when nobody else does."""

    epoch: int
    batches: int  # handed out
    finished: bool = False


class DataLoader(Generic[B]):
    """Batches of a dataset, in an order that depends on (seed, epoch) alone: not on workers, nor on what ran before.

    Made by `DataLoaderBuilder`. A pass that is left early ends its workers; the next pass is the next epoch.

    >>> from minigrad.data.dataset import InMemDataset
    >>> from minigrad.data.dataloader import Batcher, DataLoaderBuilder
    >>> class Lists(Batcher[int, list[int]]):
    ...     def batch(self, items, device):
    ...         return list(items)
    >>> loader = DataLoaderBuilder(Lists()).batch_size(4).build(InMemDataset(range(10)))
    >>> list(loader), len(loader), loader.num_items()
    ([[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]], 3, 10)
    >>> batches = iter(loader)
    >>> next(batches), batches.progress()
    ([0, 1, 2, 3], Progress(items_processed=4, items_total=10))
    """

    def __init__(
        self,
        dataset: Dataset[Any],
        batcher: Batcher[Any, B],
        device: Device,
        plan: Plan,
        workers: int,
        epoch: int = 0,
        batches: int = 0,
    ) -> None:
        self._dataset = dataset
        self._batcher = batcher
        self._device = device
        self._plan = plan
        self._workers = workers
        self._next = (epoch, batches)  # where the next pass begins
        self._position: Position | None = None  # of the newest pass
        self._window = 1  # batches to gather at once, until the end of a pass tells how many fit

    def __iter__(self) -> DataLoaderIterator[B]:
        epoch, batches = self._next
        self._next = (epoch + 1, 0)
        self._position = Position(epoch, batches)
        return DataLoaderIterator(self._batches(epoch, batches, self._position), self._plan, self._position)

    def _batches(self, epoch: int, first: int, position: Position) -> Generator[B, None, None]:
        numbers = range(first, self._plan.num_batches)
        if numbers:
            run = Epoch(self._dataset, self._batcher, self._device, self._plan, epoch)
            count = min(self._window, len(numbers))
            window = run.gather(first, count)
            if window is not None:  # a thread would cost more than it saves
                self._window = yield from run.by_column(first, window, count)
            elif self._workers:
                yield from worker_map(run.by_item, numbers, self._workers)
            else:
                yield from map(run.by_item, numbers)
        position.finished = True

    def __len__(self) -> int:
        return self.num_batches()

    def __repr__(self) -> str:
        return f"DataLoader({self.num_items()} items in {self.num_batches()} batches of {self._plan.batch_size})"

    def num_batches(self) -> int:
        """The batches of an epoch."""
        return self._plan.num_batches

    def num_items(self) -> int:
        """The items that an epoch hands out: without those that `drop_last` drops."""
        return self._plan.num_items

    def to_device(self, device: Device) -> DataLoader[B]:
        """A loader of the same batches on another device. It begins with the epoch that this one would begin next."""
        check_device(device, "to_device")
        return DataLoader(self._dataset, self._batcher, device, self._plan, self._workers, *self._next)

    def slice(self, start: int | None, end: int | None) -> DataLoader[B]:
        """A loader of the dataset's items `start` to `end`, counted as Python's slices do; a shuffle stays within them.

        Slices of slices compose. It begins with the first batch of the epoch that this one would begin next.
        """
        try:
            plan = self._plan.slice(start, end)
        except TypeError:
            raise LoaderError(f"slice({start!r}, {end!r}): both are integers, or None for an open end") from None
        return DataLoader(self._dataset, self._batcher, self._device, plan, self._workers, self._next[0])

    def to_record(self) -> dict[str, Any]:
        """Where this loader is, for JSON: its epoch and the batches of it that were handed out."""
        position = self._position
        if position is None or position.finished:
            epoch, batches = self._next
        else:
            epoch, batches = position.epoch, position.batches
        plan = self._plan
        return {
            "seed": plan.seed,
            "epoch": epoch,
            "batches": batches,
            "batch_size": plan.batch_size,
            "items": [plan.indices.start, plan.indices.stop],
        }

    def load_record(self, record: dict[str, Any]) -> DataLoader[B]:
        """A loader that goes on where the one of the record was, with any number of workers; this one is left alone.

        Its first pass gives exactly the batches that are left of the epoch: none, if all were handed out but the loop
        over them had not ended yet. Raises `RecordError` for what is no such record, for one of another seed, and in
        the middle of an epoch for one of another batch size or other items.
        """
        own = self.to_record()
        if not isinstance(record, dict) or record.keys() != own.keys():
            raise RecordError(f"{record!r} is no record of a loader\n  give what loader.to_record() returned")
        epoch, batches = record["epoch"], record["batches"]
        for key in ("seed", "batch_size", "items") if batches else ("seed",):
            if record[key] != own[key]:
                raise RecordError(
                    f"the loader of the record has {key} {record[key]}, this one {own[key]}\n"
                    f"  build it as the run that wrote the record did, or start it afresh"
                )
        ints = type(epoch) is int and type(batches) is int
        if not ints or epoch < 0 or not 0 <= batches <= self.num_batches():
            whole = f"an epoch of {self.num_batches()} batches"
            raise RecordError(f"epoch {epoch!r}, batch {batches!r} is no position in {whole}: the record was changed")
        return DataLoader(self._dataset, self._batcher, self._device, self._plan, self._workers, epoch, batches)


class DataLoaderIterator(Iterator[B]):
    """One pass over a loader. Closing or dropping it ends its workers."""

    __slots__ = ("_batch_size", "_batches", "_num_items", "_position")

    def __init__(self, batches: Generator[B, None, None], plan: Plan, position: Position) -> None:
        self._batches = batches
        self._batch_size, self._num_items = plan.batch_size, plan.num_items
        self._position = position

    def __next__(self) -> B:
        batch = next(self._batches)
        self._position.batches += 1
        return batch

    def progress(self) -> Progress:
        """The items handed out in this epoch so far, and all of them."""
        return Progress(min(self._position.batches * self._batch_size, self._num_items), self._num_items)

    def close(self, wait: bool = True) -> None:
        """Leaves the epoch; without `wait`, workers that are in a `get` end by themselves when it returns."""
        if wait:
            self._batches.close()
        else:
            with suppress(KeyboardInterrupt):
                self._batches.throw(KeyboardInterrupt())


def check_device(device: Device, call: str) -> None:
    if not isinstance(device, Device):
        raise DeviceError(f"{call}({device!r}): give a device, such as {call}(NdArray())")
