"""SelectionDataset: chosen items of a dataset."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ....errors import DatasetError
from ...column import freeze
from ...rng import stream
from ..checks import integer, length_of
from ..dataset import Dataset
from .partial import parts_of
from .transform import Reordered

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["SelectionDataset"]

I_co = TypeVar("I_co", covariant=True)


class SelectionDataset(Reordered[I_co]):
    """The items of a dataset with these indices, in this order; an index may come several times.

    It is a value: `shuffle`, `slice` and `split` make new ones. Raises `DatasetError` for an index that is no integer,
    negative, or out of range.

    >>> from minigrad.data.dataset import InMemDataset
    >>> letters = InMemDataset("abcdefg")
    >>> chosen = SelectionDataset.from_indices_checked(letters, [4, 0, 0, 2])
    >>> list(chosen), list(chosen.slice(1, 3))
    (['e', 'a', 'a', 'c'], ['a', 'a'])
    >>> train, test = SelectionDataset.new_shuffled(letters, seed=1).split(2)
    >>> sorted([*train, *test])
    ['a', 'b', 'c', 'd', 'e', 'f', 'g']
    """

    _indices: NDArray[np.intp]

    def __init__(self, dataset: Dataset[I_co], indices: Iterable[int]) -> None:
        super().__init__(dataset, _checked(indices, length_of("SelectionDataset", dataset)))

    @staticmethod
    def from_indices_checked(dataset: Dataset[I_co], indices: Iterable[int]) -> SelectionDataset[I_co]:
        """The same as `SelectionDataset(dataset, indices)`, which always checks: an array of indices is soon read."""
        return SelectionDataset(dataset, indices)

    @staticmethod
    def new_select_all(dataset: Dataset[I_co]) -> SelectionDataset[I_co]:
        """All items in their order."""
        return SelectionDataset(dataset, np.arange(length_of("SelectionDataset.new_select_all", dataset)))

    @staticmethod
    def new_shuffled(dataset: Dataset[I_co], seed: int) -> SelectionDataset[I_co]:
        """All items, each once, in an order drawn from the seed."""
        return SelectionDataset.new_select_all(dataset).shuffle(seed)

    @property
    def indices(self) -> NDArray[np.intp]:
        """The source's index of every item, read-only."""
        return self._indices

    def shuffle(self, seed: int) -> SelectionDataset[I_co]:
        """The same items in an order drawn from the seed."""
        order = shuffled("SelectionDataset.shuffle", len(self), seed)
        return SelectionDataset(self._sources[0], self._indices[order])

    def slice(self, start: int | None, end: int | None) -> SelectionDataset[I_co]:
        """The items `start` to `end` of these, counted as Python's slices do."""
        return SelectionDataset(self._sources[0], self._indices[start:end])

    def split(self, n: int) -> list[SelectionDataset[I_co]]:
        """`n` parts that follow each other, as those of `PartialDataset.split`."""
        edges = parts_of("SelectionDataset.split", len(self), n)
        return [self.slice(start, end) for start, end in pairwise(edges)]


def shuffled(call: str, length: int, seed: int) -> NDArray[np.intp]:
    """The numbers below `length` in an order drawn from the seed."""
    return freeze(stream(integer(call, "seed", seed), "shuffled").permutation(length).astype(np.intp, copy=False))


def _checked(indices: Iterable[int], length: int) -> NDArray[np.intp]:
    """A read-only copy of the indices."""
    try:
        given: NDArray[Any] = np.array(indices if isinstance(indices, np.ndarray) else list(indices))
    except TypeError:
        raise _no_indices(f"{indices!r}") from None
    except ValueError:
        raise _no_indices("a ragged list") from None
    if given.dtype.kind == "b":
        raise DatasetError(
            f"SelectionDataset: the indices are a mask of {given.size} bools\n  write np.flatnonzero(mask)"
        )
    if given.ndim != 1 or (given.size and given.dtype.kind not in "iu"):
        raise _no_indices(f"an array of {given.dtype} of shape {given.shape}")
    outside = (given < 0) | (given >= length)
    if outside.any():
        place = int(outside.argmax())
        help = f"\n  give integers from 0 to {length - 1}" if length else ""
        raise DatasetError(
            f"SelectionDataset: index {given[place]} at position {place} is none of a dataset of {length} items{help}"
        )
    return freeze(given.astype(np.intp, copy=False))


def _no_indices(what: str) -> DatasetError:
    return DatasetError(f"SelectionDataset: the indices are {what}, and must be a list of integers")
