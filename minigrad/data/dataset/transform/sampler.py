"""SamplerDataset: items of a dataset drawn at random."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from ....errors import DatasetError
from ...column import freeze
from ...rng import stream
from ...weights import checked_weights, draw
from ..checks import integer, length_of
from ..dataset import Dataset
from .transform import Reordered

if TYPE_CHECKING:
    from typing import Self

    from numpy.typing import NDArray

    Weights = Sequence[float] | NDArray[Any]

__all__ = ["SamplerDataset"]

I_co = TypeVar("I_co", covariant=True)


class SamplerDataset(Reordered[I_co]):
    """`size` items of a dataset drawn at random; the same all through an epoch, and others in the next one.

    Item `i` depends on the seed, the epoch and `i` alone: a larger `size` begins with the same items. An item that
    weighs twice as much as another is drawn twice as often; one of weight 0 never is. Raises `DatasetError` for a
    negative size or seed, a size > 0 of an empty dataset, and weights that are not one for each item, finite, >= 0 and
    some > 0.

    >>> from minigrad.data.dataset import InMemDataset
    >>> letters = InMemDataset("abc")
    >>> "".join(SamplerDataset.with_replacement(letters, 12, weights=[1, 0, 5], seed=1))
    'cccccccaaccc'
    >>> sampler = SamplerDataset.without_replacement(letters, 6, seed=1)
    >>> ["".join(sampler.at_epoch(epoch)) for epoch in (0, 1)]
    ['abccab', 'bcabac']
    """

    _indices: NDArray[np.intp]

    def __init__(
        self,
        dataset: Dataset[I_co],
        size: int,
        *,
        replacement: bool = True,
        weights: Weights | None = None,
        seed: int = 0,
    ) -> None:
        self._length = length_of("SamplerDataset", dataset)
        self._size = integer("SamplerDataset", "size", size)
        self._seed = integer("SamplerDataset", "seed", seed)
        self._replacement = replacement
        self._weights = None if weights is None else checked_weights("SamplerDataset", weights, self._length)
        if self._size > 0 == self._length:
            raise DatasetError(f"SamplerDataset: {self._size} items of an empty {type(dataset).__name__}")
        super().__init__(dataset, self._drawn(0))

    @staticmethod
    def with_replacement(
        dataset: Dataset[I_co], size: int, weights: Weights | None = None, seed: int = 0
    ) -> SamplerDataset[I_co]:
        """Each item of the sample is drawn from all of the dataset, whatever else was drawn."""
        return SamplerDataset(dataset, size, replacement=True, weights=weights, seed=seed)

    @staticmethod
    def without_replacement(
        dataset: Dataset[I_co], size: int, weights: Weights | None = None, seed: int = 0
    ) -> SamplerDataset[I_co]:
        """No item is drawn again before all have been: in `k * len(dataset)` draws each comes `k` times.

        Weights then say which come first: each draw chooses among those that are left, in proportion to their weights.
        Those of weight 0 are not among them.
        """
        return SamplerDataset(dataset, size, replacement=False, weights=weights, seed=seed)

    def at_epoch(self, epoch: int) -> Self:
        changed = copy(super().at_epoch(epoch))
        changed._indices = self._drawn(epoch)
        return changed

    def _drawn(self, epoch: int) -> NDArray[np.intp]:
        if not self._size:
            return freeze(np.arange(0))
        if self._replacement:
            return freeze(self._draws(stream(self._seed, "sampler", epoch)))
        rounds = [self._round(stream(self._seed, "sampler", epoch, 0))]
        while len(rounds) * len(rounds[0]) < self._size:
            rounds.append(self._round(stream(self._seed, "sampler", epoch, len(rounds))))
        return freeze(np.concatenate(rounds)[: self._size].copy())

    def _draws(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """As many draws as there are to be, each from all items."""
        if self._weights is None:
            return rng.integers(self._length, size=self._size, dtype=np.intp)
        return draw(self._weights, self._size, rng)

    def _round(self, rng: np.random.Generator) -> NDArray[np.intp]:
        """All items, each once, in the order in which they were drawn from those that were left."""
        if self._weights is None:
            return rng.permutation(self._length)
        # In the order of falling log-weight plus Gumbel noise: draws without replacement (Yellott 1977).
        positive = np.flatnonzero(self._weights)
        keys = np.log(self._weights[positive]) + rng.gumbel(size=len(positive))
        return positive[np.argsort(-keys)]
