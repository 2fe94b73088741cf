"""Diagonals and triangles of matrices, which stand in the last two axes unless others are named."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import brief, normal_axes, shape_of, whole
from ..errors import ShapeError
from ..lifting import lift
from ..rules import index, shape
from .indexing import where
from .layout import moveaxis

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["diag", "diagonal", "tril", "triu"]

_put = lift(index.put)
_reshape = lift(shape.reshape)


def triu(x: Tensor, k: int = 0) -> Tensor:
    """The upper triangle of the last two axes, from diagonal `k` on; zeros below."""
    return where(_below(x, whole(k, "triu(k"), "triu"), False, x)


def tril(x: Tensor, k: int = 0) -> Tensor:
    """The lower triangle of the last two axes, up to diagonal `k`; zeros above."""
    return where(_below(x, whole(k, "tril(k") + 1, "tril"), x, False)


def _below(x: Tensor, k: int, name: str) -> Any:
    if x.ndim < 2:
        raise ShapeError(f"{name} of shape {x.shape}: a matrix has at least two axes")
    rows, columns = x.shape[-2:]
    return np.tri(rows, columns, min(max(k - 1, -rows), columns), bool)


def diagonal(x: Tensor, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Tensor:
    """The diagonal `offset` of the matrices in two axes, along a new last axis.

    >>> from minigrad import Tensor
    >>> Tensor([[1, 2, 3], [4, 5, 6]]).diagonal(1)
    Tensor([2, 6])
    """
    if x.ndim < 2:
        raise ShapeError(f"diagonal of shape {x.shape}: a matrix has at least two axes")
    i, j = normal_axes((axis1, axis2), x.ndim, "diagonal") or ()
    offset = whole(offset, "diagonal(offset")
    if i > j:
        i, j, offset = j, i, -offset
    matrices = x if j == i + 1 else moveaxis(x, j, i + 1)
    *before, n, m = matrices.shape[: i + 2]
    # Every (m + 1)-th element of the rows laid end to end is a slice: 5 us where positions in arrays take 18, and its
    # gradient is put in a slice too.
    first = max(offset, -offset * m)
    last = first + max(0, min(n + min(offset, 0), m - max(offset, 0))) * (m + 1)
    laid = _reshape(matrices, shape=(*before, n * m, *matrices.shape[i + 2 :]))
    picked = laid[(*(slice(None),) * i, slice(first, last, m + 1))]
    return picked if i == picked.ndim - 1 else moveaxis(picked, i, -1)


def diag(x: Tensor, k: int = 0) -> Tensor:
    """NumPy's: a matrix with the vector `x` on its diagonal `k`, or the diagonal `k` of the matrix `x`."""
    if x.ndim == 2:
        return diagonal(x, whole(k, "diag(k"))
    if x.ndim != 1:
        raise ShapeError(f"diag of shape {x.shape}: it takes a vector or a matrix; diagonal() takes more axes")
    k = whole(k, "diag(k")
    steps, n = np.arange(x.size), x.size + abs(k)
    shape_of((n, n), f"diag(k={brief(k)}): no matrix of shape {{}}")
    return _put(x, index=(steps + max(-k, 0), steps + max(k, 0)), shape=(n, n))
