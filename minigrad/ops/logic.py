"""Comparisons, what is true, and bits: nothing here has a gradient."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..arrays import BOOL, flag, number
from ..errors import DtypeError, ShapeError
from ..lifting import align, common_device, explain, make, operands

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "allclose", "bitwise_and", "bitwise_or", "bitwise_xor", "contains_nan", "equal", "greater", "greater_equal",
    "invert", "isclose", "left_shift", "less", "less_equal", "logical_and", "logical_not", "logical_or", "logical_xor",
    "not_equal", "reflected", "right_shift",
]  # fmt: skip

Binary: TypeAlias = "Callable[[Tensor, Any], Tensor]"


def _question(function: Callable[..., Any], text: str) -> Binary:
    """An operation that asks something of two operands, of any kinds, element by element; `text` is its docstring."""

    def operation(x: Tensor, y: Any) -> Tensor:
        x, y = operands(function, x, y)
        return _apply(function, x, y)

    return _named(operation, function, text)


def _bits(function: Callable[..., Any], sign: str, text: str) -> Binary:
    """An operation on the bits of two operands, which is written as `sign`."""

    def operation(x: Tensor, y: Any) -> Tensor:
        given = x, y
        x, y = operands(function, x, y)
        for operand, was in zip((x, y), given):
            if operand.data.dtype.kind == "f":
                raise DtypeError(
                    f"{sign} of {was if isinstance(was, float) else f'a tensor of {operand.dtype}'}: only Int and Bool "
                    "have bits\n  of what is true: (x > 0) & (y > 0), or logical_and; of numbers: int() first"
                )
        if not (x.data.dtype is y.data.dtype is BOOL) or "shift" in function.__name__:
            x, y = align((x, y), integers=True)
        if "shift" in function.__name__ and np.any(y.data < 0):
            raise ShapeError(
                f"x {sign} {y.data.min()}: bits move by 0 or more; the other way it is {'<>'.strip(sign) * 2}"
            )
        return _apply(function, x, y)

    return _named(operation, function, text)


def _apply(function: Callable[..., Any], x: Tensor, y: Tensor) -> Tensor:
    try:
        return make(function(x.data, y.data), common_device(x.device, y.device))
    except ValueError as error:
        raise explain(function, (x, y), error) from None


def _named(operation: Binary, function: Callable[..., Any], text: str) -> Binary:
    operation.__name__ = operation.__qualname__ = function.__name__
    operation.__doc__ = text
    return operation


# --- comparisons ------------------------------------------------------------------------------------------------------

equal = _question(np.equal, "`x == y`.")
not_equal = _question(np.not_equal, "`x != y`.")
less = _question(np.less, "`x < y`; Burn's `lower`.")
less_equal = _question(np.less_equal, "`x <= y`; Burn's `lower_equal`.")
greater = _question(np.greater, "`x > y`.")
greater_equal = _question(np.greater_equal, "`x >= y`.")


def isclose(x: Tensor, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> Tensor:
    """Where abs(x - y) <= atol + rtol * abs(y); infinities are close to themselves, NaN is so if `equal_nan`.

    >>> from minigrad import Tensor
    >>> Tensor([1.0, 2.0]).isclose([1.000001, 2.1])
    Tensor([ True, False])
    """
    rtol, atol = number(rtol, "isclose(rtol"), number(atol, "isclose(atol")
    if not (rtol >= 0 and atol >= 0):
        raise ShapeError(f"isclose(rtol={rtol}, atol={atol}): tolerances are 0 or more")
    equal_nan = flag(equal_nan, "isclose(equal_nan")
    x, y = align(operands(np.isclose, x, y), integers=True)
    try:
        return make(np.isclose(x.data, y.data, rtol, atol, equal_nan), common_device(x.device, y.device))
    except ValueError as error:
        raise explain(np.isclose, (x, y), error) from None


def allclose(x: Tensor, y: Any, rtol: float = 1e-5, atol: float = 1e-8, equal_nan: bool = False) -> bool:
    """Whether all elements are close: see `isclose`."""
    return bool(isclose(x, y, rtol, atol, equal_nan).data.all())


def contains_nan(x: Tensor) -> Tensor:
    """Whether any element is NaN: one Bool."""
    return make(np.any(np.isnan(x.data)), x.device)


# --- truth: any number but 0 is true ----------------------------------------------------------------------------------

logical_and = _question(np.logical_and, "Where both are true; any number but 0 is. Burn's `bool_and`.")
logical_or = _question(np.logical_or, "Where either is true; any number but 0 is. Burn's `bool_or`.")
logical_xor = _question(np.logical_xor, "Where one is true and the other is not; any number but 0 is true.")


def logical_not(x: Tensor) -> Tensor:
    """Where it is false or 0. Burn's `bool_not`."""
    return make(np.logical_not(x.data), x.device)


# --- bits: of Int and Bool --------------------------------------------------------------------------------------------

bitwise_and = _bits(
    np.bitwise_and,
    "&",
    """`x & y`: of Ints bit by bit, of Bools where both are true. Raises `DtypeError` for Float, as all of these.

    >>> from minigrad import Tensor
    >>> Tensor([5, 6]) & 3, Tensor([True, False]) & True, Tensor([1, 2]) << 3
    (Tensor([1, 2]), Tensor([ True, False]), Tensor([ 8, 16]))
    """,
)
bitwise_or = _bits(np.bitwise_or, "|", "`x | y`.")
bitwise_xor = _bits(np.bitwise_xor, "^", "`x ^ y`.")
left_shift = _bits(np.left_shift, "<<", "`x << y`: x times 2 ** y, without the bits that fall out; Bools are 0 and 1.")
right_shift = _bits(np.right_shift, ">>", "`x >> y`: x over 2 ** y, rounded down; Bools are 0 and 1.")


def invert(x: Tensor) -> Tensor:
    """`~x`: all bits of an Int turned over, not of a Bool. Burn's `bitwise_not`, `bool_not`. `DtypeError` for Float."""
    if x.data.dtype.kind == "f":
        raise DtypeError(f"~ of a tensor of {x.dtype}: it is for Bool and Int; -x changes the sign")
    return make(~x.data, x.device)


def reflected(operation: Binary) -> Binary:
    """The method behind an operator whose left operand is no tensor: `2 << x`."""
    return lambda x, y: operation(y, x)
