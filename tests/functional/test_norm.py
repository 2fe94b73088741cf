"""Norms as functions: their statistics, gradients, and numbers with a large mean."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import NdArray
from minigrad.functional import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from minigrad.testing import check_gradients

WIDE = NdArray(dtype=np.float64)
RNG = np.random.default_rng(0)
X = RNG.normal(1, 2, (3, 6, 2, 4))
GAMMA, BETA = RNG.normal(size=6), RNG.normal(size=6)
PER_CHANNEL = (GAMMA.reshape(6, 1, 1), BETA.reshape(6, 1, 1))


def by_hand(x: Any, axis: tuple[int, ...], gamma: Any = 1.0, beta: Any = 0.0, epsilon: float = 1e-5) -> Any:
    mean, var = x.mean(axis, keepdims=True), x.var(axis, keepdims=True)
    return (x - mean) / np.sqrt(var + epsilon) * gamma + beta


CASES: dict[str, tuple[Callable[..., Tensor], tuple[Any, ...], Any]] = {
    "layer": (layer_norm, (X.swapaxes(1, 3), GAMMA, BETA), by_hand(X.swapaxes(1, 3), (3,), GAMMA, BETA)),
    "layer of a vector": (layer_norm, (X[0, :, 0, 0], GAMMA, BETA), by_hand(X[0, :, 0, 0], (0,), GAMMA, BETA)),
    "layer, plain": (layer_norm, (X,), by_hand(X, (3,))),
    "batch": (batch_norm, (X, GAMMA, BETA), by_hand(X, (0, 2, 3), *PER_CHANNEL)),
    "batch of rows": (batch_norm, (X[:, :, 0, 0], GAMMA, BETA), by_hand(X[:, :, 0, 0], (0,), GAMMA, BETA)),
    "batch, plain": (batch_norm, (X,), by_hand(X, (0, 2, 3))),
    "group": (
        lambda x, gamma, beta: group_norm(x, 2, gamma, beta),
        (X, GAMMA, BETA),
        by_hand(X.reshape(3, 2, 3, 2, 4), (2, 3, 4)).reshape(X.shape) * PER_CHANNEL[0] + PER_CHANNEL[1],
    ),
    "instance": (instance_norm, (X, GAMMA, BETA), by_hand(X, (2, 3), *PER_CHANNEL)),
    "rms": (
        rms_norm,
        (X.swapaxes(1, 3), GAMMA),
        X.swapaxes(1, 3) / np.sqrt((X.swapaxes(1, 3) ** 2).mean(-1, keepdims=True) + 1e-5) * GAMMA,
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_by_hand(name: str) -> None:
    function, arguments, expected = CASES[name]
    got = function(*(Tensor(a, WIDE) for a in arguments))
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-12, atol=1e-12)
    single = function(*map(Tensor, arguments))
    assert single.dtype == np.float32
    np.testing.assert_allclose(single.numpy(), expected, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("name", CASES)
def test_gradients_up_to_second_order(name: str) -> None:
    function, arguments, _ = CASES[name]
    report = check_gradients(function, *arguments, samples=12)
    assert report.checked >= 12 and report.skipped == 0


def test_inference_by_given_statistics() -> None:
    mean, var = RNG.normal(size=6), RNG.random(6) + 0.5
    got = batch_norm(Tensor(X, WIDE), GAMMA, BETA, mean, var)
    expected = (X - mean.reshape(6, 1, 1)) / np.sqrt(var.reshape(6, 1, 1) + 1e-5) * PER_CHANNEL[0] + PER_CHANNEL[1]
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-6)  # arrays beside a tensor take its device's float32
    assert check_gradients(batch_norm, X[:, :, 0], GAMMA, BETA, mean, var, samples=12).checked > 24
    plain = batch_norm(Tensor(X, WIDE), mean=Tensor(mean, WIDE), var=Tensor(var, WIDE))
    np.testing.assert_allclose(
        plain.numpy(), (X - mean.reshape(6, 1, 1)) / np.sqrt(var.reshape(6, 1, 1) + 1e-5), rtol=1e-12
    )


@pytest.mark.parametrize("function", [layer_norm, rms_norm, instance_norm])
def test_numbers_with_a_large_mean(function: Callable[..., Tensor]) -> None:
    """A mean of float32 has lost digits that its spread has not."""
    x = 1e4 + RNG.normal(size=(4, 3, 200))
    x = x.astype(np.float32).astype(np.float64)  # what float32 holds of it
    exact = function(Tensor(x, WIDE)).numpy()
    assert np.max(np.abs(function(Tensor(x)).numpy() - exact)) < 2e-5


def test_equal_numbers_are_0_to_the_bit_nearly() -> None:
    """What rounding leaves in the mean of 0.1, ... is not blown up by 1 / sqrt(epsilon)."""
    for value in (0.1, 1234.567, 1e4):
        x = Tensor(np.full((5, 7, 130), value))
        for function in (layer_norm, batch_norm, instance_norm):
            assert np.max(np.abs(function(x).numpy())) < 1e-4 * value


@pytest.mark.parametrize("name", ["layer", "batch", "rms", "group"])
def test_large_inputs_are_worked_through_in_pieces(name: str) -> None:
    x = RNG.normal(size=(900, 6, 10, 10)).astype(np.float32)
    function = {
        "layer": layer_norm,
        "batch": batch_norm,
        "rms": rms_norm,
        "group": lambda *a: group_norm(a[0], 2, *a[1:]),
    }[name]
    weights = [GAMMA, BETA] if name in ("batch", "group") else [RNG.normal(size=10), RNG.normal(size=10)]
    weights = weights[:1] if name == "rms" else weights
    g = RNG.normal(size=x.shape).astype(np.float32)
    found = {}
    for dtype in (np.float32, np.float64):
        leaves = [Tensor(a, NdArray(dtype=dtype)).require_grad() for a in (x, *weights)]
        y = function(*leaves)
        grads = y.backward(g)
        found[dtype] = [y.numpy(), *(leaf.grad(grads).numpy() for leaf in leaves)]
    for single, double in zip(*found.values()):
        np.testing.assert_allclose(single, double, rtol=1e-3, atol=1e-4 * np.max(np.abs(double)))
