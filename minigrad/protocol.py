"""How a tensor behaves beside other libraries, `copy` and `pickle`: the methods behind those names, in one place."""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from .arrays import native
from .autodiff import Node, next_birth
from .errors import DtypeError, GradientError, NamespaceError
from .lifting import new

if TYPE_CHECKING:
    from .backend import Device
    from .tensor import Tensor

__all__ = [
    "array", "array_namespace", "contains", "deepcopy", "dlpack", "dlpack_device", "index", "reduce", "same", "tolist",
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
