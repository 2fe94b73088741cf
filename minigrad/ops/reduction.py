"""Fewer elements of many, beside the sums of the core. `axis` names one axis, several, or with None all of them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import HALF, INT, Axis, brief, flag, normal_axes, normal_axis, number, several
from ..errors import ShapeError
from ..lifting import lift, make
from ..rules import reduce, shape, statistics

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "all", "any", "argmax", "argmin", "count_nonzero", "counted", "cov", "max", "max_abs", "max_with_indices", "median",
    "min", "min_with_indices", "prod", "quantile", "std", "var", "var_mean",
]  # fmt: skip

_max = lift(reduce.max)
_min = lift(reduce.min)
_prod = lift(statistics.prod)
_var = lift(statistics.var)
_std = lift(statistics.std)
_cat = lift(shape.cat)


def _fold(operation: Callable[..., Tensor], x: Tensor, axis: Axis, keepdims: bool, name: str) -> Tensor:
    """An operation along one axis, which it keeps as 1, over several: they are laid out as one, the last."""
    axes, keepdims = normal_axes(axis, x.ndim, name), flag(keepdims, f"{name}(keepdims")
    axes = tuple(range(x.ndim)) if axes is None else tuple(sorted(axes))  # the first is the first in order of rows
    if len(axes) == 1:
        y = operation(x, axis=axes[0])
    else:
        rest = tuple(i for i in range(x.ndim) if i not in axes)
        length = math.prod(x.shape[i] for i in axes)  # not -1, which an empty axis leaves open
        folded = x.permute_dims(rest + axes).reshape((*(x.shape[i] for i in rest), length))
        y = operation(folded, axis=len(rest))
    if keepdims and len(axes) == 1:
        return y
    return y.reshape(tuple(1 if i in axes else n for i, n in enumerate(x.shape) if keepdims or i not in axes))


def _need_elements(x: Tensor, axis: Axis, name: str) -> None:
    axes = normal_axes(axis, x.ndim, name)
    if not math.prod(x.shape if axes is None else (x.shape[i] for i in axes)):
        raise ShapeError(f"{name} over axis {axis} of shape {x.shape}: there is no element to choose")


# --- extremes ---------------------------------------------------------------------------------------------------------


def max(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The greatest over all axes, one, or several; of equal ones the first has the gradient. `ShapeError` of none."""
    _need_elements(x, axis, "max")
    return _fold(_max, x, axis, keepdims, "max")


def min(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The least over all axes, one, or several; of equal ones the first has the gradient. `ShapeError` of none."""
    _need_elements(x, axis, "min")
    return _fold(_min, x, axis, keepdims, "min")


def max_abs(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The greatest absolute value."""
    return max(x.abs(), axis, keepdims)


def max_with_indices(x: Tensor, axis: int, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """The greatest elements along an axis, and their first Int positions.

    >>> from minigrad import Tensor
    >>> Tensor([[1.0, 5.0, 2.0]]).max_with_indices(axis=1)
    (Tensor([5.], dtype=float32), Tensor([1]))
    """
    return max(x, axis, keepdims), argmax(x, axis, keepdims)


def min_with_indices(x: Tensor, axis: int, keepdims: bool = False) -> tuple[Tensor, Tensor]:
    """The least elements along an axis, and their first Int positions."""
    return min(x, axis, keepdims), argmin(x, axis, keepdims)


def argmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Int positions of the first greatest elements; no gradient."""
    return _position(np.argmax, x, axis, keepdims)


def argmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Int positions of the first least elements; no gradient."""
    return _position(np.argmin, x, axis, keepdims)


def _position(function: Callable[..., Any], x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    name = function.__name__
    axis = None if axis is None else normal_axis(axis, x.ndim, name)
    _need_elements(x, axis, name)
    return make(function(x.data, axis, keepdims=flag(keepdims, f"{name}(keepdims")), x.device)


# --- products, spread, order ------------------------------------------------------------------------------------------


def counted(x: Tensor, dtype: DTypeLike | None = None) -> Tensor:
    """In `dtype`, else as sums want it: Bools and small Ints in 64 bits, so that they do not overflow, as in NumPy."""
    if dtype is None and x.data.dtype.kind == "f":
        return x
    return x.astype((np.uint64 if x.data.dtype.kind == "u" else INT) if dtype is None else dtype)


def prod(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The product; 1 of no elements. Gradients are exact beside zeros. Ints and Bools are counted in 64 bits.

    >>> from minigrad import Tensor, grad
    >>> grad(lambda x: x.prod())(Tensor([2.0, 0.0, 3.0]))
    Tensor([0., 6., 0.], dtype=float32)
    """
    return _fold(_prod, counted(x), axis, keepdims, "prod")


def var(x: Tensor, axis: Axis = None, keepdims: bool = False, correction: float = 0) -> Tensor:
    """The mean square of the deviations from the mean; divided by the number of elements less `correction`.

    `correction=1` is the unbiased one, Burn's `var`. Raises `ShapeError` when there is nothing to divide by.

    >>> from minigrad import Tensor
    >>> x = Tensor([1.0, 2.0, 3.0])
    >>> x.var(), x.var(correction=1)
    (Tensor(0.6666667, dtype=float32), Tensor(1., dtype=float32))
    """
    return _spread(_var, x, axis, keepdims, correction)


def std(x: Tensor, axis: Axis = None, keepdims: bool = False, correction: float = 0) -> Tensor:
    """The square root of `var`; where all elements are equal its gradient is 0, as that of `abs` at 0."""
    return _spread(_std, x, axis, keepdims, correction)


def var_mean(x: Tensor, axis: Axis = None, keepdims: bool = False, correction: float = 0) -> tuple[Tensor, Tensor]:
    """`var` and `mean`."""
    return var(x, axis, keepdims, correction), x.mean(axis, keepdims)


def _spread(operation: Callable[..., Tensor], x: Tensor, axis: Axis, keepdims: bool, correction: float) -> Tensor:
    name = operation.__name__
    axes = normal_axes(axis, x.ndim, name)
    n = math.prod(x.shape if axes is None else (x.shape[i] for i in axes))
    keepdims, correction = flag(keepdims, f"{name}(keepdims"), number(correction, f"{name}(correction")
    if x.data.dtype is HALF:
        return _spread(operation, x.astype(np.float32), axis, keepdims, correction).astype(HALF)
    if not n > correction:
        raise ShapeError(
            f"{name} over axis {axis} of shape {x.shape}: of {n} elements correction={correction} leaves "
            "nothing to divide by"
        )
    return operation(x, axis=axes, keepdims=keepdims, correction=correction)


def median(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """The middle element in order, or the mean of the two; NaN among NaNs, as NumPy's. `ShapeError` of none."""
    return _between(x, 0.5, axis, keepdims, "median")


def quantile(x: Tensor, q: Any, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Below which a part `q` of the elements lies, straight between neighbours in order; several on a new first axis.

    >>> from minigrad import Tensor
    >>> Tensor([1.0, 2.0, 4.0]).quantile([0.5, 0.75])
    Tensor([2., 3.], dtype=float32)
    """
    if several(q):
        if not len(q):
            raise ShapeError("quantile(q=[]): a part, or at least one in a list")
        parts = [quantile(x, each, axis, keepdims).expand_dims(0) for each in q]
        return _cat(*parts, axis=0)
    part = number(q.item() if isinstance(q, np.ndarray) else q, "quantile(q")
    if not 0 <= part <= 1:
        raise ShapeError(f"quantile(q={brief(q)}): a part is a number from 0 to 1")
    return _between(x, float(part), axis, keepdims, "quantile")


def _between(x: Tensor, q: float, axis: Axis, keepdims: bool, name: str) -> Tensor:
    _need_elements(x, axis, name)
    x = x if x.data.dtype.kind == "f" else x.float()
    return _fold(lambda y, axis: _quantile(y, q, axis), x, axis, keepdims, name)


def _quantile(x: Tensor, q: float, axis: int) -> Tensor:
    last = x.shape[axis] - 1
    low, high = math.floor(q * last), math.ceil(q * last)
    order = np.argpartition(x.data, (low, high, last), axis)  # those three are where sorting would put them
    nan = np.isnan(np.take_along_axis(x.data, order.take([last], axis), axis))  # NaNs come last
    below, above = (
        x.take_along_axis(np.where(nan, order.take([last], axis), order.take([i], axis)), axis) for i in (low, high)
    )
    share = q * last - low
    return below * (1 - share) + above * share if share else below


def cov(x: Tensor, axis: int = 0, correction: float = 1) -> Tensor:
    """The covariances [d, d] of d variables, of which `axis` counts the observations: by default [n, d].

    It is one of the last two axes; those before are a batch. `ShapeError` when nothing is left to divide by.

    >>> from minigrad import Tensor
    >>> Tensor([[0.0, 2.0], [1.0, 1.0], [2.0, 0.0]]).cov()
    Tensor([[ 1., -1.],
            [-1.,  1.]], dtype=float32)
    """
    if x.ndim < 2:
        raise ShapeError(f"cov of shape {x.shape}: it wants observations of several variables, two axes; or use var")
    axis = normal_axis(axis, x.ndim, "cov")
    n = x.shape[axis]
    if axis < x.ndim - 2:
        raise ShapeError(f"cov(axis={axis}) of shape {x.shape}: observations are counted by one of the last two axes")
    if not n > number(correction, "cov(correction"):
        raise ShapeError(
            f"cov over axis {axis} of shape {x.shape}: of {n} observations correction={correction} leaves "
            "nothing to divide by"
        )
    d = x - x.mean(axis, keepdims=True)
    d = d if axis == x.ndim - 2 else d.mT
    return d.mT @ d / (n - correction)


# --- what is true -----------------------------------------------------------------------------------------------------


def all(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements are true, over all axes, one, or several."""
    keepdims = flag(keepdims, "all(keepdims")
    return make(np.all(x.data, normal_axes(axis, x.ndim, "all"), keepdims=keepdims), x.device)


def any(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether any element is true, over all axes, one, or several."""
    keepdims = flag(keepdims, "any(keepdims")
    return make(np.any(x.data, normal_axes(axis, x.ndim, "any"), keepdims=keepdims), x.device)


def count_nonzero(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """How many elements are not 0, or true."""
    axes, keepdims = normal_axes(axis, x.ndim, "count_nonzero"), flag(keepdims, "count_nonzero(keepdims")
    return make(np.sum(x.data != 0, axes, np.int64, keepdims=keepdims), x.device)
