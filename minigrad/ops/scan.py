"""Along one axis: running sums, products and extremes, and differences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import BOOL, flag, normal_axis, whole
from ..errors import ShapeError
from ..lifting import lift, make, operands
from ..rules import scan, shape
from ..rules.scan import part
from .reduction import counted

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["cummax", "cummin", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "diff"]

_cumsum = lift(scan.cumsum)
_cumprod = lift(scan.cumprod)
_recurrence = lift(scan.recurrence)
_cat = lift(shape.cat)


def cumsum(x: Tensor, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Sums of all up to each element along an axis; of all elements in order without one. Ints and Bools: in 64 bits.

    >>> from minigrad import Tensor
    >>> Tensor([[1, 2], [3, 4]]).cumsum(axis=0), Tensor([[1, 2], [3, 4]]).cumsum()
    (Tensor([[1, 2],
            [4, 6]]), Tensor([ 1,  3,  6, 10]))
    """
    x, axis = _flat_without_axis(x, axis, "cumsum")
    return _cumsum(counted(x, dtype), axis=axis, reverse=False)


def cumprod(x: Tensor, axis: int | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """Products of all up to each element along an axis; of all in order without one. Gradients know zeros."""
    x, axis = _flat_without_axis(x, axis, "cumprod")
    return _cumprod(counted(x, dtype), axis=axis)


def cumulative_sum(
    x: Tensor, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: bool = False
) -> Tensor:
    """`cumsum`, with the 0 that it starts from in front if `include_initial`. A vector needs no axis."""
    axis = _only_axis(x, axis, "cumulative_sum")
    return _with_initial(cumsum(x, axis, dtype), axis, 0, include_initial)


def cumulative_prod(
    x: Tensor, *, axis: int | None = None, dtype: DTypeLike | None = None, include_initial: bool = False
) -> Tensor:
    """`cumprod`, with the 1 that it starts from in front if `include_initial`. A vector needs no axis."""
    axis = _only_axis(x, axis, "cumulative_prod")
    return _with_initial(cumprod(x, axis, dtype), axis, 1, include_initial)


def cummax(x: Tensor, axis: int) -> Tensor:
    """The greatest of all up to each element; of equal ones the first has the gradient. NaN is greater than any.

    >>> from minigrad import Tensor
    >>> Tensor([1.0, 3.0, 2.0, 4.0]).cummax(axis=0)
    Tensor([1., 3., 3., 4.], dtype=float32)
    """
    return _running(np.maximum, x, normal_axis(axis, x.ndim, "cummax"))


def cummin(x: Tensor, axis: int) -> Tensor:
    """The least of all up to each element; of equal ones the first has the gradient. NaN is less than any."""
    return _running(np.minimum, x, normal_axis(axis, x.ndim, "cummin"))


def diff(x: Tensor, n: int = 1, axis: int = -1, prepend: Any = None, append: Any = None) -> Tensor:
    """Differences of neighbours along an axis, `n` times; Bools differ or not.

    `prepend` and `append`, numbers or what fits beside `x`, are joined to it before. `ShapeError` for a negative `n`.

    >>> from minigrad import Tensor
    >>> Tensor([1, 4, 9]).diff(), Tensor([1, 4, 9]).diff(prepend=0)
    (Tensor([3, 5]), Tensor([1, 3, 5]))
    """
    axis, n = normal_axis(axis, x.ndim, "diff"), whole(n, "diff(n", 0)
    if n == 0:
        return x
    beside = [_beside(x, name, end, axis) for name, end in (("prepend", prepend), ("append", append))]
    x = _cat(*(t for t in (beside[0], x, beside[1]) if t is not None), axis=axis) if beside != [None, None] else x
    for _ in range(min(n, x.shape[axis])):  # then nothing is left
        after, before = x[part(axis, slice(1, None))], x[part(axis, slice(-1))]
        x = after != before if x.data.dtype is BOOL else after - before
    return x


def _flat_without_axis(x: Tensor, axis: int | None, name: str) -> tuple[Tensor, int]:
    return (x.reshape(-1), 0) if axis is None else (x, normal_axis(axis, x.ndim, name))


def _only_axis(x: Tensor, axis: int | None, name: str) -> int:
    if axis is None and x.ndim != 1:
        raise ShapeError(f"{name} of shape {x.shape}: say along which axis; only a vector needs none")
    return normal_axis(0 if axis is None else axis, x.ndim, name)


def _with_initial(x: Tensor, axis: int, initial: int, wanted: bool) -> Tensor:
    if not flag(wanted, "cumulative_sum(include_initial" if initial == 0 else "cumulative_prod(include_initial"):
        return x
    first = np.full((*x.shape[:axis], 1, *x.shape[axis + 1 :]), initial, x.dtype)
    return _cat(make(first, x.device.inner), x, axis=axis)


def _running(function: np.ufunc, x: Tensor, axis: int) -> Tensor:
    """Positions without a gradient, and the elements there."""
    best = function.accumulate(x.data, axis)
    before, after = best[part(axis, slice(-1))], best[part(axis, slice(1, None))]
    better = (after != before) & (before == before)  # after a NaN, which differs from itself, nothing is
    places = np.zeros(x.shape, np.int64)
    numbers = np.arange(1, x.shape[axis]).reshape(-1, *(1,) * (x.ndim - axis - 1))
    places[part(axis, slice(1, None))] = better * numbers
    return x.take_along_axis(np.maximum.accumulate(places, axis), axis)


def _beside(x: Tensor, name: str, end: Any, axis: int) -> Tensor | None:
    if end is None:
        return None
    one = operands(diff, x, end)[1]
    if one.ndim and one.ndim != x.ndim:
        raise ShapeError(
            f"diff of shape {x.shape}: {name} has the shape {one.shape}; it is a number, or has as many axes"
        )
    return one if one.ndim else one.broadcast_to((*x.shape[:axis], 1, *x.shape[axis + 1 :]))
