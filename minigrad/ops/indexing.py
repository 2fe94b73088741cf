"""Choosing elements and putting them, by mask or position."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import plain_index
from ..autodiff import Node
from ..errors import DtypeError
from ..lifting import as_tensor, lift, operands
from ..rules import elementwise

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["where"]

_where = lift(elementwise.where)


def where(mask: Any, x: Any, y: Any) -> Tensor:
    """`x` where the Bool `mask` holds, `y` elsewhere; all three broadcast.

    >>> from minigrad import Tensor, where
    >>> where(Tensor([True, False]), 1.0, Tensor([5.0, 6.0]))
    Tensor([1., 6.], dtype=float32)
    """
    if not isinstance(x, Node) and not isinstance(y, Node):
        x = as_tensor(x)
    mask = np.asarray(plain_index(mask))
    if mask.dtype.kind != "b":
        raise DtypeError(f"where: a mask is Bool, not {mask.dtype}: a comparison such as x > 0, or x.bool()")
    return _where(*operands(where, x, y), mask=mask)
