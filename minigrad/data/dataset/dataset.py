"""Dataset, what a loader reads from, and InMemDataset, a list of items."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from functools import cached_property
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ...errors import DatasetError
from ..column import holds_numbers
from ..items import Items

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Dataset", "InMemDataset", "item_of", "missing_item"]

I = TypeVar("I")  # noqa: E741
I_co = TypeVar("I_co", covariant=True)


class Dataset(ABC, Generic[I_co]):
    """Items by number: a subclass says how many there are and gets one.

    Loaders with workers call `get` from several threads at once, and never keep what it returns: it may augment.

    >>> class Squares(Dataset[int]):
    ...     def get(self, index: int) -> int | None:
    ...         return index**2 if 0 <= index < len(self) else None
    ...     def __len__(self) -> int:
    ...         return 4
    >>> list(Squares()), Squares().is_empty()
    ([0, 1, 4, 9], False)
    """

    @abstractmethod
    def get(self, index: int) -> I_co | None:
        """The item with this number, from 0; None when there is no such item."""

    @abstractmethod
    def __len__(self) -> int:
        """How many items there are."""

    def get_batch(self, indices: NDArray[np.intp]) -> Items[I_co] | None:
        """The items with these numbers by column, or None when this dataset has no columns: then a loader calls `get`.

        A dataset that keeps its data in arrays overrides this with
        `Items.from_columns({"x": self.x[indices], "y": self.y[indices]}, Item)`; a loader asks for many batches at
        once, and its batcher pays for a slice.
        """
        return None

    def at_epoch(self, epoch: int) -> Dataset[I_co]:
        """This dataset as it is in that epoch, counted from 0: itself, unless it or its source draws anew each epoch.

        A loader asks for it at the start of each pass. A dataset that draws answers with a copy that knows the epoch
        and leaves this one as it was; one that reads from another dataset passes the question on.
        """
        return self

    def is_empty(self) -> bool:
        return len(self) == 0

    def __iter__(self) -> Iterator[I_co]:
        """Every item in order. Raises `DatasetError` when `get` gives fewer than `len` promises."""
        for index in range(len(self)):
            yield item_of(self, index)


class InMemDataset(Dataset[I_co]):
    """A list of items in memory, from any iterable: another dataset, for one.

    Items are values and do not change: where every field of them is a number or numbers (dataclasses, named tuples and
    mappings of floats, ints, bools, and tuples, lists or arrays of these), each column that a batcher asks for is
    built once, on first use, and serves every batch from then on.

    >>> dataset = InMemDataset(["a", "b", "c"])
    >>> dataset.get(1), dataset.get(3), len(dataset)
    ('b', None, 3)
    """

    def __init__(self, items: Iterable[I_co]) -> None:
        self._items = tuple(items)

    def get(self, index: int) -> I_co | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[I_co]:
        return iter(self._items) if self._is_plain else super().__iter__()

    def get_batch(self, indices: NDArray[np.intp]) -> Items[I_co] | None:
        return None if self._columns is None else self._columns.take(indices)

    @property
    def _is_plain(self) -> bool:
        return type(self).get is InMemDataset.get  # a subclass whose `get` augments must be asked every time

    @cached_property
    def _columns(self) -> Items[I_co] | None:
        return Items(self._items) if self._is_plain and holds_numbers(self._items) else None


def item_of(dataset: Dataset[I], index: int) -> I:
    """The item with this number, which the dataset has promised. Raises `DatasetError` where it gives None."""
    item = dataset.get(index)
    if item is None:
        raise missing_item(dataset, index)
    return item


def missing_item(dataset: Dataset[Any], index: int) -> DatasetError:
    """Words the error for a `get` that gives less than `len` promises."""
    return DatasetError(
        f"{type(dataset).__name__}.get({index}) returned None, but its len() promised {len(dataset)} items\n"
        f"  get must return an item for every index from 0 to len() - 1"
    )
