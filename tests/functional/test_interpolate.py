"""Interpolation and unfolding on tensors: small cases by hand, loops, derivatives."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import NdArray
from minigrad.functional import InterpolateMode, interpolate, unfold4d
from minigrad.testing import check_gradients

WIDE = NdArray(seed=0, dtype=np.float64)
Nearest, Linear, Cubic = InterpolateMode.Nearest, InterpolateMode.Linear, InterpolateMode.Cubic


def drawn(*shape: int) -> Tensor:
    return Tensor(np.random.default_rng(shape).standard_normal(shape), WIDE)


def line(size: int, outputs: int, mode: InterpolateMode) -> list[list[tuple[int, float]]]:
    """Which elements make each output and how much of them, one by one."""
    found = []
    for i in range(outputs):
        at = i * (size - 1) / max(outputs - 1, 1)
        low, t = math.floor(at), at - math.floor(at)
        if mode is Nearest:
            parts = [(i * size // outputs, 1.0)]
        elif mode is Linear:
            parts = [(low, 1 - t), (low + 1, t)]
        else:
            parts = [(low + k, keys(abs(t - k))) for k in (-1, 0, 1, 2)]
        found.append([(min(max(k, 0), size - 1), weight) for k, weight in parts])
    return found


def keys(d: float, a: float = -0.75) -> float:
    """Cubic convolution, as in the paper."""
    return (a + 2) * d**3 - (a + 3) * d**2 + 1 if d <= 1 else a * (d**3 - 5 * d**2 + 8 * d - 4)


@pytest.mark.parametrize("mode", [Nearest, Linear, Cubic])
@pytest.mark.parametrize(("size", "outputs"), [((3, 4), (6, 8)), ((5, 2), (2, 5)), ((1, 3), (4, 1)), ((7, 7), (7, 7))])
def test_interpolation_beside_loops(mode: InterpolateMode, size: tuple[int, int], outputs: tuple[int, int]) -> None:
    x = drawn(2, 2, *size)
    y = interpolate(x, outputs, mode).numpy()
    rows, columns = line(size[0], outputs[0], mode), line(size[1], outputs[1], mode)
    for i, j in np.ndindex(*outputs):
        expected: Any = sum(x.numpy()[:, :, r, c] * (a * b) for (r, a), (c, b) in product(rows[i], columns[j]))
        np.testing.assert_allclose(y[:, :, i, j], expected, rtol=1e-12, atol=1e-12)


def test_by_hand() -> None:
    x = Tensor([[[0.0, 10.0, 20.0]]])
    assert interpolate(x, 6).numpy().tolist() == [[[0, 0, 10, 10, 20, 20]]]
    assert interpolate(x, 5, Linear).numpy().tolist() == [[[0, 5, 10, 15, 20]]]
    assert interpolate(x, 2, Linear).numpy().tolist() == [[[0, 20]]]  # corners stay corners
    assert interpolate(x, 3, Cubic).numpy().tolist() == [[[0, 10, 20]]]
    assert interpolate(x, 2).numpy().tolist() == [[[0, 10]]]


def test_infinite_elements_stay_where_they_are() -> None:
    mask = Tensor([[[[0.0, -np.inf]]]])
    assert interpolate(mask, (2, 4)).numpy().tolist() == [[[[0, 0, -np.inf, -np.inf]] * 2]]


def test_one_two_and_three_axes() -> None:
    x = drawn(1, 2, 3, 4, 5)
    nearest = x.numpy()[:, :, [0, 0, 1, 1, 2, 2]][:, :, :, [0, 2]][..., [0, 0, 1, 1, 2, 2, 3, 3, 4, 4]]
    assert (interpolate(x, (6, 2, 10)).numpy() == nearest).all()
    assert interpolate(x[0], 6).shape == (2, 3, 6, 6)
    assert interpolate(x[0, 0], 6).shape == (3, 4, 6)


@pytest.mark.parametrize("mode", [Nearest, Linear, Cubic])
def test_derivatives_to_second_order(mode: InterpolateMode) -> None:
    check_gradients(lambda x: interpolate(x, (5, 2), mode).tanh(), drawn(1, 2, 3, 4))


def test_float32_stays_float32() -> None:
    leaf = Tensor(np.ones((1, 1, 3, 3))).require_grad()
    for mode in (Nearest, Linear, Cubic):
        y = interpolate(leaf, (4, 5), mode)
        assert y.dtype == np.float32 and leaf.grad(y.sum().backward()).dtype == np.float32  # type: ignore[union-attr]


def test_unfold4d_beside_loops() -> None:
    x = drawn(2, 3, 5, 6)
    for stride, padding, dilation in product((1, 2), (0, 1), (1, 2)):
        got = unfold4d(x, (2, 3), stride, padding, dilation).numpy()
        padded = np.pad(x.numpy(), [(0, 0), (0, 0), (padding, padding), (padding, padding)])
        columns = []
        for i in range(0, padded.shape[2] - dilation, stride):
            for j in range(0, padded.shape[3] - 2 * dilation, stride):
                window = padded[:, :, i : i + dilation + 1 : dilation, j : j + 2 * dilation + 1 : dilation]
                columns.append(window.reshape(2, 18))
        assert (got == np.stack(columns, -1)).all()


def test_unfold_along_an_axis() -> None:
    x = np.arange(24).reshape(2, 3, 4)
    for axis, size, step in [(0, 2, 1), (1, 2, 1), (2, 2, 2), (-1, 3, 1), (-2, 3, 5), (2, 1, 1)]:
        got = Tensor(x).unfold(axis, size, step).numpy()
        windows = np.lib.stride_tricks.sliding_window_view(x, size, axis)
        index = (slice(None),) * (axis % 3) + (slice(None, None, step),)
        assert got.dtype == np.int64 and (got == windows[index]).all()
    assert Tensor([True, False, True]).unfold(0, 2).numpy().tolist() == [[True, False], [False, True]]
    check_gradients(lambda x: x.unfold(1, 2, 1).tanh(), drawn(2, 4))
