"""Cross-entropy as a function: by hand, of any logits, weighted, and its gradients."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor, grad
from minigrad.backend import NdArray
from minigrad.functional import cross_entropy, cross_entropy_each, cross_entropy_with_logits
from minigrad.testing import check_gradients

WIDE = NdArray(dtype=np.float64)
RNG = np.random.default_rng(0)
LOGITS, TARGETS = RNG.normal(size=(4, 3)) * 2, np.array([2, 0, 1, 2])


def by_hand(x: Any, targets: Any) -> Any:
    return np.array([np.log(np.sum(np.exp(row - row[t]))) for row, t in zip(x, targets)])


def test_by_hand() -> None:
    got = cross_entropy(Tensor(LOGITS, WIDE), Tensor(TARGETS))
    assert got.shape == () and got.item() == pytest.approx(by_hand(LOGITS, TARGETS).mean(), rel=1e-14)
    each = cross_entropy_each(Tensor(LOGITS, WIDE), Tensor(TARGETS))
    np.testing.assert_allclose(each.numpy(), by_hand(LOGITS, TARGETS), rtol=1e-13)


def test_weights_make_a_weighted_mean() -> None:
    weights = np.array([1.0, 3.0, 0.5])
    w, each = weights[TARGETS], by_hand(LOGITS, TARGETS)
    got = cross_entropy(Tensor(LOGITS, WIDE), Tensor(TARGETS), Tensor(weights, WIDE))
    assert got.item() == pytest.approx((w * each).sum() / w.sum(), rel=1e-13)
    targets = Tensor(TARGETS)
    assert check_gradients(lambda x, w: cross_entropy(x, targets, w), LOGITS, weights).checked == 30


def test_more_axes_are_more_rows() -> None:
    x, t = LOGITS.reshape(2, 2, 3), TARGETS.reshape(2, 2)
    assert cross_entropy_each(Tensor(x), Tensor(t)).shape == (2, 2)
    assert cross_entropy(Tensor(x, WIDE), Tensor(t)).item() == pytest.approx(by_hand(LOGITS, TARGETS).mean(), rel=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_logits_of_any_size(dtype: Any) -> None:
    x = Tensor([[1e4, -1e4], [1e4, -1e4], [0.0, -20.0], [-80.0, -81.0], [100.0, 0.0]], NdArray(dtype=dtype))
    targets = Tensor([0, 1, 0, 0, 1])
    expected = [0, 2e4, math.log1p(math.exp(-20)), math.log1p(math.exp(-1)), 100]
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        each = cross_entropy_each(x, targets)
        slopes = grad(lambda x: cross_entropy_each(x, targets).sum())(x).numpy()
    np.testing.assert_allclose(each.numpy(), expected, rtol=1e-6, atol=1e-8)
    near = 1 / (1 + math.exp(1))
    np.testing.assert_allclose(slopes, [[0, 0], [1, -1], [0, 0], [-near, near], [1, -1]], rtol=1e-5, atol=1e-8)


def test_a_loss_is_never_negative() -> None:
    x = (RNG.normal(size=(500, 10)) * 20).astype(np.float32)
    each = cross_entropy_each(Tensor(x), Tensor(x.argmax(1))).numpy()
    assert each.min() >= 0
    np.testing.assert_allclose(each, by_hand(x.astype(np.float64), x.argmax(1)), rtol=1e-5, atol=2e-7)


def test_the_gradients_of_a_row_add_up_to_0() -> None:
    x = Tensor(LOGITS).require_grad()
    loss = cross_entropy(x, Tensor(TARGETS))
    g = x.grad(loss.backward())
    assert g is not None
    np.testing.assert_allclose(g.numpy().sum(1), 0, atol=1e-7)
    again = x.grad(loss.backward())
    assert again is not None and (again.numpy() == g.numpy()).all()  # a second walk finds nothing overwritten


def test_gradients_up_to_third_order() -> None:
    targets = Tensor(TARGETS)
    assert check_gradients(lambda x: cross_entropy(x, targets), LOGITS, order=3).checked == 36


def test_distributions_as_targets() -> None:
    p = RNG.random((4, 3))
    p /= p.sum(1, keepdims=True)
    logs = LOGITS - np.log(np.exp(LOGITS).sum(1, keepdims=True))
    got = cross_entropy_with_logits(Tensor(LOGITS, WIDE), Tensor(p, WIDE))
    assert got.item() == pytest.approx(-(logs * p).sum(1).mean(), rel=1e-13)
    one_hot = Tensor(np.eye(3)[TARGETS], WIDE)
    same = cross_entropy(Tensor(LOGITS, WIDE), Tensor(TARGETS)).item()
    assert cross_entropy_with_logits(Tensor(LOGITS, WIDE), one_hot).item() == pytest.approx(same, rel=1e-13)
