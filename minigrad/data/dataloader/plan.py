"""Plan: which items make which batch. Shuffling, slicing and dropping change the plan and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from ..rng import stream

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["Plan"]


@dataclass(frozen=True)
class Plan:
    """The same for every epoch but for the order, which is keyed by (seed, epoch): nothing to save, nothing to lose.

    >>> plan = Plan(range(10), batch_size=4, seed=None, drop_last=False)
    >>> plan.num_batches, [plan.order(0)[slice(*plan.edges(i))].tolist() for i in range(3)]
    (3, [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]])
    >>> plan.edges(0, 3)
    [0, 4, 8, 10]
    """

    indices: range
    batch_size: int
    seed: int | None
    drop_last: bool

    @property
    def num_batches(self) -> int:
        return (len(self.indices) + (0 if self.drop_last else self.batch_size - 1)) // self.batch_size

    @property
    def num_items(self) -> int:
        """The items of an epoch: without those that `drop_last` drops."""
        return self.edges(self.num_batches, 0)[0]

    def order(self, epoch: int) -> NDArray[np.intp]:
        """The dataset's indices in the order of this epoch: all of them, each once."""
        if self.seed is None:
            return np.arange(self.indices.start, self.indices.stop)
        order = stream(self.seed, "shuffle", epoch).permutation(len(self.indices))
        order += self.indices.start
        return order

    def edges(self, batch: int, count: int = 1) -> list[int]:
        """Where in the order this batch, counted from 0, and the following ones begin; and where the last one ends."""
        edges = list(range(batch * self.batch_size, (batch + count) * self.batch_size + 1, self.batch_size))
        edges[-1] = min(edges[-1], len(self.indices))
        return edges

    def slice(self, start: int | None, end: int | None) -> Plan:
        return replace(self, indices=self.indices[start:end])
