"""How a tensor behaves beside NumPy, `copy` and `pickle`: the methods behind those names, one function each."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from . import lifting
from .arrays import native
from .autodiff import Node, next_birth
from .errors import DtypeError, GradientError, NamespaceError
from .lifting import as_tensor, new, operands
from .ops.indexing import where

if TYPE_CHECKING:
    from .backend import Device
    from .tensor import Tensor

__all__ = [
    "array", "array_function", "array_namespace", "array_ufunc", "contains", "deepcopy", "dlpack", "dlpack_device",
    "index", "reduce", "same", "tolist",
]  # fmt: skip


def array(x: Tensor, dtype: Any = None, copy: bool | None = None) -> NDArray[Any]:
    """`np.asarray(x)`: a read-only view. Raises `GradientError` for a tracked tensor, whose gradient would be lost."""
    if x.birth:
        raise GradientError("np.asarray of a tracked tensor would drop its gradient: use x.detach() or x.numpy()")
    view = x.numpy()
    other = dtype is not None and np.dtype(dtype) != view.dtype
    return view.astype(dtype) if other or copy else view


def dlpack(x: Tensor, *, stream: Any = None, max_version: Any = None, dl_device: Any = None, copy: Any = None) -> Any:
    """For `torch.from_dlpack(x)` and its like: a copy, as PyTorch writes to what is marked read-only.

    `copy=False` shares, read-only. Raises `GradientError` for a tracked tensor, whose gradient would be lost.
    """
    if x.birth:
        raise GradientError("from_dlpack of a tracked tensor would drop its gradient: use x.detach()")
    return x.numpy().__dlpack__(
        stream=stream, max_version=max_version, dl_device=dl_device, copy=True if copy is None else copy
    )


def dlpack_device(x: Tensor) -> tuple[Any, int]:
    """The processor, as NumPy says it."""
    return np.asarray(x.data).__dlpack_device__()


def array_ufunc(x: Tensor, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """`np.exp(x)` and its like: the tensor's own operation. Raises `DtypeError` for what is not lifted."""
    operation = getattr(lifting.Tensor, _UFUNCS.get(ufunc.__name__, ""), None)
    if operation is None or method != "__call__" or options:
        raise DtypeError(
            f"np.{ufunc.__name__}{'' if method == '__call__' else '.' + method} of a Tensor is not lifted, "
            "or not with these options\n  use the tensor's own methods, or x.numpy()"
        )
    if not isinstance(inputs[0], Node):
        inputs = operands(ufunc, *inputs)
    return operation(*inputs)


def array_function(x: Tensor, function: Any, types: Any, args: Any, options: Any) -> Any:
    """`np.sum(x)` and its like: the tensor's own operation. Raises `DtypeError` for what is not lifted."""
    # by its module, too: numpy.linalg.diagonal is of other axes than numpy.diagonal
    operation = _FUNCTIONS.get(function.__name__) if function.__module__ == "numpy" else None
    if operation is None:
        name = f"{function.__module__}.{function.__name__}".replace("numpy", "np", 1)
        raise DtypeError(f"{name} of a Tensor is not lifted\n  use the tensor's own methods, or x.numpy()")
    if isinstance(operation, str):
        operation = getattr(lifting.Tensor, operation)
    if isinstance(args[0], np.ndarray):  # np.take(array, tensor)
        args = (as_tensor(args[0]), *args[1:])
    return operation(*args, **options)


def array_namespace(x: Tensor, *, api_version: str | None = None) -> ModuleType:
    """`minigrad.array_api`. Raises `NamespaceError`, a `ValueError`, for a version of the standard that it is not.

    >>> from minigrad import Tensor
    >>> Tensor([1.0, 4.0]).__array_namespace__().sqrt(4.0)
    Tensor(2., dtype=float32)
    """
    if api_version not in (None, *_VERSIONS):
        raise NamespaceError(f"__array_namespace__(api_version={api_version!r}): it is one of {', '.join(_VERSIONS)}")
    # It stands on the tensor, so that it is looked up when asked for; `import minigrad` does not pay for it.
    return importlib.import_module("minigrad.array_api")


_VERSIONS = ("2021.12", "2022.12", "2023.12", "2024.12")  # the last one has what those before it have


def tolist(x: Tensor) -> Any:
    """Nested lists of Python numbers; of a tensor without axes the number."""
    return x.data.tolist()


def same(x: Tensor) -> Tensor:
    """The tensor itself: nobody can write to it, so that a copy would be no different."""
    return x


def contains(x: Tensor, value: Any) -> bool:
    """`value in x`: whether any element equals it."""
    return bool(np.any(x.data == (value.data if isinstance(value, Node) else value)))


def index(x: Tensor) -> int:
    """An Int tensor without axes as the integer that `range`, `list[x]` and slices want. Else `DtypeError`."""
    if x.shape or x.dtype.kind not in "iu":
        raise DtypeError(f"a tensor of {x.dtype} and shape {x.shape} is no integer: it takes Int and no axes")
    return int(x.data)


def reduce(x: Tensor) -> Any:
    """For `pickle` and `copy.copy`: as data. Raises `GradientError` for a tensor with a graph."""
    return _restore, (type(_without_graph(x)), x.data, x.device, x.birth != 0)


def deepcopy(x: Tensor, memo: Any) -> Tensor:
    """The tensor itself, which nobody can change. Raises `GradientError` for a tensor with a graph."""
    return _without_graph(x)


def _without_graph(x: Tensor) -> Tensor:
    if x.record is not None:
        raise GradientError("a tensor with a graph cannot be pickled or copied deeply: detach() it first")
    return x


def _restore(kind: type[Tensor], data: Any, device: Device, tracked: bool) -> Tensor:
    x = new(kind)
    x.data, x.device, x.birth, x.record = native(data), device, next_birth() if tracked else 0, None
    return x


def _by_axis(name: str) -> Callable[..., Any]:
    """A method whose arguments are in NumPy's order up to the axis: `np.max(x, 0, keepdims=True)`."""
    return lambda x, axis=None, **options: getattr(x, name)(axis=axis, **options)


def _spread(name: str) -> Callable[..., Any]:
    """NumPy's `var` and `std`, where the correction has an older name too."""

    def operation(x: Tensor, axis: Any = None, *, ddof: float = 0, **options: Any) -> Any:
        return getattr(x, name)(axis, **{"correction": ddof, **options})

    return operation


def _clip(x: Tensor, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Tensor:
    return x.clip(a_min if min is None else min, a_max if max is None else max)


def _ordered(name: str) -> Callable[..., Any]:
    """NumPy's `sort` and `argsort`, without the kinds of algorithms."""
    return lambda x, axis=-1, *, stable=None: getattr(x, name)(axis, stable=bool(stable))


_UFUNCS = {
    "add": "__add__", "subtract": "__sub__", "multiply": "__mul__", "divide": "__truediv__",
    "true_divide": "__truediv__", "negative": "__neg__", "absolute": "__abs__", "power": "__pow__",
    "matmul": "__matmul__", "rint": "round", "invert": "__invert__", "left_shift": "__lshift__",
    "right_shift": "__rshift__",
    **{name: name for name in (
        "arccos", "arccosh", "arcsin", "arcsinh", "arctan", "arctan2", "arctanh", "bitwise_and", "bitwise_or",
        "bitwise_xor", "ceil", "copysign", "cos", "cosh", "equal", "exp", "expm1", "floor", "floor_divide", "fmod",
        "greater", "greater_equal", "hypot", "isfinite", "isinf", "isnan", "less", "less_equal", "log", "log10",
        "log1p", "log2", "logaddexp", "logical_and", "logical_not", "logical_or", "logical_xor", "maximum", "minimum",
        "nextafter", "not_equal", "positive", "reciprocal", "remainder", "sign", "signbit", "sin", "sinh", "sqrt",
        "square", "tan", "tanh", "trunc")},
}  # fmt: skip


_FUNCTIONS: dict[str, Callable[..., Any] | str] = {
    **{name: name for name in (
        "allclose", "argwhere", "broadcast_to", "cumprod", "cumsum", "cumulative_prod", "cumulative_sum", "diag",
        "diagonal", "diff", "dot", "expand_dims", "flip", "full_like", "isclose", "meshgrid", "moveaxis", "nonzero",
        "ones_like", "permute_dims", "ravel", "repeat", "reshape", "roll", "round", "searchsorted", "split", "squeeze",
        "stack", "swapaxes", "take", "take_along_axis", "tile", "transpose", "tril", "triu", "unique_all",
        "unique_counts", "unique_inverse", "unique_values", "unstack", "zeros_like")},
    **{name: _by_axis(name) for name in (
        "all", "any", "argmax", "argmin", "count_nonzero", "max", "mean", "median", "min", "prod", "sum")},
    "amax": _by_axis("max"), "amin": _by_axis("min"), "around": "round", "sort": _ordered("sort"),
    "argsort": _ordered("argsort"), "var": _spread("var"), "std": _spread("std"), "clip": _clip,
    "quantile": lambda x, q, axis=None, *, keepdims=False: x.quantile(q, axis, keepdims),
    "concatenate": "cat", "concat": "cat", "copy": "copy", "empty_like": "zeros_like",
    "where": where,
    "pad": lambda array, pad_width, mode="constant", **options: array.pad(pad_width, mode, **options),
    "matrix_transpose": lambda x: x.mT,
    "atleast_1d": lambda x: x if x.ndim else x.unsqueeze(1),
    "atleast_2d": lambda x: x if x.ndim > 1 else x.unsqueeze(2),
    "shape": lambda x: x.shape, "ndim": lambda x: x.ndim, "size": lambda x: x.size,
}  # fmt: skip
