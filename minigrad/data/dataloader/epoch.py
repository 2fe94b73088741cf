"""Epoch: makes the batches of one pass, by item or by column, and words what fails in the user's code."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ...errors import DatasetError, LoaderError
from ..dataset.dataset import missing_item
from ..items import Items

if TYPE_CHECKING:
    from ...backend import Device
    from ..dataset import Dataset
    from .batcher import Batcher
    from .plan import Plan

__all__ = ["Epoch"]

B = TypeVar("B")

WINDOW_BYTES = 1 << 24  # of the columns that are gathered at once


class Epoch(Generic[B]):
    """One pass over a plan. Its batches are numbered, so any thread can make any of them at any time."""

    def __init__(self, dataset: Dataset[Any], batcher: Batcher[Any, B], device: Device, plan: Plan, epoch: int) -> None:
        self._dataset = dataset
        self._batcher = batcher
        self._device = device
        self._plan = plan
        self._epoch = epoch
        self._order = plan.order(epoch)
        self._order.setflags(write=False)  # get_batch sees parts of it

    def by_item(self, number: int, stopped: Sequence[object] = ()) -> B:
        """One batch, of what `get` gives. A worker that is `stopped` gives up before the next item."""
        get = self._dataset.get
        start, stop = self._plan.edges(number)
        indices = self._order[start:stop].tolist()
        items: list[Any] = []
        try:
            for index in indices:
                if stopped:
                    break
                item = get(index)
                if item is None:
                    break
                items.append(item)
        except Exception as error:
            raise self._failure(f"{type(self._dataset).__name__}.get({index})", error, number) from error
        if len(items) < len(indices):  # or stopped: then nobody hears of it
            raise missing_item(self._dataset, indices[len(items)])
        return self._make(number, Items(items, indices))

    def gather(self, number: int, count: int) -> Items[Any] | None:
        """The items of `count` batches from this one on, by column; None when the dataset has no columns."""
        start, *_, stop = self._plan.edges(number, count)
        indices = self._order[start:stop]
        name = f"{type(self._dataset).__name__}.get_batch"
        try:
            window = self._dataset.get_batch(indices)
        except Exception as error:
            raise self._failure(name, error, number) from error
        if window is not None and not isinstance(window, Items):
            raise DatasetError(
                f"{name} returned {type(window).__name__}\n"
                f"  return Items.from_columns({{name: array[indices], ...}}, Item), or None for no columns"
            )
        if window is not None and len(window) != len(indices):
            raise DatasetError(
                f"{name} returned {len(window)} items for {len(indices)} indices\n"
                f"  return one item an index, in the order of the indices"
            )
        return window

    def by_column(self, number: int, window: Items[Any], count: int) -> Generator[B, None, int]:
        """This batch and all that follow, of `window`, which holds `count` of them, and of windows gathered after it.

        Returns how many batches fit into a window. A window is large, so that an array costs one gather for many
        batches: each gather costs 30 us, and as much again in the steps after it. It is never written again: a fresh
        one is gathered, and the old one lives as long as anyone looks at it.
        """
        while True:
            edges = self._plan.edges(number, count)
            for start, stop in pairwise(edges):
                yield self._make(number, window.part(start - edges[0], stop - edges[0]))
                number += 1
            fitting = max(1, WINDOW_BYTES * len(window) // (max(1, window.nbytes) * self._plan.batch_size))
            count = min(fitting, self._plan.num_batches - number)
            if count == 0:
                return fitting
            following = self.gather(number, count)
            if following is None:
                raise DatasetError(f"{type(self._dataset).__name__}.get_batch returned items, then None in one epoch")
            window = following

    def _make(self, number: int, items: Items[Any]) -> B:
        try:
            batch = self._batcher.batch(items, self._device)
        except Exception as error:
            raise self._failure(f"{type(self._batcher).__name__}.batch", error, number) from error
        if batch is None:
            raise LoaderError(
                f"{type(self._batcher).__name__}.batch returned None {self._where(number)}\n"
                f"  end it with a return of what a step takes"
            )
        return batch

    def _failure(self, call: str, error: Exception, number: int) -> LoaderError:
        return LoaderError(f"{call} raised {type(error).__name__} {self._where(number)}\n  {error}")

    def _where(self, number: int) -> str:
        start, stop = self._plan.edges(number)
        items = ", ".join(map(str, self._order[start : min(stop, start + 8)])) + (", ..." if stop > start + 8 else "")
        return f"in batch {number + 1} of {self._plan.num_batches} of epoch {self._epoch + 1}, of items {items}"
