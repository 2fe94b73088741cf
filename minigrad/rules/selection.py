"""Rules that take rows by number and write at an index: faster forms of what `index.py` can do."""

from __future__ import annotations

import numpy as np

from .rule import rule


@rule(integers=True, wide=True)
def take(K, x, *, indices, axis):
    """Positions from 0 to the length of the axis minus 1: `clip` only spares NumPy the check, 13 us against 36."""
    shape, index = x.shape, (slice(None),) * axis + (indices,)
    return K.call(_take, take, x, indices=indices, axis=axis), lambda g: K.put(g, index, shape)


def _take(x, indices, axis):
    return x.take(indices, axis, mode="clip")


@rule(integers=True, wide=True)
def assign(K, x, y, *, index):
    """`x` with `y`, which has the shape of `x[index]`, written there; the index meets no element twice."""
    shape = y.shape
    return (
        K.call(_assign, assign, x, y, index=index),
        lambda g: K.call(_assign, assign, g, np.zeros(shape), index=index),
        lambda g: g[index],
    )


def _assign(x, y, index):
    out = np.array(x)  # a copy, also of a scalar
    out[index] = y
    return out if out.ndim else out[()]
