"""Between what users give and what rules take: private arrays of one dtype object each, plain indices, axes >= 0."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .autodiff import Node
from .backend import Device
from .errors import DtypeError, PositionError, ShapeError

__all__ = [
    "BOOL", "INT", "Axis", "frozen", "integer", "native", "normal_axes", "normal_axis", "plain_dtype",
    "plain_index", "positions", "to_array",
]  # fmt: skip

Axis: TypeAlias = "int | Sequence[int] | None"

INT = np.dtype(np.int64)
BOOL = np.dtype(bool)


def to_array(data: Any, device: Device, dtype: DTypeLike | None) -> Any:
    """A private array (a NumPy scalar if it has no axes) of what a user gave."""
    if isinstance(data, Node):
        data = data.data
    elif isinstance(data, (list, tuple)) and data and isinstance(data[0], Node):
        raise DtypeError("a tensor of a list of tensors: Tensor.stack(list) keeps their gradients")
    try:
        array = np.asarray(data)
    except ValueError as error:
        raise ShapeError(f"rows of different lengths make no tensor: {error}") from None
    kind = array.dtype.kind
    if kind not in "fiub":
        raise DtypeError(f"a tensor is Float, Int or Bool, not {array.dtype}: {str(data)[:60]!r}")
    wanted = plain_dtype(dtype) if dtype is not None else {"f": device.dtype, "b": BOOL}.get(kind, INT)
    if wanted.kind == "u" and kind == "f" and isinstance(data, (list, tuple)):
        try:
            array = np.asarray(data, object).astype(wanted)  # Floats cannot tell 2 ** 63 + 1 from its neighbours
        except (OverflowError, ValueError) as error:
            raise DtypeError(f"a tensor of dtype {wanted}: {error}") from None
    # made from a list just now, or nobody can write to it; a matrix or an array.array shares memory with its array
    if array.dtype is wanted and (isinstance(data, (list, tuple)) or frozen(array)):
        return array if array.shape else array[()]
    array = array.astype(wanted)
    return array if array.shape else array[()]


def plain_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """The one object of this dtype, in the machine's byte order: operations compare by identity."""
    try:
        wanted = np.dtype(dtype)
    except TypeError:
        raise DtypeError(f"dtype={dtype!r} is none that NumPy knows; such as np.float32, np.int64, bool") from None
    if wanted.kind not in "fiub":
        raise DtypeError(f"dtype={dtype!r}: a tensor is Float, Int or Bool")
    return np.dtype(wanted.type)


def frozen(array: NDArray[Any]) -> bool:
    """Whether the array cannot be written to, by its owner neither. A view made before that may be writeable still."""
    view, owner = array, array.base
    while isinstance(owner, np.ndarray):
        array, owner = owner, owner.base
    # the owner first: asking a view of `np.broadcast_arrays` warns
    return owner is None and not array.flags.writeable and not view.flags.writeable


def plain_index(index: Any) -> Any:
    """An index as the rules want it: tensors and sequences as arrays, which later writes do not reach."""
    if isinstance(index, (slice, int, np.generic)) or index is None or index is ...:
        return index
    if isinstance(index, Node):
        return index.data
    if hasattr(index, "__index__") and not isinstance(index, np.ndarray):
        return operator.index(index)
    try:
        array = np.array(index)  # of tuples and ranges too: what is no array counts as meeting no element twice
    except ValueError as error:
        raise ShapeError(f"rows of different lengths make no index: {error}") from None
    return array if array.size else array.astype(bool if array.dtype.kind == "b" else np.int64)  # [] is no float


def positions(indices: Any, n: int, name: str) -> NDArray[Any]:
    """Int `indices` as an int64 array. `PositionError` for one outside of 0 to n - 1, `DtypeError` for others than Int.

    `name` is the operation's, for the error.
    """
    given = np.asarray(plain_index(indices))
    if given.dtype.kind not in "iu":
        raise DtypeError(f"{name}: positions are Int, not {given.dtype}: use int() first")
    array = given.astype(np.int64, copy=False)
    if array.size and array.view(np.uint64).max() >= n:  # as unsigned a negative one is the largest: one pass for both
        bad = given[(given < 0) | (given >= n)].flat[0]
        raise PositionError(f"{name}: position {bad} of {n}: " + (f"they go from 0 to {n - 1}" if n else "it is empty"))
    return array


def native(data: Any) -> Any:
    """Unpickled data with the one object of its dtype."""
    return data.view(np.dtype(data.dtype.type))


def integer(value: Any, name: str) -> int:
    """An argument that counts something; `name` is the operation's and its own, such as "topk(k", for the error."""
    try:
        return operator.index(value)
    except TypeError:
        raise ShapeError(f"{name}={value!r}): it is an integer") from None


def normal_axis(axis: int, ndim: int, name: str) -> int:
    """The axis counted from the left; `name` is the operation's, for the error."""
    try:
        axis = operator.index(axis)
    except TypeError:
        raise ShapeError(f"{name}(axis={axis!r}): an axis is an integer") from None
    if not -ndim <= axis < ndim:
        raise PositionError(f"{name}(axis={axis}): the tensor has {ndim} axes, so axis goes from {-ndim} to {ndim - 1}")
    return axis % ndim


def normal_axes(axis: Axis, ndim: int, name: str) -> tuple[int, ...] | None:
    """One axis or several as a tuple, each named once; None stays None."""
    if axis is None:
        return None
    given = (axis,) if not isinstance(axis, (tuple, list)) else axis
    axes = tuple(normal_axis(i, ndim, name) for i in given)
    if len(set(axes)) < len(axes):
        raise ShapeError(f"{name}(axis={axis}): an axis is named twice")
    return axes
