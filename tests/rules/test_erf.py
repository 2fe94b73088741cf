"""The error function against Python's own, to the last bits, in every form that it takes."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minigrad.rules import erf as module
from minigrad.rules.erf import BLOCK, erf


@pytest.mark.parametrize(("dtype", "ulps"), [(np.float32, 4), (np.float64, 3)])
def test_it_is_right_to_the_last_bits(dtype: Any, ulps: float) -> None:
    near = np.linspace(-6.5, 6.5, 20_001)
    tiny = 10.0 ** np.arange(-30, 0)
    x = np.concatenate([near, tiny, -tiny, [0.46875, 0.4687501, 4.0, 5.9, 6.0, 1e4]]).astype(dtype)
    expected = np.array([math.erf(each) for each in x.astype(np.float64)])
    got = erf(x)
    assert got.dtype == dtype
    np.testing.assert_allclose(got, expected, rtol=ulps * np.finfo(dtype).eps, atol=0)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_ends_of_the_line(dtype: Any) -> None:
    with np.errstate(all="raise"):
        got = erf(np.array([np.inf, -np.inf, np.nan, 0.0, -0.0, np.finfo(dtype).max], dtype))
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, np.array([1, -1, np.nan, 0, 0, 1]))
    assert np.signbit(got[4]) and not np.signbit(got[3])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_it_never_leaves_its_range(dtype: Any) -> None:
    assert np.max(np.abs(erf(np.linspace(3, 7, 50_001).astype(dtype)))) <= 1


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (3, 4), (BLOCK,), (BLOCK + 1,), (3, BLOCK)])
def test_shapes_and_blocks(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    x = x if shape else np.float64(x)
    got = erf(x)
    assert got.shape == shape
    assert isinstance(got, np.ndarray if shape else np.float64)
    np.testing.assert_allclose(got, np.reshape([math.erf(each) for each in np.ravel(x)], shape), rtol=1e-15)


def test_memory_layouts() -> None:
    x = np.random.default_rng(0).normal(size=(6, 8))
    for view in (x.T, x[::-1, ::2], np.asfortranarray(x)):
        before = view.copy()
        np.testing.assert_array_equal(erf(view), erf(np.ascontiguousarray(view)))
        np.testing.assert_array_equal(view, before)


def test_its_coefficients_are_its_own() -> None:
    """The approximation near 0 ends with 2 / sqrt(pi), the slope there."""
    for slope in (module.NEAR[0][-1] / module.NEAR[1][-1], module.SINGLE[-1]):
        assert slope == pytest.approx(2 / math.sqrt(math.pi), rel=1e-7)
