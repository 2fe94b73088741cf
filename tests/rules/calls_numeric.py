"""How the rules of special functions, scans and statistics are called in tests, and what they are in plain NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from minigrad.testing import Call
from minigrad.testing.strategies import shapes

Array = np.ndarray[Any, Any]


@st.composite
def along(draw: DrawFn, **static: Any) -> Call:
    shape = draw(shapes(min_dims=1))
    drawn = {name: draw(value) for name, value in static.items()}
    return Call((shape,), {"axis": draw(st.integers(0, len(shape) - 1)), **drawn})


@st.composite
def recurrence(draw: DrawFn) -> Call:
    shape = draw(shapes(min_dims=1))
    axis = draw(st.integers(0, len(shape) - 1))
    long = (*shape[:axis], draw(st.sampled_from((1, 2, 3, 5, 8))), *shape[axis + 1 :])
    return Call(((*long[:axis], long[axis] - 1, *long[axis + 1 :]), long), {"axis": axis})


@st.composite
def spread(draw: DrawFn) -> Call:
    shape = draw(shapes(min_side=1))
    axis = None if draw(st.booleans()) else tuple(i for i in range(len(shape)) if draw(st.booleans()))
    count = math.prod(shape if axis is None else (shape[i] for i in axis))
    correction = draw(st.sampled_from((0, 1, 0.5))) if count > 1 else 0
    return Call((shape,), {"axis": axis, "keepdims": draw(st.booleans()), "correction": correction})


CALLS: dict[str, SearchStrategy[Call]] = {
    "cumsum": along(reverse=st.booleans()),
    "cumprod": along(),
    "recurrence": recurrence(),
    "prod": along(),
    "var": spread(),
    "std": spread(),
}

# --- in plain NumPy, by another road ----------------------------------------------------------------------------------


def partly(function: Callable[[Array], Array]) -> Callable[..., Array]:
    """`function`, which makes one element of several along the first axis, of the first 1, 2, 3, ... along `axis`."""

    def of_parts(x: Array, axis: int, reverse: bool = False) -> Array:
        x = np.moveaxis(x, axis, 0)
        parts = [x[i:] if reverse else x[: i + 1] for i in range(len(x))]
        return np.moveaxis(np.reshape([function(each) for each in parts], x.shape), 0, axis)

    return of_parts


def product(x: Array) -> Array:
    """By signs and logarithms, which know zeros as -inf."""
    with np.errstate(divide="ignore"):
        size = np.exp(np.sum(np.log(np.abs(x)), 0))
    return size * (1 - 2 * (np.sum(x < 0, 0) % 2))


def recurrence_by_hand(a: Array, b: Array, axis: int) -> Array:
    a, y = np.moveaxis(a, axis, 0), np.moveaxis(np.array(b), axis, 0)
    for k in range(1, len(y)):
        y[k] += a[k - 1] * y[k - 1]
    return np.moveaxis(y, 0, axis)


def variance(x: Array, axis: Any, keepdims: bool, correction: float) -> Array:
    """The mean of squares less the square of the mean."""
    n = x.size if axis is None else math.prod(x.shape[i] for i in axis)
    squares, mean = (np.mean(each, axis=axis, keepdims=keepdims) for each in (x * x, x))
    return np.maximum(squares - mean * mean, 0) * n / (n - correction)


def deviation(x: Array, axis: Any, keepdims: bool, correction: float) -> Array:
    return np.std(x, axis=axis, keepdims=keepdims, ddof=correction)


REFERENCE: dict[str, Callable[..., Any]] = {
    "square": lambda x: np.abs(x) ** 2,
    "reciprocal": lambda x: np.power(x, -1.0),
    "expm1": lambda x: np.exp(x) - 1,
    "log2": lambda x: np.log(x) / np.log(2),
    "log10": lambda x: np.log(x) / np.log(10),
    "logaddexp": lambda x, y: np.log(np.exp(x) + np.exp(y)),
    "tan": lambda x: np.sin(x) / np.cos(x),
    "asin": lambda x: np.arctan2(x, np.sqrt(1 - x * x)),
    "acos": lambda x: np.arctan2(np.sqrt(1 - x * x), x),
    "atan": lambda x: np.arcsin(x / np.sqrt(1 + x * x)),
    "atan2": lambda y, x: np.angle(x + 1j * y),
    "hypot": lambda x, y: np.sqrt(x * x + y * y),
    "sinh": lambda x: (np.exp(x) - np.exp(-x)) / 2,
    "cosh": lambda x: (np.exp(x) + np.exp(-x)) / 2,
    "asinh": lambda x: np.sign(x) * np.log(np.abs(x) + np.sqrt(1 + x * x)),
    "acosh": lambda x: np.log(x + np.sqrt(x * x - 1)),
    "atanh": lambda x: np.log((1 + x) / (1 - x)) / 2,
    "erf": lambda x: np.reshape([math.erf(each) for each in np.ravel(x)], np.shape(x)),
    "remainder": lambda x, y: x - np.floor(x / y) * y,
    "fmod": lambda x, y: x - np.trunc(x / y) * y,
    "clamp_min": lambda x, low: np.where(x > low, x, low),
    "clamp_max": lambda x, high: np.where(x < high, x, high),
    "cumsum": partly(lambda x: np.sum(x, 0)),
    "cumprod": partly(product),
    "recurrence": recurrence_by_hand,
    "prod": lambda x, axis: np.expand_dims(product(np.moveaxis(x, axis, 0)), axis),
    "var": variance,
    "std": deviation,
}

NONE: tuple[float, ...] = ()
HALF_PI = math.pi / 2

# For each argument the points at which the rule is singular or has a kink, anywhere on the line.
SINGULAR: dict[str, tuple[tuple[float, ...], ...]] = {
    **dict.fromkeys(REFERENCE, (NONE,)),
    "reciprocal": ((0.0,),),
    "log2": ((0.0,),),  # nor is it defined left of 0
    "log10": ((0.0,),),  # nor left of 0
    "tan": ((-HALF_PI, HALF_PI),),  # and at every pi beside them
    "asin": ((-1.0, 1.0),),  # nor beyond
    "acos": ((-1.0, 1.0),),  # nor beyond
    "atan2": ((0.0,), NONE),  # in y the cut left of the origin
    "acosh": ((1.0,),),  # nor left of 1
    "atanh": ((-1.0, 1.0),),  # nor beyond
    "remainder": ((0.0,), (0.0,)),  # and where x is a multiple of y
    "fmod": ((0.0,), (0.0,)),  # and where x is a multiple of y
}
LEFT_ENDS = {"log2": 0.0, "log10": 0.0, "asin": -1.0, "acos": -1.0, "acosh": 1.0, "atanh": -1.0}
TIES = {"clamp_min", "clamp_max"}
