"""Convolutions on tensors: small cases by hand, loops over single elements, derivatives, dtypes, devices."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor, grad, jacobian
from minigrad.backend import Autodiff, NdArray
from minigrad.functional import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from minigrad.rules.window import Window
from minigrad.testing import check_gradients

from ..rules.calls_window import conv_by_hand, conv_transpose_by_hand

WIDE = NdArray(seed=0, dtype=np.float64)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    return Tensor(np.random.default_rng((seed, *shape)).standard_normal(shape), WIDE)


def test_conv1d_by_hand() -> None:
    x = Tensor([[[1.0, 2.0, 3.0, 4.0, 5.0]]])
    difference = Tensor([[[1.0, 0.0, -1.0]]])
    assert conv1d(x, difference).numpy().tolist() == [[[-2, -2, -2]]]
    assert conv1d(x, difference, padding=1).numpy().tolist() == [[[-2, -2, -2, -2, 4]]]
    assert conv1d(x, difference, stride=2, padding=1).numpy().tolist() == [[[-2, -2, 4]]]
    assert conv1d(x, difference, dilation=2).numpy().tolist() == [[[-4]]]
    assert conv1d(x, difference, Tensor([10.0])).numpy().tolist() == [[[8, 8, 8]]]


def test_conv2d_by_hand() -> None:
    x = Tensor(np.arange(9.0).reshape(1, 1, 3, 3))
    weight = Tensor([[[[1.0, 10.0], [100.0, 1000.0]]]])
    assert conv2d(x, weight).numpy().tolist() == [[[[4310, 5421], [7643, 8754]]]]
    assert conv2d(x, weight, stride=(1, 2)).numpy().tolist() == [[[[4310], [7643]]]]
    assert conv2d(x, weight, dilation=2).numpy().tolist() == [[[[8620]]]]


def test_groups_see_their_own_channels() -> None:
    x = Tensor([[[1.0, 2.0], [10.0, 20.0]]])
    weight = Tensor([[[1.0]], [[2.0]], [[3.0]], [[4.0]]])
    assert conv1d(x, weight, groups=2).numpy().tolist() == [[[1, 2], [2, 4], [30, 60], [40, 80]]]


def test_conv_transpose_by_hand() -> None:
    x = Tensor([[[1.0, 2.0]]])
    weight = Tensor([[[1.0, 10.0, 100.0]]])
    assert conv_transpose1d(x, weight).numpy().tolist() == [[[1, 12, 120, 200]]]
    assert conv_transpose1d(x, weight, stride=2, padding=1).numpy().tolist() == [[[10, 102, 20]]]
    assert conv_transpose1d(x, weight, stride=2, padding=1, padding_out=1).numpy().tolist() == [[[10, 102, 20, 200]]]
    assert conv_transpose1d(x, weight, Tensor([0.5]), dilation=2).numpy().tolist() == [
        [[1.5, 2.5, 10.5, 20.5, 100.5, 200.5]]
    ]
    two = Tensor([[[1.0]], [[3.0]]])  # two channels in, each a group of one channel out
    assert conv_transpose1d(Tensor([[[1.0], [2.0]]]), two, groups=2).numpy().tolist() == [[[1], [6]]]


@pytest.mark.parametrize(
    ("axes", "function", "size"), [(1, conv1d, 4), (1, conv1d, 150), (2, conv2d, 4), (2, conv2d, 12), (3, conv3d, 4)]
)
def test_convolution_beside_loops(axes: int, function: Callable[..., Tensor], size: int) -> None:
    kernel, sizes = (3, 2, 2)[:axes], tuple(size + i for i in range(axes))
    for stride, padding, dilation, groups in product((1, 2), (0, 2), (1, 2), (1, 2)):
        if dilation * (kernel[0] - 1) + 1 > size + 2 * padding:
            continue
        x, weight, bias = drawn(2, 4, *sizes), drawn(6, 4 // groups, *kernel), drawn(6)
        window = Window(kernel, (stride,) * axes, (padding,) * axes, (dilation,) * axes)
        expected = conv_by_hand(x.numpy(), weight.numpy(), bias.numpy(), window=window, groups=groups)
        got = function(x, weight, bias, stride, padding, dilation, groups)
        np.testing.assert_allclose(got.numpy(), expected, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize(("axes", "function"), [(1, conv_transpose1d), (2, conv_transpose2d), (3, conv_transpose3d)])
def test_transposed_convolution_beside_loops(axes: int, function: Callable[..., Tensor]) -> None:
    kernel, sizes = (3, 2, 2)[:axes], (4, 3, 2)[:axes]
    for stride, padding, dilation, groups in product((1, 2), (0, 1), (1, 2), (1, 2)):
        x, weight, bias = drawn(2, 4, *sizes), drawn(4, 6 // groups, *kernel), drawn(6)
        window = Window(kernel, (stride,) * axes, (padding,) * axes, (dilation,) * axes)
        out = tuple(n + stride - 1 for n in window.inputs(sizes))
        expected = conv_transpose_by_hand(x.numpy(), weight.numpy(), window=window, groups=groups, sizes=out)
        got = function(x, weight, bias, stride, padding, stride - 1, dilation, groups)
        np.testing.assert_allclose(
            got.numpy(), expected + bias.numpy().reshape(-1, *(1,) * axes), rtol=1e-10, atol=1e-12
        )


def test_derivatives_of_both_kinds_to_second_order() -> None:
    x, weight, bias = drawn(2, 2, 4, 3), drawn(4, 1, 2, 2), drawn(4)
    check_gradients(lambda x, w, b: conv2d(x, w, b, 2, 1, 1, 2).tanh(), x, weight, bias, samples=20)
    one, wide = drawn(2, 1, 3, 2), drawn(3, 1, 1, 1)  # columns of one element, of several outputs each
    check_gradients(lambda x, w: conv2d(x, w).tanh(), one, wide, samples=20)
    y, weight = drawn(2, 4, 2, 2), drawn(4, 2, 3, 2)
    check_gradients(lambda x, w, b: conv_transpose2d(x, w, b, 2, 1, 1, groups=2).tanh(), y, weight, bias, samples=20)


def test_a_third_derivative() -> None:
    # of the sum of cubes of x * w at one place, which is (x * w) ** 3: 6 * x ** 3 in w
    cube = grad(grad(grad(lambda w: (conv1d(Tensor([[[2.0]]]), w) ** 3).sum())))
    assert cube(Tensor([[[3.0]]])).item() == 48


def test_a_convolution_as_its_matrix() -> None:
    x, weight = drawn(1, 1, 3, 3), drawn(2, 1, 2, 2)
    matrix = jacobian(lambda x: conv2d(x, weight))(x).numpy().reshape(8, 9)
    np.testing.assert_allclose(matrix @ x.numpy().ravel(), conv2d(x, weight).numpy().ravel(), rtol=1e-12)
    back = jacobian(lambda y: conv_transpose2d(y, weight))(drawn(1, 2, 2, 2)).numpy().reshape(9, 8)
    np.testing.assert_allclose(back, matrix.T, rtol=1e-12)  # conv_transpose is the adjoint of conv


def test_a_kernel_of_one_is_a_matrix_product() -> None:
    x, weight = drawn(3, 4, 5, 5), drawn(2, 4, 1, 1)
    expected = np.einsum("nchw,oc->nohw", x.numpy(), weight.numpy()[:, :, 0, 0])
    np.testing.assert_allclose(conv2d(x, weight).numpy(), expected, rtol=1e-12)


@pytest.mark.parametrize("padding", [0, 1])
def test_large_values_and_no_batch(padding: int) -> None:
    x, weight = Tensor(np.full((1, 2, 3, 3), 1e4)), Tensor(np.full((1, 2, 3, 3), 1e4))
    assert conv2d(x, weight, padding=padding).numpy().max() == np.float32(18e8)
    nothing = Tensor(np.zeros((0, 2, 3, 3))).require_grad()
    y = conv2d(nothing, weight, padding=padding)
    assert y.shape == (0, 1, 1 + 2 * padding, 1 + 2 * padding)
    assert nothing.grad(y.sum().backward()).shape == (0, 2, 3, 3)  # type: ignore[union-attr]


def test_dtypes_and_devices() -> None:
    x, weight = Tensor(np.ones((1, 1, 2, 2)), dtype=np.float32), Tensor(np.ones((1, 1, 2, 2)), dtype=np.float64)
    assert conv2d(x, x, stride=(1, 2)).dtype == np.float32
    assert conv2d(x, weight).dtype == np.float64
    whole = conv2d(Tensor(np.ones((1, 1, 2, 2), np.int64)), x)
    assert whole.dtype == np.float32 and whole.item() == 4
    bias = Tensor([1.0]).require_grad()
    y = conv2d(x, Tensor(np.ones((1, 1, 1, 1)), Autodiff(NdArray())), bias)
    assert y.device.tracks
    assert bias.grad(y.sum().backward()).numpy().tolist() == [4]  # type: ignore[union-attr]


def test_numbers_for_all_axes_or_for_each() -> None:
    x, weight = drawn(1, 1, 6, 7), drawn(1, 1, 2, 3)
    arguments: list[Any] = [2, (2, 2), [2, 2], np.int64(2), (np.int32(2), 2)]
    shapes = {conv2d(x, weight, stride=each, padding=each, dilation=each).numpy().tobytes() for each in arguments}
    assert len(shapes) == 1
