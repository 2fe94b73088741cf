"""Attention: each query's weighted mean of the values, by how well the keys match it."""

from __future__ import annotations

from .rows import inner, inner_kernel
from .rule import rule
from .softmax import masked_softmax, masked_softmax_kernel, seen


@rule(broadcasts=True, wide=True)
def attention(K, query, key, value, *, mask, fill, scale):
    """softmax(query @ key.mT * scale) @ value, with `fill` for the scores that the Bool `mask` hides.

    query [..., n, d], key [..., m, d], value [..., m, e] give [..., n, e]; the axes before broadcast.
    """
    scaled = query * scale
    weights = K.call(masked_softmax_kernel, masked_softmax, K.matmul(scaled, key.mT), mask=mask, fill=fill)
    y = K.matmul(weights, value)

    def backward(g):
        d = K.matmul(g, value.mT) - K.call(inner_kernel, inner, g, y, axis=(y.ndim - 1,))
        d = seen(d * weights, mask, fill)
        return K.matmul(d, key) * scale, K.matmul(d.mT, scaled), K.matmul(weights.mT, g)

    return y, backward
