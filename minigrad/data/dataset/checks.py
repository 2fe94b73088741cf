"""What datasets are given, checked before anything is made of it; the errors that it is refused with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import DatasetError
from .dataset import Dataset

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["in_range", "integer", "length_of"]


def length_of(call: str, dataset: object) -> int:
    """The length of what is handed to `call` as a dataset. Raises `DatasetError` for what is none or has none."""
    name = type(dataset).__name__
    if isinstance(dataset, type):
        raise DatasetError(
            f"{call} got the class {dataset.__name__} for a dataset\n  give what {dataset.__name__}(...) makes"
        )
    if not isinstance(dataset, Dataset):
        hint = "make it a subclass of Dataset with get(self, index) and __len__(self)"
        if isinstance(dataset, (list, tuple)):
            hint = f"write InMemDataset(...) around a {name} of items"
        raise DatasetError(f"{call} got {name}, which is no Dataset\n  {hint}")
    try:
        return len(dataset)
    except (TypeError, ValueError, OverflowError) as error:
        raise DatasetError(
            f"len({name}) failed: {error}\n  __len__ returns the number of items, an int >= 0"
        ) from error


def integer(call: str, name: str, value: Any, least: int = 0) -> int:
    """The value as an int. Raises `DatasetError` where it is none, or less than `least`."""
    if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)) or value < least:
        raise DatasetError(f"{call}: {name} is {value!r}, and must be an integer of at least {least}")
    return int(value)


def in_range(dataset: Dataset[Any], indices: NDArray[np.intp]) -> NDArray[np.intp]:
    """The same indices as an array. Raises `DatasetError` for one that the dataset does not have.

    Unchecked, -1 would become an item of a source that is none of this dataset's.
    """
    indices, length = np.asarray(indices, np.intp), len(dataset)
    if len(indices) and not 0 <= indices.min() <= indices.max() < length:
        wrong = indices[(indices < 0) | (indices >= length)][0]
        raise DatasetError(f"{type(dataset).__name__}.get_batch: there is no item {wrong} among {length}")
    return indices
