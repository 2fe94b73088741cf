"""BatchStrategy: decides, as items come, which of them make a batch."""

from __future__ import annotations

import reprlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Generic, TypeVar

from ...errors import LoaderError
from .checks import whole

if TYPE_CHECKING:
    from typing import Self

__all__ = ["Arranger", "BatchStrategy", "FixBatchStrategy", "few"]

I = TypeVar("I")  # noqa: E741


class BatchStrategy(ABC, Generic[I]):
    """Is given items one by one, and hands them out again in batches.

    A loader begins each pass with a fresh one (`clone_dyn`). It adds the items in the order of the epoch, asks
    `batch(False)` after each until the answer is None, and at the end `batch(True)` until that is None too. A strategy
    may hold items back and reorder them, but hands out each one that it was given, itself and no copy. It decides by
    what it was given alone, so that the same items make the same batches in any run.

    >>> class UpTo(BatchStrategy[str]):
    ...     '''As many words as fit into so many letters.'''
    ...     def __init__(self, letters):
    ...         self.letters, self.words = letters, []
    ...     def add(self, item):
    ...         self.words.append(item)
    ...     def batch(self, force):
    ...         fitting = len(self.words)
    ...         while fitting > 1 and len("".join(self.words[:fitting])) > self.letters:
    ...             fitting -= 1
    ...         if fitting == 0 or (fitting == len(self.words) and not force):
    ...             return None  # the next word may fit as well
    ...         batch, self.words = self.words[:fitting], self.words[fitting:]
    ...         return batch
    ...     def clone_dyn(self):
    ...         return UpTo(self.letters)
    >>> from minigrad.data.dataset import InMemDataset
    >>> from minigrad.data.dataloader import Batcher, DataLoaderBuilder
    >>> class Lines(Batcher[str, str]):
    ...     def batch(self, items, device):
    ...         return " ".join(items)
    >>> words = InMemDataset("we come to rest where all began".split())
    >>> list(DataLoaderBuilder(Lines()).batch_strategy(UpTo(8)).build(words))
    ['we come to', 'rest', 'where all', 'began']
    """

    @abstractmethod
    def add(self, item: I) -> None:
        """Takes an item."""

    @abstractmethod
    def batch(self, force: bool) -> list[I] | None:
        """The next batch; None when there is none yet, or with `force`, when no items are left."""

    @abstractmethod
    def clone_dyn(self) -> BatchStrategy[I]:
        """Another one with the same settings, and without items."""


class FixBatchStrategy(BatchStrategy[I]):
    """Batches of `batch_size` items in the order in which they came; the last one may have fewer.

    What `DataLoaderBuilder.batch_size` sets. Raises `LoaderError` for a size that is no integer >= 1.

    >>> strategy = FixBatchStrategy(2)
    >>> strategy.add("a"), strategy.batch(False), strategy.add("b"), strategy.batch(False), strategy.batch(True)
    (None, None, None, ['a', 'b'], None)
    """

    def __init__(self, batch_size: int) -> None:
        self._batch_size = whole(batch_size, 1, f"FixBatchStrategy({batch_size!r})", "such as FixBatchStrategy(32)")
        self._items: list[I] = []

    @property
    def batch_size(self) -> int:
        return self._batch_size

    def add(self, item: I) -> None:
        self._items.append(item)

    def batch(self, force: bool) -> list[I] | None:
        size = self._batch_size
        if not self._items or (len(self._items) < size and not force):
            return None
        batch, self._items = self._items[:size], self._items[size:]
        return batch

    def clone_dyn(self) -> Self:
        return type(self)(self._batch_size)


class Arranger(Generic[I]):
    """Runs a strategy, and keeps account of what it was given and has not handed out.

    Items are known by identity: they may be anything, equal to each other or the same one several times.
    """

    def __init__(self, strategy: BatchStrategy[I]) -> None:
        self._name = type(strategy).__name__
        self._strategy = self._fresh(strategy)
        self._held: dict[int, deque[tuple[int, I]]] = {}

    def batches(self, numbered: Iterable[tuple[int, I]], flush: bool) -> Iterator[tuple[list[int], list[I]]]:
        """The batches that the strategy makes of these items, each with the items' numbers.

        Without `flush` what it holds in the end is left. Raises `LoaderError` when it fails or breaks its word.
        """
        number = None
        for number, item in numbered:
            self._held.setdefault(id(item), deque()).append((number, item))  # held, so that the id stays its own
            try:
                self._strategy.add(item)
            except Exception as error:
                raise LoaderError(
                    f"{self._name}.add raised {type(error).__name__} for item {number}\n  {error}"
                ) from error
            yield from self._ready(False, number)
        if not flush:
            return
        yield from self._ready(True, number)
        left = sorted(number for items in self._held.values() for number, _ in items)
        if left:
            raise LoaderError(
                f"{self._name} kept {len(left)} of the items at the end of the epoch: {few(left)}\n"
                f"  batch(force=True) hands out what is left, and None when nothing is; or drop it: drop_last()"
            )

    def _fresh(self, strategy: BatchStrategy[I]) -> BatchStrategy[I]:
        try:
            fresh: object = strategy.clone_dyn()
        except Exception as error:
            raise LoaderError(f"{self._name}.clone_dyn raised {type(error).__name__}\n  {error}") from error
        if not isinstance(fresh, BatchStrategy) or fresh is strategy:
            what = "itself" if fresh is strategy else reprlib.repr(fresh)
            raise LoaderError(
                f"{self._name}.clone_dyn returned {what}\n"
                f"  return another {self._name} with the same settings: each pass begins with an empty one"
            )
        return fresh

    def _ready(self, force: bool, number: int | None) -> Iterator[tuple[list[int], list[I]]]:
        """The batches that there are after the item of this number."""
        while True:
            batch = self._batch(force, number)
            if batch is None:
                return
            yield batch

    def _batch(self, force: bool, number: int | None) -> tuple[list[int], list[I]] | None:
        call, after = f"{self._name}.batch(force={force})", f"after item {number}"
        try:
            batch: object = self._strategy.batch(force)
        except Exception as error:
            raise LoaderError(f"{call} raised {type(error).__name__} {after}\n  {error}") from error
        if batch is None:
            return None
        if not isinstance(batch, list) or not batch:
            what = "an empty list" if isinstance(batch, list) else reprlib.repr(batch)
            raise LoaderError(f"{call} returned {what} {after}\n  return a list of items, or None for no batch")
        return [self._handed_out(item, call, after) for item in batch], batch

    def _handed_out(self, item: I, call: str, after: str) -> int:
        held = self._held.get(id(item))
        if held is None:
            raise LoaderError(
                f"{call} handed out {reprlib.repr(item)} {after}, which it did not hold\n"
                f"  hand out each item once for each time that it was added: itself, and no copy of it"
            )
        number, _ = held.popleft()
        if not held:
            del self._held[id(item)]
        return number


def few(numbers: Sequence[int]) -> str:
    """The first eight of them, for a message."""
    return ", ".join(map(str, numbers[:8])) + (", ..." if len(numbers) > 8 else "")
