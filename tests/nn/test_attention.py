"""MultiHeadAttention by hand, its masks and its cache; transformers in both orders of their norms."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.nn import (
    MhaCache,
    MhaInput,
    MultiHeadAttention,
    MultiHeadAttentionConfig,
    PositionWiseFeedForwardConfig,
    TransformerDecoderConfig,
    TransformerDecoderInput,
    TransformerEncoderConfig,
    TransformerEncoderInput,
    generate_autoregressive_mask,
    generate_padding_mask,
)
from minigrad.testing import check_gradients

INFER = NdArray(seed=1, dtype=np.float64)
TRAIN = Autodiff(NdArray(seed=1, dtype=np.float64))
RNG = np.random.default_rng(0)


def drawn(*shape: int) -> Tensor:
    return Tensor(np.random.default_rng(shape).normal(size=shape), INFER)


def mha(device: Any = INFER, **config: Any) -> MultiHeadAttention:
    return MultiHeadAttentionConfig(8, 2, **config).init(device)


def by_hand(layer: MultiHeadAttention, q: Any, k: Any, v: Any, hidden: Any = None) -> tuple[Any, Any]:
    def heads(x: Any, linear: Any) -> Any:
        y = x @ linear.weight.numpy() + linear.bias.numpy()
        return np.moveaxis(y.reshape(*y.shape[:2], 2, 4), 2, 1)

    q, k, v = heads(q, layer.query), heads(k, layer.key), heads(v, layer.value)
    scores = q @ np.swapaxes(k, -1, -2) / math.sqrt(4)
    scores = scores if hidden is None else np.where(hidden, layer.min_float, scores)
    e = np.exp(scores - scores.max(-1, keepdims=True))
    quiet = np.exp(-scores.max(-1, keepdims=True)) if layer.quiet_softmax else 0.0
    weights = e / (quiet + e.sum(-1, keepdims=True))
    context = np.moveaxis(weights @ v, 1, 2).reshape(q.shape[0], -1, 8)
    return weights, context @ layer.output.weight.numpy() + layer.output.bias.numpy()


@pytest.mark.parametrize("config", [{}, {"quiet_softmax": True}, {"min_float": -2.0}])
@pytest.mark.parametrize("masks", ["", "pad", "attn", "pad attn"])
def test_by_hand(config: Any, masks: str) -> None:
    layer = mha(**config)
    q, k, v = drawn(3, 5, 8), drawn(3, 6, 8), drawn(3, 6, 8) * 2
    pad, attn = np.arange(6) >= np.array([[3], [6], [1]]), np.triu(np.ones((3, 5, 6), bool), 2)
    hidden = np.zeros((3, 1, 5, 6), bool)
    hidden |= pad[:, None, None] if "pad" in masks else False
    hidden |= attn[:, None] if "attn" in masks else False
    given = MhaInput(q, k, v, Tensor(pad) if "pad" in masks else None, Tensor(attn) if "attn" in masks else None)
    output = layer(given)
    weights, context = by_hand(layer, q.numpy(), k.numpy(), v.numpy(), hidden)
    np.testing.assert_allclose(output.weights.numpy(), weights, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(output.context.numpy(), context, rtol=1e-9, atol=1e-12)


def test_what_is_hidden_does_not_matter() -> None:
    layer, x = mha(), RNG.normal(size=(2, 5, 8))
    pad = np.zeros((2, 5), bool)
    pad[:, 3:] = True
    changed = x.copy()
    changed[:, 3:] = 100
    first, second = (
        layer(MhaInput(Tensor(x, INFER), Tensor(y, INFER), Tensor(y, INFER), Tensor(pad))).context for y in (x, changed)
    )
    np.testing.assert_array_equal(first.numpy(), second.numpy())


def test_the_whole_text_hidden_is_as_in_burn_and_no_nan() -> None:
    x = drawn(1, 4, 8)
    output = mha()(MhaInput.self_attn(x, mask_pad=Tensor(np.ones((1, 4), bool))))
    np.testing.assert_allclose(output.weights.numpy(), 0.25)


def test_dropout_falls_on_scores_in_training_alone() -> None:
    layer, x = mha(TRAIN, dropout=0.5), drawn(2, 4, 8)
    a, b = (layer(MhaInput.self_attn(x)).context.numpy() for _ in range(2))
    assert (a != b).any()
    twin = layer.valid()
    c, d = (twin(MhaInput.self_attn(Tensor(x, TRAIN))).context.numpy() for _ in range(2))
    assert (c == d).all()
    kept = layer(MhaInput.self_attn(x)).weights.numpy()
    np.testing.assert_allclose(kept.sum(-1), 1, rtol=1e-9)


def test_gradients() -> None:
    layer = mha(TRAIN, dropout=0.0)
    mask = Tensor(np.triu(np.ones((2, 3, 3), bool), 1))

    def context(layer: MultiHeadAttention, x: Tensor) -> Tensor:
        return layer(MhaInput.self_attn(x, mask_attn=mask)).context

    assert check_gradients(context, layer, RNG.normal(size=(2, 3, 8)), samples=6).checked > 80


def test_the_cache_gives_what_the_whole_text_gives() -> None:
    layer, x = mha(), drawn(2, 6, 8)
    whole = layer(MhaInput.self_attn(x, mask_attn=generate_autoregressive_mask(2, 6))).context
    cache = MhaCache.autoregressive()
    for i in range(1, 7):
        mask = generate_autoregressive_mask(2, i)
        part = layer.forward_cache(MhaInput.self_attn(x[:, :i], mask_attn=mask), cache).context
    np.testing.assert_allclose(part.numpy(), whole.numpy(), rtol=1e-9, atol=1e-12)
    memory = drawn(2, 4, 8)
    whole = layer(MhaInput(x, memory, memory)).context
    cache = MhaCache.autoregressive_cross_attention()
    for i in range(1, 7):
        part = layer.forward_cache(MhaInput(x[:, :i], memory, memory), cache).context
    np.testing.assert_allclose(part.numpy(), whole.numpy(), rtol=1e-9, atol=1e-12)


def test_how_it_prints_and_its_record() -> None:
    layer = mha()
    assert str(layer) == (
        "MultiHeadAttention {d_model: 8, n_heads: 2, d_k: 4, dropout: 0.1, min_float: -10000, quiet_softmax: false, "
        "params: 288}"
    )
    assert list(layer.into_record()) == [
        "query", "key", "value", "output", "dropout", "activation", "d_model", "n_heads", "d_k", "min_float",
        "quiet_softmax",
    ]  # fmt: skip


def test_the_config_as_json() -> None:
    text = MultiHeadAttentionConfig(8, 2).to_json()
    assert list(text) == ["d_model", "n_heads", "dropout", "min_float", "quiet_softmax", "initializer"]
    assert MultiHeadAttentionConfig.from_json(text) == MultiHeadAttentionConfig(8, 2)


# --- masks ------------------------------------------------------------------------------------------------------------


def test_masks() -> None:
    mask = generate_autoregressive_mask(2, 3)
    assert mask.shape == (2, 3, 3) and mask.dtype == bool
    assert mask.numpy()[1].tolist() == [[False, True, True], [False, False, True], [False, False, False]]
    tokens = [[3, 3, 3], [3, 3, 3, 4], [3, 3, 3, 4, 10, 15]]
    padded = generate_padding_mask(0, tokens)
    assert padded.tensor.numpy().tolist() == [[3, 3, 3, 0, 0, 0], [3, 3, 3, 4, 0, 0], [3, 3, 3, 4, 10, 15]]
    assert padded.mask.numpy().sum(1).tolist() == [3, 2, 0]
    assert generate_padding_mask(0, tokens, max_seq_length=4).tensor.shape == (3, 4)
    assert generate_padding_mask(0, [[1, 2]], max_seq_length=9).tensor.shape == (1, 2)
    assert generate_padding_mask(0, []).tensor.shape == (0, 0)


# --- transformers -----------------------------------------------------------------------------------------------------


def encoder_by_hand(layer: Any, x: Tensor, norm_first: bool) -> Tensor:
    def attend(y: Tensor) -> Tensor:
        return layer.mha(MhaInput.self_attn(y)).context

    if norm_first:
        x = x + attend(layer.norm_2(x))
        return x + layer.pwff(layer.norm_1(x))
    x = layer.norm_1(x + attend(x))
    return layer.norm_2(x + layer.pwff(x))


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_order_of_an_encoder(norm_first: bool) -> None:
    model = TransformerEncoderConfig(8, 16, 2, 3, norm_first=norm_first).init(INFER)
    x = expected = drawn(2, 5, 8)
    for layer in model.layers:
        expected = encoder_by_hand(layer, expected, norm_first)
    np.testing.assert_allclose(model(TransformerEncoderInput(x)).numpy(), expected.numpy(), rtol=1e-9)


@pytest.mark.parametrize("norm_first", [False, True])
def test_the_order_of_a_decoder(norm_first: bool) -> None:
    model = TransformerDecoderConfig(8, 16, 2, 1, norm_first=norm_first).init(INFER)
    (layer,) = model.layers
    x, memory = drawn(2, 5, 8), drawn(2, 3, 8)

    def cross(y: Tensor) -> Tensor:
        return layer.cross_attn(MhaInput(y, memory, memory)).context

    def itself(y: Tensor) -> Tensor:
        return layer.self_attn(MhaInput.self_attn(y)).context

    if norm_first:
        y = x + itself(layer.norm_3(x))
        y = y + cross(layer.norm_1(y))
        y = y + layer.pwff(layer.norm_2(y))
    else:
        y = layer.norm_1(x + itself(x))
        y = layer.norm_2(y + cross(y))
        y = layer.norm_3(y + layer.pwff(y))
    np.testing.assert_allclose(model(TransformerDecoderInput(x, memory)).numpy(), y.numpy(), rtol=1e-9)


@pytest.mark.parametrize("norm_first", [False, True])
def test_a_cached_text_is_as_the_whole_one(norm_first: bool) -> None:
    encoder = TransformerEncoderConfig(12, 24, 2, 3, norm_first=norm_first).init(INFER)
    decoder = TransformerDecoderConfig(12, 24, 2, 3, norm_first=norm_first).init(INFER)
    x, memory, mask = drawn(2, 5, 12), drawn(2, 4, 12), generate_autoregressive_mask(2, 5)
    encoded = encoder(TransformerEncoderInput(x, mask_attn=mask))
    decoded = decoder(TransformerDecoderInput(x, memory, target_mask_attn=mask))
    of_encoder, of_decoder = encoder.new_autoregressive_cache(), decoder.new_autoregressive_cache()
    for i in range(1, 6):
        part, mask = x[:, :i], generate_autoregressive_mask(2, i)
        a = encoder.forward_autoregressive_inference(TransformerEncoderInput(part, mask_attn=mask), of_encoder)
        b = decoder.forward_autoregressive_inference(
            TransformerDecoderInput(part, memory, target_mask_attn=mask), of_decoder
        )
    np.testing.assert_allclose(a.numpy(), encoded.numpy(), rtol=1e-8, atol=1e-10)
    np.testing.assert_allclose(b.numpy(), decoded.numpy(), rtol=1e-8, atol=1e-10)


def test_how_transformers_print_and_their_records() -> None:
    encoder = TransformerEncoderConfig(4, 24, 2, 3, dropout=0.2).init(INFER)
    assert str(encoder) == (
        "TransformerEncoder {d_model: 4, d_ff: 24, n_heads: 2, n_layers: 3, dropout: 0.2, norm_first: false, "
        f"quiet_softmax: false, params: {encoder.num_params()}}}"
    )
    assert list(encoder.into_record()["layers"][0]) == [
        "mha", "pwff", "norm_1", "norm_2", "dropout", "norm_first"
    ]  # fmt: skip
    decoder = TransformerDecoderConfig(4, 24, 2, 3).init(INFER)
    assert list(decoder.into_record()["layers"][0]) == [
        "cross_attn", "self_attn", "pwff", "norm_1", "norm_2", "norm_3", "dropout", "norm_first"
    ]  # fmt: skip
    pwff = PositionWiseFeedForwardConfig(2, 4).init(INFER)
    assert str(pwff) == "PositionWiseFeedForward {d_model: 2, d_ff: 4, prob: 0.1, params: 22}"
    assert list(pwff.into_record()) == ["linear_inner", "linear_outer", "dropout", "gelu"]


def test_masks_reach_every_layer() -> None:
    model, x = TransformerEncoderConfig(8, 16, 2, 2).init(INFER), RNG.normal(size=(1, 5, 8))
    changed = x.copy()
    changed[:, 4] = 9
    mask = generate_autoregressive_mask(1, 5)
    first, second = (model(TransformerEncoderInput(Tensor(y, INFER), mask_attn=mask)).numpy() for y in (x, changed))
    np.testing.assert_array_equal(first[:, :4], second[:, :4])
    pad = Tensor(np.arange(5)[None] == 4)
    first, second = (model(TransformerEncoderInput(Tensor(y, INFER), mask_pad=pad)).numpy() for y in (x, changed))
    np.testing.assert_array_equal(first[:, :4], second[:, :4])


def test_gradients_of_an_encoder() -> None:
    model = TransformerEncoderConfig(4, 8, 2, 1, dropout=0.0).init(TRAIN)

    def run(model: Any, x: Tensor) -> Tensor:
        return model(TransformerEncoderInput(x))

    assert check_gradients(run, model, RNG.normal(size=(1, 3, 4)), samples=3, order=1).checked > 40
