"""Tensors of every kind, drawn beside NumPy: an operation and NumPy's function must say the same."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from minigrad import Tensor
from minigrad.testing.strategies import shapes

from .samples import KINDS, WIDE, Shape, close

__all__ = ["DTYPES", "WIDE", "agree", "arrays", "axes", "axis", "numbers", "same"]

DTYPES = KINDS


def numbers(shape: Shape, dtype: Any = np.float64, seed: int = 0) -> Any:
    """Different numbers in no order, where the dtype has as many."""
    size = math.prod(shape)
    order = np.random.default_rng(seed).permutation(size) - size // 2
    return (order / 2 if np.dtype(dtype).kind == "f" else order).astype(dtype).reshape(shape)


@st.composite
def arrays(draw: DrawFn, min_dims: int = 0, min_side: int = 0, dtypes: tuple[Any, ...] = DTYPES) -> Any:
    return numbers(draw(shapes(min_dims, min_side=min_side)), draw(st.sampled_from(dtypes)), draw(st.integers(0, 9)))


@st.composite
def axis(draw: DrawFn, ndim: int) -> int:
    return draw(st.integers(-ndim, ndim - 1))


@st.composite
def axes(draw: DrawFn, ndim: int) -> tuple[int, ...]:
    """Several axes, each once, some of them negative."""
    chosen = draw(st.permutations(range(ndim)))[: draw(st.integers(0, ndim))]
    return tuple(i - ndim if draw(st.booleans()) else i for i in chosen)


def same(got: Any, expected: Any) -> None:
    """Tensors and arrays, or lists of them: equal in shape, dtype and every element."""
    if isinstance(expected, (list, tuple)):
        assert len(got) == len(expected)
        for a, b in zip(got, expected):
            same(a, b)
        return
    close(got, expected, tolerance=0)


def agree(
    cases: SearchStrategy[tuple[Any, tuple[Any, ...]]], ours: Callable[..., Any], numpys: Callable[..., Any]
) -> None:
    """`ours(tensor, *arguments)` is `numpys(array, *arguments)` for all drawn `(array, arguments)`."""

    @given(cases)
    def check(case: tuple[Any, tuple[Any, ...]]) -> None:
        array, arguments = case
        same(ours(Tensor(array, dtype=array.dtype), *arguments), numpys(array, *arguments))

    check()
