"""SequenceDataset: whatever has a length and items by number."""

from __future__ import annotations

from collections.abc import Mapping
from operator import index as as_int
from typing import Protocol, TypeVar

from ....errors import DatasetError
from ..dataset import Dataset

__all__ = ["SequenceDataset"]

I_co = TypeVar("I_co", covariant=True)


class SupportsItems(Protocol[I_co]):
    """A map-style dataset of another library, for one."""

    def __len__(self) -> int: ...
    def __getitem__(self, index: int, /) -> I_co: ...


class SequenceDataset(Dataset[I_co]):
    """The items of a sequence as they are, each asked for when it is needed: `sequence[index]`, from several threads.

    A Hugging Face `Dataset`, a map-style dataset of PyTorch, an array, a list. A batcher gets columns of items that are
    mappings, dataclasses or named tuples; `MapperDataset` makes such items of others.

    Raises `DatasetError` for what has no length or no items by number.

    >>> SequenceDataset(["a", "b"]).get(1), len(SequenceDataset(range(5)))
    ('b', 5)
    """

    def __init__(self, sequence: SupportsItems[I_co]) -> None:
        kind = type(sequence)
        if isinstance(sequence, type):
            raise DatasetError(f"SequenceDataset: {sequence.__name__} is a class\n  give an instance of it")
        if not (hasattr(kind, "__len__") and hasattr(kind, "__getitem__")) or isinstance(sequence, (Mapping, set)):
            help = "give what has len() and [index], or read it into memory: InMemDataset(items)"
            if isinstance(sequence, Dataset):
                help = "it is a Dataset already: use it as it is"
            elif isinstance(sequence, Mapping) and sequence:
                help = f"give one of its values, such as that of {next(iter(sequence))!r}"
            raise DatasetError(f"SequenceDataset: {kind.__name__} has no items by number\n  {help}")
        self._sequence = sequence

    def get(self, index: int) -> I_co | None:
        return self._sequence[as_int(index)] if 0 <= index < len(self) else None

    def __len__(self) -> int:
        return len(self._sequence)
