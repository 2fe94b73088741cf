"""Transform, a dataset made of others, and Reordered, the items of one by other numbers."""

from __future__ import annotations

from copy import copy
from operator import index as as_int
from operator import is_
from typing import TYPE_CHECKING, Any, TypeVar

from ..checks import in_range, integer
from ..dataset import Dataset, item_of

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from ...items import Items

__all__ = ["Reordered", "Transform"]

I_co = TypeVar("I_co", covariant=True)


class Transform(Dataset[I_co]):
    """A dataset made of others, its sources.

    Their lengths are asked for once, when it is made, and their items when one of its own is asked for. It can be
    pickled where its sources can.
    """

    def __init__(self, *sources: Dataset[Any]) -> None:
        self._sources = sources

    def at_epoch(self, epoch: int) -> Self:
        epoch = integer(f"{type(self).__name__}.at_epoch", "epoch", epoch)
        sources = tuple(source.at_epoch(epoch) for source in self._sources)
        if all(map(is_, sources, self._sources)):
            return self
        changed = copy(self)
        changed._sources = sources
        return changed


class Reordered(Transform[I_co]):
    """Items of one source by other numbers: item `i` is the source's item `indices[i]`."""

    def __init__(self, source: Dataset[I_co], indices: NDArray[np.intp] | range) -> None:
        super().__init__(source)
        self._indices = indices

    def get(self, index: int) -> I_co | None:
        if not 0 <= index < len(self._indices):
            return None
        source: Dataset[I_co] = self._sources[0]
        return item_of(source, as_int(self._indices[index]))

    def __len__(self) -> int:
        return len(self._indices)

    def get_batch(self, indices: NDArray[np.intp]) -> Items[I_co] | None:
        own, indices = self._indices, in_range(self, indices)
        return self._sources[0].get_batch(own.start + indices if isinstance(own, range) else own[indices])
