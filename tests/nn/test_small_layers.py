"""Dropout, embedding, activations as layers, positions."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor, activation
from minigrad.backend import Autodiff, NdArray
from minigrad.nn import (
    Dropout,
    DropoutConfig,
    EmbeddingConfig,
    Gelu,
    HardSigmoidConfig,
    Initializer,
    LeakyReluConfig,
    Linear,
    LinearConfig,
    PositionalEncodingConfig,
    PReluConfig,
    RotaryEncodingConfig,
    SwiGluConfig,
    generate_sinusoids,
)
from minigrad.testing import check_gradients

TRAIN = Autodiff(NdArray(seed=1))
ONES = np.ones((100, 100))

# --- dropout ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("prob", [0.1, 0.5, 0.9])
def test_dropout_keeps_the_mean(prob: float) -> None:
    y = DropoutConfig(prob).init()(Tensor(ONES, TRAIN)).numpy()
    assert set(np.unique(y).tolist()) == {0.0, float(np.float32(1 / (1 - prob)))}
    assert (y == 0).mean() == pytest.approx(prob, abs=0.02)
    assert y.dtype == np.float32


def test_only_in_training() -> None:
    layer, x = DropoutConfig(0.5).init(), Tensor(ONES)
    assert layer(x) is x
    tracked = Tensor(ONES, TRAIN)
    assert DropoutConfig(0.0).init()(tracked) is tracked
    assert not DropoutConfig(1.0).init()(tracked).numpy().any()


class Model(Module):
    linear: Linear
    dropout: Dropout

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.linear(x))


def test_a_twin_for_inference_never_drops_whatever_it_receives() -> None:
    model = Model(LinearConfig(100, 100).init(TRAIN), DropoutConfig(0.5).init())
    assert (model(Tensor(ONES, TRAIN)).numpy() == 0).any()
    assert (model(Tensor(ONES)).numpy() == 0).any()  # what comes of a tracked weight is on its device
    twin = model.valid()
    assert not (twin(Tensor(ONES, TRAIN)).numpy() == 0).any()
    assert (twin.to_device(TRAIN)(Tensor(ONES, TRAIN)).numpy() == 0).any()
    inferring = model.to_device(NdArray(seed=2))
    assert not (inferring(Tensor(ONES, TRAIN)).numpy() == 0).any()
    assert model.no_grad().dropout.home.tracks


def test_one_seed_drops_the_same_and_each_call_anew() -> None:
    layer = DropoutConfig(0.5).init()
    a, b = (layer(Tensor(ONES, Autodiff(NdArray(seed=7)))).numpy() for _ in range(2))
    assert (a == b).all()
    device = Autodiff(NdArray(seed=7))
    first, second = (layer(Tensor(ONES, device)).numpy() for _ in range(2))
    assert (first == a).all() and (second != first).any()


def test_the_gradient_is_that_of_what_was_kept() -> None:
    x = Tensor(ONES, TRAIN).require_grad()
    y = DropoutConfig(0.25).init()(x)
    g = x.grad(y.sum().backward())
    assert g is not None and (g.numpy() == y.numpy()).all()


def test_dropout_is_nil_in_a_record() -> None:
    record = Model(LinearConfig(2, 2).init(TRAIN), DropoutConfig(0.5).init()).into_record()
    assert record["dropout"] is None


# --- embedding --------------------------------------------------------------------------------------------------------


def test_embedding() -> None:
    layer = EmbeddingConfig(100, 10).init(TRAIN)
    assert str(layer) == "Embedding {n_embedding: 100, d_model: 10, params: 1000}"
    assert layer.weight.numpy().mean() == pytest.approx(0, abs=0.1)
    assert layer.weight.numpy().std() == pytest.approx(1, abs=0.1)
    x = Tensor([[1, 99], [1, 1]])
    y = layer(x)
    assert y.shape == (2, 2, 10) and (y.numpy() == layer.weight.numpy()[x.numpy()]).all()
    g = layer.weight.grad(y.sum().backward())
    assert g is not None and g.numpy()[[1, 99, 0], 0].tolist() == [3, 1, 0]
    assert list(layer.into_record()) == ["weight"]
    assert not EmbeddingConfig(5, 5, Initializer.Zeros).init(TRAIN).weight.numpy().any()


# --- activations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("layer", "text", "function"),
    [
        (Gelu(), "Gelu", activation.gelu),
        (LeakyReluConfig().init(), "LeakyRelu {negative_slope: 0.01}", activation.leaky_relu),
        (HardSigmoidConfig().init(), "HardSigmoid {alpha: 0.2, beta: 0.5}", activation.hard_sigmoid),
        (
            PReluConfig().init(TRAIN),
            "PRelu {num_parameters: 1, alpha_value: 0.25, params: 1}",
            lambda x: activation.leaky_relu(x, 0.25),
        ),
    ],
)
def test_activations(layer: Module, text: str, function: Any) -> None:
    x = Tensor(np.linspace(-4, 4, 24).reshape(2, 3, 4))
    assert str(layer) == text
    np.testing.assert_array_equal(layer(x).numpy(), function(x).numpy())
    assert layer.into_record() is None or list(layer.into_record()) == ["alpha", "alpha_value"]


def test_the_slopes_of_prelu_are_learned_for_each_channel() -> None:
    layer = PReluConfig(3, alpha=0.1).init(TRAIN)
    x = np.random.default_rng(0).normal(size=(2, 3, 4))
    g = layer.alpha.grad(layer(Tensor(x)).sum().backward())
    assert g is not None
    np.testing.assert_allclose(g.numpy(), np.minimum(x, 0).sum((0, 2)), rtol=1e-5)


def test_hard_sigmoid_by_burns_numbers() -> None:
    got = HardSigmoidConfig().init()(Tensor([[0.4410, -0.2507]]))
    np.testing.assert_allclose(got.numpy(), [[0.5882, 0.44986]], rtol=1e-5)


@pytest.mark.parametrize(("bias", "expected"), [(False, [8.5732, 56.2189]), (True, [11.8909, 63.9785])])
def test_swiglu_by_burns_numbers(bias: bool, expected: list[float]) -> None:
    layer = SwiGluConfig(3, 3, bias, Initializer.Constant(0.5)).init(TRAIN)
    y = layer(Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]))
    np.testing.assert_allclose(y.numpy(), np.repeat(np.array(expected)[:, None], 3, 1), rtol=1e-5)
    assert str(SwiGluConfig(3, 5).init(TRAIN)) == "SwiGlu {d_input: 3, d_output: 5, bias: false, params: 30}"
    assert list(layer.into_record()) == ["linear_inner", "linear_outer"]


# --- positions --------------------------------------------------------------------------------------------------------


def test_sinusoids_by_burns_numbers() -> None:
    got = generate_sinusoids(12, 6, 10_000).numpy()
    assert got.shape == (12, 6)
    np.testing.assert_allclose(got[1], [0.84147, 0.54030, 0.04640, 0.99892, 0.00215, 1.00000], atol=1e-5)
    np.testing.assert_allclose(got[11], [-0.99999, 0.00443, 0.48868, 0.87246, 0.02370, 0.99972], atol=1e-5)


def test_positional_encoding() -> None:
    layer = PositionalEncodingConfig(6).init()
    x = np.random.default_rng(0).normal(size=(2, 3, 6))
    expected = x + generate_sinusoids(3, 6, 10_000).numpy()
    np.testing.assert_allclose(layer(Tensor(x)).numpy(), expected, rtol=1e-5, atol=1e-6)
    assert str(PositionalEncodingConfig(4).init()) == (
        "PositionalEncoding {d_model: 4, max_sequence_size: 5000, max_timescale: 10000}"
    )
    assert list(layer.into_record().values()) == [None] * 3
    assert layer.valid()(Tensor(x)).device is not TRAIN


def test_rotary_encoding_by_burns_numbers() -> None:
    x = Tensor(np.arange(1.0, 17.0).reshape(1, 2, 2, 4))
    layer = RotaryEncodingConfig(10, 4).init()
    np.testing.assert_allclose(
        layer(x).numpy()[0],
        [[[1, 2, 3, 4], [-2.3473, 7.4492, 6.9197, 8.0696]], [[9, 10, 11, 12], [-4.7567, 18.5034, 14.8393, 16.1492]]],
        rtol=1e-4,
    )
    frequencies = RotaryEncodingConfig(2, 8).init().freq_complex.numpy()
    assert frequencies.shape == (2, 8, 2)
    np.testing.assert_allclose(frequencies[1, ::2, 0], [5.4030e-01, 9.9500e-01, 9.9995e-01, 9.9999e-01], rtol=1e-4)
    np.testing.assert_allclose(frequencies[1, ::2, 1], [8.4147e-01, 9.9833e-02, 9.9998e-03, 9.9999e-04], rtol=1e-3)


def test_rotary_encoding_turns_and_keeps_lengths() -> None:
    layer = RotaryEncodingConfig(10, 4).init()
    x = np.random.default_rng(0).normal(size=(3, 5, 4))
    y = layer(Tensor(x)).numpy()
    np.testing.assert_allclose(np.linalg.norm(y, axis=-1), np.linalg.norm(x, axis=-1), rtol=1e-5)
    a, b = (x[0, 3, i] for i in (0, 1))
    np.testing.assert_allclose(
        y[0, 3, :2], [a * math.cos(3) - b * math.sin(3), a * math.sin(3) + b * math.cos(3)], rtol=1e-5
    )
    later = layer.apply(Tensor(x[:, 2:]), 2).numpy()
    np.testing.assert_allclose(later, y[:, 2:], rtol=1e-5, atol=1e-6)
    slower = RotaryEncodingConfig(10, 4).init_with_frequency_scaling(lambda f: f / 2)
    np.testing.assert_allclose(slower(Tensor(x)).numpy()[:, 4], layer(Tensor(x[:, [0, 0, 4]])).numpy()[:, 2], rtol=1e-5)
    assert check_gradients(layer, x[:, :2], samples=8).checked == 16
    assert str(layer) == "RotaryEncoding {d_model: 4, max_sequence_length: 10, theta: 10000}"
