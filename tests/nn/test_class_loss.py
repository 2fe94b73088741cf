"""Losses of classes, errors and counts: Burn's formulas and numbers."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor, grad
from minigrad.activation import log_softmax, softmax
from minigrad.backend import NdArray
from minigrad.functional import cross_entropy_with_logits
from minigrad.nn.loss import (
    CrossEntropyLoss,
    CrossEntropyLossConfig,
    HuberLossConfig,
    PoissonNllLossConfig,
    Reduction,
)
from minigrad.testing import check_gradients

WIDE = NdArray(dtype=np.float64)
RNG = np.random.default_rng(0)
LOGITS = RNG.normal(size=(4, 5))
TARGETS = Tensor([2, 0, 4, 1])
ONE_HOT = np.eye(5)[[2, 0, 4, 1]]
WEIGHTS = [1.0, 2.0, 3.0, 4.0, 5.0]
LOGS = LOGITS - np.log(np.exp(LOGITS).sum(1, keepdims=True))


def loss(logits: Any = LOGITS, targets: Tensor = TARGETS, **config: Any) -> float:
    return CrossEntropyLossConfig(**config).init()(Tensor(logits, WIDE), targets).item()


def test_it_is_the_mean_of_minus_log_p() -> None:
    assert loss() == pytest.approx(-(LOGS * ONE_HOT).sum(1).mean(), rel=1e-12)
    assert loss() == pytest.approx(cross_entropy_with_logits(Tensor(LOGITS, WIDE), Tensor(ONE_HOT, WIDE)).item())
    assert CrossEntropyLoss()(Tensor(LOGITS), TARGETS).shape == ()


def test_weights() -> None:
    expected = -(LOGS * ONE_HOT * WEIGHTS).sum() / (1 + 2 + 3 + 5)
    assert loss(weights=WEIGHTS) == pytest.approx(expected, rel=1e-6)
    assert loss(weights=WEIGHTS, smoothing=0.0) == pytest.approx(expected, rel=1e-6)


def test_smoothing() -> None:
    smoothed = ONE_HOT * 0.95 + 0.05 / 5
    assert smoothed[0].tolist() == pytest.approx([0.01, 0.01, 0.96, 0.01, 0.01])
    assert loss(smoothing=0.05) == pytest.approx(-(LOGS * smoothed).sum(1).mean(), rel=1e-12)
    expected = -(LOGS * smoothed * WEIGHTS).sum() / (1 + 2 + 3 + 5)
    assert loss(weights=WEIGHTS, smoothing=0.05) == pytest.approx(expected, rel=1e-6)


def test_padded_rows_count_as_0() -> None:
    """Divided by all rows, and by all weights, padded ones too."""
    kept = np.array([0, 1, 1, 0])[:, None]
    assert loss(pad_tokens=[1, 2]) == pytest.approx(-(LOGS * ONE_HOT * kept).sum() / 4, rel=1e-12)
    expected = -(LOGS * ONE_HOT * WEIGHTS * kept).sum() / (1 + 2 + 3 + 5)
    assert loss(pad_tokens=[1, 2], weights=WEIGHTS) == pytest.approx(expected, rel=1e-6)
    smoothed = ONE_HOT * 0.95 + 0.05 / 5
    assert loss(pad_tokens=[1, 2], smoothing=0.05) == pytest.approx(-(LOGS * smoothed * kept).sum() / 4, rel=1e-12)


def test_a_pad_token_need_not_be_a_class() -> None:
    targets = Tensor([2, -100, 4, 9])
    kept = np.array([1, 0, 1, 0])[:, None]
    assert loss(targets=targets, pad_tokens=[-100, 9]) == pytest.approx(-(LOGS * ONE_HOT * kept).sum() / 4, rel=1e-12)
    x = Tensor(LOGITS).require_grad()
    value = CrossEntropyLossConfig(pad_tokens=[-100, 9]).init()(x, targets)
    g = x.grad(value.backward())
    assert g is not None and not g.numpy()[[1, 3]].any() and g.numpy()[[0, 2]].all()


def test_probabilities() -> None:
    """Burn 0.17 takes them for logits unless smoothing is set."""
    p = softmax(Tensor(LOGITS, WIDE), 1)
    for config in ({}, {"weights": WEIGHTS}, {"smoothing": 0.1}):
        of_p = CrossEntropyLossConfig(**config, logits=False).init()(p, TARGETS).item()
        assert of_p == pytest.approx(loss(**config), rel=1e-12)
    sure = Tensor([[0.0, 1.0], [1.0, 0.0]]).require_grad()
    value = CrossEntropyLossConfig(logits=False).init()(sure, Tensor([0, 0]))
    assert value.item() == 50
    g = sure.grad(value.backward())
    assert g is not None and np.isfinite(g.numpy()).all()


def test_texts_of_several_positions() -> None:
    x, t = LOGITS.reshape(2, 2, 5), Tensor(TARGETS.numpy().reshape(2, 2))
    for config in ({}, {"pad_tokens": [1]}, {"weights": WEIGHTS, "smoothing": 0.2}):
        assert loss(x, t, **config) == pytest.approx(loss(**config), rel=1e-12)


@pytest.mark.parametrize(
    "config",
    [{}, {"weights": WEIGHTS}, {"smoothing": 0.1}, {"pad_tokens": [4]}, {"weights": WEIGHTS, "smoothing": 0.1}],
)
def test_gradients(config: Any) -> None:
    layer = CrossEntropyLossConfig(**config).init()
    assert check_gradients(lambda x: layer(x, TARGETS), LOGITS).checked == 40


def test_it_prints_as_burn_prints_it() -> None:
    assert str(CrossEntropyLossConfig(weights=[3.0, 7.0, 0.9], smoothing=0.5).init()) == (
        "CrossEntropyLoss {pad_tokens: None, weights: Tensor {rank: 1, shape: [3]}, smoothing: 0.5, logits: true}"
    )
    assert str(CrossEntropyLossConfig(pad_tokens=[0, 1]).init()) == (
        "CrossEntropyLoss {pad_tokens: Vec<0..2>, weights: None, smoothing: None, logits: true}"
    )


def test_log_softmax_is_what_is_picked_from() -> None:
    np.testing.assert_allclose(log_softmax(Tensor(LOGITS, WIDE), 1).numpy(), LOGS, rtol=1e-12)


# --- Huber ------------------------------------------------------------------------------------------------------------


def test_huber_by_burns_numbers() -> None:
    x, t = Tensor([-2.0, -0.5, 0.0, 0.3, 1.0]), Tensor(np.zeros(5))
    layer = HuberLossConfig(0.5).init()
    np.testing.assert_allclose(layer.forward_no_reduction(x, t).numpy(), [0.875, 0.125, 0.0, 0.045, 0.375], rtol=1e-6)
    assert layer(x, t).item() == pytest.approx(0.284)
    assert layer(x, t, Reduction.Sum).item() == pytest.approx(1.42)
    slopes = grad(lambda x: layer(x, t, Reduction.Sum))(x)
    np.testing.assert_allclose(slopes.numpy(), [-0.5, -0.5, 0, 0.3, 0.5], rtol=1e-6)
    assert str(layer) == "HuberLoss {delta: 0.5, lin_bias: 0.125}"


def test_huber_of_large_errors_and_of_delta_0() -> None:
    x, t = Tensor([1e8, -1e8]), Tensor([0.0, 0.0])
    np.testing.assert_allclose(HuberLossConfig(0.5).init().forward_no_reduction(x, t).numpy(), 5e7, rtol=1e-6)
    assert not HuberLossConfig(0.0).init().forward_no_reduction(x, t).numpy().any()
    assert check_gradients(HuberLossConfig(1.0).init(), np.array([0.3, -2.0, 4.0]), np.zeros(3)).checked == 12


# --- counts -----------------------------------------------------------------------------------------------------------


def test_poisson_by_its_formula() -> None:
    x, t = np.array([0.1, -0.5, 1.5, 2.0]), np.array([0.0, 1.0, 3.0, 12.0])
    stirling = [t * math.log(t) - t + 0.5 * math.log(2 * math.pi * t) if t > 1 else 0.0 for t in t.tolist()]
    logs, rates = PoissonNllLossConfig().init(), PoissonNllLossConfig(log_input=False).init()
    expected = np.exp(x) - t * x
    np.testing.assert_allclose(
        logs.forward_no_reduction(Tensor(x, WIDE), Tensor(t, WIDE)).numpy(), expected, rtol=1e-12
    )
    full = PoissonNllLossConfig(full=True).init()
    assert full(Tensor(x, WIDE), Tensor(t, WIDE)).item() == pytest.approx((expected + stirling).mean(), rel=1e-12)
    y = np.exp(x)
    np.testing.assert_allclose(
        rates.forward_no_reduction(Tensor(y, WIDE), Tensor(t, WIDE)).numpy(), y - t * np.log(y + 1e-8), rtol=1e-12
    )
    assert logs(Tensor(x), Tensor([0, 1, 3, 12]), Reduction.Sum).item() == pytest.approx(expected.sum(), rel=1e-5)
    assert str(logs) == "PoissonNllLoss {log_input: true, full: false, eps: 0.00000001}"


def test_poisson_gradients() -> None:
    x, t = np.array([0.1, -0.5, 1.5]), np.array([0.0, 2.0, 3.0])
    assert check_gradients(lambda x: PoissonNllLossConfig(full=True).init()(x, Tensor(t)), x).checked == 6
    rates = PoissonNllLossConfig(log_input=False).init()
    assert check_gradients(lambda x: rates(x, Tensor(t)), np.exp(x)).checked == 6
    zero = grad(lambda t: PoissonNllLossConfig(full=True).init()(Tensor([0.0]), t))(Tensor([0.0]))
    assert np.isfinite(zero.numpy()).all()
