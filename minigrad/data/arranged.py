"""Items made of other items: several sequences end to end, and windows of neighbours."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import accumulate
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ..errors import DatasetError
from .column import cast, default_dtype, freeze
from .item_sources import Source
from .items import Items, view

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["joined", "windows"]

I = TypeVar("I")  # noqa: E741


def joined(parts: Sequence[Items[I]]) -> Items[I]:
    """The items of the parts, one part after the other.

    >>> items = joined([Items([{"x": 1}, {"x": 2}]), Items([{"x": 0.5}])])
    >>> items.column("x"), items[2]
    (array([1. , 2. , 0.5], dtype=float32), {'x': 0.5})
    """
    source = _Joined(parts)
    return view(source, 0, len(source))


def windows(items: Items[I], size: int) -> Items[tuple[I, ...]]:
    """The items in tuples of `size`; a column is one of theirs, cut into [windows, size, ...].

    >>> windows(Items([{"x": 1}, {"x": 2}, {"x": 3}, {"x": 4}]), 2).column("x")
    array([[1, 2],
           [3, 4]])
    """
    source = _Windows(items, size)
    return view(source, 0, len(source))


class _Joined(Source[I]):
    __slots__ = ("_parts", "_starts")

    def __init__(self, parts: Sequence[Items[I]]) -> None:
        super().__init__()
        self._parts = parts
        self._starts = [0, *accumulate(map(len, parts))]

    def __len__(self) -> int:
        return self._starts[-1]

    def rows(self, positions: Iterable[int]) -> Iterator[I]:
        for position in positions:
            part = bisect_right(self._starts, position) - 1
            yield self._parts[part][position - self._starts[part]]

    def build(self, name: str, dtype: np.dtype[Any] | None, start: int, stop: int) -> NDArray[Any]:
        spans = [(max(0, start - first), max(0, stop - first)) for first in self._starts]
        parts = [part[slice(*span)] for part, span in zip(self._parts, spans)]
        # an empty part may not know its shape; where all are empty, the first one says so
        arrays = [part.column(name, dtype) for part in parts if len(part)]
        arrays = arrays or [parts[0].column(name, dtype)]
        shapes = sorted({array.shape[1:] for array in arrays})
        if len(shapes) > 1:
            raise DatasetError(
                f"column({name!r}): an item has shape {shapes[0]} in one part, {shapes[1]} in another\n"
                f"  bring them to one shape in the datasets, or in the batcher: [item.{name} for item in items]"
            )
        array = np.concatenate(arrays)
        return freeze(cast(array, dtype or self._dtype(name, array), name, range(start, stop)))

    def _dtype(self, name: str, array: NDArray[Any]) -> np.dtype[Any]:
        """That of all parts: one of floats may have no item among these, and the next batch is to be like this one."""
        dtypes = [array.dtype]
        for part in self._parts:
            with suppress(DatasetError):  # an empty part may not know it
                dtypes.append(part.column(name).dtype)
        return default_dtype(np.empty(0, np.result_type(*dtypes)), name)


class _Windows(Source[tuple[I, ...]]):
    __slots__ = ("_items", "_size")

    def __init__(self, items: Items[I], size: int) -> None:
        super().__init__()
        self._items = items
        self._size = size

    def __len__(self) -> int:
        return len(self._items) // self._size

    def rows(self, positions: Iterable[int]) -> Iterator[tuple[I, ...]]:
        for position in positions:
            yield tuple(self._items.part(position * self._size, (position + 1) * self._size))

    def build(self, name: str, dtype: np.dtype[Any] | None, start: int, stop: int) -> NDArray[Any]:
        column = self._items.part(start * self._size, stop * self._size).column(name, dtype)
        return column.reshape(stop - start, self._size, *column.shape[1:])
