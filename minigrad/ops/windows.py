"""Windows along an axis."""

from __future__ import annotations

import operator
from typing import TYPE_CHECKING

from ..arrays import normal_axis, whole
from ..blame import user_line
from ..errors import ShapeError
from ..lifting import lift
from ..rules import window

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["unfold"]

_unfold = lift(window.unfold)


def unfold(x: Tensor, axis: int, size: int, step: int = 1) -> Tensor:
    """Windows of `size` elements along `axis`, one every `step`; the elements of a window are a new last axis.

    Raises `ShapeError` for a window that does not fit.

    >>> from minigrad import Tensor
    >>> Tensor([1, 2, 3, 4, 5]).unfold(0, 3, 2)
    Tensor([[1, 2, 3],
            [3, 4, 5]])
    """
    axis = normal_axis(axis, x.ndim, "unfold")
    for name, number in (("size", size), ("step", step)):
        whole(number, f"unfold({name}", 1)
    if size > x.shape[axis]:
        raise ShapeError(
            f"unfold(axis={axis}, size={size}) of shape {x.shape}: the axis has {x.shape[axis]} elements, and a window "
            f"does not fit\n  at {user_line()}"
        )
    line = window.Window((operator.index(size),), (operator.index(step),), (0,), (1,))
    last = x.ndim - 1
    windows = _unfold(x.permute_dims((*range(axis), *range(axis + 1, x.ndim), axis)), window=line)  # [..., size, count]
    return windows.permute_dims((*range(axis), last + 1, *range(axis, last), last))
