"""Rules of vectors."""

from __future__ import annotations

import numpy as np

from . import kernels
from .reduce import kept
from .rule import Away, rule


def length(x, *, axis, keepdims):
    return np.sqrt(kernels.sum(x * x, axis, keepdims))


@rule(domain=Away(0), wide=True)
def vector_norm(K, x, *, axis, keepdims):
    """The Euclidean length over `axis`; at 0 its derivative is 0."""
    y = K.call(length, vector_norm, x, axis=axis, keepdims=keepdims)

    def backward(g):
        shape = kept(x.shape, axis)
        z = y.reshape(shape)
        return x * K.where(z == 0, 0, g.reshape(shape) / K.where(z == 0, 1, z))

    return y, backward
