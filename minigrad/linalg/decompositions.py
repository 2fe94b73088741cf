"""Matrices taken to pieces.

A decomposition is unique only up to signs, and up to the basis of an eigenspace. A function of it that does not depend
on that choice has a derivative, and gets it, with one exception: where two eigenvalues or singular values are equal
their vectors have no derivative, and what a function takes from the rotation of the two into each other counts as 0.
That is right for functions of the values alone and of projections on whole eigenspaces, in first order. It is not for
functions of the matrix spelt `V @ diag(f(w)) @ V.mT`, nor for second derivatives that go by way of the vectors.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from ..arrays import brief, flag, one_of
from ..errors import ShapeError
from ..lifting import lift, make
from ..ops.indexing import where
from ..rules import decompose, lapack
from ..tensor import Tensor
from .checks import TensorLike, matrix, square, without_gradient

__all__ = ["EighResult", "QRResult", "SVDResult", "cholesky", "eigh", "eigvalsh", "qr", "svd", "svdvals"]

_cholesky = lift(decompose.cholesky)
_qr = lift(decompose.qr)
_eigh = lift(decompose.eigh)
_svd = lift(decompose.svd)
_whole_svd = lapack.explained(np.linalg.svd)


class QRResult(NamedTuple):
    """Q, of orthonormal columns, and R, an upper triangle."""

    Q: Tensor
    R: Tensor


class EighResult(NamedTuple):
    """Eigenvalues in ascending order, and the eigenvectors as columns."""

    eigenvalues: Tensor
    eigenvectors: Tensor


class SVDResult(NamedTuple):
    """`(U * S) @ Vh`, the singular values in descending order."""

    U: Tensor
    S: Tensor
    Vh: Tensor


def cholesky(x: TensorLike, upper: bool = False) -> Tensor:
    """The lower triangle L with `L @ L.mT == x`, or with `upper` its transpose.

    `x` is symmetric: it is the mean of its two triangles that is decomposed, so that the gradient is symmetric as well.
    Raises `LinalgError` unless it is positive definite.

    >>> cholesky(Tensor([[4.0, 2.0], [2.0, 2.0]]))
    Tensor([[2., 0.],
            [1., 1.]], dtype=float32)
    """
    factor = _cholesky(square(x, "cholesky"))
    return factor.mT if flag(upper, "cholesky(upper") else factor


def qr(x: TensorLike, mode: str = "reduced") -> Any:
    """Q and R with `Q @ R == x`; `mode` "reduced", "complete" for a square Q, "r" for R alone.

    A gradient needs a regular R (its first columns, if it is wide), or it raises `LinalgError`. What completes the Q of
    a tall matrix is any basis: of a tracked one "complete" raises `GradientError`.

    >>> Q, R = qr(Tensor([[0.0, 2.0], [3.0, 1.0]]))
    >>> (Q @ R)[1, 0].item(), (Q.mT @ Q)[0, 0].item()
    (3.0, 1.0)
    """
    one_of(mode, ("reduced", "complete", "r"), "qr(mode")
    x = matrix(x, "qr")
    m, n = x.shape[-2:]
    if mode == "complete" and m > n:
        whole = np.linalg.qr(without_gradient(x, "qr(mode='complete')", "mode='reduced'").data, "complete")
        return QRResult(*(make(part, x.device) for part in whole))
    packed = _qr(x[..., :m] if m < n else x)
    q, r = packed[..., :m, :], packed[..., m:, :].mT
    if m < n:  # the other columns in the basis of the first ones
        r = Tensor.cat([r, q.mT @ x[..., m:]], -1)
    return r if mode == "r" else QRResult(q, r)


def eigh(x: TensorLike, UPLO: str | None = None) -> EighResult:
    """Eigenvalues and eigenvectors of a symmetric matrix.

    It is the mean of its two triangles that is decomposed, so that the gradient is symmetric as well; `UPLO` "L" or "U"
    reads the lower or the upper triangle alone, which then gets all of the gradient.

    >>> eigh(Tensor([[2.0, 1.0], [1.0, 2.0]])).eigenvalues
    Tensor([1., 3.], dtype=float32)
    """
    packed = _eigh(_symmetric(x, UPLO, "eigh"))
    return EighResult(packed[..., 0, :], packed[..., 1:, :])


def eigvalsh(x: TensorLike, UPLO: str | None = None) -> Tensor:
    """The eigenvalues of `eigh` alone, in less time where no gradient is wanted.

    >>> eigvalsh(Tensor([[2.0, 1.0], [1.0, 2.0]]))
    Tensor([1., 3.], dtype=float32)
    """
    x = _symmetric(x, UPLO, "eigvalsh")
    return eigh(x).eigenvalues if x.birth else make(lapack.eigvalsh(x.data), x.device)


def _symmetric(x: TensorLike, uplo: str | None, name: str) -> Tensor:
    x = square(x, name)
    if uplo is None:
        return x  # the rule takes the mean
    if not isinstance(uplo, str) or uplo not in ("L", "U"):
        raise ShapeError(f"{name}(UPLO={brief(uplo)}): 'L' reads the lower triangle, 'U' the upper one, None both")
    lower = np.tri(x.shape[-1], dtype=bool)
    return where(lower if uplo == "L" else lower.T, x, x.mT)


def svd(x: TensorLike, full_matrices: bool = True) -> SVDResult:
    """U, S and Vh with `(U * S) @ Vh == x`; without `full_matrices` no more vectors than there are singular values.

    What makes U or Vh square otherwise is any basis: of a tracked matrix that is not square `full_matrices` raises
    `GradientError`.

    >>> svd(Tensor([[3.0, 0.0], [0.0, 4.0]])).S
    Tensor([4., 3.], dtype=float32)
    """
    x, full_matrices = matrix(x, "svd"), flag(full_matrices, "svd(full_matrices")
    m, n = x.shape[-2:]
    if full_matrices and m != n:
        whole = _whole_svd(without_gradient(x, "svd(full_matrices=True)", "full_matrices=False").data)
        return SVDResult(*(make(part, x.device) for part in whole))
    packed = _svd(x)
    return SVDResult(packed[..., :m, :], packed[..., m, :], packed[..., m + 1 :, :].mT)


def svdvals(x: TensorLike) -> Tensor:
    """The singular values of `svd` alone, in less time where no gradient is wanted; the gradient of one of 0 is 0.

    >>> svdvals(Tensor([[3.0, 0.0], [0.0, 4.0]]))
    Tensor([4., 3.], dtype=float32)
    """
    x = matrix(x, "svdvals")
    return svd(x, full_matrices=False).S if x.birth else make(lapack.svdvals(x.data), x.device)
