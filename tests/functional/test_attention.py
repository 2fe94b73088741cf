"""Attention as a function, masks, and rows of a table."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.activation import softmax
from minigrad.backend import NdArray
from minigrad.functional import embedding, masked_softmax, scaled_dot_product_attention
from minigrad.testing import check_gradients

WIDE = NdArray(dtype=np.float64)
RNG = np.random.default_rng(0)
Q, K, V = RNG.normal(size=(2, 3, 4, 5)), RNG.normal(size=(2, 3, 6, 5)), RNG.normal(size=(2, 3, 6, 7))
CAUSAL = np.triu(np.ones((4, 6), bool), 1)
SOME = RNG.random((2, 1, 4, 6)) < 0.4


def by_hand(q: Any, k: Any, v: Any, mask: Any = None, scale: float = 1 / math.sqrt(5)) -> Any:
    out = np.zeros((*q.shape[:-1], v.shape[-1]))
    hidden = np.zeros((*q.shape[:-1], k.shape[-2]), bool) if mask is None else np.broadcast_to(mask, (*q.shape[:-1], 6))
    for place in np.ndindex(q.shape[:-1]):
        lead, seen = place[:-1], ~hidden[place]
        e = np.exp(k[lead][seen] @ q[place] * scale)
        if seen.any():
            out[place] = e @ v[lead][seen] / e.sum()
    return out


@pytest.mark.parametrize("mask", [None, CAUSAL, SOME, np.ones((4, 6), bool)])
def test_by_hand(mask: Any) -> None:
    got = scaled_dot_product_attention(Tensor(Q, WIDE), Tensor(K, WIDE), Tensor(V, WIDE), mask)
    np.testing.assert_allclose(got.numpy(), by_hand(Q, K, V, mask), rtol=1e-12, atol=1e-14)
    masks = None if mask is None else Tensor(mask)
    single = scaled_dot_product_attention(Tensor(Q), Tensor(K), Tensor(V), masks)
    assert single.dtype == np.float32
    np.testing.assert_allclose(single.numpy(), by_hand(Q, K, V, mask), rtol=1e-5, atol=1e-6)


def test_a_scale_of_ones_own() -> None:
    got = scaled_dot_product_attention(Tensor(Q, WIDE), Tensor(K, WIDE), Tensor(V, WIDE), scale=np.float64(0.3))
    np.testing.assert_allclose(got.numpy(), by_hand(Q, K, V, scale=0.3), rtol=1e-12)
    assert scaled_dot_product_attention(Tensor(Q), Tensor(K), Tensor(V), scale=np.float64(0.3)).dtype == np.float32


@pytest.mark.parametrize("mask", [None, CAUSAL, SOME])
def test_gradients_up_to_second_order(mask: Any) -> None:
    report = check_gradients(lambda *x: scaled_dot_product_attention(*x, mask), Q, K, V, samples=12)
    assert report.checked == 72


def test_heads_that_are_views_and_keys_that_are_shared() -> None:
    """[batch, length, heads, size] with its axes swapped; one set of keys for all heads."""
    x = RNG.normal(size=(2, 4, 3, 5))
    q = Tensor(x, WIDE).permute_dims((0, 2, 1, 3))
    shared = scaled_dot_product_attention(q, Tensor(K[:, :1], WIDE), Tensor(V[:, :1], WIDE))
    for head in range(3):
        alone = scaled_dot_product_attention(q[:, head], Tensor(K[:, 0], WIDE), Tensor(V[:, 0], WIDE))
        np.testing.assert_allclose(shared.numpy()[:, head], alone.numpy(), rtol=1e-12)
    assert check_gradients(scaled_dot_product_attention, Q, K[:, :1], V[:1, :1], samples=10).checked == 60


def test_scores_of_any_size() -> None:
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        got = scaled_dot_product_attention(Tensor(Q * 1e4), Tensor(K * 1e4), Tensor(V), CAUSAL)
    assert np.isfinite(got.numpy()).all()


def test_what_is_hidden_has_no_share_whatever_it_is() -> None:
    k, v = K.copy(), V.copy()
    k[..., 5, :], v[..., 5, :] = 1e30, 1e30
    mask = np.arange(6) == 5
    args = [Tensor(a).require_grad() for a in (Q, k, v)]
    y = scaled_dot_product_attention(*args, mask)
    np.testing.assert_allclose(y.numpy(), by_hand(Q, K, V, mask), rtol=1e-5, atol=1e-6)
    grads = y.sum().backward()
    assert (args[1].grad(grads).numpy()[..., 5, :] == 0).all() and (args[2].grad(grads).numpy()[..., 5, :] == 0).all()


def test_a_fill_that_is_finite_is_as_a_score() -> None:
    x, mask = RNG.normal(size=(3, 4)), np.array([[True, False, True, False]])
    got = masked_softmax(Tensor(x, WIDE), mask, fill=-2.0)
    np.testing.assert_allclose(got.numpy(), softmax(Tensor(np.where(mask, -2.0, x), WIDE), 1).numpy(), rtol=1e-12)
    all_hidden = masked_softmax(Tensor(x), np.ones((3, 4), bool), fill=-1e4)
    np.testing.assert_allclose(all_hidden.numpy(), 0.25)
    assert check_gradients(lambda x: masked_softmax(x, mask, -2.0), x).checked == 24


def test_no_keys_and_no_queries() -> None:
    none = scaled_dot_product_attention(Tensor(Q), Tensor(K[..., :0, :]), Tensor(V[..., :0, :]))
    assert none.shape == (2, 3, 4, 7) and not none.numpy().any()
    assert scaled_dot_product_attention(Tensor(Q[..., :0, :]), Tensor(K), Tensor(V)).shape == (2, 3, 0, 7)


# --- embedding --------------------------------------------------------------------------------------------------------


def test_rows_by_number_and_what_adds_up() -> None:
    weight = Tensor(np.arange(6.0).reshape(3, 2)).require_grad()
    y = embedding(weight, Tensor([[0, 2], [2, 2]]))
    assert y.numpy().tolist() == [[[0, 1], [4, 5]], [[4, 5], [4, 5]]]
    g = weight.grad(y.backward(np.arange(8.0).reshape(2, 2, 2)))
    assert g is not None and g.numpy().tolist() == [[0, 1], [0, 0], [2 + 4 + 6, 3 + 5 + 7]]
    indices = np.array([[2, 0], [2, 1]])
    assert check_gradients(lambda w: embedding(w, indices), RNG.normal(size=(3, 2))).checked == 12


def test_no_rows() -> None:
    assert embedding(Tensor(np.zeros((3, 2))), Tensor(np.zeros((0,), np.int64))).shape == (0, 2)
