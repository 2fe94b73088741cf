"""Fewer elements of many, beside the sums and extremes of the core."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import Axis, normal_axes, normal_axis
from ..errors import ShapeError
from ..lifting import make

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["all", "any", "argmax", "argmin"]


def argmax(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Int positions of the first greatest elements; no gradient."""
    return _position(np.argmax, x, axis, keepdims)


def argmin(x: Tensor, axis: int | None = None, keepdims: bool = False) -> Tensor:
    """Int positions of the first least elements; no gradient."""
    return _position(np.argmin, x, axis, keepdims)


def _position(function: Callable[..., Any], x: Tensor, axis: int | None, keepdims: bool) -> Tensor:
    name = function.__name__
    axis = None if axis is None else normal_axis(axis, x.ndim, name)
    if not (x.size if axis is None else x.shape[axis]):
        raise ShapeError(f"{name} over axis {axis} of shape {x.shape}: there is no element to choose")
    return make(function(x.data, axis, keepdims=keepdims), x.device)


def all(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether all elements are true, over all axes, one, or several."""
    return make(np.all(x.data, normal_axes(axis, x.ndim, "all"), keepdims=keepdims), x.device)


def any(x: Tensor, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """Whether any element is true, over all axes, one, or several."""
    return make(np.any(x.data, normal_axes(axis, x.ndim, "any"), keepdims=keepdims), x.device)
