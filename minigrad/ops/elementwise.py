"""Element by element: steps, which have no gradient, bounds, and remainders."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import BOOL, brief, whole
from ..autodiff import Node
from ..errors import DtypeError, ShapeError
from ..lifting import align, common_device, explain, lift, make, operands
from ..rules import elementwise, special

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "ceil", "clamp_max", "clamp_min", "clip", "copysign", "divmod", "floor", "floor_divide", "isfinite", "isinf",
    "isnan", "nextafter", "positive", "power", "rdivmod", "round", "sign", "signbit", "square", "trunc",
    "without_gradient",
]  # fmt: skip

clamp_min = lift(special.clamp_min)
clamp_max = lift(special.clamp_max)
_power = lift(elementwise.power)
_square = lift(special.square)


def clip(x: Tensor, min: Any = None, max: Any = None) -> Tensor:
    """Between `min` and `max`, numbers or tensors or None; where they cross, `max`. Burn's `clamp`.

    What was moved to a bound has no gradient, the bound has it; an element that is equal to a bound keeps its own.

    >>> from minigrad import Tensor
    >>> Tensor([-2.0, 0.5, 3.0]).clip(-1, 1)
    Tensor([-1. ,  0.5,  1. ], dtype=float32)
    """
    x = x if min is None else clamp_min(x, min)
    return x if max is None else clamp_max(x, max)


def power(x: Any, y: Any) -> Tensor:
    """`x ** y`, element by element. Ints to the power of Ints are Int, and have no gradient.

    Raises `DtypeError` for a negative Int power of an Int, which would be a fraction.

    >>> from minigrad import Tensor
    >>> Tensor([2, 3]) ** Tensor([3, 2]), 2 ** Tensor([0.0, 0.5])
    (Tensor([8, 9]), Tensor([1.       , 1.4142135], dtype=float32))
    """
    x, y = operands(power, x, y)
    if x.data.dtype.kind == "f" or y.data.dtype.kind == "f":
        return _power(x, y)
    if np.any(y.data < 0):
        raise DtypeError(f"power: Int to the power of {y.data.min()}: the result is a fraction; use x.float() ** y")
    return without_gradient(np.power, x, y)


def square(x: Any) -> Tensor:
    """`x * x`: of Bools, which are counted, Int."""
    return _square(make(x.data.astype(np.int64), x.device) if isinstance(x, Node) and x.data.dtype is BOOL else x)


def positive(x: Tensor) -> Tensor:
    """`+x`: itself."""
    return x


# --- steps, whose derivative is 0 almost everywhere: they leave the graph ---------------------------------------------


def without_gradient(function: Callable[..., Any], *xs: Any, integers: bool = True) -> Tensor:
    """A NumPy function of one or two operands in one dtype, which is Float unless `integers`. Raises `ShapeError`."""
    xs = align(operands(function, *xs), integers)
    try:
        value = function(*(x.data for x in xs))
    except ValueError as error:
        raise explain(function, xs, error) from None
    return make(value, common_device(xs[0].device, xs[-1].device))


def sign(x: Tensor) -> Tensor:
    """-1, 0 or 1; no gradient."""
    return without_gradient(np.sign, x)


def floor(x: Tensor) -> Tensor:
    """The greatest whole number that is not above, as a Float; Ints stay as they are. No gradient."""
    return _whole(np.floor, x)


def ceil(x: Tensor) -> Tensor:
    """The least whole number that is not below, as a Float; Ints stay as they are. No gradient."""
    return _whole(np.ceil, x)


def trunc(x: Tensor) -> Tensor:
    """Without what is behind the point, as a Float; Ints stay as they are. No gradient."""
    return _whole(np.trunc, x)


def round(x: Tensor, decimals: int = 0) -> Tensor:
    """To the nearest whole number, or to `decimals`; of two that are as near to the even one, as NumPy. No gradient.

    >>> from minigrad import Tensor
    >>> Tensor([0.5, 1.5, 2.5]).round(), Tensor([1.256]).round(2)
    (Tensor([0., 2., 2.], dtype=float32), Tensor([1.26], dtype=float32))
    """
    decimals = whole(0 if decimals is None else decimals, "round(decimals")
    if abs(decimals) > 300:
        raise ShapeError(f"round(decimals={brief(decimals)}): a Float has 300 digits before its point, and behind it")
    if decimals >= 0:
        return _whole(lambda a: np.round(a, decimals), x)
    return make(np.round(x.data.astype(np.int64) if x.data.dtype is BOOL else x.data, decimals), x.device)


def _whole(function: Callable[[Any], Any], x: Tensor) -> Tensor:
    return make(function(x.data), x.device) if x.data.dtype.kind == "f" else x


def floor_divide(x: Tensor, y: Any) -> Tensor:
    """`x // y`: the quotient rounded down; `x // y * y + x % y` is `x`. No gradient.

    >>> from minigrad import Tensor
    >>> Tensor([7, -7]) // 2, Tensor([7.5]) // 2
    (Tensor([ 3, -4]), Tensor([3.], dtype=float32))
    """
    return without_gradient(np.floor_divide, x, y)


def divmod(x: Tensor, y: Any) -> tuple[Tensor, Tensor]:
    """`x // y` and `x % y`."""
    return x // y, x % y


def rdivmod(x: Tensor, y: Any) -> tuple[Tensor, Tensor]:
    """`divmod(y, x)`."""
    return y // x, y % x


def copysign(x: Tensor, y: Any) -> Tensor:
    """`abs(x)` with the sign of `y`, to which -0.0 has one; a gradient in `x` alone, 0 at 0."""
    x, y = align(operands(np.copysign, x, y), integers=False)
    return abs(x) * make(np.copysign(y.data.dtype.type(1), y.data), y.device)


def nextafter(x: Tensor, y: Any) -> Tensor:
    """The next Float from `x` on towards `y`; no gradient."""
    return without_gradient(np.nextafter, x, y, integers=False)


# --- questions: Bool --------------------------------------------------------------------------------------------------


def signbit(x: Tensor) -> Tensor:
    """Where it has a minus sign, as -0.0 does."""
    return without_gradient(np.signbit, x)


def isnan(x: Tensor) -> Tensor:
    """Where it is no number."""
    return make(np.isnan(x.data), x.device)


def isinf(x: Tensor) -> Tensor:
    """Where it is infinite, of either sign."""
    return make(np.isinf(x.data), x.device)


def isfinite(x: Tensor) -> Tensor:
    """Where it is neither infinite nor NaN."""
    return make(np.isfinite(x.data), x.device)
