"""Rules in which an element of the result depends on all before it along one axis."""

from __future__ import annotations

import numpy as np

from .rule import rule

BACKWARDS = slice(None, None, -1)


def part(axis: int, piece: slice) -> tuple[slice, ...]:
    """The index of a piece of one axis."""
    return (*(slice(None),) * axis, piece)


def flip(x, axis):
    return x[part(axis, BACKWARDS)]


@rule(integers=True, wide=True)
def cumsum(K, x, *, axis, reverse):
    """Sums of what is before each element, and the element; of what is after it in `reverse`: each other's adjoint."""
    return (
        K.call(_cumsum, cumsum, x, axis=axis, reverse=reverse),
        lambda g: K.call(_cumsum, cumsum, g, axis=axis, reverse=not reverse),
    )


def _cumsum(x, axis, reverse):
    return flip(_accumulate(np.add, flip(x, axis), axis), axis) if reverse else _accumulate(np.add, x, axis)


def _accumulate(ufunc, x, axis):
    # in float64: a running sum of a million times 0.1 is 1 in 100 off in float32
    return ufunc.accumulate(x, axis, np.float64 if x.dtype.kind == "f" else x.dtype).astype(x.dtype, copy=False)


@rule(integers=True)
def cumprod(K, x, *, axis):
    """The slope of y[k] in x[i] is the product of all up to k but i: no division, so that zeros are as good as any."""
    y = K.call(_cumprod, cumprod, x, axis=axis)

    def backward(g):
        # sum over k >= i of g[k] x[i + 1] ... x[k], from the end: s[i] = g[i] + x[i + 1] s[i + 1]
        s = _back(K, x[part(axis, slice(1, None))], g, axis)
        return before(K, y, axis) * s

    return y, backward


def _cumprod(x, axis):
    return _accumulate(np.multiply, x, axis)


def before(K, products, axis):
    """Running products moved one place along: those of what is before each element alone."""
    ones = products[part(axis, slice(1))] ** 0
    return K.concat((ones, products[part(axis, slice(-1))]), axis)


@rule()
def recurrence(K, a, b, *, axis):
    """y[0] = b[0], y[k] = a[k - 1] y[k - 1] + b[k]; along the axis `a` is one shorter. Its adjoint runs backwards."""
    y = K.call(_recurrence, recurrence, a, b, axis=axis)

    def backward(g):
        s = _back(K, a, g, axis)
        return s[part(axis, slice(1, None))] * y[part(axis, slice(-1))], s

    return y, backward


def _back(K, a, b, axis):
    """The recurrence from the end: s[k] = a[k] s[k + 1] + b[k]."""
    return flip(K.call(_recurrence, recurrence, flip(a, axis), flip(b, axis), axis=axis), axis)


def _recurrence(a, b, axis):
    """By doubling: after each turn y[k] is right if it depended on the last 2, 4, 8, ... alone, and a[k] spans them."""
    y, a = np.moveaxis(np.array(b), axis, 0), np.moveaxis(a, axis, 0)
    n = 1
    while n < len(y):
        y[n:] += a[n - 1 :] * y[:-n]
        a = np.concatenate([a[: 2 * n - 1], a[2 * n - 1 :] * a[n - 1 : -n]])
        n *= 2
    return np.moveaxis(y, 0, axis)
