"""Between what users give and what rules take: private arrays of one dtype object each, plain indices, axes >= 0."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from contextlib import suppress
from math import prod
from typing import Any, TypeAlias, TypeGuard

import numpy as np
from numpy.typing import DTypeLike, NDArray

from .autodiff import Node
from .backend import Device
from .errors import DtypeError, PositionError, ShapeError

__all__ = [
    "BOOL", "HALF", "INT", "Axis", "brief", "flag", "frozen", "native", "normal_axes", "normal_axis", "number",
    "one_of", "plain_dtype", "plain_index", "positions", "several", "shape_of", "to_array", "whole",
]  # fmt: skip

Axis: TypeAlias = "int | Sequence[int] | None"

INT = np.dtype(np.int64)
HALF = np.dtype(np.float16)
BOOL = np.dtype(bool)


def to_array(data: Any, device: Device, dtype: DTypeLike | None) -> Any:
    """A private array (a NumPy scalar if it has no axes) of what a user gave."""
    if isinstance(data, Node):
        data = data.data
    elif isinstance(data, (list, tuple)) and data and isinstance(data[0], Node):
        raise DtypeError("a tensor of a list of tensors: Tensor.stack(list) keeps their gradients")
    elif isinstance(data, np.ndarray) and np.any(getattr(data, "mask", False)):
        raise DtypeError("a tensor of a masked array would lose the mask: data.filled(value) chooses what stands there")
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
    if kind in "iu" and wanted.kind in "iu" and not np.can_cast(array.dtype, wanted):
        _check_range(array, wanted)
    array = array.astype(wanted)
    return array if array.shape else array[()]


def _check_range(array: NDArray[Any], wanted: np.dtype[Any]) -> None:
    limits = np.iinfo(wanted)
    if array.size:
        for extreme in (int(array.min()), int(array.max())):
            if not limits.min <= extreme <= limits.max:
                help = "; a Float, float(n), has less digits and more range" if wanted is INT else ""
                raise DtypeError(f"a tensor of dtype {wanted}: {extreme} is out of its range{help}")


def plain_dtype(dtype: DTypeLike) -> np.dtype[Any]:
    """The one object of this dtype, in the machine's byte order: operations compare by identity."""
    if isinstance(dtype, Node):
        raise DtypeError(f"dtype=a tensor of {dtype.data.dtype}: write its dtype, x.dtype")
    try:
        wanted = np.dtype(dtype) if dtype is not None else None  # which NumPy would take for float64
    except (TypeError, ValueError, DeprecationWarning):
        wanted = None
    if wanted is None:
        raise DtypeError(f"dtype={brief(dtype)} is none that NumPy knows; such as np.float32, np.int64, bool") from None
    if wanted.kind not in "fiub":
        raise DtypeError(f"dtype={brief(dtype)}: a tensor is Float, Int or Bool")
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
    if isinstance(index, type):
        raise DtypeError(f"an index is made of integers, slices, None, ... and Int or Bool arrays, not {index!r}")
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


# --- arguments: what is none is told by its own name, such as "topk(k" ------------------------------------------------


def whole(value: Any, name: str, least: int | None = None) -> int:
    """An integer, of at least `least`. A bool is none: who writes one may mean another argument."""
    if type(value) is int and (least is None or value >= least):
        return value
    try:
        number = None if isinstance(value, bool) else operator.index(value)
    except TypeError:
        number = None
    if number is None or (least is not None and number < least):
        more = "" if least is None else f" of at least {least}"
        raise ShapeError(f"{name}={brief(value)}): it is an integer{more}")
    return number


def number(value: Any, name: str) -> Any:
    """A number of Python's or NumPy's that a float can hold."""
    if isinstance(value, (int, float, np.integer, np.floating, np.bool_)):
        with suppress(OverflowError):
            float(value)
            return value
    more = ", of at most 308 digits" if isinstance(value, int) else ""
    raise ShapeError(f"{name}={brief(value)}): it is a number{more}")


def flag(value: Any, name: str) -> bool:
    """True or False."""
    if value is True or value is False:
        return value
    if isinstance(value, np.bool_):
        return bool(value)
    several = ", and several axes are a tuple, axis=(0, 1)" if name.endswith("(keepdims") else ""
    raise ShapeError(f"{name}={brief(value)}): it is True or False{several}")


def one_of(value: Any, names: tuple[Any, ...], name: str) -> Any:
    """One of several names; None may be among them."""
    if (value is None or isinstance(value, str)) and value in names:
        return value
    raise ShapeError(f"{name}={brief(value)}): it is {' or '.join(map(repr, names))}")


def shape_of(shape: Any, text: str, help: str = "", least: int = 0) -> tuple[int, ...]:
    """A size, or a sequence of them, as a tuple; `text` holds the shape for the error, such as "reshape({})"."""
    given = shape if isinstance(shape, (tuple, list)) else (shape,) if np.ndim(shape) == 0 else tuple(shape)
    try:
        sizes = tuple([operator.index(n) for n in given if not isinstance(n, bool)])
    except TypeError:
        sizes = ()
    if len(sizes) < len(given):
        raise ShapeError(f"{text.format(brief(shape))}: sizes are integers" + (help and f"\n  {help}"))
    if sizes and min(sizes) < least:
        raise ShapeError(f"{text.format(brief(shape))}: negative dimensions are not allowed")
    if len(sizes) > 64 or prod([max(n, 1) for n in sizes]) > 2**60:
        raise ShapeError(f"{text.format(brief(shape))}: no memory holds so many elements, or NumPy so many axes")
    return sizes


def several(given: Any) -> TypeGuard[Sequence[Any]]:
    """Whether it is a sequence or an array of an axis, and not one thing."""
    return isinstance(given, (tuple, list)) or (not isinstance(given, type) and getattr(given, "ndim", 0) > 0)


def brief(value: Any) -> str:
    """Its repr in one line, or the beginning of it."""
    if isinstance(value, int) and not isinstance(value, bool) and abs(value) > 10**30:
        return f"an integer of {value.bit_length()} bits"
    text = repr(value).replace("\n", "")
    return text if len(text) <= 60 else f"{text[:57]}..."


def normal_axis(axis: int, ndim: int, name: str, argument: str = "axis") -> int:
    """The axis counted from the left; `name` is the operation's, for the error, and `argument` its own."""
    if type(axis) is int and -ndim <= axis < ndim:
        return axis % ndim
    if isinstance(axis, bool):
        help = f"keepdims={axis} is another argument; " if name in _KEEPING else ""
        raise ShapeError(
            f"{name}({argument}={axis}): an axis is an integer, not a bool\n  {help}the axis {axis:d} is {axis:d}"
        )
    try:
        axis = operator.index(axis)
    except TypeError:
        raise ShapeError(f"{name}({argument}={brief(axis)}): an axis is an integer") from None
    if not -ndim <= axis < ndim:
        raise PositionError(
            f"{name}({argument}={brief(axis)}): the tensor has {ndim} axes, so "
            + (f"{argument} goes from {-ndim} to {ndim - 1}" if ndim else "there is no axis to name")
        )
    return axis % ndim


_KEEPING = {
    "all", "any", "argmax", "argmin", "count_nonzero", "logsumexp", "max", "mean", "median", "min", "prod", "quantile",
    "std", "sum", "var", "vector_norm",
}  # fmt: skip


def normal_axes(axis: Axis, ndim: int, name: str) -> tuple[int, ...] | None:
    """One axis or several as a tuple, each named once; None stays None."""
    if axis is None:
        return None
    if type(axis) is int and -ndim <= axis < ndim:  # as in most calls
        return (axis % ndim,)
    given = axis if isinstance(axis, (tuple, list)) else (axis,)
    axes = tuple(normal_axis(i, ndim, name) for i in given)
    if len(set(axes)) < len(axes):
        raise ShapeError(f"{name}(axis={axis}): an axis is named twice")
    return axes
