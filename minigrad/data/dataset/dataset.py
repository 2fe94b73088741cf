"""Dataset, what a loader reads from, and InMemDataset, a list of items."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from os import PathLike
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar

from ...errors import DatasetError
from ..column import holds_numbers
from ..items import Items

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["Dataset", "InMemDataset", "checked_batch", "item_of", "missing_item"]

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
    built once, on first use, and serves every batch from then on. `Items.from_columns(...)` is taken as it is: items
    that exist only when they are asked for.

    >>> dataset = InMemDataset(["a", "b", "c"])
    >>> dataset.get(1), dataset.get(3), len(dataset)
    ('b', None, 3)
    """

    def __init__(self, items: Iterable[I_co]) -> None:
        if not isinstance(items, Iterable):
            raise DatasetError(f"InMemDataset got {items!r}\n  give the items: a list, or anything to loop over")
        self._items: Sequence[I_co] = items if isinstance(items, Items) else tuple(items)

    @classmethod
    def from_dataset(cls, dataset: Dataset[I_co]) -> Self:
        """The items of any dataset, each asked for once, now.

        >>> list(InMemDataset.from_dataset(InMemDataset("ab")))
        ['a', 'b']
        """
        if not isinstance(dataset, Dataset):
            raise DatasetError(
                f"from_dataset: {dataset!r} is no Dataset\n  give an instance of one, or InMemDataset(items)"
            )
        return cls(dataset)

    @classmethod
    def from_csv(
        cls,
        path: str | PathLike[str],
        item: type[I_co] | Mapping[str, Any],
        delimiter: str = ",",
        has_headers: bool = True,
    ) -> Self:
        """The rows of a CSV file in UTF-8, read into memory.

        `item` is a dataclass, a NamedTuple, a TypedDict, or a dict of names to types. Its fields name columns of the
        header, in any order; other columns are passed over. Without headers the columns are the fields in order. A
        cell becomes what its field declares: int, float, bool (true, false, 1, 0), str, a Literal, an Enum by value or
        name. An empty one is None where the field declares `| None`. With `item=dict` every cell is its text. Blank
        lines do not count.

        Raises `DatasetError`, which names file, line and column, for a cell that is something else, and for columns
        that are missing, ragged rows, other encodings and files that cannot be read.

        >>> from dataclasses import dataclass
        >>> @dataclass
        ... class Flower:
        ...     width: float
        ...     species: str
        >>> from pathlib import Path
        >>> _ = Path("iris.csv").write_text("species,length,width\\nsetosa,5.1,3.5\\n")
        >>> InMemDataset.from_csv("iris.csv", Flower).get(0)
        Flower(width=3.5, species='setosa')
        """
        from .source.csv_rows import csv_rows

        return cls(csv_rows(path, item, delimiter, has_headers))

    @classmethod
    def from_json_rows(cls, path: str | PathLike[str], item: type[I_co] | Mapping[str, Any]) -> Self:
        """The rows of a file of JSON lines in UTF-8, read into memory.

        Each line is an object by the names of `item`'s fields, or a list by their position; see `from_csv` for what
        `item` may be. Fields may also be tuples, lists, dicts, arrays and dataclasses of such fields; a name that is
        not declared is passed over. Types are strict: 1 is a float too, 1.0 is no int, and null is None where the field
        declares it. Raises `DatasetError`, which names file, line and place.

        >>> from pathlib import Path
        >>> _ = Path("points.jsonl").write_text('{"at": [0.5, 1], "inside": false}\\n')
        >>> InMemDataset.from_json_rows("points.jsonl", {"at": tuple[float, float], "inside": bool}).get(0)
        {'at': (0.5, 1.0), 'inside': False}
        """
        from .source.json_rows import json_rows

        return cls(json_rows(path, item))

    def get(self, index: int) -> I_co | None:
        return self._items[index] if 0 <= index < len(self._items) else None

    def __len__(self) -> int:
        return len(self._items)

    def __iter__(self) -> Iterator[I_co]:
        is_whole = self._is_plain and len(self) == len(self._items)  # or a subclass says that there are fewer
        return iter(self._items) if is_whole else super().__iter__()

    def get_batch(self, indices: NDArray[np.intp]) -> Items[I_co] | None:
        return None if self._columns is None else self._columns.take(indices)

    @property
    def _is_plain(self) -> bool:
        return type(self).get is InMemDataset.get  # a subclass whose `get` augments must be asked every time

    @cached_property
    def _columns(self) -> Items[I_co] | None:
        if not self._is_plain:
            return None
        if isinstance(self._items, Items):
            return self._items
        return Items(self._items) if holds_numbers(self._items) else None


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


def checked_batch(dataset: Dataset[I], batch: Items[I] | None, count: int) -> Items[I] | None:
    """What `get_batch` of this dataset returned. Raises `DatasetError` unless it is None, or Items, so many."""
    given: object = batch
    name = f"{type(dataset).__name__}.get_batch"
    if given is not None and not isinstance(given, Items):
        raise DatasetError(
            f"{name} returned {type(given).__name__}\n"
            f"  return Items.from_columns({{name: array[indices], ...}}, Item), or None for no columns"
        )
    if batch is not None and len(batch) != count:
        raise DatasetError(
            f"{name} returned {len(batch)} items for {count} indices\n"
            f"  return one item an index, in the order of the indices"
        )
    return batch
