"""Pooling on tensors: small cases by hand, loops, ties, padding that never wins, derivatives."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import NdArray
from minigrad.functional import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
    max_pool2d_with_indices,
)
from minigrad.testing import check_gradients

WIDE = NdArray(seed=0, dtype=np.float64)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return Tensor(np.random.default_rng((seed, *shape)).permutation(int(np.prod(shape))).reshape(shape) / 7, WIDE)


def gradient(f: Callable[[Tensor], Tensor], x: Any) -> Any:
    leaf = Tensor(x, dtype=np.float64).require_grad()
    return leaf.grad(f(leaf).sum().backward()).numpy()  # type: ignore[union-attr]


def cells(
    x: Any, output: tuple[int, int], kernel: int, stride: int, padding: int, dilation: int
) -> list[tuple[int, int]]:
    """The elements of an image that the window at `output` sees, in order."""
    rows = [output[0] * stride - padding + i * dilation for i in range(kernel)]
    columns = [output[1] * stride - padding + j * dilation for j in range(kernel)]
    return [(i, j) for i, j in product(rows, columns) if 0 <= i < x.shape[0] and 0 <= j < x.shape[1]]


CASES = [
    (kernel, stride, padding, dilation)
    for kernel, stride, padding, dilation in product((1, 2, 3), (1, 2, 3), (0, 1), (1, 2))
    if 2 * padding <= kernel
]


@pytest.mark.parametrize(("kernel", "stride", "padding", "dilation"), CASES)
def test_max_pool2d_beside_loops(kernel: int, stride: int, padding: int, dilation: int) -> None:
    x = drawn(2, 3, 6, 7)
    x = x - 6  # most are negative: padding of zeros would win
    y, positions = max_pool2d_with_indices(x, kernel, stride, padding, dilation)
    assert (y.numpy() == max_pool2d(x, kernel, stride, padding, dilation).numpy()).all()
    for n, c, i, j in np.ndindex(*y.shape):
        image = x.numpy()[n, c]
        seen = cells(image, (i, j), kernel, stride, padding, dilation)
        best = max(seen, key=lambda cell: image[cell])
        assert y.numpy()[n, c, i, j] == image[best]
        assert positions.numpy()[n, c, i, j] == best[0] * 7 + best[1]


@pytest.mark.parametrize(("kernel", "stride", "padding"), [c[:3] for c in CASES if c[3] == 1])
@pytest.mark.parametrize("count_include_pad", [True, False])
def test_avg_pool2d_beside_loops(kernel: int, stride: int, padding: int, count_include_pad: bool) -> None:
    x = drawn(2, 1, 5, 7)
    y = avg_pool2d(x, kernel, stride, padding, count_include_pad).numpy()
    for n, c, i, j in np.ndindex(*y.shape):
        image = x.numpy()[n, c]
        seen = cells(image, (i, j), kernel, stride, padding, 1)
        count = kernel**2 if count_include_pad else len(seen)
        assert y[n, c, i, j] == pytest.approx(sum(image[cell] for cell in seen) / count)


@pytest.mark.parametrize("outputs", [(1, 1), (2, 3), (4, 4), (5, 7), (9, 8)])
def test_adaptive_avg_pool2d_beside_loops(outputs: tuple[int, int]) -> None:
    x = drawn(1, 2, 5, 7)
    y = adaptive_avg_pool2d(x, outputs).numpy()
    assert y.shape == (1, 2, *outputs)
    for c, i, j in np.ndindex(2, *outputs):
        rows = slice(i * 5 // outputs[0], int(np.ceil((i + 1) * 5 / outputs[0])))
        columns = slice(j * 7 // outputs[1], int(np.ceil((j + 1) * 7 / outputs[1])))
        assert y[0, c, i, j] == pytest.approx(x.numpy()[0, c, rows, columns].mean())


def test_one_axis() -> None:
    x = Tensor([[[1.0, 3.0, 2.0, -1.0, 5.0]]])
    assert max_pool1d(x, 2).numpy().tolist() == [[[3, 3, 2, 5]]]
    assert max_pool1d(x, 2, 2, 1).numpy().tolist() == [[[1, 3, 5]]]
    assert max_pool1d(x, 2, dilation=3).numpy().tolist() == [[[1, 5]]]
    np.testing.assert_allclose(avg_pool1d(x, 3, 2, 1).numpy(), [[[4 / 3, 4 / 3, 4 / 3]]], rtol=1e-6)
    np.testing.assert_allclose(avg_pool1d(x, 3, 2, 1, count_include_pad=False).numpy(), [[[2, 4 / 3, 2]]], rtol=1e-6)
    assert adaptive_avg_pool1d(x, 2).numpy().tolist() == [[[2, 2]]]


def test_of_equal_elements_the_first_has_the_gradient() -> None:
    image = [[[[2.0, 2.0, 0.0], [2.0, 2.0, 0.0]]]]
    assert gradient(lambda x: max_pool2d(x, 2), image).tolist() == [[[[1, 1, 0], [0, 0, 0]]]]
    assert gradient(lambda x: max_pool2d(x, 2, 2), image).tolist() == [[[[1, 0, 0], [0, 0, 0]]]]
    zeros = gradient(lambda x: max_pool2d(x, 2, 1, 1), np.zeros((1, 1, 2, 2)))  # nine windows, padding in eight
    assert zeros.tolist() == [[[[4, 2], [2, 1]]]]


def test_an_element_that_wins_several_windows_has_the_gradient_of_each() -> None:
    image = np.zeros((1, 1, 3, 3))
    image[0, 0, 1, 1] = 1
    assert gradient(lambda x: max_pool2d(x, 2), image)[0, 0, 1, 1] == 4


def test_extremes() -> None:
    low = Tensor([[[[-np.inf, -np.inf], [-1e30, -np.inf]]]])
    assert max_pool2d(low, 2).item() == np.float32(-1e30)
    assert np.isneginf(max_pool2d(low, 1).numpy()[0, 0, 0]).all()
    assert np.isnan(max_pool2d(Tensor([[[[1.0, np.nan], [2.0, 3.0]]]]), 2).item())
    assert max_pool2d(Tensor(np.full((1, 1, 2, 2), 1e4)), 2, 1, 1).numpy().min() == 1e4
    assert avg_pool2d(Tensor(np.full((1, 1, 2, 2), 1e4)), 2).item() == 1e4


def test_derivatives_to_second_order() -> None:
    x = drawn(2, 1, 5, 4)
    check_gradients(lambda x: max_pool2d(x, 3, 2, 1).tanh(), x, samples=20)
    check_gradients(lambda x: max_pool2d(x, 2, 2).tanh(), x, samples=20)
    check_gradients(lambda x: avg_pool2d(x, 3, 2, 1, False).tanh(), x, samples=20)
    check_gradients(lambda x: adaptive_avg_pool2d(x, (3, 3)).tanh(), x, samples=20)


def test_kinds_of_numbers() -> None:
    whole = max_pool2d(Tensor([[[[1, 2], [3, 4]]]]), 2)
    assert whole.dtype == np.float32 and whole.item() == 4
    positions = max_pool2d_with_indices(Tensor([[[[1, 2], [9, 4]]]]), 2)[1]
    assert positions.dtype == np.int64 and positions.item() == 2
    for pool in (max_pool2d, avg_pool2d, adaptive_avg_pool2d):
        nothing = pool(Tensor(np.zeros((0, 2, 4, 4))), 2)
        assert nothing.shape[:2] == (0, 2) and nothing.dtype == np.float32
