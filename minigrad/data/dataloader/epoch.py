"""Epoch: makes the batches of one pass, by item, by column or by strategy, and words what fails in the user's code."""

from __future__ import annotations

from collections.abc import Generator, Iterable, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Generic, TypeAlias, TypeVar

from ...errors import DatasetError, LoaderError, RecordError
from ..dataset.dataset import Dataset, checked_batch, missing_item
from ..items import Items
from .strategy import Arranger, few

if TYPE_CHECKING:
    from ...backend import Device
    from .batcher import Batcher
    from .plan import Plan

__all__ = ["Counted", "Epoch"]

B = TypeVar("B")
Counted: TypeAlias = tuple[int, B]  # a batch, after how many items of the epoch have been handed out

WINDOW_BYTES = 1 << 24  # of the columns that are gathered at once
ITEM_BYTES = 1 << 10  # of an item as it is: taken for so many where no column was asked for


class Epoch(Generic[B]):
    """One pass over a plan, of the dataset as it is in that epoch.

    The batches of a fixed size are numbered, so any thread can make any of them at any time.
    """

    def __init__(self, dataset: Dataset[Any], batcher: Batcher[Any, B], device: Device, plan: Plan, epoch: int) -> None:
        self._epoch = epoch
        self._dataset = self._of_epoch(dataset)
        self._batcher = batcher
        self._device = device
        self._plan = plan
        self._order = plan.order(epoch)
        self._order.setflags(write=False)  # get_batch sees parts of it

    def by_item(self, number: int, stopped: Sequence[object] = ()) -> Counted[B]:
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
        return stop, self._make(number, Items(items, indices))

    def gather(self, number: int, count: int) -> Items[Any] | None:
        """The items of `count` batches from this one on, by column; None when the dataset has no columns."""
        start, *_, stop = self._plan.edges(number, count)
        indices = self._order[start:stop]
        try:
            window = self._dataset.get_batch(indices)
        except Exception as error:
            raise self._failure(f"{type(self._dataset).__name__}.get_batch", error, number) from error
        return checked_batch(self._dataset, window, len(indices))

    def by_column(self, number: int, window: Items[Any], count: int) -> Generator[Counted[B], None, int]:
        """This batch and all that follow, of `window`, which holds `count` of them, and of windows gathered after it.

        Returns how many batches fit into a window. A window is large, so that an array costs one gather for many
        batches: each gather costs 30 us, and as much again in the steps after it. It is never written again: a fresh
        one is gathered, and the old one lives as long as anyone looks at it.
        """
        while True:
            edges = self._plan.edges(number, count)
            for start, stop in pairwise(edges):
                yield stop, self._make(number, window.part(start - edges[0], stop - edges[0]))
                number += 1
            fitting = max(1, WINDOW_BYTES * count // (window.nbytes or ITEM_BYTES * len(window)))
            count = min(fitting, self._plan.num_batches - number)
            if count == 0:
                return fitting
            following = self.gather(number, count)
            if following is None:
                raise DatasetError(f"{type(self._dataset).__name__}.get_batch returned items, then None in one epoch")
            window = following

    def item(self, place: int, stopped: Sequence[object] = ()) -> tuple[int, Any]:
        """The index and the item at this place of the order, for a strategy."""
        index = self._order.item(place)
        try:
            item = self._dataset.get(index)
        except Exception as error:
            raise LoaderError(
                f"{type(self._dataset).__name__}.get({index}) raised {type(error).__name__} "
                f"at item {place + 1} of {len(self._order)} of epoch {self._epoch + 1}\n  {error}"
            ) from error
        if item is None:
            raise missing_item(self._dataset, index)
        return index, item

    def by_strategy(self, items: Iterable[tuple[int, Any]], done: int) -> Generator[Counted[B], None, None]:
        """The batches that the plan's strategy makes of these items, all of the epoch, after the first `done` items.

        A strategy may keep anything in mind, so that what it makes of the last items needs all that came before them.
        """
        handed_out = 0
        batches = Arranger(self._plan.strategy).batches(items, flush=not self._plan.drop_last)
        for number, (indices, batch) in enumerate(batches):
            before, handed_out = handed_out, handed_out + len(batch)
            if before >= done:
                yield handed_out, self._make(number, Items(batch, indices), indices)
            elif handed_out > done:
                raise RecordError(
                    f"{type(self._plan.strategy).__name__} makes a batch of items {before + 1} to {handed_out}, and "
                    f"the record is of a loader that had handed out {done}\n"
                    f"  build it as the run that wrote the record did, or start it afresh"
                )

    def _make(self, number: int, items: Items[Any], indices: Sequence[int] | None = None) -> B:
        try:
            batch = self._batcher.batch(items, self._device)
        except Exception as error:
            raise self._failure(f"{type(self._batcher).__name__}.batch", error, number, indices) from error
        if batch is None:
            raise LoaderError(
                f"{type(self._batcher).__name__}.batch returned None {self._where(number, indices)}\n"
                f"  end it with a return of what a step takes"
            )
        return batch

    def _failure(self, call: str, error: Exception, number: int, indices: Sequence[int] | None = None) -> LoaderError:
        return LoaderError(f"{call} raised {type(error).__name__} {self._where(number, indices)}\n  {error}")

    def _where(self, number: int, indices: Sequence[int] | None) -> str:
        """Which batch: of these indices, where a strategy chose them, or of those that the plan says."""
        of = ""
        if indices is None:
            start, stop = self._plan.edges(number)
            indices, of = self._order[start:stop].tolist(), f" of {self._plan.num_batches}"
        return f"in batch {number + 1}{of} of epoch {self._epoch + 1}, of items {few(indices)}"

    def _of_epoch(self, dataset: Dataset[Any]) -> Dataset[Any]:
        call = f"{type(dataset).__name__}.at_epoch({self._epoch})"
        try:
            changed: object = dataset.at_epoch(self._epoch)
        except Exception as error:
            raise LoaderError(f"{call} raised {type(error).__name__} in epoch {self._epoch + 1}\n  {error}") from error
        if not isinstance(changed, Dataset):
            raise DatasetError(
                f"{call} returned {type(changed).__name__}, which is no Dataset\n"
                f"  return the dataset as it is in that epoch, or self"
            )
        if changed is not dataset and len(changed) != len(dataset):
            raise DatasetError(
                f"{call} has {len(changed)} items, and the dataset {len(dataset)}\n"
                f"  an epoch may change the items, but not how many there are"
            )
        return changed
