"""Softmax and what stands on it, for numbers of any size: nothing overflows, and no digits are lost."""

from __future__ import annotations

import math

import numpy as np

from .kernels import sum
from .reduce import kept
from .rows import inner, inner_kernel
from .rule import rule
from .selection import assign


@rule(wide=True)
def softmax(K, x, *, axis):
    """exp(x) over its sum along one axis; of nothing but -inf, zeros."""
    y = K.call(_softmax, softmax, x, axis=axis)
    return y, lambda g: (g - K.call(inner_kernel, inner, g, y, axis=(axis,))) * y


@rule(wide=True)
def log_softmax(K, x, *, axis):
    y = K.call(_log_softmax, log_softmax, x, axis=axis)
    return y, lambda g: g - K.exp(y) * K.sum(g, (axis,), True)


@rule(wide=True)
def logsumexp(K, x, *, axis, keepdims):
    """Over a tuple of axes; of nothing but -inf, -inf."""
    y = K.call(_logsumexp, logsumexp, x, axis=axis, keepdims=keepdims)

    def backward(g):
        shape = kept(x.shape, axis)
        return g.reshape(shape) * K.exp(x - K.where(y == -np.inf, 0, y).reshape(shape))  # not -inf - -inf

    return y, backward


@rule(wide=True)
def cross_entropy(K, x, *, targets):
    """-log(softmax(x)[target]) of each row: logits [n, classes] and Int targets [n] give [n]."""
    index = np.arange(len(targets)), targets
    p = K.call(_softmax, softmax, x, axis=1)
    hit = p[index]

    def backward(g):
        others = p * g.reshape((len(targets), 1))
        return K.call(_overwrite, assign, others, (hit - 1) * g, index=index)

    return K.call(lambda x, targets: _losses(x, p, hit, index), cross_entropy, x, targets=targets), backward


@rule(wide=True)
def masked_softmax(K, x, *, mask, fill):
    """Softmax along the last axis of `x` with `fill` where the Bool `mask`, which broadcasts, hides an element."""
    y = K.call(masked_softmax_kernel, masked_softmax, x, mask=mask, fill=fill)
    return y, lambda g: seen((g - K.call(inner_kernel, inner, g, y, axis=(x.ndim - 1,))) * y, mask, fill)


def seen(g, mask, fill):
    """The gradient of scores, which is 0 for hidden ones; -inf has made their share 0, and so it is."""
    return g if mask is None or fill == -np.inf else g * ~mask


# --- kernels ----------------------------------------------------------------------------------------------------------


def masked_softmax_kernel(x, mask, fill):
    if mask is not None:
        # 0.1 ms for half a million scores against 0.5 of numpy.where, as the mask is smaller than they are
        x = (x if fill == -np.inf else x * ~mask) + np.where(mask, x.dtype.type(fill), x.dtype.type(0))
    return _softmax(x, x.ndim - 1)


def _softmax(x, axis):
    """The greatest element is subtracted only where it must be: it would take twice as long as all the rest."""
    if axis < x.ndim - 1:
        e, s, _ = _exponentials(x, (axis,))
    else:
        with np.errstate(over="ignore", under="ignore", invalid="ignore"):
            e = np.exp(x)
            s = sum(e, (axis,), True)
        low = math.sqrt(np.finfo(x.dtype).tiny)
        far = ~((s > low) & (s < 1 / low))  # sums that have lost digits, or will: also NaN
        if np.any(far):
            rows = far[..., 0]
            e[rows], s[rows], _ = _exponentials(x[rows], (1,))
    e /= np.where(s == 0, 1, s)
    return e


def _exponentials(x, axis):
    """exp(x - top), its sums over the axes, and `top`, the greatest elements along them."""
    top = np.maximum.reduce(x, axis, keepdims=True, initial=-np.inf)
    top = np.where(top == -np.inf, 0, top)
    with np.errstate(over="ignore", under="ignore"):  # the difference may be -inf in half precision
        e = np.exp(x - top)
    return e, sum(e, axis, True), top


def _log_softmax(x, axis):
    e, s, top = _exponentials(x, (axis,))
    y = np.subtract(x, top, e)
    y -= np.log(s, where=s > 0, out=np.zeros_like(s))  # the sum of nothing is 0
    return y


def _logsumexp(x, axis, keepdims):
    _, s, top = _exponentials(x, axis)
    with np.errstate(divide="ignore"):
        y = np.log(s) + top
    return y if keepdims else y.squeeze(axis)


def _losses(x, p, hit, index):
    """-log(hit) as log(1 + rest / hit), `rest` being the sum of the other shares: all digits of a loss near 0."""
    p[index] = 0
    rest = sum(p, (1,), False)
    p[index] = hit
    small = hit < math.sqrt(np.finfo(x.dtype).tiny)
    losses = np.log1p(rest / np.where(small, 1, hit))
    if np.any(small):
        rows = x[small]
        losses[small] = _logsumexp(rows, (1,), False) - rows[np.arange(len(rows)), index[1][small]]
    return losses


def _overwrite(x, y, index):
    """`assign` into a matrix of one's own."""
    x[index] = y
    return x
