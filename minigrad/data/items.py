"""Items: what a batcher gets, a sequence of items that also gives columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import numpy as np

from ..errors import DatasetError
from .column import build_column, cast, column_of, default_dtype, freeze, missing_field

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

__all__ = ["Items"]

I_co = TypeVar("I_co", covariant=True)


class Items(Sequence[I_co]):
    """A sequence of items that also gives columns: one field of all items as one array.

    Items are dataclasses, named tuples, other objects with attributes, or mappings. A column is built when it is first
    asked for and then kept, read-only. `indices` are the items' numbers in their dataset, for the sake of errors.

    A batcher is written once against this class. Where a loader can gather the arrays of a whole dataset, a column
    costs no more than a slice, and an item that is asked for is still the dataset's own.

    >>> from collections import namedtuple
    >>> Point = namedtuple("Point", "at inside")
    >>> items = Items([Point((0.5, 1.0), 0), Point((0.0, 0.25), 1)])
    >>> items.column("at")
    array([[0.5 , 1.  ],
           [0.  , 0.25]], dtype=float32)
    >>> items.column("inside"), items[1], len(items[:1])
    (array([0, 1]), Point(at=(0.0, 0.25), inside=1), 1)
    """

    __slots__ = ("_source", "_start", "_stop")

    def __init__(self, items: Iterable[I_co], indices: Sequence[int] | None = None) -> None:
        self._source: Source[I_co] = _Rows(tuple(items), indices)
        self._start = 0
        self._stop = len(self._source)

    @classmethod
    def from_columns(cls, columns: Mapping[str, NDArray[Any]], item: Callable[..., I_co]) -> Items[I_co]:
        """Items of which only the columns exist; `item(**fields)` makes one when it is asked for.

        The arrays share their first axis, over items. They are neither copied nor written to. Raises `DatasetError`
        when their lengths differ.

        >>> items = Items.from_columns({"x": np.zeros((3, 2)), "y": np.arange(3)}, dict)
        >>> len(items), items[2]["y"], items.column("x").dtype
        (3, 2, dtype('float32'))
        """
        source = _Columns(columns, item)
        return view(source, 0, len(source))

    def column(self, name: str, dtype: DTypeLike | None = None) -> NDArray[Any]:
        """The field `name` of all items: an array with one leading axis over items, read-only.

        Floats come as float32, ints as int64 and bools as bool unless a `dtype` is asked for. What is what, the
        item's annotations say; of a mapping, which has none, the values of these items. NaN passes. Raises
        `DatasetError`, with the item's number, for a field that is missing, whose values are no numbers or not of
        one shape, or that the dtype cannot hold.
        """
        return self._source.column(name, dtype)[self._start : self._stop]

    def take(self, positions: ArrayLike) -> Items[I_co]:
        """The items at these positions, in this order. Raises `DatasetError` for a position that is out of range.

        >>> list(Items("abc").take([2, 0]))
        ['c', 'a']
        """
        positions = np.array(positions, np.intp)  # a copy: columns and rows may be asked for much later
        if len(positions) and not 0 <= positions.min() <= positions.max() < len(self):
            wrong = positions[(positions < 0) | (positions >= len(self))][0]
            raise DatasetError(f"take: there is no position {wrong} among {len(self)} items")
        source = _Taken(self._source, positions + self._start if self._start else positions)
        return view(source, 0, len(source))

    def part(self, start: int, stop: int) -> Items[I_co]:
        """`items[start:stop]` for 0 <= start <= stop <= len(items), unchecked: what a loader makes for each batch."""
        return view(self._source, self._start + start, self._start + stop)

    @property
    def nbytes(self) -> int:
        """The memory of the columns given or built so far, those of the sequence that this is a part of."""
        return sum({id(array): array.nbytes for array in self._source.held()}.values())

    @overload
    def __getitem__(self, index: int) -> I_co: ...
    @overload
    def __getitem__(self, index: slice) -> Items[I_co]: ...
    def __getitem__(self, index: int | slice) -> I_co | Items[I_co]:
        positions = range(self._start, self._stop)[index]
        if isinstance(positions, int):
            return next(self._source.rows((positions,)))
        if positions.step == 1:
            return view(self._source, positions.start, max(positions.start, positions.stop))
        source = _Taken(self._source, np.array(positions, np.intp))
        return view(source, 0, len(source))

    def __len__(self) -> int:
        return self._stop - self._start

    def __iter__(self) -> Iterator[I_co]:
        return self._source.rows(range(self._start, self._stop))

    def __repr__(self) -> str:
        return f"Items({len(self)} items)"


def view(source: Source[I_co], start: int, stop: int) -> Items[I_co]:
    """The items `start` to `stop` of a source, unchecked."""
    items: Items[I_co] = Items.__new__(Items)
    items._source = source
    items._start = start
    items._stop = stop
    return items


class Source(ABC, Generic[I_co]):
    """What stands behind `Items`: rows, and columns that are built once."""

    __slots__ = ("arrays",)

    def __init__(self) -> None:
        self.arrays: dict[tuple[str, Any], NDArray[Any]] = {}

    def column(self, name: str, dtype: DTypeLike | None) -> NDArray[Any]:
        array = self.arrays.get((name, dtype))
        if array is None:
            wanted = None if dtype is None else np.dtype(dtype)
            array = self.arrays.get((name, wanted))
            if array is None:
                array = self.arrays[name, wanted] = self.build(name, wanted)
            self.arrays[name, dtype] = array  # np.float32 and np.dtype("float32") are different keys
        return array

    def held(self) -> Iterable[NDArray[Any]]:
        """The arrays that are there for the sake of these items."""
        return self.arrays.values()

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def rows(self, positions: Iterable[int]) -> Iterator[I_co]: ...

    @abstractmethod
    def build(self, name: str, dtype: np.dtype[Any] | None) -> NDArray[Any]:
        """A read-only array, frozen at the owner of its memory where that is ours: a Tensor may share it then."""


class _Rows(Source[I_co]):
    """Items as they are."""

    __slots__ = ("_indices", "_items")

    def __init__(self, items: tuple[I_co, ...], indices: Sequence[int] | None) -> None:
        super().__init__()
        self._items = items
        self._indices = range(len(items)) if indices is None else indices

    def __len__(self) -> int:
        return len(self._items)

    def rows(self, positions: Iterable[int]) -> Iterator[I_co]:
        return map(self._items.__getitem__, positions)

    def build(self, name: str, dtype: np.dtype[Any] | None) -> NDArray[Any]:
        return freeze(build_column(self._items, name, dtype, self._indices))


class _Taken(Source[I_co]):
    """Chosen rows of another source: a column is one gather from its column."""

    __slots__ = ("_positions", "_source")

    def __init__(self, source: Source[I_co], positions: NDArray[np.intp]) -> None:
        super().__init__()
        self._source = source
        self._positions = positions

    def __len__(self) -> int:
        return len(self._positions)

    def rows(self, positions: Iterable[int]) -> Iterator[I_co]:
        return self._source.rows(map(self._positions.item, positions))

    def build(self, name: str, dtype: np.dtype[Any] | None) -> NDArray[Any]:
        try:
            whole = self._source.column(name, dtype)
        except DatasetError:  # what cannot be in a column may be in an item that is none of these
            return freeze(build_column(list(self.rows(range(len(self)))), name, dtype, self._positions.tolist()))
        # The positions are in range; mode="clip" then says so to NumPy, which saves a third of the time.
        return freeze(whole.take(self._positions, 0, mode="clip"))


class _Columns(Source[I_co]):
    """Rows that are made of given columns."""

    __slots__ = ("_columns", "_item")

    def __init__(self, columns: Mapping[str, NDArray[Any]], item: Callable[..., I_co]) -> None:
        super().__init__()
        self._item = item
        self._columns = {name: np.asarray(array).view() for name, array in columns.items()}
        for array in self._columns.values():
            array.setflags(write=False)  # the view, not the caller's own array
        if len({array.shape[:1] for array in self._columns.values()} | {()}) != 2:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in self._columns.items())
            raise DatasetError(f"Items.from_columns: columns need one length, over items\n  got {shapes or 'none'}")

    def __len__(self) -> int:
        return len(next(iter(self._columns.values())))

    def held(self) -> Iterable[NDArray[Any]]:
        return chain(self._columns.values(), super().held())

    def rows(self, positions: Iterable[int]) -> Iterator[I_co]:
        for position in positions:
            # item(): Python's own numbers, as in a dataclass; of a matrix, the row
            fields = {n: a.item(position) if a.ndim == 1 else a[position] for n, a in self._columns.items()}
            yield self._item(**fields)

    def build(self, name: str, dtype: np.dtype[Any] | None) -> NDArray[Any]:
        if name not in self._columns:
            raise missing_field(name, list(self._columns), "these items have")
        array = self._columns[name]
        if array.dtype.kind == "O":  # whatever it holds; an error then names the item
            return freeze(column_of(array.tolist(), None, name, dtype, range(len(array))))
        wanted = dtype or default_dtype(array, name)
        return array if array.dtype == wanted else freeze(cast(array, wanted, name, range(len(array))))
