"""Equations, inverses, determinants, and what goes with them."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..arrays import number, plain_index, whole
from ..lifting import as_tensor, lift, make, operands
from ..rules import inverse, lapack
from ..tensor import Tensor
from .checks import TensorLike, matrix, misfit, square

__all__ = ["SlogdetResult", "det", "inv", "matrix_power", "matrix_rank", "pinv", "slogdet", "solve"]

_solve = lift(inverse.solve)
_inv = lift(inverse.inv)
_pinv = lift(inverse.pinv)
_det = lift(inverse.det)
_slogdet = lift(inverse.slogdet)
_rank = lapack.explained(np.linalg.matrix_rank)


class SlogdetResult(NamedTuple):
    """The sign of a determinant, which has no gradient, and the logarithm of its absolute value."""

    sign: Tensor
    logabsdet: Tensor


def solve(x: TensorLike, y: TensorLike) -> Tensor:
    """The z with `x @ z == y`; `y` is a vector if it has one axis, else it holds columns. The batches broadcast.

    Raises `LinalgError` for a singular matrix.

    >>> solve(Tensor([[2.0, 0.0], [0.0, 4.0]]), Tensor([2.0, 2.0]))
    Tensor([1. , 0.5], dtype=float32)
    """
    x, y = operands(solve, x, y)
    n = square(x, "solve").shape[-1]
    if not y.ndim or y.shape[-2:][0] != n:
        raise misfit(
            f"solve of shapes {x.shape} and {y.shape}: the right side does not fit {n} equations",
            f"it is a vector of {n} numbers, or a matrix of {n} rows",
        )
    return _solve(x, y.expand_dims(1)).squeeze(-1) if y.ndim == 1 else _solve(x, y)


def inv(x: TensorLike) -> Tensor:
    """The inverse; where it is to be multiplied with, `solve(x, y)` is faster. Raises `LinalgError` if there is none.

    >>> inv(Tensor([[2.0, 0.0], [0.0, 4.0]]))
    Tensor([[0.5 , 0.  ],
            [0.  , 0.25]], dtype=float32)
    """
    return _inv(square(x, "inv"))


def pinv(x: TensorLike, rtol: TensorLike | None = None) -> Tensor:
    """The pseudo-inverse; its gradient is right where the rank does not change.

    Singular values up to `rtol` times the largest one count as 0, a number or one for each matrix of a batch; None: the
    longer side times the dtype's precision.

    >>> pinv(Tensor([[2.0, 0.0, 0.0], [0.0, 0.0, 0.0]]))
    Tensor([[0.5, 0. ],
            [0. , 0. ],
            [0. , 0. ]], dtype=float32)
    """
    return _pinv(matrix(x, "pinv"), rtol=_tolerance(rtol, "pinv(rtol"))


def matrix_rank(x: TensorLike, rtol: TensorLike | None = None) -> Tensor:
    """How many singular values do not count as 0, by `rtol` as in `pinv`: Int, no gradient.

    >>> matrix_rank(Tensor([[1.0, 2.0], [2.0, 4.0]])).item()
    1
    """
    x = matrix(x, "matrix_rank")
    rank = _rank(x.data, rtol=_tolerance(rtol, "matrix_rank(rtol"))
    return make(np.asarray(rank, np.int64)[()], x.device)


def _tolerance(rtol: Any, name: str) -> Any:
    """A number, or an array of one for each matrix of the batch."""
    return plain_index(rtol) if rtol is None or isinstance(rtol, (Tensor, np.ndarray)) else number(rtol, name)


def det(x: TensorLike) -> Tensor:
    """The determinant. A singular matrix has its first two derivatives, too; a third one raises `LinalgError`.

    >>> det(Tensor([[2.0, 1.0], [0.0, 4.0]])).item()
    8.0
    """
    return _det(square(x, "det"))


def slogdet(x: TensorLike) -> SlogdetResult:
    """Sign and logarithm of a determinant that may be out of range. Of a singular matrix: 0 and -inf.

    The gradient at a singular matrix raises `LinalgError`.

    >>> sign, logabsdet = slogdet(Tensor.eye(400) * 0.5)
    >>> f"{sign:.0f} {logabsdet:.1f}"
    '1 -277.3'
    """
    packed = _slogdet(square(x, "slogdet"))
    return SlogdetResult(packed[..., 0].detach(), packed[..., 1])


def matrix_power(x: TensorLike, n: int) -> Tensor:
    """`x @ x @ ...`, n times; of the inverse for a negative n. Ints stay Int for n >= 0.

    >>> matrix_power(Tensor([[1, 1], [0, 1]]), 5)
    Tensor([[1, 5],
            [0, 1]])
    """
    times = abs(whole(n, "matrix_power(n"))
    x = as_tensor(x)
    square(x, "matrix_power")
    if not times:
        return make(np.broadcast_to(np.eye(x.shape[-1], dtype=x.dtype), x.shape).copy(), x.device)
    x = inv(x) if n < 0 else x
    result = x
    for bit in f"{times:b}"[1:]:  # from the top: a square for each bit, and once more x for a 1
        result = result @ result
        result = result @ x if bit == "1" else result
    return result
