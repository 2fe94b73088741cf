"""Rules of inverses and determinants, of matrices in the last two axes; the axes before them are a batch.

The derivatives are those of M. Giles, "An extended collection of matrix derivative results for forward and reverse mode
algorithmic differentiation" (2008), section 2.2, where no other source is named. A derivative is written with inverses
of its own, so that it can be derived again, to any order.
"""

from __future__ import annotations

import numpy as np

from . import lapack
from .rule import Reals, rule


def spread(x):
    """`x` with 4, 12, 20, ... added to its diagonal.

    Of elements from -1 to 1, up to three rows of them, the result is far from singular, its singular values are well
    apart, and so are the eigenvalues of its symmetric part, which are positive.
    """
    rows, columns = x.shape[-2:]
    return x + np.eye(rows, columns, dtype=x.dtype) * np.arange(4, 4 + 8 * columns, 8, dtype=x.dtype)


MATRIX = Reals(-1, 1, build=spread)


@rule(broadcasts=True, domain=(MATRIX, Reals(-25, 25)))
def solve(K, x, y):
    """x z = y, for z."""
    z = K.call(lapack.solve, solve, x, y)

    def backward(g):
        w = K.call(lapack.solve, solve, x.mT, g)
        return -w @ z.mT, w

    return z, backward


@rule(domain=MATRIX)
def inv(K, x):
    y = K.call(lapack.inv, inv, x)
    return y, lambda g: -y.mT @ g @ y.mT


@rule(domain=MATRIX)
def pinv(K, x, *, rtol):
    """The derivative is right where the rank stays the same: Golub and Pereyra, "The differentiation of pseudo-inverses
    and nonlinear least squares problems whose variables separate" (1973)."""
    y = K.call(lapack.pinv, pinv, x, rtol=rtol)

    def backward(g):
        left, right = g.mT @ y @ y.mT, y.mT @ y @ g.mT
        return left - x @ (y @ left) + right - right @ y @ x - y.mT @ g @ y.mT

    return y, backward


@rule(domain=MATRIX)
def slogdet(K, x):
    """The sign, which has no derivative, and the logarithm of the absolute value, along a new last axis."""

    def backward(g):
        return g[..., 1].reshape((*g.shape[:-1], 1, 1)) * K.call(lapack.inv_for_slogdet, inv, x).mT

    return K.call(lapack.slogdet, slogdet, x), backward


# det is a polynomial, with derivatives everywhere. Through an inverse they would be 0 * inf where it is 0: the first
# two are rules of their own, which need none.


@rule(domain=MATRIX)
def det(K, x):
    return K.call(lapack.det, det, x), lambda g: g.reshape((*g.shape, 1, 1)) * K.call(lapack.cofactor, cofactor, x)


@rule(domain=MATRIX)
def cofactor(K, x):
    return K.call(lapack.cofactor, cofactor, x), lambda g: K.call(lapack.cofactor_slope, cofactor_slope, x, g)


@rule(domain=(MATRIX, Reals(-25, 25)))
def cofactor_slope(K, x, h):
    """With y the transpose of the inverse: det(x) (<h, y> y - y h' y)."""

    def third(g):
        y = K.call(lapack.inv_for_det, inv, x).mT
        det_x = K.call(lapack.det, det, x)
        yh, yg = y @ h.mT @ y, y @ g.mT @ y
        a, b, c = (K.sum(p * q, (-2, -1), True) for p, q in ((h, y), (g, y), (g, yh)))
        return det_x.reshape(a.shape) * (y * (a * b - c) - yh * b - yg * a + yg @ h.mT @ y + yh @ g.mT @ y)

    value = K.call(lapack.cofactor_slope, cofactor_slope, x, h)
    return value, third, lambda g: K.call(lapack.cofactor_slope, cofactor_slope, x, g)
