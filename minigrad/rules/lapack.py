"""Kernels of linear algebra: NumPy's LAPACK calls, each with one array as its value.

Matrices stand in the last two axes, the axes before them are a batch. A matrix that LAPACK fails on becomes a
`LinalgError` that says which one of the batch it is, and what to do.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from ..blame import whereabouts
from ..errors import DtypeError, LinalgError

Array = np.ndarray[Any, Any]
Kernel = Callable[..., Any]


# --- failures ---------------------------------------------------------------------------------------------------------


def explained(kernel: Kernel, who: str = "") -> Kernel:
    """The same kernel, a failure of which is worded as one of `who`: of itself, or of the gradient that calls it."""

    @wraps(kernel)
    def run(x: Array, *rest: Any, **static: Any) -> Any:
        try:
            return kernel(x, *rest, **static)
        except np.linalg.LinAlgError as error:
            raise _error(who or kernel.__name__, kernel, x, str(error)) from None
        except TypeError:
            if x.dtype != np.float16:
                raise
            name = who or kernel.__name__
            raise DtypeError(f"{name} of float16: linear algebra has no such form; use x.astype(np.float32)") from None

    return run


def _error(who: str, kernel: Kernel, x: Array, words: str) -> LinalgError:
    # which one: a solve fails for its matrix alone, whatever the right side is
    probe = np.linalg.inv if kernel is np.linalg.solve else kernel
    index = next((i for i in np.ndindex(x.shape[:-2]) if _fails(probe, x[i])), ())
    what = f"matrix {list(index)} of the batch of shape {x.shape[:-2]}" if index else "the matrix"
    where = whereabouts()
    n = x.shape[-1]
    if not np.all(np.isfinite(x[index])):
        return LinalgError(f"{who}: {what} holds NaN or infinity{where}")
    if "Singular" in words:
        return LinalgError(
            f"{who}: {what} is singular{where}\n"
            f"  linalg.pinv takes any matrix; a little on the diagonal makes it regular: x + 1e-3 * Tensor.eye({n})"
        )
    if "definite" in words:
        least = np.min(np.linalg.eigvalsh((x[index] + x[index].mT) / 2))
        return LinalgError(
            f"{who}: {what} is not positive definite: its least eigenvalue is {least:.3g}{where}\n"
            f"  where that is rounding, a little on the diagonal will do: x + 1e-6 * Tensor.eye({n})"
        )
    return LinalgError(f"{who}: {what}: {words}{where}")


def _fails(kernel: Kernel, x: Array) -> bool:
    try:
        kernel(x)
    except np.linalg.LinAlgError:
        return True
    return False


# --- inverses and determinants ----------------------------------------------------------------------------------------

inv = explained(np.linalg.inv)
inv_for_slogdet = explained(np.linalg.inv, "the gradient of slogdet")
inv_for_det = explained(np.linalg.inv, "the third derivative of det")
solve = explained(np.linalg.solve)
solve_for_qr = explained(np.linalg.solve, "the gradient of qr, which divides by R")
pinv = explained(np.linalg.pinv)
det = np.linalg.det


def slogdet(x: Array) -> Array:
    """The sign of the determinant and the logarithm of its absolute value, along a new last axis."""
    return np.stack(np.linalg.slogdet(x), -1)


def cofactor(x: Array) -> Array:
    """The matrix of cofactors, which is det(x) times the transpose of the inverse where there is one.

    By the SVD, as `x` may be singular: cof(u s v) = cof(u) cof(s) cof(v), and cof(u) = det(u) u of an orthogonal u.
    """
    u, s, vh, sign = _rotations(x)
    others = np.where(np.eye(x.shape[-1], dtype=bool), 1, s[..., None, :]).prod(-1)
    return sign * (u * others[..., None, :]) @ vh  # type: ignore[no-any-return]


def cofactor_slope(x: Array, h: Array) -> Array:
    """The derivative of the cofactors in the direction `h`, which is also their vjp: det's second derivative."""
    u, s, vh, sign = _rotations(x)
    h = u.mT @ h @ vh.mT
    same = np.eye(x.shape[-1], dtype=bool)
    others = np.where(same[:, None] | same, 1, s[..., None, None, :]).prod(-1)  # of all singular values but i and j
    others = np.where(same, 0, others)
    on_diagonal = others @ np.diagonal(h, axis1=-2, axis2=-1)[..., None]
    return sign * u @ np.where(same, on_diagonal, -others * h.mT) @ vh  # type: ignore[no-any-return]


def _rotations(x: Array) -> tuple[Array, Array, Array, Array]:
    """The SVD, and the sign that the determinants of its two rotations multiply to."""
    u, s, vh = np.linalg.svd(x)
    return u, s, vh, np.sign(np.linalg.det(u @ vh))[..., None, None]


# --- decompositions, packed into one array ----------------------------------------------------------------------------


@explained
def cholesky(x: Array) -> Array:
    """The lower factor of the mean of `x` and its transpose."""
    return np.linalg.cholesky((x + x.mT) / 2)


def qr(x: Array) -> Array:
    """Q, and below it the transpose of R."""
    q, r = np.linalg.qr(x)
    return np.concatenate([q, r.mT], -2)


@explained
def eigh(x: Array) -> Array:
    """The eigenvalues of the mean of `x` and its transpose as a row, and below them the eigenvectors as columns."""
    values, vectors = np.linalg.eigh((x + x.mT) / 2)
    return np.concatenate([values[..., None, :], vectors], -2)


@explained
def eigvalsh(x: Array) -> Array:
    """The eigenvalues of the mean of `x` and its transpose."""
    return np.linalg.eigvalsh((x + x.mT) / 2)


@explained
def svd(x: Array) -> Array:
    """U, below it the singular values as a row, below them V."""
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([u, s[..., None, :], vh.mT], -2)


svdvals = explained(np.linalg.svdvals)
