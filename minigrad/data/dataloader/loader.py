"""DataLoader: an iterable of batches; each pass over it is the next epoch."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ...errors import LoaderError, RecordError
from .checks import check_device, whole
from .epoch import Counted, Epoch
from .progress import Progress

if TYPE_CHECKING:
    from ...backend import Device
    from ..dataset import Dataset
    from .batcher import Batcher
    from .plan import Plan
    from .workers import Workers

__all__ = ["DataLoader", "DataLoaderIterator"]

B = TypeVar("B")

ITEMS_AHEAD = 16  # that a worker may be ahead of a strategy: of batches nobody knows how large they will be


@dataclass(slots=True)
class Position:
    """Where a pass is. The loader and its iterator share it; the loader does not hold the iterator itself, whose
    workers end when nobody else does."""

    epoch: int
    items: int  # handed out
    finished: bool = False


class DataLoader(Generic[B]):
    """Batches of a dataset, in an order that depends on (seed, epoch) alone: not on workers, nor on what ran before.

    Made by `DataLoaderBuilder`. Each pass is the next epoch, of the dataset as it is in that epoch; one that is left
    early waits for items at hand, two seconds at most, and then no worker is at work for it.

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
        workers: Workers,
        epoch: int = 0,
        items: int = 0,
    ) -> None:
        self._dataset = dataset
        self._batcher = batcher
        self._device = device
        self._plan = plan
        self._workers = workers
        self._next = (epoch, items)  # where the next pass begins
        self._position: Position | None = None  # of the newest pass
        self._window = 1  # batches to gather at once, until the end of a pass tells how many fit

    def __iter__(self) -> DataLoaderIterator[B]:
        epoch, items = self._next
        self._next = (epoch + 1, 0)
        self._position = position = Position(epoch, items)
        return DataLoaderIterator(self._batches(position), self._plan.num_items, position)

    def _batches(self, position: Position) -> Generator[Counted[B], None, None]:
        plan, done = self._plan, position.items
        if done < plan.num_items:
            run = Epoch(self._dataset, self._batcher, self._device, plan, position.epoch)
            if plan.batch_size is None:
                with self._workers.map(run.item, range(plan.order_length), ITEMS_AHEAD) as items:
                    yield from run.by_strategy(items, done)
            else:
                yield from self._fixed(run, range(done // plan.batch_size, plan.num_batches))
        position.finished = True

    def _fixed(self, run: Epoch[B], numbers: range) -> Generator[Counted[B], None, None]:
        count = min(self._window, len(numbers))
        window = run.gather(numbers[0], count)
        if window is not None:  # a thread would cost more than it saves
            self._window = yield from run.by_column(numbers[0], window, count)
        else:
            with self._workers.map(run.by_item, numbers) as batches:
                yield from batches

    def __len__(self) -> int:
        return self.num_batches()

    def __bool__(self) -> bool:
        """Whether there are items; how many batches they make may not be known."""
        return self.num_items() > 0

    def __repr__(self) -> str:
        count = f"{self.num_batches()} " if self._plan.batch_size else ""
        return f"DataLoader({self.num_items()} items in {count}batches {self._by})"

    def num_batches(self) -> int:
        """The batches of an epoch. Raises `LengthError` where a strategy of the user's decides as items come."""
        return self._plan.num_batches

    def num_items(self) -> int:
        """The items that an epoch hands out: without those that `drop_last` drops, where that is known beforehand."""
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

    def split(self, parts: int) -> list[DataLoader[B]]:
        """So many slices, equal ones and the rest in the last, as Burn splits.

        Raises `LoaderError` for less than one part, and for more than there are items.
        """
        length = len(self._plan.indices)
        whole(parts, 1, f"split({parts!r})", "how many loaders to make of this one")
        if parts > length:
            raise LoaderError(f"split({parts}): there are {length} items\n  write split({length}) or less")
        step = length // parts
        edges = [*range(0, step * parts, step), length]
        return [self.slice(*each) for each in pairwise(edges)]

    def to_record(self) -> dict[str, Any]:
        """Where this loader is, for JSON: its epoch and the items of it that were handed out."""
        position, plan = self._position, self._plan
        if position is None or position.finished:
            epoch, done = self._next
        else:
            epoch, done = position.epoch, position.items
        return {
            "seed": plan.seed,
            "epoch": epoch,
            "items_processed": done,
            "batch_size": plan.batch_size or type(plan.strategy).__name__,
            "items": [plan.indices.start, plan.indices.stop],
            "weights": plan.weights_sum,
        }

    def load_record(self, record: dict[str, Any]) -> DataLoader[B]:
        """A loader that goes on where the one of the record was, with any number of workers; this one is left alone.

        Its first pass gives exactly the batches that are left of the epoch: none, if all were handed out but the loop
        over them had not ended yet. Items of a strategy are got again from the start of the epoch. Raises
        `RecordError` for what is no such record, for one of another seed, and in the middle of an epoch for one of
        another batch size or strategy, other items or weights.
        """
        own = self.to_record()
        if not isinstance(record, dict) or record.keys() != own.keys():
            raise RecordError(f"{record!r} is no record of a loader\n  give what loader.to_record() returned")
        epoch, done = record["epoch"], record["items_processed"]
        for key in ("seed", "batch_size", "items", "weights") if done else ("seed",):
            if record[key] != own[key]:
                raise RecordError(
                    f"the loader of the record has {key} {record[key]}, this one {own[key]}\n"
                    f"  build it as the run that wrote the record did, or start it afresh"
                )
        ints = type(epoch) is int and type(done) is int
        if not ints or epoch < 0 or not 0 <= done <= self.num_items() or not self._ends_a_batch(done):
            here = f"an epoch of {self.num_items()} items in batches {self._by}"
            raise RecordError(f"epoch {epoch!r}, item {done!r} is no place in {here}: the record was changed")
        return DataLoader(self._dataset, self._batcher, self._device, self._plan, self._workers, epoch, done)

    def _ends_a_batch(self, done: int) -> bool:
        size = self._plan.batch_size
        return size is None or done % size == 0 or done == self.num_items()

    @property
    def _by(self) -> str:
        """How it makes batches: `of 32`, or `by` a strategy of the user's."""
        size = self._plan.batch_size
        return f"of {size}" if size else f"by {type(self._plan.strategy).__name__}"


class DataLoaderIterator(Iterator[B]):
    """One pass over a loader. Closing or dropping it ends its workers, unless they are to stay."""

    __slots__ = ("_batches", "_num_items", "_position")

    def __init__(self, batches: Generator[Counted[B], None, None], num_items: int, position: Position) -> None:
        self._batches = batches
        self._num_items = num_items
        self._position = position

    def __next__(self) -> B:
        try:
            self._position.items, batch = next(self._batches)
        except ValueError as error:
            if str(error) != "generator already executing":
                raise
            raise LoaderError(
                "another thread waits for a batch of this pass\n"
                "  a pass is for one thread: give each its part of the loader, of loader.split(n), or use a lock"
            ) from None
        return batch

    def progress(self) -> Progress:
        """The items handed out in this epoch so far, and all of them."""
        # after every batch, and a third of the time of calling the class
        return tuple.__new__(Progress, (self._position.items, self._num_items))

    def close(self, wait: bool = True) -> None:
        """Leaves the epoch; without `wait`, workers that are in a `get` end by themselves when it returns."""
        if wait:
            self._batches.close()
        else:
            with suppress(KeyboardInterrupt):
                self._batches.throw(KeyboardInterrupt())
