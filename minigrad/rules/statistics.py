"""Rules of reductions beyond sums and extremes. `axis` is as in `reduce.py`."""

from __future__ import annotations

import numpy as np

from .kernels import size
from .reduce import kept
from .rule import rule
from .scan import _cumprod, before, cumprod, flip


@rule(integers=True)
def prod(K, x, *, axis):
    """Along one axis, which is kept as 1. The slope in an element is the product of all others, also beside zeros."""

    def backward(g):
        left = before(K, K.call(_cumprod, cumprod, x, axis=axis), axis)
        right = before(K, K.call(_cumprod, cumprod, flip(x, axis), axis=axis), axis)
        return g * left * flip(right, axis)

    return K.call(_prod, prod, x, axis=axis), backward


def _prod(x, axis):
    return np.multiply.reduce(x, axis, x.dtype, keepdims=True)


@rule(wide=True)
def var(K, x, *, axis, keepdims, correction):
    n = size(x.shape, axis)
    d = x - K.sum(x, axis, True) / n
    d = d - K.sum(d, axis, True) / n  # once more: what rounding left in the mean of large numbers counts squared
    over = n - correction
    return K.sum(d * d, axis, keepdims) / over, lambda g: g.reshape(kept(x.shape, axis)) * (2 / over) * d


@rule(wide=True)
def std(K, x, *, axis, keepdims, correction):
    v, backward = var(K, x, axis=axis, keepdims=keepdims, correction=correction)
    s = K.sqrt(K.where(v == 0, 1, v))
    return K.sqrt(v), lambda g: backward(K.where(v == 0, 0, g * 0.5 / s))  # of equal elements the slope is 0, as of abs
