"""Items: what a batcher gets, a sequence of items that also gives columns."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar, overload

import numpy as np

from ..errors import DatasetError
from .item_sources import Columns, Rows, Source, Taken

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, DTypeLike, NDArray

__all__ = ["Items", "view"]

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
        self._source: Source[I_co] = Rows(tuple(items), indices)
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
        source = Columns(columns, item)
        return view(source, 0, len(source))

    def column(self, name: str, dtype: DTypeLike | None = None) -> NDArray[Any]:
        """The field `name` of all items: an array with one leading axis over items, read-only.

        Floats come as float32, ints as int64 and bools as bool unless a `dtype` is asked for. What is what, the
        item's annotations say; of a mapping, which has none, the values of these items. NaN passes. Raises
        `DatasetError`, with the item's number, for a field that is missing, whose values are no numbers or not of
        one shape, or that the dtype cannot hold.
        """
        return self._source.column(name, dtype, self._start, self._stop)

    def take(self, positions: ArrayLike) -> Items[I_co]:
        """The items at these positions, in this order. Raises `DatasetError` for a position that is out of range.

        >>> list(Items("abc").take([2, 0]))
        ['c', 'a']
        """
        given = np.array(positions)  # a copy: columns and rows may be asked for much later
        if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
            help = "\n  of a mask: np.flatnonzero(mask)" if given.dtype.kind == "b" else ""
            raise DatasetError(
                f"take: the positions are {given.dtype} of shape {given.shape}, and must be integers in a row{help}"
            )
        positions = given.astype(np.intp, copy=False)
        if len(positions) and not 0 <= positions.min() <= positions.max() < len(self):
            wrong = positions[(positions < 0) | (positions >= len(self))][0]
            raise DatasetError(f"take: there is no position {wrong} among {len(self)} items")
        source = Taken(self._source, positions + self._start if self._start else positions)
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
        source = Taken(self._source, np.array(positions, np.intp))
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
