"""PartialDataset: a stretch of a dataset."""

from __future__ import annotations

from itertools import pairwise
from typing import TypeVar

from ....errors import DatasetError
from ..checks import integer, length_of
from ..dataset import Dataset
from .transform import Reordered

__all__ = ["PartialDataset", "parts_of"]

I_co = TypeVar("I_co", covariant=True)


class PartialDataset(Reordered[I_co]):
    """The items `start` to `end` of a dataset, without `end`; an `end` beyond its last item means all that follow.

    Raises `DatasetError` unless 0 <= start <= end and `start` is within the dataset.

    >>> from minigrad.data.dataset import InMemDataset
    >>> letters = InMemDataset("abcdefg")
    >>> list(PartialDataset(letters, 2, 5))
    ['c', 'd', 'e']
    >>> [list(part) for part in PartialDataset.split(letters, 3)]
    [['a', 'b'], ['c', 'd'], ['e', 'f', 'g']]
    """

    def __init__(self, dataset: Dataset[I_co], start: int, end: int) -> None:
        length = length_of("PartialDataset", dataset)
        start, end = integer("PartialDataset", "start", start), integer("PartialDataset", "end", end)
        if not start <= min(end, length):
            raise DatasetError(
                f"PartialDataset: items {start} to {end} of {length} are none\n"
                f"  give 0 <= start <= end, and a start of at most {length}"
            )
        super().__init__(dataset, range(start, min(end, length)))

    @staticmethod
    def split(dataset: Dataset[I_co], n: int) -> list[PartialDataset[I_co]]:
        """`n` parts that follow each other and make the whole: equal ones, the last with what is left.

        Raises `DatasetError` for n < 1, and where a part would have no items.
        """
        edges = parts_of("PartialDataset.split", length_of("PartialDataset.split", dataset), n)
        return [PartialDataset(dataset, start, end) for start, end in pairwise(edges)]


def parts_of(call: str, length: int, n: int) -> list[int]:
    """Where `n` parts of `length` items begin, and where the last one ends."""
    n = integer(call, "the number of parts", n, 1)
    if n > length:
        help = f"\n  ask for {length} at most" if length else ""
        raise DatasetError(f"{call}: {n} parts of {length} items: some would be empty{help}")
    return [*range(0, length // n * n, length // n), length]
