"""Plan: which items make which batch. Shuffling, weights, slicing and dropping change the plan and nothing else."""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import LengthError, LoaderError
from ..rng import stream
from ..weights import draw
from .strategy import FixBatchStrategy

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from .strategy import BatchStrategy

__all__ = ["Plan"]


@dataclass(frozen=True, eq=False)
class Plan:
    """The same for every epoch but for the order, which is keyed by (seed, epoch): nothing to save, nothing to lose.

    With `weights`, one for each item of the dataset, an epoch is `draws` items drawn with replacement. A strategy that
    is not a fixed one makes the batches as the items come: then there are an order and its items, but no edges.

    >>> plan = Plan(range(10), FixBatchStrategy(4))
    >>> plan.num_batches, [plan.order(0)[slice(*plan.edges(i))].tolist() for i in range(3)]
    (3, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    >>> plan.edges(0, 3)
    [0, 4, 8, 10]
    """

    indices: range
    strategy: BatchStrategy[Any]
    seed: int | None = None
    drop_last: bool = False
    weights: NDArray[np.float64] | None = None
    draws: int = 0

    @property
    def batch_size(self) -> int | None:
        """Items a batch; None where the strategy decides."""
        return self.strategy.batch_size if type(self.strategy) is FixBatchStrategy else None

    @property
    def num_batches(self) -> int:
        """Raises `LengthError` where the strategy decides."""
        size = self._size
        return (self.order_length + (0 if self.drop_last else size - 1)) // size

    @property
    def num_items(self) -> int:
        """The items of an epoch: without those that `drop_last` drops, where that is known."""
        length = self.order_length
        return length - length % self._size if self.drop_last and self.batch_size else length

    @property
    def order_length(self) -> int:
        """The items of an epoch's order."""
        if self.weights is None:
            return len(self.indices)
        # A slice has its share of the draws. So counted, the shares of any parts add up to those of the whole.
        start, stop = (self.draws * edge // len(self.weights) for edge in (self.indices.start, self.indices.stop))
        return max(0, stop - start)  # an empty slice may be range(7, 3)

    def order(self, epoch: int) -> NDArray[np.intp]:
        """The dataset's indices in the order of this epoch: all of them, each once, unless weights decide."""
        start, stop = self.indices.start, self.indices.stop
        if self.seed is None:
            return np.arange(start, stop)
        if self.weights is None:
            order = stream(self.seed, "shuffle", epoch).permutation(len(self.indices))
        else:
            order = draw(self.weights[start:stop], self.order_length, stream(self.seed, "weights", epoch))
        order += start
        return order

    def edges(self, batch: int, count: int = 1) -> list[int]:
        """Where in the order this batch, counted from 0, and the following ones begin; and where the last one ends."""
        size = self._size
        edges = list(range(batch * size, (batch + count) * size + 1, size))
        edges[-1] = min(edges[-1], self.order_length)
        return edges

    def slice(self, start: int | None, end: int | None) -> Plan:
        """Raises `LoaderError` where no item of the slice can be drawn."""
        indices = self.indices[start:end]
        if self.weights is not None and indices and not self.weights[indices.start : indices.stop].any():
            raise LoaderError(
                f"slice({start}, {end}): the weights of items {indices.start} to {indices.stop - 1} are 0: "
                f"none can be drawn\n  slice where some are larger, or give the loader other weights"
            )
        return replace(self, indices=indices)

    @property
    def weights_sum(self) -> str | None:
        """A checksum of the weights and the number of draws, to tell one plan from another."""
        return None if self.weights is None else f"{zlib.crc32(self.weights.data, self.draws & 0xFFFFFFFF):08x}"

    @property
    def _size(self) -> int:
        size = self.batch_size
        if size is None:
            name = type(self.strategy).__name__
            raise LengthError(
                f"nobody knows beforehand how many batches {name} makes of {self.order_length} items\n"
                f"  num_items() is known, and progress() counts items: iter(loader).progress()"
            )
        return size
