"""WindowsDataset: neighbouring items as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ...arranged import windows
from ..checks import in_range, integer, length_of
from ..dataset import Dataset, checked_batch, item_of
from .transform import Transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...items import Items

__all__ = ["WindowsDataset"]

I = TypeVar("I")  # noqa: E741


class WindowsDataset(Transform[tuple[I, ...]]):
    """Item `i` is the tuple of a dataset's items `i` to `i + size - 1`: all windows of that size, which overlap.

    A batcher's `items.column(name)` is [batch, size, ...]. A dataset shorter than `size` has no window.
    Raises `DatasetError` for a size < 1.

    >>> from minigrad.data.dataset import InMemDataset
    >>> list(WindowsDataset(InMemDataset("abcd"), 3))
    [('a', 'b', 'c'), ('b', 'c', 'd')]
    >>> series = WindowsDataset(InMemDataset([{"t": 0.0}, {"t": 0.5}, {"t": 1.0}]), 2)
    >>> series.get_batch(np.array([0, 1])).column("t")
    array([[0. , 0.5],
           [0.5, 1. ]], dtype=float32)
    """

    def __init__(self, dataset: Dataset[I], size: int) -> None:
        super().__init__(dataset)
        length = length_of("WindowsDataset", dataset)
        self._size = integer("WindowsDataset", "size", size, 1)
        self._length = max(0, length - self._size + 1)

    def get(self, index: int) -> tuple[I, ...] | None:
        if not 0 <= index < self._length:
            return None
        return tuple(item_of(self._sources[0], place) for place in range(index, index + self._size))

    def __len__(self) -> int:
        return self._length

    def get_batch(self, indices: NDArray[np.intp]) -> Items[tuple[I, ...]] | None:
        places = in_range(self, indices)[:, None] + np.arange(self._size)
        source = self._sources[0]
        items = checked_batch(source, source.get_batch(places.reshape(-1)), places.size)
        return None if items is None else windows(items, self._size)
