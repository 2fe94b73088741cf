"""Rules that pick elements and their adjoints, in pairs: what one reads, the other adds to zeros."""

from __future__ import annotations

from .rule import rule


@rule(integers=True, wide=True)
def getitem(K, x, *, index):
    shape = x.shape
    return x[index], lambda g: K.part(g, index, shape)


@rule(integers=True, wide=True)
def put(K, x, *, index, shape):
    return K.put(x, index, shape), lambda g: g[index]


@rule(integers=True, wide=True)
def take_along_axis(K, x, *, indices, axis):
    shape = x.shape
    return K.take_along_axis(x, indices, axis), lambda g: K.put_along_axis(g, indices, axis, shape)


@rule(integers=True, wide=True)
def put_along_axis(K, x, *, indices, axis, shape):
    return K.put_along_axis(x, indices, axis, shape), lambda g: K.take_along_axis(g, indices, axis)
