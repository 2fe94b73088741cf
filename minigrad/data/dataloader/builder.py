"""DataLoaderBuilder: how to read a dataset, said step by step."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Generic, NamedTuple, TypeVar

from ...backend import Device, NdArray
from ...errors import DatasetError, LoaderError
from ..dataset.checks import length_of
from ..weights import checked_weights
from .batcher import Batcher
from .checks import check_device, check_instance, flag, whole
from .loader import DataLoader
from .plan import Plan
from .strategy import BatchStrategy, FixBatchStrategy
from .workers import Workers

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import ArrayLike, NDArray

    from ..dataset import Dataset

__all__ = ["DataLoaderBuilder"]

I = TypeVar("I")  # noqa: E741
B = TypeVar("B")


@dataclass(frozen=True)
class _Settings:
    strategy: BatchStrategy[Any] = field(default_factory=lambda: FixBatchStrategy(1))
    shuffle: int | None = None  # its seed
    weights: _Weights | None = None
    workers: int = 0
    persistent: bool = False
    device: Device | None = None
    drop_last: bool = False


class _Weights(NamedTuple):
    values: NDArray[np.float64]
    seed: int
    num_items: int | None


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
        check_instance(batcher, Batcher, "DataLoaderBuilder", "a method batch(self, items, device)")
        self._batcher = batcher
        self._settings = _Settings()

    def batch_size(self, size: int) -> DataLoaderBuilder[I, B]:
        """Items a batch; the last batch of an epoch may have fewer. 1 if not given."""
        return self._with(strategy=FixBatchStrategy(whole(size, 1, f"batch_size({size!r})", "such as batch_size(32)")))

    def batch_strategy(self, strategy: BatchStrategy[I]) -> DataLoaderBuilder[I, B]:
        """Instead of a batch size: what decides, as items come in the order of the epoch, which make a batch.

        Workers then get items, and the caller's thread makes the batches. Their number is not known beforehand.
        """
        methods = "methods add(self, item), batch(self, force) and clone_dyn(self)"
        check_instance(strategy, BatchStrategy, "batch_strategy", methods)
        return self._with(strategy=strategy)

    def shuffle(self, seed: int) -> DataLoaderBuilder[I, B]:
        """A new order each epoch, a permutation of the whole dataset drawn from (seed, epoch). Off if not given."""
        return self._with(shuffle=whole(seed, 0, f"shuffle({seed!r})", "the seed of the order, such as shuffle(42)"))

    def weights(self, weights: ArrayLike, seed: int, num_items: int | None = None) -> DataLoaderBuilder[I, B]:
        """Draws items with replacement, in proportion to weights, one for each item of the dataset.

        An epoch has `num_items` of them, as many as the dataset if not given; which ones, (seed, epoch) decides. A
        slice of the loader draws by the weights of its items, and its share of `num_items`. The order is random, so
        there is no shuffling besides. Raises `DatasetError` for weights that are not finite, >= 0 and some > 0.

        >>> from minigrad.data.dataset import InMemDataset
        >>> class Text(Batcher[str, str]):
        ...     def batch(self, items, device):
        ...         return "".join(items)
        >>> rare = DataLoaderBuilder(Text()).batch_size(10).weights([1, 9, 0], seed=1, num_items=20)
        >>> list(rare.build(InMemDataset("abc")))
        ['bbbabbbbbb', 'bbbbbbbbbb']
        """
        checked = checked_weights("weights", weights)
        seed = whole(seed, 0, f"weights(seed={seed!r})", "such as weights(w, seed=42)")
        if num_items is not None:
            num_items = whole(num_items, 1, f"weights(num_items={num_items!r})", "the items of an epoch")
        return self._with(weights=_Weights(checked, seed, num_items))

    def num_workers(self, workers: int) -> DataLoaderBuilder[I, B]:
        """Threads that get and batch items ahead, at most two batches each; 0 works in the caller's thread.

        Batches and their order are the same for any number. Each worker makes whole batches, so give it a few of them.
        It helps where `get` or `batch` waits or releases the GIL: files, decompression, large NumPy operations; where
        they are Python code a worker only adds switching. A dataset that hands out columns needs none and starts none.
        """
        return self._with(workers=whole(workers, 0, f"num_workers({workers!r})", "0 for none"))

    def persistent_workers(self, persistent: bool = True) -> DataLoaderBuilder[I, B]:
        """Workers stay for the next pass, and end with the loader and those that were made of it.

        Worth it where passes are short, or where `get` keeps something open for each thread. Otherwise each pass
        starts and ends its own.
        """
        return self._with(persistent=flag(persistent, "persistent_workers"))

    def set_device(self, device: Device) -> DataLoaderBuilder[I, B]:
        """The device that the batcher gets; `NdArray()` if not given."""
        check_device(device, "set_device")
        return self._with(device=device)

    def drop_last(self, drop: bool = True) -> DataLoaderBuilder[I, B]:
        """Leaves out the last batch of an epoch where it would be short, or what a strategy still holds in the end."""
        return self._with(drop_last=flag(drop, "drop_last"))

    def build(self, dataset: Dataset[I]) -> DataLoader[B]:
        """A loader of this dataset. Raises `DatasetError` for one that is empty or has no length that can be."""
        name, settings, length = type(dataset).__name__, self._settings, length_of("build", dataset)
        if length == 0:
            raise DatasetError(f"build got an empty {name}: there is nothing to make batches of")
        plan = Plan(range(length), settings.strategy, settings.shuffle, settings.drop_last)
        if settings.weights is not None:
            plan = self._weighted(plan, name, settings.weights)
        if plan.num_items == 0:
            raise DatasetError(
                f"drop_last drops every batch: {name} has {plan.order_length} items, a batch {plan.batch_size}\n"
                f"  write batch_size({plan.order_length}) or less, or drop_last(False)"
            )
        workers = Workers(settings.workers, settings.persistent)
        return DataLoader(dataset, self._batcher, settings.device or NdArray(), plan, workers)

    def _weighted(self, plan: Plan, name: str, weights: _Weights) -> Plan:
        length = len(plan.indices)
        if plan.seed is not None:
            raise LoaderError(
                "weights and shuffle both decide the order of the items\n"
                "  leave out shuffle: what is drawn by weights comes in a random order"
            )
        if len(weights.values) != length:
            raise DatasetError(
                f"there are {len(weights.values)} weights for the {length} items of {name}\n  give one for each item"
            )
        return replace(plan, seed=weights.seed, weights=weights.values, draws=weights.num_items or length)

    def _with(self, **changes: Any) -> DataLoaderBuilder[I, B]:
        builder = copy(self)
        builder._settings = replace(self._settings, **changes)
        return builder
