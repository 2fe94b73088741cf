"""Order along an axis, and what occurs: positions are found without a gradient, which follows the elements taken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..arrays import INT, flag, normal_axis, one_of, positions, whole
from ..errors import ShapeError
from ..lifting import make, operands
from ..rules.scan import part

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "UniqueAll", "UniqueCounts", "UniqueInverse", "argsort", "searchsorted", "sort", "sort_with_indices", "topk",
    "unique_all", "unique_counts", "unique_inverse", "unique_values",
]  # fmt: skip


def sort(x: Tensor, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """From the least to the greatest, or back if `descending`; NaN counts as the greatest.

    >>> from minigrad import Tensor
    >>> Tensor([3.0, 1.0, 2.0]).sort(), Tensor([3.0, 1.0, 2.0]).sort(descending=True)
    (Tensor([1., 2., 3.], dtype=float32), Tensor([3., 2., 1.], dtype=float32))
    """
    if x.birth or not flag(stable, "sort(stable"):
        return sort_with_indices(x, axis, descending, stable)[0]
    axis, descending = normal_axis(axis, x.ndim, "sort"), flag(descending, "sort(descending")
    values = np.sort(x.data, axis)  # equal ones are the same: 6 ms a million against 46 by positions
    return make(np.flip(values, axis) if descending else values, x.device)


def argsort(x: Tensor, axis: int = -1, descending: bool = False, stable: bool = True) -> Tensor:
    """Int positions of the elements in order; if `stable`, equal ones stay in theirs. No gradient.

    >>> from minigrad import Tensor
    >>> Tensor([3, 1, 3]).argsort(), Tensor([3, 1, 3]).argsort(descending=True)
    (Tensor([1, 0, 2]), Tensor([0, 2, 1]))
    """
    axis, descending = normal_axis(axis, x.ndim, "argsort"), flag(descending, "argsort(descending")
    return make(_order(x.data, axis, descending, flag(stable, "argsort(stable")), x.device)


def _order(data: Any, axis: int, descending: bool, stable: bool = True) -> Any:
    if not descending:
        return np.argsort(data, axis, stable=stable)
    order = np.argsort(np.flip(data, axis), axis, stable=stable)  # from behind, or equal ones would change places
    return data.shape[axis] - 1 - np.flip(order, axis)


def sort_with_indices(
    x: Tensor, axis: int = -1, descending: bool = False, stable: bool = True
) -> tuple[Tensor, Tensor]:
    """The elements in order, and the Int positions where they stood."""
    axis = normal_axis(axis, x.ndim, "sort")
    order = argsort(x, axis, descending, stable)
    return x.take_along_axis(order, axis), order


def topk(x: Tensor, k: int, axis: int = -1, largest: bool = True) -> tuple[Tensor, Tensor]:
    """The `k` greatest elements along an axis, or the least, the best first, and their Int positions.

    Of equal elements the first ones. Raises `ShapeError` for more than there are.

    >>> from minigrad import Tensor
    >>> Tensor([3.0, 1.0, 2.0]).topk(2)
    (Tensor([3., 2.], dtype=float32), Tensor([0, 2]))
    """
    axis, k = normal_axis(axis, x.ndim, "topk"), whole(k, "topk(k")
    largest = flag(largest, "topk(largest")
    if not 0 <= k <= x.shape[axis]:
        raise ShapeError(f"topk(k={k}) along axis {axis} of shape {x.shape}: k goes from 0 to {x.shape[axis]}")
    places = _few(x.data, k, axis, largest)
    if places is None:
        places = _order(x.data, axis, largest)[part(axis, slice(k))]
    return x.take_along_axis(places, axis), make(places, x.device)


def _few(data: Any, k: int, axis: int, largest: bool) -> Any:
    """The positions of the best without sorting the rest: 9 ms for 10 of a million against 47.

    None where it does not pay, or where an element that was left out equals one that was taken: the first counts.
    """
    n = data.shape[axis]
    if not 0 < k <= n // 8:
        return None
    split = n - k if largest else k - 1
    order = np.argpartition(data, split, axis)
    taken = np.sort(order[part(axis, slice(split, None) if largest else slice(k))], axis)
    values = np.take_along_axis(data, taken, axis)
    edge = np.take_along_axis(data, order[part(axis, slice(split, split + 1))], axis)
    if np.sum(data == edge) != np.sum(values == edge) or np.isnan(edge).any():
        return None
    return np.take_along_axis(taken, _order(values, axis, largest), axis)


def searchsorted(x: Tensor, values: Any, side: str = "left", sorter: Any = None) -> Tensor:
    """Int positions at which `values` would go into the sorted vector `x`, before equal ones or, "right", behind them.

    >>> from minigrad import Tensor
    >>> Tensor([1.0, 2.0, 4.0]).searchsorted([2.0, 3.0])
    Tensor([1, 2])
    """
    if x.ndim != 1:
        raise ShapeError(f"searchsorted in a tensor of shape {x.shape}: a sorted vector has one axis")
    one_of(side, ("left", "right"), "searchsorted(side")
    _, values = operands(searchsorted, x, values)
    order = None if sorter is None else positions(sorter, x.size, "searchsorted(sorter)")
    if order is not None and order.shape != x.shape:
        raise ShapeError(
            f"searchsorted: a sorter of shape {order.shape} for {x.size} elements: it has a position for each"
        )
    return make(np.searchsorted(x.data, values.data, side, order), x.device)  # type: ignore[call-overload]


# --- what occurs: sorted, flat, without a gradient; names and order are the array API's -------------------------------


class UniqueAll(NamedTuple):
    """What `unique_all` finds."""

    values: Tensor
    indices: Tensor
    inverse_indices: Tensor
    counts: Tensor


class UniqueCounts(NamedTuple):
    """What `unique_counts` finds."""

    values: Tensor
    counts: Tensor


class UniqueInverse(NamedTuple):
    """What `unique_inverse` finds."""

    values: Tensor
    inverse_indices: Tensor


def unique_values(x: Tensor) -> Tensor:
    """The different elements, sorted; each NaN is one of its own. No gradient."""
    return unique_all(x).values


def unique_counts(x: Tensor) -> UniqueCounts:
    """The different elements, sorted, and how often each occurs."""
    found = unique_all(x)
    return UniqueCounts(found.values, found.counts)


def unique_inverse(x: Tensor) -> UniqueInverse:
    """The different elements, sorted, and for each element of `x` which of them it is."""
    found = unique_all(x)
    return UniqueInverse(found.values, found.inverse_indices)


def unique_all(x: Tensor) -> UniqueAll:
    """The different elements, where each occurs first, which one each element is, and how often each occurs.

    >>> from minigrad import Tensor
    >>> found = Tensor([3, 1, 3]).unique_all()
    >>> found.values, found.indices, found.inverse_indices, found.counts
    (Tensor([1, 3]), Tensor([1, 0]), Tensor([1, 0, 1]), Tensor([1, 2]))
    """
    values, first, which, counts = np.unique(x.data, True, True, True, equal_nan=False)
    which = which.reshape(x.shape).astype(INT)
    return UniqueAll(*(make(each if each.shape else each[()], x.device) for each in (values, first, which, counts)))
