"""The same elements with other axes or in another order. An axis may be negative everywhere."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Axis, brief, normal_axes, normal_axis, several, shape_of, whole
from ..errors import ShapeError
from ..lifting import explain, lift, operands
from ..rules import shape as rules
from .joining import cat

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "broadcast_arrays", "broadcast_to", "expand", "expand_dims", "flatten", "flip", "moveaxis",
    "permute_dims", "ravel", "reshape",
    "roll", "squeeze", "squeeze_dims", "swapaxes", "transpose", "unsqueeze",
]  # fmt: skip

_broadcast_to = lift(rules.broadcast_to)
_permute_dims = lift(rules.permute_dims)
_reshape = lift(rules.reshape)
ravel = lift(rules.ravel)


# --- axes -------------------------------------------------------------------------------------------------------------


def reshape(x: Tensor, *shape: Any) -> Tensor:
    """The same elements in order; one size may be -1."""
    wanted = shape[0] if len(shape) == 1 and type(shape[0]) is not int else shape
    if type(wanted) is not tuple:
        wanted = _wildcards(wanted, "reshape")
    y = _reshape(x, shape=wanted)
    if y.data.shape != wanted and -1 not in wanted:  # then -2 is, which NumPy takes for -1
        _wildcards(wanted, "reshape")
    return y


def _wildcards(shape: Any, name: str) -> tuple[int, ...]:
    return shape_of(shape, f"{name}({{}})", "one of them may be -1: what is left", -1)


def permute_dims(x: Tensor, axes: Sequence[int]) -> Tensor:
    """Axis i of the result is axis `axes[i]` of `x`."""
    if not several(axes) and not isinstance(axes, range):
        raise ShapeError(f"permute_dims({brief(axes)}): it takes all axes in their new order, such as (1, 0)")
    given = tuple(axes)
    order = normal_axes(given, x.ndim, "permute_dims") or ()
    if len(order) != x.ndim:
        raise ShapeError(f"permute_dims({given}) of shape {x.shape}: name each of the {x.ndim} axes once")
    return _permute_dims(x, axes=order)


def transpose(x: Tensor, *axes: int | Sequence[int]) -> Tensor:
    """NumPy's: all axes reversed, or in the order given, as numbers or one tuple."""
    order: Any = axes[0] if len(axes) == 1 and isinstance(axes[0], (tuple, list)) else axes
    return permute_dims(x, order or range(x.ndim)[::-1])


def flatten(x: Tensor, start: int = 0, end: int = -1) -> Tensor:
    """The axes from `start` to `end`, both included, as one.

    >>> from minigrad import Tensor
    >>> Tensor.zeros((2, 3, 4, 5)).flatten(1, 2).shape
    (2, 12, 5)
    """
    if not x.ndim:
        return x.reshape(1)
    first, last = normal_axis(start, x.ndim, "flatten", "start"), normal_axis(end, x.ndim, "flatten", "end")
    if first > last:
        raise ShapeError(f"flatten(start={start}, end={end}) of shape {x.shape}: start comes before end")
    return _reshape(x, shape=(*x.shape[:first], math.prod(x.shape[first : last + 1]), *x.shape[last + 1 :]))


def swapaxes(x: Tensor, axis1: int, axis2: int) -> Tensor:
    """Two axes exchanged."""
    i, j = normal_axis(axis1, x.ndim, "swapaxes", "axis1"), normal_axis(axis2, x.ndim, "swapaxes", "axis2")
    order = list(range(x.ndim))
    order[i], order[j] = j, i
    return x.permute_dims(order)


def moveaxis(x: Tensor, source: int | Sequence[int], destination: int | Sequence[int]) -> Tensor:
    """Axes moved from `source` to `destination`; the others keep their order.

    >>> from minigrad import Tensor
    >>> Tensor.zeros((2, 3, 4)).moveaxis(0, -1).shape
    (3, 4, 2)
    """
    start, end = (normal_axes(axes, x.ndim, "moveaxis") or () for axes in (source, destination))
    if len(start) != len(end):
        raise ShapeError(f"moveaxis({source}, {destination}): as many destinations as sources")
    order = [i for i in range(x.ndim) if i not in start]
    for place, axis in sorted(zip(end, start)):
        order.insert(place, axis)
    return x.permute_dims(order)


def expand_dims(x: Tensor, axis: int | Sequence[int] = 0) -> Tensor:
    """With new axes of length 1, which have the numbers `axis` in the result.

    >>> from minigrad import Tensor
    >>> Tensor.zeros((2, 3)).expand_dims((0, -1)).shape
    (1, 2, 3, 1)
    """
    given = tuple(axis) if isinstance(axis, (tuple, list)) else (axis,)
    ndim = x.ndim + len(given)
    axes = normal_axes(given, ndim, "expand_dims") or ()
    lengths = iter(x.shape)
    return _reshape(x, shape=tuple(1 if i in axes else next(lengths) for i in range(ndim)))


def unsqueeze(x: Tensor, ndim: int) -> Tensor:
    """Burn's: with axes of length 1 on the left, so that there are `ndim`. Raises `ShapeError` where none is missing.

    >>> from minigrad import Tensor
    >>> Tensor.zeros((2, 3)).unsqueeze(4).shape
    (1, 1, 2, 3)
    """
    ndim = whole(ndim, "unsqueeze(ndim")
    if ndim <= x.ndim:  # so that a position, which is what PyTorch means by the number, is not taken for a rank
        raise ShapeError(
            f"unsqueeze({ndim}) of shape {x.shape}: it has {x.ndim} axes already\n"
            "  expand_dims(axis) adds one at a position"
        )
    if ndim > 64:
        raise ShapeError(f"unsqueeze({brief(ndim)}): NumPy has 64 axes at most")
    return _reshape(x, shape=(1,) * (ndim - x.ndim) + x.shape)


def squeeze(x: Tensor, axis: Axis = None) -> Tensor:
    """Without the axes named, which must be 1 long, or without all that are."""
    shape = x.data.shape
    if type(axis) is int and axis == 1 and shape[1:] == (1,):  # the column of logits of every small model
        return ravel(x)
    axes = normal_axes(axis, x.ndim, "squeeze")
    axes = tuple(i for i, n in enumerate(x.shape) if n == 1) if axes is None else axes
    if any(x.shape[i] != 1 for i in axes):
        raise ShapeError(f"squeeze(axis={axis}) of shape {x.shape}: only an axis of length 1 can go")
    return _reshape(x, shape=tuple(n for i, n in enumerate(x.shape) if i not in axes))


def squeeze_dims(x: Tensor, axes: Sequence[int] = ()) -> Tensor:
    """Burn's: without the axes named, which must be 1 long; of none, without all that are."""
    return x.squeeze(None if isinstance(axes, (tuple, list)) and not axes else axes)


def broadcast_to(x: Tensor, shape: int | Sequence[int]) -> Tensor:
    """Repeated along axes of length 1 and new ones on the left, up to `shape`."""
    return _broadcast_to(x, shape=shape_of(shape, "broadcast_to({})"))


def broadcast_arrays(*tensors: Tensor) -> tuple[Tensor, ...]:
    """All in the one shape that they broadcast to, each in its own dtype.

    >>> from minigrad import Tensor
    >>> [x.shape for x in broadcast_arrays(Tensor([1, 2]), Tensor([[1.0], [2.0]]))]
    [(2, 2), (2, 2)]
    """
    xs = operands(broadcast_arrays, *tensors)
    try:
        shape = np.broadcast_shapes(*(x.shape for x in xs))
    except ValueError as error:
        raise explain(broadcast_arrays, xs, error) from None
    return tuple(x.broadcast_to(shape) for x in xs)


def expand(x: Tensor, *shape: Any) -> Tensor:
    """Burn's `broadcast_to`: a size of -1 keeps that of `x`.

    >>> from minigrad import Tensor
    >>> Tensor.zeros((3, 1)).expand(2, -1, 4).shape
    (2, 3, 4)
    """
    wanted = _wildcards(shape[0] if len(shape) == 1 else shape, "expand")
    added = len(wanted) - x.ndim
    if added < 0 or -1 in wanted[:added]:
        raise ShapeError(f"expand{wanted} of shape {x.shape}: axes are added on the left, and -1 is for the others")
    return _broadcast_to(x, shape=tuple(x.shape[i - added] if n == -1 else n for i, n in enumerate(wanted)))


# --- order ------------------------------------------------------------------------------------------------------------


def flip(x: Tensor, axis: Axis = None) -> Tensor:
    """Backwards along all axes, one, or several."""
    axes = normal_axes(axis, x.ndim, "flip")
    return x[tuple(slice(None, None, -1 if axes is None or i in axes else 1) for i in range(x.ndim))]


def roll(x: Tensor, shift: int | Sequence[int], axis: Axis = None) -> Tensor:
    """Moved on by `shift` along `axis`; what falls off comes in again. Without an axis, along `x.ravel()`.

    >>> from minigrad import Tensor
    >>> Tensor([1, 2, 3, 4]).roll(1)
    Tensor([4, 1, 2, 3])
    """
    if axis is None:
        return roll(x.reshape(-1), shift, 0).reshape(x.shape)
    axes = [normal_axis(i, x.ndim, "roll") for i in (axis if isinstance(axis, (tuple, list)) else (axis,))]
    shifts: list[Any] = list(shift) if isinstance(shift, (tuple, list)) else [shift] * len(axes)
    shifts = [whole(n, "roll(shift") for n in shifts]
    if len(shifts) != len(axes):
        raise ShapeError(f"roll(shift={shift}, axis={axis}): a shift is an integer, or one for each axis")
    for n, i in zip(shifts, axes):
        start = -n % x.shape[i] if x.shape[i] else 0
        if start:
            before = (slice(None),) * i
            x = cat([x[(*before, slice(start, None))], x[(*before, slice(start))]], i)
    return x
