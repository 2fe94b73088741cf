"""Attention: each query's weighted mean of the values, by how well the keys match it."""

from __future__ import annotations

import numpy as np

from .rows import inner, inner_kernel
from .rule import rule
from .shape import permute_dims
from .softmax import masked_softmax, masked_softmax_kernel, seen


# Not wide: of scores near 1e4 float32 knows three digits after the point, and so much of their exponentials.
@rule(broadcasts=True)
def attention(K, query, key, value, *, mask, fill, scale):
    """softmax(query @ key.mT * scale) @ value, with `fill` for the scores that the Bool `mask` hides.

    query [..., n, d], key [..., m, d], value [..., m, e] give [..., n, e]; the axes before broadcast.
    """
    scaled = query * scale
    weights = K.call(masked_softmax_kernel, masked_softmax, K.matmul(scaled, transposed(K, key)), mask=mask, fill=fill)
    y = K.matmul(weights, value)

    def backward(g):
        d = K.matmul(g, transposed(K, value))
        d -= K.call(inner_kernel, inner, g, y, axis=(y.ndim - 1,))
        d *= weights
        d = seen(d, mask, fill)
        to_query = K.matmul(d, key)
        to_query *= scale
        return to_query, K.matmul(d.mT, scaled), K.matmul(weights.mT, g)

    return y, backward


def transposed(K, x):
    """x.mT in memory of its own: 32 products of 64 x 32 with it take 84 us, and 147 with a view."""
    axes = (*range(x.ndim - 2), x.ndim - 1, x.ndim - 2)
    return K.call(lambda x, axes: np.ascontiguousarray(x.transpose(axes)), permute_dims, x, axes=axes)
