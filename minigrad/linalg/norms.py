"""Norms of vectors and matrices. Where a norm is 0, or has a kink at 0, its gradient there is 0."""

from __future__ import annotations

import math
from typing import Any

from ..arrays import Axis, flag, normal_axes, number
from ..errors import ShapeError
from ..lifting import lift
from ..ops.indexing import where
from ..rules import vector
from ..tensor import Tensor
from .checks import TensorLike, floats, matrix, misfit
from .decompositions import svdvals

__all__ = ["matrix_norm", "norm", "vector_norm"]

_euclidean = lift(vector.vector_norm)


def vector_norm(x: TensorLike, axis: Axis = None, keepdims: bool = False, ord: float | str = 2) -> Tensor:
    """sum(|x|^ord)^(1/ord) over all axes, one, or several; `inf` is the largest, `-inf` the least, 0 counts nonzeros.

    >>> vector_norm(Tensor([[3.0, 4.0], [0.0, 0.0]]), axis=-1)
    Tensor([5., 0.], dtype=float32)
    """
    x = floats(x)
    axis = normal_axes(axis, x.ndim, "vector_norm")
    keepdims = flag(keepdims, "vector_norm(keepdims")
    if isinstance(ord, str):
        raise ShapeError(f"norm(ord={ord!r}): of a vector ord is a number; 'fro' and 'nuc' are norms of matrices")
    if math.isnan(number(ord, "norm(ord")):
        raise ShapeError("norm(ord=nan): it is a number")
    if math.isinf(ord):
        return x.abs().max(axis, keepdims) if ord > 0 else x.abs().min(axis, keepdims)
    if ord == 0:
        return (x != 0).astype(x.dtype).sum(axis, keepdims)
    if ord == 1:
        return x.abs().sum(axis, keepdims)
    if ord == 2:
        return _euclidean(x, axis=axis, keepdims=keepdims)
    at_zero = 0.0 if ord > 0 else math.inf
    powers = _masked(x.abs(), lambda y: y ** float(ord), at_zero)
    return _masked(powers.sum(axis, keepdims), lambda y: y ** (1 / ord), at_zero)


def _masked(x: Tensor, f: Any, at_zero: float) -> Tensor:
    """`f(x)`, but where `x` is 0, and f has no derivative, constant."""
    zero = x.data == 0
    return where(zero, at_zero, f(where(zero, 1.0, x)))


def matrix_norm(x: TensorLike, keepdims: bool = False, ord: float | str = "fro") -> Tensor:
    """The norm of matrices: "fro", "nuc" (the sum of singular values), 2 and -2 (the largest and the least of them),
    1 and -1 (of the sums of columns), `inf` and `-inf` (of the sums of rows).

    >>> matrix_norm(Tensor([[1.0, 2.0], [3.0, 4.0]]), ord=1).item()
    6.0
    """
    x, keepdims = matrix(x, "matrix_norm"), flag(keepdims, "matrix_norm(keepdims")
    ord = ord if isinstance(ord, str) else number(ord, "norm(ord")
    if ord == "fro":
        return vector_norm(x, (-2, -1), keepdims)
    if ord == "nuc":
        y = svdvals(x).sum(-1)
    elif ord in (2, -2):
        s = svdvals(x)
        y = s.max(-1) if ord == 2 else s.min(-1)
    elif ord in (1, -1, math.inf, -math.inf):
        sums = x.abs().sum(-2 if ord in (1, -1) else -1)
        y = sums.max(-1) if ord > 0 else sums.min(-1)
    else:
        raise ShapeError(f"norm(ord={ord!r}): of a matrix ord is 'fro', 'nuc', 1, -1, 2, -2, inf or -inf")
    return y.reshape((*y.shape, 1, 1)) if keepdims else y


def norm(x: TensorLike, ord: float | str | None = None, axis: Axis = None, keepdims: bool = False) -> Tensor:
    """NumPy's: of a vector along one axis, of matrices in two; without `ord` and `axis` of all elements as one vector.

    >>> norm(Tensor([[3.0, 0.0], [0.0, 4.0]])).item(), norm(Tensor([[3.0, 0.0], [0.0, 4.0]]), "nuc").item()
    (5.0, 7.0)
    """
    x, keepdims = floats(x), flag(keepdims, "norm(keepdims")
    if axis is None and ord is None:
        return vector_norm(x, None, keepdims)
    axes = tuple(range(x.ndim)) if axis is None else normal_axes(axis, x.ndim, "norm") or ()
    if len(axes) not in (1, 2):
        raise misfit(f"norm(axis={axis}) of shape {x.shape}: one axis for a vector, two for a matrix")
    if len(axes) == 1 or ord is None:
        return vector_norm(x, axes, keepdims, 2 if ord is None else ord)
    y = matrix_norm(x.permute_dims((*(i for i in range(x.ndim) if i not in axes), *axes)), ord=ord)
    return y.reshape(tuple(1 if i in axes else n for i, n in enumerate(x.shape))) if keepdims else y
