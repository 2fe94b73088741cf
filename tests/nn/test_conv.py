"""Convolution layers: shapes, paddings, draws, display, JSON, records, pickling."""

from __future__ import annotations

import copy
import math
import pickle
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.functional import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from minigrad.nn import (
    Conv1dConfig,
    Conv2d,
    Conv2dConfig,
    Conv3dConfig,
    ConvTranspose1dConfig,
    ConvTranspose2dConfig,
    ConvTranspose3dConfig,
    Initializer,
    Linear,
    LinearConfig,
    MaxPool2d,
    MaxPool2dConfig,
    PaddingConfig1d,
    PaddingConfig2d,
    PaddingConfig3d,
    Relu,
)
from minigrad.optim import AdamConfig, GradientsParams
from minigrad.record import CompactRecorder, DefaultRecorder

DEVICE = NdArray(seed=1)


def drawn(*shape: int) -> Tensor:
    return Tensor(np.random.default_rng(shape).standard_normal(shape))


# What Burn 0.17 prints for these.
DISPLAYS = [
    (
        Conv1dConfig(5, 5, 5),
        "Conv1d {stride: 1, kernel_size: 5, dilation: 1, groups: 1, padding: Valid, params: 130}",
    ),
    (
        Conv2dConfig((1, 8), (3, 3)),
        "Conv2d {stride: [1, 1], kernel_size: [3, 3], dilation: [1, 1], groups: 1, padding: Valid, params: 80}",
    ),
    (
        Conv2dConfig((8, 16), (3, 3)),
        "Conv2d {stride: [1, 1], kernel_size: [3, 3], dilation: [1, 1], groups: 1, padding: Valid, params: 1168}",
    ),
    (
        Conv2dConfig((2, 2), (3, 1), stride=(2, 1), groups=2, padding=PaddingConfig2d.Explicit(1, 0), bias=False),
        "Conv2d {stride: [2, 1], kernel_size: [3, 1], dilation: [1, 1], groups: 2, padding: Explicit(1, 0), params: 6}",
    ),
    (
        Conv3dConfig((5, 1), (5, 5, 5)),
        "Conv3d {stride: [1, 1, 1], kernel_size: [5, 5, 5], dilation: [1, 1, 1], groups: 1, padding: Valid, "
        "params: 626}",
    ),
    (
        ConvTranspose1dConfig((5, 2), 5),
        "ConvTranspose1d {channels: [5, 2], stride: 1, kernel_size: 5, dilation: 1, groups: 1, padding: 0, "
        "padding_out: 0, params: 52}",
    ),
    (
        ConvTranspose2dConfig((5, 2), (5, 5)),
        "ConvTranspose2d {channels: [5, 2], stride: [1, 1], kernel_size: [5, 5], dilation: [1, 1], groups: 1, "
        "padding: [0, 0], padding_out: [0, 0], params: 252}",
    ),
    (
        ConvTranspose3dConfig((5, 2), (5, 5, 5)),
        "ConvTranspose3d {channels: [5, 2], stride: [1, 1, 1], kernel_size: [5, 5, 5], dilation: [1, 1, 1], "
        "groups: 1, padding: [0, 0, 0], padding_out: [0, 0, 0], params: 1252}",
    ),
]


@pytest.mark.parametrize(("config", "text"), DISPLAYS, ids=lambda case: type(case).__name__)
def test_display(config: Any, text: str) -> None:
    assert str(config.init(DEVICE)) == text


LAYERS: list[tuple[Any, Any, tuple[int, ...], dict[str, Any]]] = [
    (Conv1dConfig(2, 4, 3, stride=2, padding=PaddingConfig1d.Explicit(1), groups=2), conv1d, (2, 2, 9),
     {"stride": 2, "padding": 1, "groups": 2}),
    (Conv2dConfig((2, 4), (3, 2), dilation=(2, 1), bias=False), conv2d, (2, 2, 9, 8), {"dilation": (2, 1)}),
    (Conv3dConfig((2, 4), (1, 2, 3), padding=PaddingConfig3d.Explicit(0, 1, 2)), conv3d, (2, 2, 3, 4, 5),
     {"padding": (0, 1, 2)}),
    (ConvTranspose1dConfig((4, 2), 3, stride=3, padding=1, padding_out=2, groups=2), conv_transpose1d, (2, 4, 5),
     {"stride": 3, "padding": 1, "padding_out": 2, "groups": 2}),
    (ConvTranspose2dConfig((4, 2), (3, 2), dilation=(1, 2), padding=(1, 0)), conv_transpose2d, (2, 4, 5, 3),
     {"dilation": (1, 2), "padding": (1, 0)}),
    (ConvTranspose3dConfig((4, 2), (3, 2, 1), stride=(1, 2, 1), bias=False), conv_transpose3d, (1, 4, 2, 3, 2),
     {"stride": (1, 2, 1)}),
]  # fmt: skip


@pytest.mark.parametrize(("config", "function", "shape", "static"), LAYERS, ids=lambda case: type(case).__name__)
def test_a_layer_is_its_function(config: Any, function: Any, shape: tuple[int, ...], static: dict[str, Any]) -> None:
    layer, x = config.init(DEVICE), drawn(*shape)
    assert (layer.bias is None) == (not config.bias)
    expected = function(x, layer.weight, layer.bias, **static)
    np.testing.assert_array_equal(layer(x).numpy(), expected.numpy())
    np.testing.assert_array_equal(layer.forward(x).numpy(), expected.numpy())


@pytest.mark.parametrize(("config", "function", "shape", "static"), LAYERS, ids=lambda case: type(case).__name__)
def test_configs_as_json(config: Any, function: Any, shape: tuple[int, ...], static: dict[str, Any]) -> None:
    assert type(config).from_json(config.to_json()) == config


def test_json_as_burn_writes_it() -> None:
    assert Conv2dConfig((1, 8), (3, 3), padding=PaddingConfig2d.Explicit(1, 2)).to_json() == {
        "channels": [1, 8], "kernel_size": [3, 3], "stride": [1, 1], "dilation": [1, 1], "groups": 1,
        "padding": {"Explicit": [1, 2]}, "bias": True,
        "initializer": {"KaimingUniform": {"gain": 0.5773502691896258, "fan_out_only": False}},
    }  # fmt: skip
    assert Conv1dConfig(1, 8, 3, padding=PaddingConfig1d.Explicit(1)).to_json()["padding"] == {"Explicit": 1}
    assert Conv1dConfig(1, 8, 3, padding=PaddingConfig1d.Same).to_json()["padding"] == "Same"


@pytest.mark.parametrize("size", [5, 8])
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dilation", [1, 2])
def test_same_padding_keeps_the_size(size: int, stride: int, dilation: int) -> None:
    one = Conv1dConfig(1, 1, 3, stride=stride, dilation=dilation, padding=PaddingConfig1d.Same).init(DEVICE)
    assert one(drawn(1, 1, size)).shape == (1, 1, size)
    two = Conv2dConfig((1, 1), (3, 5), (stride, 1), (dilation, 2), padding=PaddingConfig2d.Same).init(DEVICE)
    assert two(drawn(1, 1, size, 7)).shape == (1, 1, size, 7)
    three = Conv3dConfig((1, 1), (1, 3, 3), (1, 1, stride), padding=PaddingConfig3d.Same).init(DEVICE)
    assert three(drawn(1, 1, 2, 3, size)).shape == (1, 1, 2, 3, size)


@pytest.mark.parametrize(
    ("config", "shape", "fan_in"),
    [
        (Conv1dConfig(6, 40, 5, groups=2), (40, 3, 5), 15),
        (Conv2dConfig((6, 40), (3, 4)), (40, 6, 3, 4), 72),
        (Conv3dConfig((6, 40), (1, 2, 3)), (40, 6, 1, 2, 3), 36),
        (ConvTranspose1dConfig((40, 6), 5, groups=2), (40, 3, 5), 15),
        (ConvTranspose2dConfig((40, 6), (3, 4)), (40, 6, 3, 4), 72),
        (ConvTranspose3dConfig((40, 6), (1, 2, 3)), (40, 6, 1, 2, 3), 36),
    ],
    ids=lambda case: type(case).__name__,
)
def test_draws(config: Any, shape: tuple[int, ...], fan_in: int) -> None:
    layer = config.init(NdArray(seed=3))
    bound = 1 / math.sqrt(fan_in)
    assert layer.weight.shape == shape
    assert 0.98 * bound < np.abs(layer.weight.numpy()).max() <= bound
    assert 0 < np.abs(layer.bias.numpy()).max() <= bound
    out = config.replace(initializer=Initializer.KaimingUniform(gain=1.0, fan_out_only=True)).init(NdArray(seed=3))
    fan_out = shape[0] // config.groups * math.prod(shape[2:])
    assert 0.98 < np.abs(out.weight.numpy()).max() / math.sqrt(3 / fan_out) <= 1
    assert (config.init(NdArray(seed=3)).weight.numpy() == layer.weight.numpy()).all()


def test_paddings_print_compare_copy_and_pickle() -> None:
    assert PaddingConfig2d.Explicit(1, 1) == PaddingConfig2d.Explicit(1, 1) != PaddingConfig2d.Explicit(1, 2)
    assert str(PaddingConfig3d.Explicit(0, 1, 2)) == "Explicit(0, 1, 2)" and str(PaddingConfig1d.Same) == "Same"
    for padding in (PaddingConfig1d.Explicit(3), PaddingConfig2d.Same, PaddingConfig3d.Valid):
        assert pickle.loads(pickle.dumps(padding)) == padding == copy.deepcopy(padding)
    layer = Conv2dConfig((1, 2), (3, 3), padding=PaddingConfig2d.Same).init(DEVICE)
    again = pickle.loads(pickle.dumps(layer))
    assert str(again) == str(layer) and again.weight.id == layer.weight.id


class Model(Module):
    conv: Conv2d
    pool: MaxPool2d
    linear: Linear
    activation: Relu

    def forward(self, x: Tensor) -> Tensor:
        x = self.pool(self.activation(self.conv(x)))
        return self.linear(x.reshape(len(x), -1))


def model(device: Any, bias: bool = True) -> Model:
    conv = Conv2dConfig((1, 2), (3, 3), padding=PaddingConfig2d.Same, bias=bias).init(device)
    return Model(conv, MaxPool2dConfig((2, 2), (2, 2)).init(), LinearConfig(8, 3).init(device), Relu())


@pytest.mark.parametrize("recorder", [CompactRecorder, DefaultRecorder])
@pytest.mark.parametrize("bias", [True, False])
def test_records_come_back(recorder: Any, bias: bool, tmp_path: Path) -> None:
    first = model(NdArray(seed=1), bias)
    first.save_file(tmp_path / "model", recorder())
    second = model(NdArray(seed=2), bias).load_file(tmp_path / "model", recorder())
    assert second.conv.weight.id == first.conv.weight.id
    np.testing.assert_allclose(
        second(drawn(1, 1, 4, 4)).numpy(), first(drawn(1, 1, 4, 4)).numpy(), rtol=1e-2, atol=1e-3
    )
    second.save_file(tmp_path / "again", recorder())
    if recorder is DefaultRecorder:
        assert (tmp_path / "again.mpk").read_bytes() == (tmp_path / "model.mpk").read_bytes()


def test_a_record_has_burns_keys() -> None:
    record = model(DEVICE).into_record()
    assert list(record) == ["conv", "pool", "linear", "activation"]
    assert list(record["conv"]) == ["weight", "bias", "stride", "kernel_size", "dilation", "groups", "padding"]
    assert record["conv"]["stride"] == [None, None] and record["conv"]["padding"] is None
    assert record["pool"] is None and record["activation"] is None  # no tensor in them: a constant, as in Burn
    transposed = ConvTranspose1dConfig((2, 3), 4).init(DEVICE).into_record()
    assert list(transposed)[2:] == [
        "stride", "kernel_size", "dilation", "groups", "padding", "padding_out", "channels",
    ]  # fmt: skip
    assert transposed["channels"] == [None, None] and transposed["stride"] is None


def test_a_model_learns_which_half_is_bright() -> None:
    rng = np.random.default_rng(0)
    images = rng.random((32, 1, 4, 4)).astype(np.float32)
    labels = rng.integers(0, 2, 32)
    images[np.arange(32), 0, :, 2 * labels] += 1
    net, optim = model(Autodiff(NdArray(seed=1))), AdamConfig().init()
    targets = Tensor(np.eye(3)[labels])
    losses = []
    for _ in range(60):
        difference = net(Tensor(images)) - targets
        loss = (difference * difference).mean()
        losses.append(loss.item())
        net = optim.step(0.02, net, GradientsParams.from_grads(loss.backward(), net))
    assert losses[-1] < 0.1 * losses[0]
    assert (net.valid()(Tensor(images)).argmax(1).numpy() == labels).all()
