"""ShuffledDataset: a dataset in another order."""

from __future__ import annotations

from typing import TypeVar

from ..checks import length_of
from ..dataset import Dataset
from .selection import shuffled
from .transform import Reordered

__all__ = ["ShuffledDataset"]

I_co = TypeVar("I_co", covariant=True)


class ShuffledDataset(Reordered[I_co]):
    """All items of a dataset, each once, in one order for good, drawn from the seed.

    For a new order each epoch there is `DataLoaderBuilder.shuffle`; the two draw differently with the same seed.
    Raises `DatasetError` for a seed that is no integer >= 0.

    >>> from minigrad.data.dataset import InMemDataset
    >>> "".join(ShuffledDataset.with_seed(InMemDataset("abcdefg"), seed=1))
    'bgcaefd'
    """

    def __init__(self, dataset: Dataset[I_co], seed: int) -> None:
        super().__init__(dataset, shuffled("ShuffledDataset", length_of("ShuffledDataset", dataset), seed))

    @staticmethod
    def with_seed(dataset: Dataset[I_co], seed: int) -> ShuffledDataset[I_co]:
        """The same as `ShuffledDataset(dataset, seed)`."""
        return ShuffledDataset(dataset, seed)
