"""Param: a parameter of a module; and RunningState, which a layer itself keeps up to date."""

from __future__ import annotations

from typing import Any

import numpy as np

from .arrays import native
from .autodiff import next_birth
from .backend import Device
from .errors import DtypeError
from .lifting import make, new
from .tensor import Tensor

__all__ = ["Param", "RunningState"]


class Param(Tensor):
    """A parameter: a leaf tensor with an id, which optimizers and records know it by. Tracked on an Autodiff device.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> w = Param.from_tensor(Tensor([1.0, 2.0], Autodiff(NdArray(seed=1))))
    >>> w.is_require_grad, (w * 3).sum()
    (True, Tensor(9., dtype=float32, tracked))
    """

    __slots__ = ("id",)

    id: int

    def __init__(self, data: Any, device: Device | None = None, dtype: Any = None) -> None:
        super().__init__(data, device, dtype)
        self.id = int(self.device.rng().integers(1 << 64, dtype=np.uint64))
        self.birth = next_birth() if self.device.tracks and self.data.dtype.kind == "f" else 0

    @classmethod
    def from_tensor(cls, tensor: Tensor) -> Param:
        """A parameter of the tensor's values, with a new id drawn from its device. Raises `DtypeError`."""
        if not isinstance(tensor, Tensor):
            raise DtypeError(f"Param.from_tensor of a {type(tensor).__name__}: give a tensor, Tensor(data, device)")
        return cls(tensor, tensor.device, tensor.dtype)

    def val(self) -> Tensor:
        """Burn's spelling of the parameter itself."""
        return self

    def with_value(self, data: Any, device: Device, tracked: bool) -> Param:
        """The same parameter, by id, of other data; no copy."""
        param = new(type(self))
        param.data, param.device, param.record, param.id = data, device, None, self.id
        param.birth = next_birth() if tracked else 0
        return param

    def __reduce__(self) -> Any:
        return _restore_param, (type(self), self.data, self.device, self.birth != 0, self.id)


class RunningState(Param):
    """A statistic that a layer's `forward` keeps up to date, such as the mean of batch norm.

    It is recorded as a parameter is, and never tracked. `step`, `valid`, `map` and `replace` give the new model one of
    its own: the one thing in a model that changes.

    >>> mean = RunningState([0.0, 0.0])
    >>> mean.update(Tensor([1.0, 2.0]))
    >>> mean.value()
    Tensor([1., 2.], dtype=float32)
    """

    __slots__ = ()

    def __init__(self, data: Any, device: Device | None = None, dtype: Any = None) -> None:
        super().__init__(data, device, dtype)
        self.birth = 0

    def value(self) -> Tensor:
        """What it is at present, as a tensor that stays so."""
        return make(self.data, self.device.inner)

    def update(self, value: Tensor) -> None:
        """Take a new value, of the same shape."""
        self.data = value.data.astype(self.data.dtype, copy=False)

    def with_value(self, data: Any, device: Device, tracked: bool) -> Param:
        """A copy, by id, of other data; it is not tracked, whatever is asked for."""
        return super().with_value(data, device, False)

    def __deepcopy__(self, memo: Any) -> Param:
        return self.with_value(self.data, self.device, False)


def _restore_param(kind: type[Param], data: Any, device: Device, tracked: bool, id: int) -> Param:
    param = new(kind)
    param.id = id
    return Param.with_value(param, native(data), device, tracked)
