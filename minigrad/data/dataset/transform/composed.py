"""ComposedDataset: several datasets as one."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from ....errors import DatasetError
from ...arranged import joined
from ..checks import in_range, length_of
from ..dataset import Dataset, checked_batch, item_of
from .transform import Transform

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ...items import Items

__all__ = ["ComposedDataset"]

I_co = TypeVar("I_co", covariant=True)


class ComposedDataset(Transform[I_co]):
    """The items of several datasets, one dataset after the other. Raises `DatasetError` for none at all.

    It has columns where all of them have.

    >>> from minigrad.data.dataset import InMemDataset
    >>> both = ComposedDataset([InMemDataset("ab"), InMemDataset("xyz")])
    >>> list(both), both.get(2), both.get(5)
    (['a', 'b', 'x', 'y', 'z'], 'x', None)
    """

    def __init__(self, datasets: Iterable[Dataset[I_co]]) -> None:
        if not isinstance(datasets, Iterable) or isinstance(datasets, Dataset):
            name = type(datasets).__name__
            raise DatasetError(f"ComposedDataset got {name}, no list\n  write ComposedDataset([first, second])")
        given = list(datasets)
        if not given:
            raise DatasetError("ComposedDataset got no datasets\n  write ComposedDataset([first, second])")
        lengths = [length_of("ComposedDataset", dataset) for dataset in given]
        # An empty one has no items that could tell its columns, and must not take those of the others away.
        super().__init__(*[dataset for dataset, length in zip(given, lengths) if length])
        self._starts = [0, *accumulate(filter(None, lengths))]

    def get(self, index: int) -> I_co | None:
        if not 0 <= index < len(self):
            return None
        part = bisect_right(self._starts, index) - 1
        source: Dataset[I_co] = self._sources[part]
        return item_of(source, index - self._starts[part])

    def __len__(self) -> int:
        return self._starts[-1]

    def get_batch(self, indices: NDArray[np.intp]) -> Items[I_co] | None:
        parts, places = [], []
        indices = in_range(self, indices)
        which = np.searchsorted(self._starts, indices, side="right") - 1
        for number, source in enumerate(self._sources):
            places.append(np.flatnonzero(which == number))
            # asked in any case: whether there are columns must not depend on the indices
            part = source.get_batch(indices[places[-1]] - self._starts[number])
            part = checked_batch(source, part, len(places[-1]))
            if part is None:
                return None
            parts.append(part)
        return joined(parts).take(np.argsort(np.concatenate(places))) if parts else None
