"""Arrays with zeros, ties and round numbers, and how results are compared with NumPy's: the value, to rounding."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from minigrad import Tensor
from minigrad.backend import NdArray
from minigrad.testing.strategies import broadcastable, shapes

FLOATS = (np.float32, np.float64)
INTS = (np.int64, np.int8, np.uint8)
NUMBERS = (*FLOATS, *INTS)
KINDS = (*NUMBERS, np.bool_)
WIDE = NdArray(seed=1, dtype=np.float64)

Shape = tuple[int, ...]
Span = tuple[float, float]


def some(shape: Shape, dtype: Any, span: Span, seed: int) -> Any:
    """Numbers of `span`, half of them multiples of 1/2, so that some are equal; a scalar without axes."""
    rng = np.random.default_rng(seed)
    low, high = span if np.dtype(dtype).kind != "u" else (max(span[0], 0), max(span[1], 1))
    drawn = rng.uniform(low, high, shape)
    halves = np.clip(np.round(2 * drawn) / 2, math.ceil(2 * low) / 2, math.floor(2 * high) / 2)
    drawn = np.where(rng.random(shape) < 0.5, drawn, halves)
    if np.dtype(dtype).kind in "iu":
        drawn = np.clip(np.round(drawn), math.ceil(low), math.floor(high))
    array = (drawn > (low + high) / 2) if dtype is np.bool_ else drawn.astype(dtype)
    return array if shape else array[()]


@st.composite
def arrays(
    draw: DrawFn, span: Span = (-3, 3), dtypes: tuple[Any, ...] = KINDS, min_dims: int = 0, min_side: int = 0
) -> Any:
    shape = draw(shapes(min_dims, min_side=min_side))
    return some(shape, draw(st.sampled_from(dtypes)), span, draw(st.integers(0, 2**16)))


@st.composite
def pairs(draw: DrawFn, spans: tuple[Span, Span] = ((-3, 3), (-3, 3)), dtypes: tuple[Any, ...] = NUMBERS) -> Any:
    """Two arrays of one dtype whose shapes broadcast."""
    dtype = draw(st.sampled_from(dtypes))
    return tuple(
        some(shape, dtype, span, draw(st.integers(0, 2**16))) for shape, span in zip(draw(broadcastable(2)), spans)
    )


@st.composite
def along(draw: DrawFn, span: Span = (-3, 3), dtypes: tuple[Any, ...] = KINDS, min_side: int = 0) -> Any:
    """An array, and one of its axes, counted from either end."""
    x = draw(arrays(span, dtypes, 1, min_side))
    return x, draw(st.integers(-x.ndim, x.ndim - 1))


@st.composite
def over(draw: DrawFn, span: Span = (-3, 3), dtypes: tuple[Any, ...] = KINDS, min_side: int = 0) -> Any:
    """An array, what a reduction may run over (one axis, several, none, all), and whether it keeps them."""
    x = draw(arrays(span, dtypes, 0, min_side))
    order = draw(st.permutations(range(-x.ndim, 0)))
    several = tuple(i + x.ndim * draw(st.booleans()) for i in order[: draw(st.integers(0, x.ndim))])
    ways = [None, several, *([several[0]] if several else [])]
    return x, draw(st.sampled_from(ways)), draw(st.booleans())


def tensor(x: Any) -> Tensor:
    """In the array's own dtype, on a float32 device."""
    return Tensor(x, dtype=np.asarray(x).dtype)


def floating(x: Any) -> Any:
    """As a Float: Ints and Bools become float32, the device's."""
    return x if np.asarray(x).dtype.kind == "f" else np.float32(x)


def close(got: Any, expected: Any, tolerance: float | None = None) -> None:
    """The shape, dtype and values of NumPy's; Floats to rounding or the tolerance given, anything else exactly."""
    expected = np.asarray(expected)
    assert isinstance(got, Tensor)
    assert got.shape == expected.shape
    assert got.dtype is expected.dtype, f"{got.dtype}, not {expected.dtype}"
    assert isinstance(got.data, np.ndarray if got.shape else np.generic)
    if expected.dtype.kind == "f":
        tolerance = (1e-5 if expected.dtype == np.float32 else 1e-12) if tolerance is None else tolerance
        scale = np.max(np.abs(expected[np.isfinite(expected)]), initial=1e-3)
        np.testing.assert_allclose(got.data, expected, rtol=tolerance, atol=tolerance * float(scale))
    else:
        np.testing.assert_array_equal(got.data, expected)
