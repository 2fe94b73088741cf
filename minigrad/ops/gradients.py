"""Leaves and their gradients, by Burn's names. Gradients are values too: what changes them returns new ones."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from .. import tree
from ..arrays import brief, flag, to_array
from ..autodiff import Gradients, Node
from ..backend import Autodiff, Device
from ..errors import DeviceError, GradientError
from ..lifting import make

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "arguments", "check_arguments", "check_function", "from_inner", "grad_remove", "grad_replace", "set_require_grad",
    "structures",
]  # fmt: skip


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


# --- what `grad` and its family are asked for -------------------------------------------------------------------------


def check_function(f: Any, name: str) -> None:
    """Raises `GradientError` for what cannot be called."""
    if not callable(f):
        what = "a tensor" if isinstance(f, Node) else brief(f)
        raise GradientError(f"{name}({what}): it takes a function and gives one, {name}(f)(x)")


def arguments(argnums: Any, n: int) -> tuple[list[int], bool]:
    """The positions of the arguments to differentiate, of `n`, and whether it is one alone. Raises `GradientError`."""
    alone = not isinstance(argnums, (tuple, list, range))
    positions = [argnums] if alone else list(argnums)
    if any(isinstance(i, bool) or not isinstance(i, (int, np.integer)) for i in positions):
        raise GradientError(f"grad(argnums={brief(argnums)}): it is the position of an argument, or a tuple of them")
    if any(not -n <= i < n for i in positions):
        raise GradientError(f"grad(argnums={brief(argnums)}) of a call with {n} arguments: the first one is 0")
    return positions, alone


def check_arguments(args: Sequence[Any], positions: Sequence[int]) -> None:
    """Raises `GradientError` for one that is neither numbers nor a structure of them."""
    for i in positions:
        if tree.children(args[i]) is None and not isinstance(args[i], (Node, float, int, np.ndarray, np.generic)):
            raise GradientError(
                f"a gradient in argument {i}, {brief(args[i])}: it is a tensor, a number, an array, or a structure of "
                "them\n  argnums says in which arguments the gradient is"
            )


def structures(args: Sequence[Any], positions: Sequence[int]) -> str:
    """What to say of a function that fails for its arguments, when one of them is a structure that may be a mistake."""
    for i in positions:
        if isinstance(args[i], (list, tuple, dict)):
            return (
                f"the function failed for its argument {i}, which is a {type(args[i]).__name__} of tensors: structures "
                f"are handed on as they are\n  one tensor of it is Tensor({brief(args[i])})"
            )
    return ""
