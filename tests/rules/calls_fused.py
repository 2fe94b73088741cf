"""How the rules of softmax, norms, attention and activations are called in tests, and what they are in plain NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from minigrad.testing import Call
from minigrad.testing.strategies import broadcastable, shapes

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]

SIDE = st.sampled_from((2, 1, 3, 0))
FILLS = st.sampled_from((-math.inf, -1e4, -1.0))


def axes_of(draw: DrawFn, shape: Shape) -> tuple[int, ...]:
    return tuple(i for i in range(len(shape)) if draw(st.booleans()))


def narrow(draw: DrawFn, shape: Shape) -> Shape:
    """A shape that broadcasts to this one."""
    kept = shape[draw(st.integers(0, len(shape))) :]
    return tuple(n if draw(st.booleans()) else 1 for n in kept)


def mask_of(draw: DrawFn, shape: Shape) -> Any:
    if draw(st.booleans()):
        return None
    return np.random.default_rng(draw(st.integers(0, 99))).random(narrow(draw, shape)) < 0.4


@st.composite
def along(draw: DrawFn) -> Call:
    shape = draw(shapes(min_dims=1))
    return Call((shape,), {"axis": draw(st.integers(0, len(shape) - 1))})


@st.composite
def over_axes(draw: DrawFn, arguments: int = 1) -> Call:
    shape = draw(shapes(min_side=1))
    return Call((shape,) * arguments, {"axis": axes_of(draw, shape)})


@st.composite
def logsumexp(draw: DrawFn) -> Call:
    shape = draw(shapes(min_side=1))  # of nothing it is -inf
    return Call((shape,), {"axis": axes_of(draw, shape), "keepdims": draw(st.booleans())})


@st.composite
def cross_entropy(draw: DrawFn) -> Call:
    n, classes = draw(SIDE), draw(st.sampled_from((3, 2, 1)))
    targets = draw(st.lists(st.integers(0, classes - 1), min_size=n, max_size=n))
    return Call(((n, classes),), {"targets": np.array(targets, np.int64)})


@st.composite
def masked_softmax(draw: DrawFn) -> Call:
    shape = draw(shapes(min_dims=1))
    return Call((shape,), {"mask": mask_of(draw, shape), "fill": draw(FILLS)})


@st.composite
def norm(draw: DrawFn, weights: int) -> Call:
    shape = draw(shapes(min_dims=1, min_side=1))
    few = [narrow(draw, shape)] * weights if draw(st.booleans()) else [narrow(draw, shape) for _ in range(weights)]
    epsilon = draw(st.sampled_from((0.1, 1.0, 0.01)))
    return Call((shape, *few), {"axis": axes_of(draw, shape), "epsilon": epsilon})


@st.composite
def attention(draw: DrawFn, side: SearchStrategy[int] = SIDE) -> Call:
    leads = draw(broadcastable(3, max_dims=2))
    n, m, d, e = (draw(side) for _ in range(4))
    if draw(st.booleans()):
        n = m = d = e
        leads = (leads[0],) * 3
    mask = mask_of(draw, (*np.broadcast_shapes(*leads[:2]), n, m))
    static = {"mask": mask, "fill": draw(FILLS), "scale": draw(st.sampled_from((1.0, 0.5)))}
    return Call(((*leads[0], n, d), (*leads[1], m, d), (*leads[2], m, e)), static)


CALLS: dict[str, SearchStrategy[Call]] = {
    "inner": over_axes(2),
    "centre": over_axes(),
    "softmax": along(),
    "log_softmax": along(),
    "logsumexp": logsumexp(),
    "cross_entropy": cross_entropy(),
    "masked_softmax": masked_softmax(),
    "normalise": norm(2),
    "rms_norm": norm(1),
    "attention": attention(),
    "elu": st.builds(lambda shape, alpha: Call((shape,), {"alpha": alpha}), shapes(), st.sampled_from((1.0, 0.5, 2.0))),
}

CALLS_OF_LAW: dict[tuple[str, str], SearchStrategy[Call]] = {
    # with one key the scores have no slope: what is left is rounding, which is not linear
    ("attention", "linear"): attention(st.sampled_from((2, 3))),
}

# --- in plain NumPy, by another road ----------------------------------------------------------------------------------


def share(x: Array, axis: int) -> Array:
    """1 / sum of exp(x_j - x_i)."""
    x = np.moveaxis(x, axis, -1)
    return np.moveaxis(1 / np.sum(np.exp(x[..., None, :] - x[..., :, None]), -1), -1, axis)


def masked(x: Array, mask: Any, fill: float) -> Array:
    x = x if mask is None else np.where(mask, fill, x)
    with np.errstate(invalid="ignore"):  # a row of nothing but -inf
        return np.where(np.isneginf(x), 0, np.nan_to_num(share(x, -1)))


def attend(query: Array, key: Array, value: Array, mask: Any, fill: float, scale: float) -> Array:
    scores = np.einsum("...nd,...md->...nm", query, key) * scale
    return np.einsum("...nm,...me->...ne", masked(scores, mask, fill), value)


def normalised(x: Array, gamma: Array, beta: Array, axis: tuple[int, ...], epsilon: float) -> Array:
    scale = (np.mean(x * x, axis, keepdims=True) - np.mean(x, axis, keepdims=True) ** 2 + epsilon) ** -0.5
    return x * scale * gamma - np.mean(x, axis, keepdims=True) * scale * gamma + beta


def erf(x: Array) -> Array:
    return np.vectorize(math.erf, otypes=[np.float64])(x)


REFERENCE: dict[str, Callable[..., Any]] = {
    "inner": lambda x, y, axis: np.sum(x * y, axis, keepdims=True),
    "centre": lambda x, axis: x - np.mean(x, axis, keepdims=True),
    "softmax": share,
    "log_softmax": lambda x, axis: np.log(share(x, axis)),
    "logsumexp": lambda x, axis, keepdims: np.log(np.sum(np.exp(x), axis, keepdims=keepdims)),
    "cross_entropy": lambda x, targets: -np.log([share(row, 0)[t] for row, t in zip(x, targets)]),
    "masked_softmax": masked,
    "normalise": normalised,
    "rms_norm": lambda x, gamma, axis, epsilon: x * gamma / np.sqrt(np.mean(x**2, axis, keepdims=True) + epsilon),
    "attention": attend,
    "normal_cdf": lambda x: (1 + erf(x / math.sqrt(2))) / 2,
    "gelu": lambda x: x / 2 * (1 + erf(x / math.sqrt(2))),
    "gelu_tanh": lambda x: x / (1 + np.exp(-2 * math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    "silu": lambda x: x / (1 + np.exp(-x)),
    "prelu": lambda x, alpha: np.maximum(x, 0) + alpha * np.minimum(x, 0),
    "elu": lambda x, alpha: np.where(x > 0, x, alpha * (np.exp(x) - 1)),
}

# For each argument the points at which the rule is singular or has a kink.
SINGULAR: dict[str, tuple[tuple[float, ...], ...]] = {
    **dict.fromkeys(REFERENCE, ((),)),
    "prelu": ((0.0,), ()),
    "elu": ((0.0,),),
}
