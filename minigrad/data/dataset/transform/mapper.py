"""MapperDataset: each item made into another one."""

from __future__ import annotations

import inspect
from abc import ABC, abstractmethod
from collections.abc import Callable
from copy import copy
from operator import index as as_int
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

from ....errors import DatasetError
from ...rng import stream
from ..checks import in_range, integer, length_of
from ..dataset import Dataset, checked_batch, item_of
from .transform import Transform

if TYPE_CHECKING:
    from typing import Self

    import numpy as np
    from numpy.typing import NDArray

    from ...items import Items

__all__ = ["Mapper", "MapperDataset"]

I = TypeVar("I")  # noqa: E741
O = TypeVar("O")  # noqa: E741
O_co = TypeVar("O_co", covariant=True)


class Mapper(ABC, Generic[I, O]):
    """Makes an item into another one. A function will do, unless it can do the same to columns.

    >>> class Double(Mapper[int, int]):
    ...     def map(self, item):
    ...         return 2 * item
    """

    @abstractmethod
    def map(self, item: I) -> O:
        """The new item. The given one is the source's own: it is not to be changed."""

    def map_batch(self, items: Items[I]) -> Items[O] | None:
        """The same for many items at once, by column; None where this mapper works by item alone.

        `Items.from_columns({"x": 2 * items.column("x")}, Item)`, for one.
        """
        return None


class MapperDataset(Transform[O_co]):
    """`function(item)` of each item of a dataset, each time that it is asked for.

    With a `seed` it is `function(item, rng)`, where `rng` is a NumPy generator of its own for every seed, epoch and
    item: so an augmentation gives the same bits with any number of workers, and others in each epoch. Two mappers side
    by side, of two datasets, want two seeds. A `Mapper` stands for its `map`. Nothing is kept:
    `InMemDataset(MapperDataset(...))` maps once and for all. The function makes a new item and leaves the source's own
    as it was. Raises `DatasetError` for what is no function, and where it returns None.

    >>> from minigrad.data.dataset import InMemDataset
    >>> numbers = InMemDataset([1.0, 2.0, 3.0])
    >>> list(MapperDataset(numbers, lambda x: 10 * x))
    [10.0, 20.0, 30.0]
    >>> noisy = MapperDataset(numbers, lambda x, rng: round(x + rng.normal(), 2), seed=1)
    >>> noisy.get(0), noisy.get(0), noisy.at_epoch(1).get(0)
    (1.61, 1.61, 0.58)
    """

    @overload
    def __init__(self, dataset: Dataset[I], function: Callable[[I], O_co] | Mapper[I, O_co]) -> None: ...
    @overload
    def __init__(
        self, dataset: Dataset[I], function: Callable[[I, np.random.Generator], O_co], *, seed: int
    ) -> None: ...
    def __init__(self, dataset: Dataset[Any], function: Any, *, seed: int | None = None) -> None:
        super().__init__(dataset)
        self._length = length_of("MapperDataset", dataset)
        self._seed = None if seed is None else integer("MapperDataset", "seed", seed)
        self._function: Callable[..., O_co] = _checked(function, seed)
        self._map_batch = getattr(function, "map_batch", None) if seed is None else None
        self._depth = _depth(dataset)
        self._epoch = 0

    def get(self, index: int) -> O_co | None:
        if not 0 <= index < self._length:
            return None
        item = item_of(self._sources[0], index)
        rng = [] if self._seed is None else [stream(self._seed, "mapper", self._depth, self._epoch, as_int(index))]
        try:
            mapped = self._function(item, *rng)
        except Exception as error:
            error.add_note(f"MapperDataset: {_name(self._function)} was given item {index}")
            raise
        if mapped is None:
            name = _name(self._function)
            raise DatasetError(
                f"MapperDataset: {name} returned None for item {index}\n  end it with a return of the new item"
            )
        return mapped

    def __len__(self) -> int:
        return self._length

    def get_batch(self, indices: NDArray[np.intp]) -> Items[O_co] | None:
        if self._map_batch is None:
            return None
        source = self._sources[0]
        items = checked_batch(source, source.get_batch(in_range(self, indices)), len(indices))
        return None if items is None else self._map_batch(items)

    def at_epoch(self, epoch: int) -> Self:
        changed = super().at_epoch(epoch)
        if self._seed is not None:
            changed = copy(changed)
            changed._epoch = epoch
        return changed


def _depth(dataset: Dataset[Any]) -> int:
    """How many mappers stand below. Two of them with one seed must not draw the same numbers."""
    if not isinstance(dataset, Transform):
        return 0
    return isinstance(dataset, MapperDataset) + max(map(_depth, dataset._sources), default=0)


def _name(function: Callable[..., Any]) -> str:
    return getattr(function, "__qualname__", repr(function))


def _checked(function: Any, seed: int | None) -> Callable[..., Any]:
    """What is called for each item."""
    if isinstance(function, type) and hasattr(function, "map"):
        name = function.__name__
        raise DatasetError(f"MapperDataset got the class {name}\n  write MapperDataset(dataset, {name}())")
    call = getattr(function, "map", function)
    if not callable(call):
        raise DatasetError(
            f"MapperDataset got {function!r} for a function\n"
            f"  give one that takes an item, or a Mapper with map(self, item)"
        )
    try:
        signature = inspect.signature(call)
    except ValueError:  # of some that are written in C nothing is known
        return call  # type: ignore[no-any-return]
    wanted = ("item",) if seed is None else ("item", "rng")
    try:
        signature.bind(*wanted)
    except TypeError:
        name = _name(call)
        now, own = (f"{name}({', '.join(names)})" for names in (wanted, signature.parameters))
        help = f"without a seed it is called with the item alone: {name}(item)"
        if seed is None:
            help = f"with seed=... it is called with a generator too: {name}(item, rng)"
        raise DatasetError(f"MapperDataset calls {now}, but it is {own}\n  {help}") from None
    return call  # type: ignore[no-any-return]
