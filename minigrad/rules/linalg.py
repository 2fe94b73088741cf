"""Rules of matrices."""

from __future__ import annotations

from .rule import rule


@rule(broadcasts=True, integers=True, wide=True)
def matmul(K, x, y):
    """Matrices in the last two axes; the axes before them broadcast."""
    if x.ndim == y.ndim == 2:
        return K.dot(x, y), lambda g: K.dot(g, y.T), lambda g: K.dot(x.T, g)
    return K.matmul(x, y), lambda g: K.matmul(g, y.mT), lambda g: K.matmul(x.mT, g)
