"""Products of vectors and matrices, and diagonals."""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_letters
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from ..arrays import normal_axis, whole
from ..lifting import as_tensor, operands
from ..ops.einsum import einsum
from ..tensor import Tensor
from .checks import TensorLike, misfit

__all__ = ["cross", "diagonal", "matmul", "matrix_transpose", "outer", "tensordot", "trace", "vecdot"]


def matmul(x: TensorLike, y: TensorLike) -> Tensor:
    """`x @ y`.

    >>> matmul(Tensor([[1.0, 2.0]]), Tensor([[3.0], [4.0]])).item()
    11.0
    """
    x, y = operands(matmul, x, y)
    return x @ y


def matrix_transpose(x: TensorLike) -> Tensor:
    """`x.mT`: the last two axes swapped.

    >>> matrix_transpose(Tensor([[1, 2]])).shape
    (2, 1)
    """
    return as_tensor(x).mT


def outer(x: TensorLike, y: TensorLike) -> Tensor:
    """All products of an element of one vector and one of the other.

    >>> outer(Tensor([1, 2]), Tensor([1, 10]))
    Tensor([[ 1, 10],
            [ 2, 20]])
    """
    x, y = operands(outer, x, y)
    if x.ndim != 1 or y.ndim != 1:
        raise misfit(f"outer of shapes {x.shape} and {y.shape}: they must be vectors", "x.reshape(-1) makes one")
    return x.expand_dims(1) * y


def vecdot(x: TensorLike, y: TensorLike, axis: int = -1) -> Tensor:
    """The sum of products along `axis`, which is as long in both; the others broadcast.

    >>> vecdot(Tensor([[1, 2], [3, 4]]), Tensor([1, 10]))
    Tensor([21, 43])
    """
    x, y = operands(vecdot, x, y)
    if x.shape[normal_axis(axis, x.ndim, "vecdot")] != y.shape[normal_axis(axis, y.ndim, "vecdot")]:
        raise misfit(f"vecdot(axis={axis}) of shapes {x.shape} and {y.shape}: the axis is not as long in both")
    products = x * y
    return products.sum(axis).astype(products.dtype)  # of small Ints as `matmul`


def cross(x: TensorLike, y: TensorLike, axis: int = -1) -> Tensor:
    """The vector at right angles to two vectors of three elements along `axis`; the other axes broadcast.

    >>> cross(Tensor([1, 0, 0]), Tensor([0, 1, 0]))
    Tensor([0, 0, 1])
    """
    x, y = operands(cross, x, y)
    places = [normal_axis(axis, t.ndim, "cross") - t.ndim for t in (x, y)]
    if places[0] != places[1] or any(t.shape[places[0]] != 3 for t in (x, y)):
        raise misfit(
            f"cross(axis={axis}) of shapes {x.shape} and {y.shape}: both must have three elements along the axis, "
            "and it must be the same one from the right"
        )
    rest = (slice(None),) * (-places[0] - 1)
    (x0, x1, x2), (y0, y1, y2) = ([t[(..., slice(k, k + 1), *rest)] for k in range(3)] for t in (x, y))
    return Tensor.cat([x1 * y2 - x2 * y1, x2 * y0 - x0 * y2, x0 * y1 - x1 * y0], places[0])


def tensordot(x: TensorLike, y: TensorLike, axes: int | Sequence[Any] = 2) -> Tensor:
    """The sum over the last `axes` axes of `x` and the first ones of `y`, or over a pair of lists of axes.

    >>> tensordot(Tensor.ones((2, 3, 4)), Tensor.ones((5, 4, 3)), axes=([1, 2], [2, 1])).shape
    (2, 5)
    """
    x, y = operands(tensordot, x, y)
    try:
        pairs: Any = (range(-axes, 0), range(axes)) if isinstance(axes, (int, np.integer)) and axes >= 0 else axes
        left, right = (
            [range(t.ndim)[i] for i in (each if isinstance(each, (list, tuple, range)) else [each])]
            for t, each in zip((x, y), pairs, strict=True)
        )
        fits = [x.shape[i] for i in left] == [y.shape[i] for i in right]
    except (IndexError, TypeError, ValueError):
        fits = False
    if not fits or len(set(left)) < len(left) or len(set(right)) < len(right):
        raise misfit(
            f"tensordot(axes={axes}) of shapes {x.shape} and {y.shape}: the axes do not fit",
            "axes are a number, or a list of axes of each: as many, each once, and of the same sizes",
        )
    letters = iter(ascii_letters)
    of_x = [next(letters) for _ in range(x.ndim)]
    of_y = [of_x[left[right.index(i)]] if i in right else next(letters) for i in range(y.ndim)]
    output = [c for c in of_x + of_y if (c in of_x) != (c in of_y)]
    return einsum(f"{''.join(of_x)},{''.join(of_y)}->{''.join(output)}", x, y)


def diagonal(x: TensorLike, offset: int = 0) -> Tensor:
    """The diagonals of the matrices in the last two axes; `offset` above the main one, below it if negative.

    >>> diagonal(Tensor([[1, 2, 3], [4, 5, 6]]), offset=1)
    Tensor([2, 6])
    """
    return as_tensor(x).diagonal(offset, -2, -1)


def trace(x: TensorLike, offset: int = 0, dtype: DTypeLike | None = None) -> Tensor:
    """The sum of a diagonal.

    >>> trace(Tensor([[1, 2], [3, 4]])).item()
    5
    """
    x, offset = as_tensor(x), whole(offset, "trace(offset")
    if x.ndim < 2:
        raise misfit(f"trace of shape {x.shape}: a matrix has at least two axes, its rows and columns")
    elements = diagonal(x, offset)
    return elements.sum(-1) if dtype is None else elements.astype(dtype).sum(-1).astype(dtype)
