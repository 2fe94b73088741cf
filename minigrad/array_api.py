"""The array API standard, 2024.12, as names of what the tensor has: what `x.__array_namespace__()` returns.

A program written against the standard runs on tensors, and its derivatives follow. dtypes follow the tensor's rules:
floats are made in the device's float type, Float wins over Int over Bool in an operation and keeps its width; `asarray`
keeps the width of an array. What the standard has and a tensor has not is in `LEFT_OUT`, each with the reason.

>>> from minigrad import Tensor
>>> xp = Tensor([1.0, 2.0]).__array_namespace__()
>>> xp.sum(xp.asarray([3.0, 4.0]) ** 2)
Tensor(25., dtype=float32)
"""

from __future__ import annotations

import builtins
import math
from collections.abc import Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np
from numpy.typing import DTypeLike

from . import linalg
from .arrays import BOOL, Axis, normal_axis, plain_dtype, plain_index
from .backend import DEFAULT, Autodiff, Device
from .errors import DtypeError, NamespaceError
from .lifting import as_tensor, common_dtype, make, operands
from .ops.layout import broadcast_arrays
from .ops.reduction import counted
from .tensor import Tensor, where

__all__ = [
    "LEFT_OUT", "FloatInfo", "Info", "IntInfo", "__array_api_version__", "__array_namespace_info__", "abs", "acos",
    "acosh", "add", "all", "any", "arange", "argmax", "argmin", "argsort", "asarray", "asin", "asinh", "astype", "atan",
    "atan2", "atanh", "bitwise_and", "bitwise_invert", "bitwise_left_shift", "bitwise_or", "bitwise_right_shift",
    "bitwise_xor", "bool", "broadcast_arrays", "broadcast_to", "can_cast", "ceil", "clip", "concat", "conj", "copysign",
    "cos", "cosh", "count_nonzero", "cumulative_prod", "cumulative_sum", "diff", "divide", "e", "empty", "empty_like",
    "equal", "exp", "expand_dims", "expm1", "eye", "finfo", "flip", "float32", "float64", "floor", "floor_divide",
    "from_dlpack", "full", "full_like", "greater", "greater_equal", "hypot", "iinfo", "inf", "int8", "int16", "int32",
    "int64", "isdtype", "isfinite", "isinf", "isnan", "less", "less_equal", "linalg", "linspace", "log", "log1p",
    "log2", "log10", "logaddexp", "logical_and", "logical_not", "logical_or", "logical_xor", "matmul",
    "matrix_transpose", "max", "maximum", "mean", "meshgrid", "min", "minimum", "moveaxis", "multiply", "nan",
    "negative", "newaxis", "nextafter", "nonzero", "not_equal", "ones", "ones_like", "permute_dims", "pi", "positive",
    "pow", "prod", "real", "reciprocal", "remainder", "repeat", "reshape", "result_type", "roll", "round",
    "searchsorted", "sign", "signbit", "sin", "sinh", "sort", "sqrt", "square", "squeeze", "stack", "std", "subtract",
    "sum", "take", "take_along_axis", "tan", "tanh", "tensordot", "tile", "tril", "triu", "trunc", "uint8", "uint16",
    "uint32", "uint64", "unique_all", "unique_counts", "unique_inverse", "unique_values", "unstack", "var", "vecdot",
    "where", "zeros", "zeros_like",
]  # fmt: skip

LEFT_OUT = {
    "complex64": "a tensor is Float, Int or Bool", "complex128": "a tensor is Float, Int or Bool",
    "imag": "it is of complex numbers", "fft": "its transforms are complex",
}  # fmt: skip


def __getattr__(name: str) -> NoReturn:
    why = f": {LEFT_OUT[name]}" if name in LEFT_OUT else ""
    raise NamespaceError(f"minigrad.array_api has no {name!r}{why}")


# --- constants --------------------------------------------------------------------------------------------------------

e, inf, nan, pi, newaxis = math.e, math.inf, math.nan, math.pi, None

# --- dtypes -----------------------------------------------------------------------------------------------------------

bool = BOOL
int8, int16, int32, int64 = (np.dtype(kind) for kind in (np.int8, np.int16, np.int32, np.int64))
uint8, uint16, uint32, uint64 = (np.dtype(kind) for kind in (np.uint8, np.uint16, np.uint32, np.uint64))
float32, float64 = np.dtype(np.float32), np.dtype(np.float64)

isdtype = np.isdtype


class FloatInfo(NamedTuple):
    """What `finfo` tells, in Python's floats."""

    bits: int
    eps: float
    max: float
    min: float
    smallest_normal: float
    dtype: np.dtype[Any]


class IntInfo(NamedTuple):
    """What `iinfo` tells."""

    bits: int
    max: int
    min: int
    dtype: np.dtype[Any]


def finfo(type: Any, /) -> FloatInfo:
    """The limits of a Float dtype, or of a tensor's. Raises `DtypeError` for another."""
    i = np.finfo(_dtype(type, "f"))
    return FloatInfo(i.bits, float(i.eps), float(i.max), float(i.min), float(i.smallest_normal), i.dtype)


def iinfo(type: Any, /) -> IntInfo:
    """The limits of an Int dtype, or of a tensor's. Raises `DtypeError` for another."""
    i = np.iinfo(_dtype(type, "iu"))
    return IntInfo(i.bits, int(i.max), int(i.min), i.dtype)


def result_type(*arrays_and_dtypes: Any) -> np.dtype[Any]:
    """The dtype in which an operation brings these together: Float over Int over Bool, then the wider, but no number's.

    >>> result_type(float32, int64), result_type(int32, 1.0), result_type(bool, bool)
    (dtype('float32'), dtype('float32'), dtype('bool'))
    """
    given = [
        x
        if isinstance(x, (int, float, np.generic, np.ndarray))
        else make(_dtype(x).type(0), getattr(x, "device", DEFAULT))
        for x in arrays_and_dtypes
    ]
    if not given:
        raise DtypeError("result_type() of nothing: give it tensors, dtypes and numbers")
    xs = operands(result_type, *given)
    return BOOL if {x.dtype for x in xs} == {BOOL} else common_dtype(xs, integers=True)


def can_cast(from_: Any, to: DTypeLike, /) -> builtins.bool:
    """Whether an operation would bring `from_`, a dtype or a tensor, to the dtype `to`."""
    return result_type(_dtype(from_), to) == to


def astype(x: Tensor, dtype: DTypeLike, /, *, copy: builtins.bool = True, device: Device | None = None) -> Tensor:
    """`x.astype(dtype)`; nobody can write to a tensor, so that a copy would be no different."""
    return asarray(x, dtype=dtype, device=device)


def _dtype(of: Any, kinds: str = "fiub") -> np.dtype[Any]:
    dtype = plain_dtype(of.dtype if isinstance(of, Tensor) else of)
    if dtype.kind not in kinds:
        raise DtypeError(f"limits of {dtype}: finfo has those of Float dtypes, iinfo those of Int ones")
    return dtype


# --- about the namespace ----------------------------------------------------------------------------------------------

__array_api_version__ = "2024.12"


class Info:
    """What `__array_namespace_info__` gives."""

    def capabilities(self) -> dict[str, Any]:
        """All that the standard asks about is there."""
        return {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}

    def default_device(self) -> Device:
        """`NdArray()`, the device of a tensor that was made without one."""
        return DEFAULT

    def devices(self) -> list[Device]:
        """The default one without and with gradients; any other `NdArray` or `Autodiff` is one too."""
        return [DEFAULT, Autodiff(DEFAULT)]

    def default_dtypes(self, *, device: Device | None = None) -> dict[str, np.dtype[Any]]:
        """The device's float type, and int64."""
        return {"real floating": zeros(0, device).dtype, "integral": int64, "indexing": int64}

    def dtypes(
        self, *, device: Device | None = None, kind: str | tuple[str, ...] | None = None
    ) -> dict[str, np.dtype[Any]]:
        """Those of a kind by their names, or all; they are the same on every device."""
        every = (bool, int8, int16, int32, int64, uint8, uint16, uint32, uint64, float32, float64)
        return {dtype.name: dtype for dtype in every if kind is None or np.isdtype(dtype, kind)}


def __array_namespace_info__() -> Info:
    """The devices, dtypes and abilities of this namespace."""
    return Info()


# --- creation ---------------------------------------------------------------------------------------------------------

empty = zeros = Tensor.zeros
empty_like = zeros_like = Tensor.zeros_like
eye = Tensor.eye
full = Tensor.full
full_like = Tensor.full_like
linspace = Tensor.linspace
meshgrid = Tensor.meshgrid
ones = Tensor.ones
ones_like = Tensor.ones_like
tril = Tensor.tril
triu = Tensor.triu


def arange(
    start: float, /, stop: float | None = None, step: float = 1,
    *, dtype: DTypeLike | None = None, device: Device | None = None,
) -> Tensor:  # fmt: skip
    """`Tensor.arange`; one number alone is where to stop."""
    bounds = (0, start) if stop is None else (start, stop)
    return Tensor.arange(*bounds, step, device=device, dtype=dtype)


def asarray(
    obj: Any, /, *, dtype: DTypeLike | None = None, device: Device | None = None, copy: builtins.bool | None = None
) -> Tensor:
    """A tensor of `obj`; a tensor itself keeps its record, and moved to another device it is a leaf.

    An array, and anything with a dtype, keeps it; other floats take the device's type. `copy=False` shares memory with
    an array that nobody can write to, and else raises `NamespaceError`, a `ValueError`.
    """
    if isinstance(obj, Tensor) and device in (None, obj.device):
        return obj if dtype is None else obj.astype(dtype)
    array = obj.data if isinstance(obj, Tensor) else np.asarray(obj)
    x = Tensor(obj, device, array.dtype if dtype is None and hasattr(obj, "dtype") else dtype)
    if copy is False and x.data is not array:
        raise NamespaceError("asarray(copy=False): a tensor shares memory only with an array that nobody can write to")
    return x


def from_dlpack(x: Any, /, *, device: Device | None = None, copy: builtins.bool | None = None) -> Tensor:
    """A tensor of what another library holds: a copy, as that library may go on writing to it."""
    return asarray(x if isinstance(x, Tensor) else np.from_dlpack(x), device=device, copy=copy)


# --- element by element -----------------------------------------------------------------------------------------------

abs = Tensor.abs
acos = Tensor.acos
acosh = Tensor.acosh
add = Tensor.__add__
asin = Tensor.asin
asinh = Tensor.asinh
atan = Tensor.atan
atan2 = Tensor.atan2
atanh = Tensor.atanh
bitwise_and = Tensor.bitwise_and
bitwise_invert = Tensor.bitwise_invert
bitwise_left_shift = Tensor.bitwise_left_shift
bitwise_or = Tensor.bitwise_or
bitwise_right_shift = Tensor.bitwise_right_shift
bitwise_xor = Tensor.bitwise_xor
ceil = Tensor.ceil
clip = Tensor.clip
copysign = Tensor.copysign
cos = Tensor.cos
cosh = Tensor.cosh
divide = Tensor.__truediv__
equal = Tensor.equal
exp = Tensor.exp
expm1 = Tensor.expm1
floor = Tensor.floor
floor_divide = Tensor.floor_divide
greater = Tensor.greater
greater_equal = Tensor.greater_equal
hypot = Tensor.hypot
isfinite = Tensor.isfinite
isinf = Tensor.isinf
isnan = Tensor.isnan
less = Tensor.less
less_equal = Tensor.less_equal
log = Tensor.log
log1p = Tensor.log1p
log2 = Tensor.log2
log10 = Tensor.log10
logaddexp = Tensor.logaddexp
logical_and = Tensor.logical_and
logical_not = Tensor.logical_not
logical_or = Tensor.logical_or
logical_xor = Tensor.logical_xor
maximum = Tensor.maximum
minimum = Tensor.minimum
multiply = Tensor.__mul__
negative = Tensor.__neg__
nextafter = Tensor.nextafter
not_equal = Tensor.not_equal
positive = conj = real = Tensor.positive
reciprocal = Tensor.reciprocal
remainder = Tensor.remainder
round = Tensor.round
sign = Tensor.sign
signbit = Tensor.signbit
sin = Tensor.sin
sinh = Tensor.sinh
sqrt = Tensor.sqrt
square = Tensor.square
subtract = Tensor.__sub__
tan = Tensor.tan
tanh = Tensor.tanh
trunc = Tensor.trunc


def pow(x1: Any, x2: Any, /) -> Tensor:
    """`x1 ** x2`, of which one may be a number."""
    return (x1 if isinstance(x2, Tensor) else as_tensor(x1)) ** x2  # type: ignore[no-any-return]


# --- fewer of many ----------------------------------------------------------------------------------------------------

all = Tensor.all
any = Tensor.any
argmax = Tensor.argmax
argmin = Tensor.argmin
count_nonzero = Tensor.count_nonzero
cumulative_prod = Tensor.cumulative_prod
cumulative_sum = Tensor.cumulative_sum
diff = Tensor.diff
max = Tensor.max
mean = Tensor.mean
min = Tensor.min
std = Tensor.std
var = Tensor.var


def prod(x: Tensor, /, *, axis: Axis = None, dtype: DTypeLike | None = None, keepdims: builtins.bool = False) -> Tensor:
    """`x.prod(axis, keepdims)`, computed in `dtype`."""
    y = counted(x, dtype).prod(axis, keepdims)
    return y if dtype is None else y.astype(dtype)  # which may be a small Int, of which sums are larger


def sum(x: Tensor, /, *, axis: Axis = None, dtype: DTypeLike | None = None, keepdims: builtins.bool = False) -> Tensor:
    """`x.sum(axis, keepdims)`, computed in `dtype`."""
    y = counted(x, dtype).sum(axis, keepdims)
    return y if dtype is None else y.astype(dtype)


# --- order, what occurs, choosing -------------------------------------------------------------------------------------

argsort = Tensor.argsort
nonzero = Tensor.nonzero
searchsorted = Tensor.searchsorted
sort = Tensor.sort
take_along_axis = Tensor.take_along_axis
unique_all = Tensor.unique_all
unique_counts = Tensor.unique_counts
unique_inverse = Tensor.unique_inverse
unique_values = Tensor.unique_values


def take(x: Tensor, indices: Any, /, *, axis: int | None = None) -> Tensor:
    """`x.take(indices, axis)`, where a negative index counts from the end."""
    places = np.asarray(plain_index(indices))
    n = x.size if axis is None else x.shape[normal_axis(axis, x.ndim, "take")]
    return x.take(np.where(places < 0, places + n, places), axis)


# --- shape ------------------------------------------------------------------------------------------------------------

broadcast_to = Tensor.broadcast_to
concat = Tensor.cat
expand_dims = Tensor.expand_dims
flip = Tensor.flip
moveaxis = Tensor.moveaxis
permute_dims = Tensor.permute_dims
repeat = Tensor.repeat
roll = Tensor.roll
squeeze = Tensor.squeeze
stack = Tensor.stack
tile = Tensor.tile
unstack = Tensor.unstack


def reshape(x: Tensor, /, shape: int | Sequence[int], *, copy: builtins.bool | None = None) -> Tensor:
    """`x.reshape(shape)`; nobody can write to a tensor, so that a copy would be no different."""
    return x.reshape(shape)


# --- matrices; the rest of them is in `linalg` ------------------------------------------------------------------------

matmul = linalg.matmul
matrix_transpose = linalg.matrix_transpose
tensordot = linalg.tensordot
vecdot = linalg.vecdot
