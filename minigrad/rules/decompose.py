"""Rules of matrix decompositions, of matrices in the last two axes; the axes before them are a batch.

A rule has one value, so the parts of a decomposition are stacked into one array (`lapack.py` says how) and the
operation takes it apart. The derivatives are those of M. Seeger, A. Hetzel, Z. Dai, E. Meissner and N. Lawrence,
"Auto-differentiating linear algebra" (2017), where no other source is named.

What the signs of vectors and the bases of eigenspaces are is up to LAPACK. A function of the result that does not
depend on that choice has a derivative, and it is right here, with one exception: where two eigenvalues are equal the
eigenvectors have none, and what a function takes from the two by way of their rotation into each other counts as 0. For
eigenvalues, and for the projection on a whole eigenspace, that is what it is; for a function of the matrix spelt
v f(w) v', or a second derivative by way of the eigenvectors, it is not.
"""

from __future__ import annotations

import numpy as np

from . import lapack
from .inverse import MATRIX, solve
from .rule import rule


def lower(n):
    """The mask of a matrix' lower triangle."""
    return np.tri(n, dtype=bool)


def mirrored(K, x):
    """The symmetric matrix that has the lower triangle of `x`."""
    return K.where(lower(x.shape[-1]), x, x.mT)


def reciprocal(K, x, rounding):
    """1 / x, and 0 where x is 0 but for rounding."""
    zero = K.abs(x) <= rounding
    return K.where(zero, 0, 1 / K.where(zero, 1, x))


def rounding(K, row):
    """How far apart two numbers of `row` may be by rounding alone."""
    return float(np.finfo(row.dtype).eps) * K.sum(K.abs(row), (-1,), True)


@rule(domain=MATRIX)
def cholesky(K, x):
    """The lower factor of the mean of `x` and its transpose, so that the gradient is symmetric."""
    y = K.call(lapack.cholesky, cholesky, x)

    def backward(g):
        inner = mirrored(K, y.mT @ K.where(lower(x.shape[-1]), g, 0)) * 0.5
        half = K.call(lapack.solve, solve, y.mT, inner)
        return K.call(lapack.solve, solve, y.mT, half.mT)

    return y, backward


@rule(domain=MATRIX)
def qr(K, x):
    """Of no more columns than rows: Q, and below it the transpose of R."""
    m, n = x.shape[-2:]
    y = K.call(lapack.qr, qr, x)
    q, r = y[..., :m, :], y[..., m:, :].mT

    def backward(g):
        gq, gr = g[..., :m, :], K.where(lower(n), g[..., m:, :], 0)
        gx = gq + q @ mirrored(K, r @ gr - gq.mT @ q)
        return K.call(lapack.solve_for_qr, solve, r, gx.mT).mT

    return y, backward


@rule(domain=MATRIX)
def eigh(K, x):
    """Of the mean of `x` and its transpose: the eigenvalues as a row, and below it the eigenvectors as columns."""
    y = K.call(lapack.eigh, eigh, x)
    w, v = y[..., :1, :], y[..., 1:, :]

    def backward(g):
        turn = v.mT @ g[..., 1:, :]
        turn = (turn - turn.mT) * 0.5 * reciprocal(K, w - w.mT, rounding(K, w))
        return (v * g[..., :1, :] + v @ turn) @ v.mT

    return y, backward


@rule(domain=MATRIX)
def svd(K, x):
    """U, below it the singular values as a row, below them V; a singular value of 0 has the derivative 0, as abs."""
    m, y = x.shape[-2], K.call(lapack.svd, svd, x)
    u, s, v = y[..., :m, :], y[..., m : m + 1, :], y[..., m + 1 :, :]

    def backward(g):
        gu, gs, gv = g[..., :m, :], g[..., m : m + 1, :], g[..., m + 1 :, :]
        a, b, small = u.mT @ gu, v.mT @ gv, rounding(K, s)
        # (s_j a + s_i b) / (s_j^2 - s_i^2), the paper's, in a form of which the second half divides by no difference:
        # so the polar factor u v' has a derivative where singular values are equal, too
        both, apart = (a - a.mT + (b - b.mT)) * 0.5, (a - a.mT - (b - b.mT)) * 0.5
        inner = both * reciprocal(K, s - s.mT, small) + apart * reciprocal(K, s + s.mT, small)
        r = reciprocal(K, s, small)
        return (u @ inner + u * gs * (s > small) + (gu - u @ a) * r) @ v.mT + u @ ((gv - v @ b) * r).mT

    return y, backward
