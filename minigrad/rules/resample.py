"""Weighted sums of a few elements along one axis: average pooling and interpolation are made of these.

A `Plan` says which elements make each output and with which weights. Its transpose is the plan of the adjoint, so that
one rule is all of it, to any order; along several axes one goes after the other.
"""

from __future__ import annotations

from functools import cached_property, lru_cache

import numpy as np

from .rule import rule


class Plan:
    """Output j is the sum over t of `weight[t, j] * x[index[t, j]]`, of `size` elements x."""

    def __init__(self, index, weight, size):
        self.index, self.weight, self.size = index, weight, size

    @cached_property
    def T(self):
        """The plan of the adjoint: which outputs each element has a part in."""
        t, j = np.nonzero(self.weight)
        to = self.index[t, j]
        order = np.argsort(to, kind="stable")
        t, j, to = t[order], j[order], to[order]
        counts = np.bincount(to, minlength=self.size)
        rank = np.arange(len(to)) - (np.cumsum(counts) - counts)[to]
        index = np.zeros((max(counts.max(initial=0), 1), self.size), np.intp)
        weight = np.zeros(index.shape)
        index[rank, to], weight[rank, to] = j, self.weight[t, j]
        back = Plan(index, weight, self.index.shape[1])
        back.__dict__["T"] = self
        return back

    @cached_property
    def picks(self):
        """For each t the elements, a slice where they are evenly spaced, and the weights, a number where all agree."""
        return [(_spaced(index), _common(weight)) for index, weight in zip(self.index, self.weight)]


def _spaced(index):
    step = int(index[1] - index[0]) if len(index) > 1 else 1
    even = step > 0 and np.all(np.diff(index) == step)
    return slice(int(index[0]), int(index[-1]) + 1, step) if even else index


def _common(weight):
    return float(weight[0]) if np.all(weight == weight[0]) else weight  # a Python float, which keeps float32


def _resample(x, *, axis, plan):
    terms = (_term(x, axis, *each) for each in plan.picks)
    out = next(terms)
    for term in terms:
        out += term
    return out


def _term(x, axis, pick, weight):
    """The part of one t, in memory of its own."""
    if isinstance(weight, np.ndarray):
        weight = weight.astype(x.dtype).reshape(-1, *(1,) * (x.ndim - axis - 1))
    if isinstance(pick, slice):
        return x[(slice(None),) * axis + (pick,)] * weight
    part = x.take(pick, axis, mode="clip")
    return part if isinstance(weight, float) and weight == 1 else np.multiply(part, weight, part)


@rule(wide=True)
def resample(K, x, *, axis, plan):
    """Along `axis`, which gets the length of the plan."""
    return (
        K.call(_resample, resample, x, axis=axis, plan=plan),
        lambda g: K.call(_resample, resample, g, axis=axis, plan=plan.T),
    )


# --- plans --------------------------------------------------------------------------------------------------


@lru_cache(maxsize=128)
def average(size, kernel, stride, padding, count_padding):
    """The means of windows; what lies in the padding is 0, and counts or not."""
    outputs = (size + 2 * padding - kernel) // stride + 1
    index = np.arange(outputs) * stride + np.arange(kernel)[:, None] - padding
    inside = (index >= 0) & (index < size)
    weight = inside / (kernel if count_padding else np.maximum(inside.sum(0), 1))
    return Plan(np.clip(index, 0, size - 1), weight, size)


@lru_cache(maxsize=128)
def area(size, outputs):
    """The means of `outputs` windows that share the axis as evenly as they can, from floor(j * size / outputs) on."""
    j = np.arange(outputs)
    start, end = j * size // outputs, -((j + 1) * size // -outputs)
    index = start + np.arange(np.max(end - start))[:, None]
    return Plan(np.minimum(index, end - 1), (index < end) / (end - start), size)


@lru_cache(maxsize=128)
def nearest(size, outputs):
    """The element at floor(j * size / outputs)."""
    return Plan((np.arange(outputs) * size // outputs)[None], np.ones((1, outputs)), size)


@lru_cache(maxsize=128)
def linear(size, outputs):
    """Between two neighbours; the corners are those of the input."""
    low, t = _corners(size, outputs)
    return Plan(np.minimum(np.stack([low, low + 1]), size - 1), np.stack([1 - t, t]), size)


@lru_cache(maxsize=128)
def cubic(size, outputs):
    """Cubic convolution of four neighbours with a = -0.75 (Keys 1981); the corners are those of the input."""
    low, t = _corners(size, outputs)
    index = np.clip(low + np.arange(-1, 3)[:, None], 0, size - 1)
    d = np.abs(t - np.arange(-1, 3)[:, None])
    near, far = (1.25 * d - 2.25) * d * d + 1, ((-0.75 * d + 3.75) * d - 6) * d + 3
    return Plan(index, np.where(d <= 1, near, far), size)


def _corners(size, outputs):
    at = np.arange(outputs) * ((size - 1) / max(outputs - 1, 1))
    low = np.floor(at).astype(np.intp)
    return low, at - low
