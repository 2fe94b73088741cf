"""The activation functions: their values by other formulas, their slopes, and numbers of any size."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor, activation, grad
from minigrad.activation import (
    celu,
    elu,
    gelu,
    hard_sigmoid,
    hard_swish,
    leaky_relu,
    log_sigmoid,
    log_softmax,
    logsumexp,
    mish,
    prelu,
    quiet_softmax,
    relu,
    selu,
    sigmoid,
    silu,
    softmax,
    softmin,
    softplus,
    softsign,
    tanh,
    thresholded_relu,
)
from minigrad.backend import NdArray
from minigrad.testing import check_gradients

FLOAT64 = NdArray(dtype=np.float64)
Activation = Callable[[Any], Tensor]

# Each with the same function of one number by Python's own mathematics, which overflows where it must not matter.
EACH: dict[str, tuple[Activation, Callable[[float], float]]] = {
    "relu": (relu, lambda x: max(x, 0.0)),
    "leaky_relu": (leaky_relu, lambda x: x if x >= 0 else 0.01 * x),
    "leaky_relu 0.2": (lambda x: leaky_relu(x, 0.2), lambda x: x if x >= 0 else 0.2 * x),
    "prelu": (lambda x: prelu(x, Tensor([0.25])), lambda x: x if x >= 0 else 0.25 * x),
    "elu": (elu, lambda x: x if x > 0 else math.exp(x) - 1),
    "elu 0.5": (lambda x: elu(x, 0.5), lambda x: x if x > 0 else 0.5 * (math.exp(x) - 1)),
    "celu 2": (lambda x: celu(x, 2), lambda x: max(0.0, x) + min(0.0, 2 * (math.exp(min(x, 0) / 2) - 1))),
    "selu": (selu, lambda x: 1.0507009873554805 * (x if x > 0 else 1.6732632423543772 * (math.exp(x) - 1))),
    "thresholded_relu": (thresholded_relu, lambda x: x if x > 1 else 0.0),
    "hard_sigmoid": (hard_sigmoid, lambda x: min(max(0.2 * x + 0.5, 0.0), 1.0)),
    "hard_sigmoid 1, 0": (lambda x: hard_sigmoid(x, 1, 0), lambda x: min(max(x, 0.0), 1.0)),
    "hard_swish": (hard_swish, lambda x: x * min(max(x / 6 + 0.5, 0.0), 1.0)),
    "sigmoid": (sigmoid, lambda x: (1 + math.tanh(x / 2)) / 2),
    "log_sigmoid": (log_sigmoid, lambda x: -math.log1p(math.exp(-abs(x))) + min(x, 0)),
    "tanh": (tanh, math.tanh),
    "softplus": (softplus, lambda x: math.log1p(math.exp(-abs(x))) + max(x, 0)),
    "softplus 3": (lambda x: softplus(x, 3), lambda x: math.log1p(math.exp(-abs(3 * x))) / 3 + max(x, 0)),
    "softsign": (softsign, lambda x: x / (1 + abs(x))),
    "silu": (silu, lambda x: x * (1 + math.tanh(x / 2)) / 2),
    "mish": (mish, lambda x: x * math.tanh(math.log1p(math.exp(-abs(x))) + max(x, 0))),
    "gelu": (gelu, lambda x: x * math.erfc(-x / math.sqrt(2)) / 2),
    "gelu tanh": (
        lambda x: gelu(x, approximate="tanh"),
        lambda x: x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
    ),
}
KINKS = {
    "relu": (0,), "leaky_relu": (0,), "leaky_relu 0.2": (0,), "prelu": (0,), "elu": (0,), "elu 0.5": (0,),
    "celu 2": (0,), "selu": (0,), "thresholded_relu": (1,), "hard_sigmoid": (-2.5, 2.5), "hard_sigmoid 1, 0": (0, 1),
    "hard_swish": (-3, 3), "softsign": (0,),
}  # fmt: skip
ALONG: dict[str, Callable[..., Tensor]] = {
    "softmax": softmax, "softmin": softmin, "log_softmax": log_softmax, "quiet_softmax": quiet_softmax,
    "logsumexp": logsumexp,
}  # fmt: skip


def points(name: str) -> np.ndarray[Any, Any]:
    x = np.concatenate([np.linspace(-4, 4, 33), [-1e4, -100.0, -30.0, 30.0, 100.0, 1e4]])
    return np.array([each for each in x if all(abs(each - kink) > 0.01 for kink in KINKS.get(name, ()))])


@pytest.mark.parametrize("name", EACH)
def test_values_by_another_formula(name: str) -> None:
    function, reference = EACH[name]
    x = np.concatenate([np.linspace(-4, 4, 33), [-1e4, -100.0, -30.0, 30.0, 100.0, 1e4]])
    expected = np.array([reference(each) for each in x.tolist()])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(function(Tensor(x, FLOAT64)).numpy(), expected, rtol=1e-12, atol=1e-14)
        single = function(Tensor(x)).numpy()
    assert single.dtype == np.float32
    np.testing.assert_allclose(single, expected, rtol=1e-5, atol=3e-7)


@pytest.mark.parametrize("name", EACH)
def test_slopes_up_to_second_order(name: str) -> None:
    x = points(name)
    report = check_gradients(EACH[name][0], x[np.abs(x) <= 4], order=2)
    assert report.checked > 50 and report.skipped == 0


@pytest.mark.parametrize("name", EACH)
def test_slopes_are_finite_far_out(name: str) -> None:
    for dtype in (np.float32, np.float64):
        x = Tensor([-1e4, -100.0, 100.0, 1e4], NdArray(dtype=dtype))
        with np.errstate(over="raise", invalid="raise", divide="raise"):
            first = grad(lambda x: EACH[name][0](x).sum())(x)
            second = grad(lambda x: grad(lambda x: EACH[name][0](x).sum())(x).sum())(x)
        assert np.isfinite(first.numpy()).all() and np.isfinite(second.numpy()).all()
        left, right = (EACH[name][1](1e4 * sign + 1) - EACH[name][1](1e4 * sign - 1) for sign in (-1, 1))
        np.testing.assert_allclose(first.numpy()[[0, -1]], [left / 2, right / 2], atol=1e-6)


@pytest.mark.parametrize(
    ("function", "at", "slope"),
    [
        (relu, 0.0, 0.0),
        (leaky_relu, 0.0, 1.0),
        (elu, 0.0, 1.0),
        (lambda x: elu(x, 0.5), 0.0, 0.5),
        (celu, 0.0, 1.0),
        (thresholded_relu, 1.0, 0.0),
        (hard_sigmoid, 2.5, 0.2),
        (hard_sigmoid, -2.5, 0.2),
        (softsign, 0.0, 1.0),
        (gelu, 0.0, 0.5),
        (lambda x: gelu(x, "tanh"), 0.0, 0.5),
        (silu, 0.0, 0.5),
        (mish, 0.0, 0.6),
        (log_sigmoid, 0.0, 0.5),
    ],
)
def test_slopes_at_their_kinks_and_at_0(function: Activation, at: float, slope: float) -> None:
    assert grad(function)(at).item() == pytest.approx(slope, rel=1e-6)


def test_gelu_has_its_own_slope_and_not_that_of_the_tanh_form() -> None:
    x = Tensor(np.linspace(-3, 3, 13), FLOAT64)
    exact = x.numpy() * np.exp(-(x.numpy() ** 2) / 2) / math.sqrt(2 * math.pi)
    exact += [math.erfc(-each / math.sqrt(2)) / 2 for each in x.numpy().tolist()]
    np.testing.assert_allclose(grad(lambda x: gelu(x).sum())(x).numpy(), exact, rtol=1e-12)


def test_prelu_has_a_slope_for_each_channel() -> None:
    x, alpha = np.array([[[-1.0, 2.0], [-3.0, 4.0]]]), np.array([0.5, 0.1])
    np.testing.assert_allclose(prelu(x, alpha).numpy(), [[[-0.5, 2.0], [-0.3, 4.0]]], rtol=1e-6)
    assert check_gradients(prelu, x, alpha).checked > 10
    assert check_gradients(prelu, x, np.array([0.5])).checked > 9


@pytest.mark.parametrize("axis", [0, 1, -1, -2])
@pytest.mark.parametrize("name", ALONG)
def test_shares_along_an_axis(name: str, axis: int) -> None:
    x = np.random.default_rng(1).normal(size=(3, 4)) * 2
    sums = np.exp(x).sum(axis, keepdims=True)
    expected = {
        "softmax": np.exp(x) / sums,
        "softmin": np.exp(-x) / np.exp(-x).sum(axis, keepdims=True),
        "log_softmax": x - np.log(sums),
        "quiet_softmax": np.exp(x) / (1 + sums),
        "logsumexp": np.log(sums).squeeze(axis),
    }[name]
    got = ALONG[name](Tensor(x, FLOAT64), axis)
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12)
    assert check_gradients(lambda x: ALONG[name](x, axis), x).checked > 20


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_shares_of_numbers_of_any_size(dtype: Any) -> None:
    x = Tensor([[1e4, 1e4], [-1e4, -1e4], [1e4, -1e4], [-60.0, -61.0]], NdArray(dtype=dtype))
    half, near = 0.5, 1 / (1 + math.exp(-1))
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(softmax(x, 1).numpy(), [[half] * 2, [half] * 2, [1, 0], [near, 1 - near]], rtol=1e-6)
        np.testing.assert_allclose(softmax(x.T, 0).numpy(), softmax(x, 1).numpy().T, rtol=1e-6)
        logs = log_softmax(x, 1).numpy()
        np.testing.assert_allclose(logs[:3], [[-math.log(2)] * 2, [-math.log(2)] * 2, [0, -2e4]], rtol=1e-6)
        np.testing.assert_allclose(logsumexp(x, 1).numpy()[:3], [1e4 + math.log(2), math.log(2) - 1e4, 1e4], rtol=1e-6)
        quiet = quiet_softmax(x, 1).numpy()
        np.testing.assert_allclose(quiet[:3], [[half] * 2, [0] * 2, [1, 0]], rtol=1e-6)
        np.testing.assert_allclose(quiet[3], 0, atol=1e-25)


def test_quiet_softmax_can_keep_quiet() -> None:
    """exp(x) / (1 + sum exp(x)), whatever is subtracted for stability."""
    x = np.array([1.0, 7.0])
    expected = np.exp(x) / (1 + np.exp(x).sum())
    np.testing.assert_allclose(quiet_softmax(Tensor(x, FLOAT64), 0).numpy(), expected, rtol=1e-12)


def test_a_softmax_of_one_is_1_to_the_bit() -> None:
    for x in (3.7, -50.0, 80.0):
        assert softmax([x], 0).item() == 1
        assert log_softmax([x], 0).item() == 0


def test_nothing_but_infinities() -> None:
    x = Tensor([[-math.inf, -math.inf], [-math.inf, 1.0]])
    assert softmax(x, 1).numpy().tolist() == [[0, 0], [0, 1]]
    assert log_softmax(x, 1).numpy().tolist() == [[-math.inf, -math.inf], [-math.inf, 0]]
    assert logsumexp(x, 1).numpy().tolist() == [-math.inf, 1]
    assert grad(lambda x: logsumexp(x, 1)[1])(x).numpy().tolist() == [[0, 0], [0, 1]]
    assert np.isnan(softmax(Tensor([math.nan, 1.0]), 0).numpy()).all()


def test_logsumexp_over_several_axes() -> None:
    x = np.random.default_rng(1).normal(size=(2, 3, 4))
    for axis in (None, (0, 2), (-1,), ()):
        got = logsumexp(Tensor(x, FLOAT64), axis, keepdims=True)
        np.testing.assert_allclose(got.numpy(), np.log(np.exp(x).sum(axis, keepdims=True)), rtol=1e-12)
    assert logsumexp(3).dtype == np.float32 and logsumexp(3).item() == 3


@pytest.mark.parametrize("name", EACH)
@pytest.mark.parametrize("given", [[-1.0, 2.0], [-1, 2], 2.0, 2, np.array([-1.0, 2.0])])
def test_lists_numbers_and_ints_are_tensors(name: str, given: Any) -> None:
    function = EACH[name][0]
    got = function(given)
    assert isinstance(got, Tensor)
    assert got.dtype == np.float32 or (name in ("relu", "thresholded_relu") and got.dtype == np.int64)
    np.testing.assert_allclose(got.numpy(), function(Tensor(np.asarray(given, np.float64))).numpy(), rtol=1e-6)


@pytest.mark.parametrize("name", [*EACH, *ALONG])
def test_empty_tensors_and_long_ones(name: str) -> None:
    """Long ones are worked through in pieces."""
    function = EACH[name][0] if name in EACH else lambda x: ALONG[name](x, -1)
    assert function(Tensor(np.zeros((0, 3)))).size == 0
    x = np.random.default_rng(1).normal(size=(600, 1024)).astype(np.float32)
    long = Tensor(x).require_grad()
    value = function(long)
    g = long.grad(value.sum().backward())
    part = Tensor(x[190:200]).require_grad()
    few = function(part)
    np.testing.assert_allclose(value.numpy()[190:200], few.numpy(), rtol=1e-6, atol=1e-7)
    np.testing.assert_allclose(g.numpy()[190:200], part.grad(few.sum().backward()).numpy(), rtol=1e-5, atol=1e-6)


def test_every_name_is_tried_here() -> None:
    tried = {name.split()[0] for name in (*EACH, *ALONG)}
    assert tried == set(activation.__all__)
