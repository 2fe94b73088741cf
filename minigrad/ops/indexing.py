"""Choosing elements and putting them, by index, mask or position. Gradients of a position met twice add up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import BOOL, normal_axis, plain_index, positions
from ..autodiff import Node
from ..blame import whereabouts
from ..errors import DtypeError, PositionError, ShapeError
from ..lifting import as_tensor, lift, make, operands
from ..rules import elementwise, index, selection

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "argwhere", "getitem", "index_add", "mask_fill", "mask_where", "nonzero", "scatter_add", "setitem", "slice_assign",
    "take", "take_along_axis", "where",
]  # fmt: skip

_getitem = lift(index.getitem)
_put = lift(index.put)
_take_along_axis = lift(index.take_along_axis)
_put_along_axis = lift(index.put_along_axis)
_take = lift(selection.take)
_assign = lift(selection.assign)
_where = lift(elementwise.where)


# --- reading ----------------------------------------------------------------------------------------------------------


def getitem(x: Tensor, index: Any) -> Tensor:
    """NumPy's indexing, by integers, slices with steps, None, ..., and Int or Bool tensors, arrays and lists.

    Raises `PositionError`, which is an `IndexError`, for what is out of range, `DtypeError` for an index of Floats.

    >>> from minigrad import Tensor
    >>> Tensor([[1, 2, 3], [4, 5, 6]])[:, ::-2]
    Tensor([[3, 1],
            [6, 4]])
    """
    parts = _parts(index)
    try:
        return _getitem(x, index=parts)
    except IndexError as error:
        raise _out_of_range("getitem", x.shape, error) from None


def _parts(index: Any) -> Any:
    return tuple(map(plain_index, index)) if isinstance(index, tuple) else plain_index(index)


def _out_of_range(name: str, shape: tuple[int, ...], error: IndexError) -> Exception:
    """NumPy's error of an index in our words, with the line of the user."""
    where = whereabouts()
    text = str(error)
    if found := re.match(r"index (-?\d+) is out of bounds for axis (\d+) with size (\d+)", text):
        position, axis, n = map(int, found.groups())
        range = f"positions go from {-n} to {n - 1}" if n else "it is empty"
        return PositionError(f"{name}: axis {axis} of shape {shape} has no position {position}: {range}{where}")
    if "integer" in text and ("valid" in text or "must be" in text):
        return DtypeError(
            f"{name}: an index is made of integers, slices, None, ... and Int or Bool arrays{where}\n"
            "  of Float positions make Int ones: use int()"
        )
    text = "a tensor without axes has one element, x.item()" if not shape else text.replace("array", "tensor")
    return PositionError(f"{name} of shape {shape}: {text}{where}")


def take(x: Tensor, indices: Any, axis: int | None = None) -> Tensor:
    """Burn's `select`: the slices at Int `indices` of any shape along `axis`; without it, of `x.ravel()`.

    Positions go from 0; a negative one raises `PositionError`, as one that is too large does.

    >>> from minigrad import Tensor
    >>> Tensor([[1, 2], [3, 4], [5, 6]]).take([2, 0, 2], axis=0)
    Tensor([[5, 6],
            [1, 2],
            [5, 6]])
    """
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis = normal_axis(axis, x.ndim, "take")
    return _take(x, indices=positions(indices, x.shape[axis], "take"), axis=axis)


def take_along_axis(x: Tensor, indices: Any, axis: int = -1) -> Tensor:
    """Burn's `gather`: the elements at Int `indices` along `axis`; its other axes broadcast with those of `x`.

    >>> from minigrad import Tensor
    >>> x = Tensor([[3, 1, 2], [9, 8, 7]])
    >>> x.take_along_axis(x.argmin(axis=1, keepdims=True), axis=1)
    Tensor([[1],
            [7]])
    """
    axis = normal_axis(axis, x.ndim, "take_along_axis")
    try:
        places = np.asarray(plain_index(indices))
        places = places.astype(np.int64, copy=False) if places.dtype.kind == "u" else places  # uint64 adds up to floats
        return _take_along_axis(x, indices=places, axis=axis)
    except IndexError as error:
        raise _out_of_range("take_along_axis", x.shape, error) from None


def nonzero(x: Tensor) -> tuple[Tensor, ...]:
    """The Int positions of what is not 0 or False, one tensor for each axis: `x[x.nonzero()]` are the elements.

    >>> from minigrad import Tensor
    >>> Tensor([[0, 5], [6, 0]]).nonzero()
    (Tensor([0, 1]), Tensor([1, 0]))
    """
    if not x.ndim:
        raise ShapeError("nonzero of a tensor without axes: it has no positions; reshape(1) gives it an axis")
    return tuple(make(found, x.device) for found in np.nonzero(x.data))


def argwhere(x: Tensor) -> Tensor:
    """The Int positions of what is not 0 or False, a row for each: [n, x.ndim]."""
    return make(np.argwhere(x.data), x.device)


# --- writing: a new tensor each time, and gradients to both -----------------------------------------------------------


def slice_assign(x: Tensor, index: Any, values: Any) -> Tensor:
    """`x` with `values`, which broadcast, at `index`: what `x[index] = values` would do to an array.

    Raises `ShapeError` for an index that names an element twice, whose value would be open.

    >>> from minigrad import Tensor
    >>> Tensor([1, 2, 3, 4]).slice_assign(slice(0, None, 2), 0)
    Tensor([0, 2, 0, 4])
    """
    parts = _parts(index)
    x, y = _pair(slice_assign, x, values)
    try:
        shape = np.broadcast_to(False, x.shape)[parts].shape
    except IndexError as error:
        raise _out_of_range("slice_assign", x.shape, error) from None
    each = parts if isinstance(parts, tuple) else (parts,)
    if any(isinstance(i, np.ndarray) and i.dtype.kind != "b" for i in each):
        places = np.arange(x.size).reshape(x.shape)[parts]
        if np.unique(places).size < places.size:
            raise ShapeError("slice_assign: the index names an element twice\n  index_add and scatter_add add up")
    return _assign(x, _spread("slice_assign", y, shape), index=parts)


def _spread(name: str, values: Tensor, shape: tuple[int, ...]) -> Tensor:
    if values.shape == shape:
        return values
    try:
        return values.broadcast_to(shape)
    except ShapeError:
        raise ShapeError(f"{name}: values of shape {values.shape} do not broadcast to {shape}, the places") from None


def setitem(x: Tensor, index: Any, values: Any) -> None:
    """A tensor is a value: raises `TypeError`, which names `slice_assign`."""
    raise TypeError("a tensor has no item assignment: x = x.slice_assign(index, values) makes a changed copy")


def index_add(x: Tensor, indices: Any, values: Any, axis: int) -> Tensor:
    """Burn's `select_assign`: `x` with slice i of `values` along `axis` added at position `indices[i]`.

    Positions go from 0; one that comes twice adds twice. Raises `PositionError` for one that is out of range.

    >>> from minigrad import Tensor
    >>> Tensor([1.0, 1.0]).index_add([0, 0, 1], Tensor([1.0, 2.0, 5.0]), axis=0)
    Tensor([4., 6.], dtype=float32)
    """
    axis = normal_axis(axis, x.ndim, "index_add")
    places = positions(indices, x.shape[axis], "index_add")
    if places.ndim != 1:
        raise ShapeError(f"index_add: indices of shape {places.shape}: they have one axis; scatter_add takes more")
    x, y = _pair(index_add, x, values)
    y = y.int() if y.dtype is BOOL else y  # which are counted, as everywhere; two at one position are 2, not True
    shape = (*x.shape[:axis], places.size, *x.shape[axis + 1 :])
    return x + _put(_spread("index_add", y, shape), index=(slice(None),) * axis + (places,), shape=x.shape)


def scatter_add(x: Tensor, indices: Any, values: Any, axis: int) -> Tensor:
    """Burn's `scatter`: `x` with each of `values` added at its position along `axis`; the adjoint of `take_along_axis`.

    `indices` has as many axes as `x`; it broadcasts with it outside of `axis`, and `values` with it. Positions go from
    0; one that comes twice adds twice. Raises `PositionError` for one that is out of range.

    >>> from minigrad import Tensor
    >>> Tensor.zeros((2, 3)).scatter_add([[0, 0], [2, 1]], Tensor([[1.0, 2.0], [3.0, 4.0]]), axis=1)
    Tensor([[3., 0., 0.],
            [0., 4., 3.]], dtype=float32)
    """
    axis = normal_axis(axis, x.ndim, "scatter_add")
    places = positions(indices, x.shape[axis], "scatter_add")
    shape = (*x.shape[:axis], *places.shape[axis : axis + 1], *x.shape[axis + 1 :])
    if places.ndim != x.ndim or any(n not in (1, m) for n, m in zip(places.shape, shape)):
        raise ShapeError(
            f"scatter_add: indices of shape {places.shape} for a tensor of shape {x.shape}\n"
            f"  outside of axis {axis} sizes must be equal or 1"
        )
    x, y = _pair(scatter_add, x, values)
    y = y.int() if y.dtype is BOOL else y
    return x + _put_along_axis(_spread("scatter_add", y, shape), indices=places, axis=axis, shape=x.shape)


# --- by mask ----------------------------------------------------------------------------------------------------------


def where(mask: Any, x: Any, y: Any) -> Tensor:
    """`x` where the Bool `mask` holds, `y` elsewhere; all three broadcast. Two Bools give a Bool.

    >>> from minigrad import Tensor, where
    >>> where(Tensor([True, False]), 1.0, Tensor([5.0, 6.0]))
    Tensor([1., 6.], dtype=float32)
    """
    if not isinstance(x, Node) and not isinstance(y, Node):
        x = as_tensor(x)
    mask = np.asarray(plain_index(mask))
    if mask.dtype.kind != "b":
        raise DtypeError(f"where: a mask is Bool, not {mask.dtype}: a comparison such as x > 0, or x.bool()")
    return _where(*_pair(where, x, y), mask=mask)


def mask_where(x: Tensor, mask: Any, other: Any) -> Tensor:
    """`other` where the Bool `mask` holds, `x` elsewhere: `where(mask, other, x)`."""
    return where(mask, other, x)


def mask_fill(x: Tensor, mask: Any, value: float) -> Tensor:
    """`value` where the Bool `mask` holds, `x` elsewhere.

    >>> from minigrad import Tensor
    >>> x = Tensor([1.0, -2.0])
    >>> x.mask_fill(x < 0, float("-inf"))
    Tensor([  1., -inf], dtype=float32)
    """
    return where(mask, value, x)


def _pair(operation: Any, x: Any, y: Any) -> tuple[Tensor, ...]:
    """Both as tensors; a bool beside a Bool tensor is Bool, where arithmetic would count it."""
    kept = [
        as_tensor(v) if isinstance(v, (bool, np.bool_)) and isinstance(w, Node) and w.data.dtype is BOOL else v
        for v, w in ((x, y), (y, x))
    ]
    return operands(operation, *kept)
