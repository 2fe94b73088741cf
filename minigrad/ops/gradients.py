"""Leaves and their gradients, by Burn's names. Gradients are values too: what changes them returns new ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..arrays import brief, flag, to_array
from ..backend import Autodiff, Device
from ..errors import DeviceError, GradientError
from ..lifting import make

if TYPE_CHECKING:
    from ..autodiff import Gradients
    from ..tensor import Tensor

__all__ = ["from_inner", "grad_remove", "grad_replace", "set_require_grad"]


def set_require_grad(x: Tensor, require_grad: bool) -> Tensor:
    """A leaf of the same values, tracked or not: `require_grad()` or `detach()`."""
    return x.require_grad() if flag(require_grad, "set_require_grad(require_grad") else x.detach()


def from_inner(x: Tensor, device: Device | None = None) -> Tensor:
    """The same values as an untracked leaf on an Autodiff device: `device`, or one around the device of `x`."""
    if device is not None and not isinstance(device, Device):
        raise DeviceError(f"from_inner(device={brief(device)}): a device is Autodiff(NdArray())")
    around = device or (x.device if x.device.tracks else Autodiff(x.device))
    return make(x.data, around)


def grad_remove(x: Tensor, grads: Gradients) -> tuple[Tensor | None, Gradients]:
    """This leaf's gradient, None if it has none, and the gradients without it.

    >>> from minigrad import Tensor
    >>> x = Tensor([1.0, 2.0]).require_grad()
    >>> g, rest = x.grad_remove((x * x).sum().backward())
    >>> g, x.grad(rest)
    (Tensor([2., 4.], dtype=float32), None)
    """
    return x.grad(grads), grads.replace(x, None)


def grad_replace(x: Tensor, grads: Gradients, gradient: Any) -> Gradients:
    """New gradients, in which this leaf has `gradient`, of its shape.

    >>> from minigrad import Tensor
    >>> x = Tensor([1.0, 2.0]).require_grad()
    >>> grads = x.sum().backward()
    >>> x.grad(x.grad_replace(grads, x.grad(grads) * 0.5))
    Tensor([0.5, 0.5], dtype=float32)
    """
    x.grad(grads)  # raises for what is no tracked leaf
    array = to_array(gradient, x.device, x.dtype)
    if array.shape != x.shape:
        raise GradientError(f"grad_replace: a gradient of shape {array.shape} for a tensor of shape {x.shape}")
    return grads.replace(x, array)
