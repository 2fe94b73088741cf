"""Rules that rearrange elements."""

from __future__ import annotations

from .rule import rule


@rule(integers=True, wide=True)
def reshape(K, x, *, shape):
    before = x.shape
    return x.reshape(shape), lambda g: g.reshape(before)


@rule(integers=True, wide=True)
def ravel(K, x):
    """All elements along one axis: 0.7 us against 1.05 for `reshape`, which has an argument."""
    before = x.shape
    return x.reshape(-1), lambda g: g.reshape(before)


@rule(integers=True, wide=True)
def permute_dims(K, x, *, axes):
    back = tuple(sorted(range(len(axes)), key=axes.__getitem__))
    return x.transpose(axes), lambda g: g.transpose(back)


@rule(integers=True, wide=True)
def broadcast_to(K, x, *, shape):
    before = x.shape
    return K.broadcast_to(x, shape), lambda g: K.sum_to(g, before)


@rule(integers=True, wide=True)
def sum_to(K, x, *, shape):
    """The adjoint of `broadcast_to`; the engine's un-broadcasting."""
    before = x.shape
    return K.sum_to(x, shape), lambda g: K.broadcast_to(g, before)


@rule(integers=True, wide=True)
def cat(K, *xs, axis):
    vjps, start = [], 0
    for x in xs:
        index = (slice(None),) * axis + (slice(start, start + x.shape[axis]),)
        vjps.append(lambda g, index=index: g[index])
        start += x.shape[axis]
    return K.concat(xs, axis), *vjps
