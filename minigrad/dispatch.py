"""NumPy's functions on tensors: `np.exp(x)`, `array * x`, `np.linalg.solve(array, x)` come here, by NumPy's protocols.

Each is the operation of the tensor that means the same, so that gradients go through; what it is given beside tensors,
arrays and numbers on either side, is an operand as any other. The tables below say which NumPy functions these are.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from functools import cache
from math import pi
from typing import TYPE_CHECKING, Any

import numpy as np

from . import lifting
from .errors import DtypeError, MinigradError
from .lifting import operands
from .ops.einsum import einsum
from .ops.indexing import where
from .ops.joining import cat, stack
from .ops.layout import broadcast_arrays

if TYPE_CHECKING:
    from .tensor import Tensor

__all__ = ["array_function", "array_ufunc"]


def array_ufunc(x: Tensor, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """`np.exp(x)` and its like: the tensor's own operation. Raises `DtypeError` for what is not lifted."""
    name = ufunc.__name__ if method == "__call__" else f"{ufunc.__name__}.{method}"
    return _call(name, UFUNCS.get(name), inputs, options, x)


def array_function(x: Tensor, function: Any, types: Any, args: Any, options: Any) -> Any:
    """`np.sum(x)` and its like: the tensor's own operation. Raises `DtypeError` for what is not lifted."""
    # by its module, too: numpy.linalg.diagonal is of other axes than numpy.diagonal
    name = f"{function.__module__}.{function.__name__}".removeprefix("numpy.")
    return _call(name, FUNCTIONS.get(name), args, options, x)


def _call(name: str, operation: Any, args: Sequence[Any], options: dict[str, Any], like: Tensor) -> Any:
    options = {key: value for key, value in options.items() if value is not None}
    for key in options.keys() & _REFUSED:
        raise DtypeError(f"np.{name}({key}=...) of a Tensor: {_REFUSED[key]}")
    if operation is None:
        help = "slice_assign makes a changed copy" if name in _WRITES else "use the tensor's own methods, or x.numpy()"
        raise DtypeError(f"np.{name} of a Tensor is not lifted\n  {help}")
    try:
        operation = _named(operation) if isinstance(operation, str) else operation
        if args and operation is not where and isinstance(args[0], _NUMBERS):  # np.add(array, x)
            args = (operands(operation, args[0], like)[0], *args[1:])
        return operation(*args, **options)
    except TypeError as error:
        if isinstance(error, MinigradError):
            raise
        what = str(error).partition("() ")[2] or str(error)  # "<lambda>() got an unexpected keyword argument 'order'"
        raise DtypeError(f"np.{name} of a Tensor {what}") from error


@cache
def _named(name: str) -> Callable[..., Any]:
    """`sum` of the tensor, or `linalg.det` of a module that stands on it, which is looked up when it is asked for."""
    module, _, attribute = name.rpartition(".")
    return getattr(importlib.import_module(f"minigrad.{module}") if module else lifting.Tensor, attribute)  # type: ignore[no-any-return]


_NUMBERS = (np.ndarray, np.generic, int, float)

_REFUSED = {
    "out": "nobody can write to a tensor, and an array has no gradients: use the result",
    "where": "choose with np.where(mask, x, other)",
}

_WRITES = {"copyto", "fill_diagonal", "place", "put", "put_along_axis", "putmask"}


# --- where NumPy's arguments are others than the tensor's -------------------------------------------------------------


def _by_axis(name: str) -> Callable[..., Any]:
    """A method whose arguments are in NumPy's order up to the axis: `np.max(x, 0, keepdims=True)`."""
    return lambda x, axis=None, **options: getattr(x, name)(axis=axis, **options)


def _counting(name: str) -> Callable[..., Any]:
    """A sum or a product, which may be computed in another dtype."""
    return lambda x, axis=None, dtype=None, **options: _named(f"array_api.{name}")(x, axis=axis, dtype=dtype, **options)


def _spread(name: str) -> Callable[..., Any]:
    """NumPy's `var` and `std`, where the correction has an older name too."""

    def operation(x: Tensor, axis: Any = None, *, ddof: float = 0, **options: Any) -> Any:
        return getattr(x, name)(axis, **{"correction": ddof, **options})

    return operation


def _ordered(name: str) -> Callable[..., Any]:
    """NumPy's `sort` and `argsort`, without the kinds of algorithms."""
    return lambda x, axis=-1, *, stable=None: getattr(x, name)(axis, stable=bool(stable))


def _clip(x: Tensor, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Tensor:
    return x.clip(a_min if min is None else min, a_max if max is None else max)


def _dot(x: Any, y: Any) -> Any:
    x, y = operands(np.dot, x, y)
    if not x.ndim or not y.ndim:
        return x * y
    return x @ y if y.ndim < 3 else _named("linalg.tensordot")(x, y, (-1, -2))


def _inner(x: Any, y: Any) -> Any:
    x, y = operands(np.inner, x, y)
    return _named("linalg.tensordot")(x, y, (-1, -1)) if x.ndim and y.ndim else x * y


def _rows(x: Tensor) -> Tensor:
    return x if x.ndim > 1 else x.unsqueeze(2)


def _columns(x: Tensor) -> Tensor:
    return x if x.ndim > 1 else x.reshape((-1, 1))


def _line(x: Tensor) -> Tensor:
    return x if x.ndim else x.reshape(1)


def _each(change: Callable[[Tensor], Tensor], tensors: Any) -> list[Tensor]:
    return [change(x) for x in operands(cat, *tensors)]


def _side_by_side(tup: Any) -> Tensor:
    lines = _each(_line, tup)
    return cat(lines, 0 if lines[0].ndim == 1 else 1)


# --- which operation each one is --------------------------------------------------------------------------------------

UFUNCS: dict[str, Callable[..., Any] | str] = {
    **{name: name for name in (
        "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "bitwise_and", "bitwise_or",
        "bitwise_xor", "ceil", "copysign", "cos", "cosh", "equal", "exp", "expm1", "floor", "floor_divide", "fmod",
        "greater", "greater_equal", "hypot", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10",
        "log1p", "log2", "logaddexp", "logical_and", "logical_not", "logical_or", "logical_xor", "matmul", "maximum",
        "minimum", "nextafter", "not_equal", "positive", "reciprocal", "remainder", "sign", "signbit", "sin", "sinh",
        "sqrt", "square", "tan", "tanh", "trunc")},
    "absolute": "abs", "add": "__add__", "conjugate": "positive", "divide": "__truediv__",
    "invert": "bitwise_invert", "left_shift": "bitwise_left_shift", "multiply": "__mul__", "negative": "__neg__",
    "power": "__pow__", "right_shift": "bitwise_right_shift", "rint": "round", "subtract": "__sub__",
    "vecdot": "linalg.vecdot",
    "deg2rad": lambda x: x * (pi / 180), "radians": lambda x: x * (pi / 180),
    "rad2deg": lambda x: x * (180 / pi), "degrees": lambda x: x * (180 / pi),
    "divmod": lambda x, y: (x // y, x % y),
    "exp2": lambda x: 2.0**x,
    "matvec": lambda x, y: (x @ y[..., None]).squeeze(-1),
    "vecmat": lambda x, y: (x[..., None, :] @ y).squeeze(-2),
}  # fmt: skip

FUNCTIONS: dict[str, Callable[..., Any] | str] = {
    **{name: name for name in (
        "allclose", "argwhere", "broadcast_to", "copy", "cumprod", "cumsum", "cumulative_prod",
        "cumulative_sum", "diag", "diagonal", "diff", "expand_dims", "flip", "full_like", "isclose", "moveaxis",
        "nonzero", "ones_like", "ravel", "repeat", "roll", "round", "searchsorted", "split", "squeeze", "swapaxes",
        "take_along_axis", "tile", "tril", "triu", "unique_all", "unique_counts", "unique_inverse",
        "unique_values", "unstack", "zeros_like")},
    **{name: _by_axis(name) for name in ("all", "any", "argmax", "argmin", "count_nonzero", "max", "mean", "median",
                                         "min")},
    **{name: f"array_api.{name}" for name in ("astype", "can_cast", "reshape", "result_type")},
    **{f"linalg.{name}": f"linalg.{name}" for name in (
        "cholesky", "cross", "det", "diagonal", "eigh", "eigvalsh", "inv", "matmul", "matrix_norm", "matrix_power",
        "matrix_transpose", "norm", "outer", "qr", "slogdet", "solve", "svdvals", "tensordot", "trace", "vecdot",
        "vector_norm")},
    "amax": _by_axis("max"), "amin": _by_axis("min"), "around": "round", "real": "positive",
    "sum": _counting("sum"), "prod": _counting("prod"), "std": _spread("std"), "var": _spread("var"),
    "sort": _ordered("sort"), "argsort": _ordered("argsort"), "clip": _clip, "where": where,
    "empty_like": "zeros_like", "matrix_transpose": "linalg.matrix_transpose",
    "quantile": lambda x, q, axis=None, *, keepdims=False: x.quantile(q, axis, keepdims),
    "percentile": lambda x, q, axis=None, *, keepdims=False: x.quantile(np.true_divide(q, 100), axis, keepdims),
    "ptp": lambda x, axis=None, *, keepdims=False: x.max(axis, keepdims) - x.min(axis, keepdims),
    "cov": lambda m, *, rowvar=True, ddof=1: m.cov(-1 if rowvar else 0, ddof),
    "take": lambda x, indices, axis=None: _named("array_api.take")(x, indices, axis=axis),
    "trace": lambda x, offset=0, axis1=0, axis2=1: x.diagonal(offset, axis1, axis2).sum(-1),
    # joined and taken apart
    "append": lambda x, values, axis=None: cat([x, values], axis),
    "concatenate": cat, "stack": stack, "meshgrid": "meshgrid", "broadcast_arrays": broadcast_arrays,
    "vstack": lambda tup: cat(_each(_rows, tup), 0), "hstack": _side_by_side,
    "column_stack": lambda tup: cat(_each(_columns, tup), 1),
    "vsplit": lambda x, parts: x.split(parts, 0),
    "hsplit": lambda x, parts: x.split(parts, 0 if x.ndim == 1 else 1),
    "pad": lambda array, pad_width, mode="constant", **options: array.pad(pad_width, mode, **options),
    # axes
    "atleast_1d": _line, "atleast_2d": _rows, "transpose": lambda x, axes=None: x.transpose(*(axes or ())),
    "fliplr": lambda x: x.flip(1), "flipud": lambda x: x.flip(0),
    # products
    "dot": _dot, "inner": _inner, "tensordot": "linalg.tensordot", "cross": "linalg.cross",
    "einsum": lambda subscripts, *xs, optimize=True: einsum(subscripts, *xs),
    "outer": lambda x, y: _named("linalg.outer")(*(t.reshape(-1) for t in operands(np.outer, x, y))),
    "vdot": lambda x, y: _dot(*(t.reshape(-1) for t in operands(np.vdot, x, y))),
    "linalg.matrix_rank": lambda x, *, rtol=None: _named("linalg.matrix_rank")(x, rtol),
    "linalg.pinv": lambda x, *, rtol=None: _named("linalg.pinv")(x, rtol),
    "linalg.svd": lambda x, full_matrices=True, compute_uv=True: (
        _named("linalg.svd")(x, full_matrices) if compute_uv else _named("linalg.svdvals")(x)),
    # questions
    "array_equal": lambda x, y: np.shape(x) == np.shape(y) and bool((x == y).all()),
    "flatnonzero": lambda x: x.ravel().nonzero()[0],
    "iscomplexobj": lambda x: False, "isrealobj": lambda x: True,
    "ndim": lambda x: x.ndim, "shape": lambda x: x.shape, "size": lambda x: x.size,
}  # fmt: skip
