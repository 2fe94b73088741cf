"""DataLoaderBuilder: how to read a dataset, said step by step."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import numpy as np

from ...backend import Device, NdArray
from ...errors import DatasetError, LoaderError
from ..dataset import Dataset
from .batcher import Batcher
from .loader import DataLoader, check_device
from .plan import Plan

__all__ = ["DataLoaderBuilder"]

I = TypeVar("I")  # noqa: E741
B = TypeVar("B")


@dataclass(frozen=True)
class _Settings:
    batch_size: int = 1
    seed: int | None = None
    workers: int = 0
    device: Device | None = None
    drop_last: bool = False


class DataLoaderBuilder(Generic[I, B]):
    """Builds loaders. Every method returns a new builder and leaves this one as it was.

    >>> from minigrad.data.dataset import InMemDataset
    >>> class Lists(Batcher[int, list[int]]):
    ...     def batch(self, items, device):
    ...         return list(items)
    >>> base = DataLoaderBuilder(Lists()).batch_size(3)
    >>> train = base.shuffle(42).build(InMemDataset(range(6)))
    >>> list(train), list(train)  # two epochs
    ([[3, 1, 2], [4, 0, 5]], [[0, 2, 5], [4, 1, 3]])
    >>> list(base.build(InMemDataset(range(6))))
    [[0, 1, 2], [3, 4, 5]]
    """

    def __init__(self, batcher: Batcher[I, B]) -> None:
        if isinstance(batcher, type):
            raise LoaderError(
                f"DataLoaderBuilder({batcher.__name__}) got the class\n  write DataLoaderBuilder({batcher.__name__}())"
            )
        if not isinstance(batcher, Batcher):
            raise LoaderError(
                f"DataLoaderBuilder({batcher!r}) got no batcher\n"
                f"  make it a subclass of Batcher with a method batch(self, items, device)"
            )
        self._batcher = batcher
        self._settings = _Settings()

    def batch_size(self, size: int) -> DataLoaderBuilder[I, B]:
        """Items a batch; the last batch of an epoch may have fewer. 1 if not given."""
        return self._with(batch_size=_whole(size, 1, "batch_size", "such as batch_size(32)"))

    def shuffle(self, seed: int) -> DataLoaderBuilder[I, B]:
        """A new order each epoch, a permutation of the whole dataset drawn from (seed, epoch). Off if not given."""
        return self._with(seed=_whole(seed, 0, "shuffle", "the seed of the order, such as shuffle(42)"))

    def num_workers(self, workers: int) -> DataLoaderBuilder[I, B]:
        """Threads that get and batch items ahead, at most two batches each; 0 works in the caller's thread.

        Batches and their order are the same for any number. Each worker makes whole batches, so give it a few of them.
        It helps where `get` or `batch` waits or releases the GIL: files, decompression, large NumPy operations; where
        they are Python code a worker only adds switching. A dataset that hands out columns needs none and starts none.
        """
        return self._with(workers=_whole(workers, 0, "num_workers", "0 for none"))

    def set_device(self, device: Device) -> DataLoaderBuilder[I, B]:
        """The device that the batcher gets; `NdArray()` if not given."""
        check_device(device, "set_device")
        return self._with(device=device)

    def drop_last(self, drop: bool = True) -> DataLoaderBuilder[I, B]:
        """Leaves out the last batch of an epoch where it would be short."""
        return self._with(drop_last=bool(drop))

    def build(self, dataset: Dataset[I]) -> DataLoader[B]:
        """A loader of this dataset. Raises `DatasetError` for one that is empty or has no length that can be."""
        given: object = dataset
        if not isinstance(given, Dataset):
            hint = "make it a subclass of Dataset with get(self, index) and __len__(self)"
            if isinstance(given, (list, tuple)):
                hint = f"write build(InMemDataset(...)) for a {type(given).__name__} of items"
            raise DatasetError(f"build got {type(given).__name__}, which is no Dataset\n  {hint}")
        name, settings = type(dataset).__name__, self._settings
        try:
            length = len(dataset)
        except (TypeError, ValueError, OverflowError) as error:
            raise DatasetError(
                f"len({name}) failed: {error}\n  __len__ returns the number of items, an int >= 0"
            ) from error
        if length == 0:
            raise DatasetError(f"build got an empty {name}: there is nothing to make batches of")
        plan = Plan(range(length), settings.batch_size, settings.seed, settings.drop_last)
        if plan.num_batches == 0:
            raise DatasetError(
                f"drop_last drops every batch: {name} has {length} items, a batch {settings.batch_size}\n"
                f"  write batch_size({length}) or less, or drop_last(False)"
            )
        return DataLoader(dataset, self._batcher, settings.device or NdArray(), plan, settings.workers)

    def _with(self, **changes: Any) -> DataLoaderBuilder[I, B]:
        builder = copy(self)
        builder._settings = replace(self._settings, **changes)
        return builder


def _whole(value: int, least: int, call: str, hint: str) -> int:
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise LoaderError(f"{call}({value!r}): give an integer >= {least}, {hint}")
    return int(value)
