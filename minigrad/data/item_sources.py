"""Source: what stands behind Items, rows that give columns; items as they are, chosen ones, and given columns."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any, Generic, TypeVar

import numpy as np

from ..errors import DatasetError
from .column import build_column, cast, checked_dtype, column_of, default_dtype, freeze, missing_field

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

__all__ = ["Columns", "Rows", "Source", "Taken"]

I_co = TypeVar("I_co", covariant=True)


class Source(ABC, Generic[I_co]):
    """Rows, and columns that are built once."""

    __slots__ = ("arrays", "refused")

    def __init__(self) -> None:
        self.arrays: dict[tuple[str, Any], NDArray[Any]] = {}
        self.refused: set[tuple[str, Any]] = set()  # what not all items can be in

    def column(self, name: str, dtype: DTypeLike | None, start: int, stop: int) -> NDArray[Any]:
        """The column of the items `start` to `stop`: a part of the whole one, unless others do not fit into that.

        A loader gathers many batches at once; one with another shape, or a bad item, must not be the end of the rest.
        """
        array = self.arrays.get((name, dtype))
        if array is None:
            wanted = checked_dtype(dtype, name)
            array = self.whole(name, wanted)
            if array is None:
                return self.build(name, wanted, start, stop)
            self.arrays[name, dtype] = array  # np.float32 and np.dtype("float32") are different keys
        return array[start:stop]

    def whole(self, name: str, dtype: np.dtype[Any] | None) -> NDArray[Any] | None:
        """The column of all items, or None where there is none."""
        key = name, dtype
        array = self.arrays.get(key)
        if array is None and key not in self.refused:
            try:
                array = self.arrays[key] = self.build(name, dtype, 0, len(self))
            except DatasetError:
                self.refused.add(key)
        return array

    def held(self) -> Iterable[NDArray[Any]]:
        """The arrays that are there for the sake of these items."""
        return self.arrays.values()

    def __getstate__(self) -> tuple[None, dict[str, Any]]:
        """Without the columns: they can be built again, and come back from pickle writable."""
        slots: dict[str, Any] = object.__getstate__(self)[1]  # type: ignore[index]
        return None, slots | {"arrays": {}}

    @abstractmethod
    def __len__(self) -> int: ...

    @abstractmethod
    def rows(self, positions: Iterable[int]) -> Iterator[I_co]: ...

    @abstractmethod
    def build(self, name: str, dtype: np.dtype[Any] | None, start: int, stop: int) -> NDArray[Any]:
        """A read-only array, frozen at the owner of its memory where that is ours: a Tensor may share it then."""


class Rows(Source[I_co]):
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

    def build(self, name: str, dtype: np.dtype[Any] | None, start: int, stop: int) -> NDArray[Any]:
        return freeze(build_column(self._items[start:stop], name, dtype, self._indices[start:stop]))


class Taken(Source[I_co]):
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

    def build(self, name: str, dtype: np.dtype[Any] | None, start: int, stop: int) -> NDArray[Any]:
        positions = self._positions[start:stop]
        whole = self._source.whole(name, dtype)
        if whole is None:  # what cannot be in a column may be in an item that is none of these
            return freeze(build_column(list(self.rows(range(start, stop))), name, dtype, positions.tolist()))
        # The positions are in range; mode="clip" then says so to NumPy, which saves a third of the time.
        return freeze(whole.take(positions, 0, mode="clip"))


class Columns(Source[I_co]):
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

    def build(self, name: str, dtype: np.dtype[Any] | None, start: int, stop: int) -> NDArray[Any]:
        if name not in self._columns:
            raise missing_field(name, list(self._columns), "these items have")
        given, indices = self._columns[name], range(start, stop)
        array = given if len(indices) == len(given) else given[start:stop]
        if array.dtype.kind == "O":  # whatever it holds; an error then names the item
            return freeze(column_of(array.tolist(), None, name, dtype, indices))
        wanted = dtype or default_dtype(array, name)
        return array if array.dtype == wanted else freeze(cast(array, wanted, name, indices))

    def __reduce__(self) -> tuple[Any, ...]:
        return Columns, (self._columns, self._item)  # pickle's own way would leave the arrays writable
