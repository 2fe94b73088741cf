"""Rules that make fewer elements of many. `axis` is a tuple of axes >= 0, or None for all of them."""

from __future__ import annotations

from .kernels import size
from .rule import rule


def kept(shape, axis):
    """The shape of a reduction over `axis` that keeps the axes, as ones."""
    return tuple(1 if axis is None or i in axis else n for i, n in enumerate(shape))


@rule(integers=True, wide=True)
def sum(K, x, *, axis, keepdims):
    shape = x.shape
    value = K.total(x) if axis is None and not keepdims else K.sum(x, axis, keepdims)
    return value, lambda g: K.broadcast_to(g.reshape(kept(shape, axis)), shape)


@rule(wide=True)
def mean(K, x, *, axis, keepdims):
    shape, n = x.shape, size(x.shape, axis)
    value = K.total(x) if axis is None and not keepdims else K.sum(x, axis, keepdims)
    return value / n, lambda g: K.broadcast_to((g / n).reshape(kept(shape, axis)), shape)


@rule(ties=True, wide=True, integers=True)
def max(K, x, *, axis):
    """Along one axis, which is kept as 1; of equal elements the first one gets the gradient."""
    shape, first = x.shape, K.argmax(x, axis)
    return K.take_along_axis(x, first, axis), lambda g: K.put_along_axis(g, first, axis, shape)


@rule(ties=True, wide=True, integers=True)
def min(K, x, *, axis):
    """Along one axis, which is kept as 1; of equal elements the first one gets the gradient."""
    shape, first = x.shape, K.argmin(x, axis)
    return K.take_along_axis(x, first, axis), lambda g: K.put_along_axis(g, first, axis, shape)
