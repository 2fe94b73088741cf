"""The norm layers: Burn's own numbers, and the running statistics of batch norm, which are a model's own."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.nn import (
    BatchNorm,
    BatchNormConfig,
    Conv1d,
    Conv1dConfig,
    GroupNormConfig,
    InstanceNormConfig,
    LayerNormConfig,
    RmsNormConfig,
)
from minigrad.optim import AdamConfig
from minigrad.param import RunningState
from minigrad.record import DefaultRecorder
from minigrad.testing import check_gradients

TRAIN = Autodiff(NdArray(seed=1))
X3 = np.array([
    [[0.9601, 0.7277], [0.6272, 0.9034], [0.9378, 0.7230]],
    [[0.6356, 0.1362], [0.0249, 0.9509], [0.6600, 0.5945]],
])  # fmt: skip
SIX = np.array([
    [[-0.3034, 0.2726, -0.9659], [-1.1845, -1.3236, 0.0172], [1.9507, 1.2554, -0.8625],
     [1.0682, 0.3604, 0.3985], [-0.4957, -0.4461, -0.9721], [1.5157, -0.1546, -0.5596]],
])  # fmt: skip


def near(got: Tensor, expected: Any, tolerance: float = 2e-4) -> None:
    np.testing.assert_allclose(got.numpy(), expected, rtol=1e-4, atol=tolerance)


# --- Burn's numbers ---------------------------------------------------------------------------------------------------


def test_batch_norm_in_training_and_in_inference() -> None:
    layer = BatchNormConfig(3).init(TRAIN)
    near(layer(Tensor(X3, TRAIN)), [
        [[1.1483e00, 3.7521e-01], [1.6272e-03, 7.5067e-01], [1.6204e00, -4.5168e-02]],
        [[6.8856e-02, -1.5923e00], [-1.6318e00, 8.7949e-01], [-5.3368e-01, -1.0416e00]],
    ], 1e-3)  # fmt: skip
    near(layer.valid()(Tensor(X3)), [
        [[0.9409, 0.6976], [0.5892, 0.8774], [0.9106, 0.6844]],
        [[0.6012, 0.0782], [-0.0394, 0.9270], [0.6181, 0.5492]],
    ], 3e-3)  # fmt: skip
    np.testing.assert_allclose(layer.running_mean.value().numpy(), X3.mean((0, 2)) * 0.1, rtol=1e-5)
    np.testing.assert_allclose(layer.running_var.value().numpy(), 0.9 + 0.1 * X3.var((0, 2)), rtol=1e-5)


def test_group_norm() -> None:
    layer = GroupNormConfig(2, 6, affine=False).init(NdArray(seed=1))
    assert layer.gamma is None and layer.beta is None
    near(layer(Tensor(SIX)), [
        [[-0.1653, 0.3748, -0.7866], [-0.9916, -1.1220, 0.1353], [1.9485, 1.2965, -0.6896],
         [1.2769, 0.3628, 0.4120], [-0.7427, -0.6786, -1.3578], [1.8547, -0.3022, -0.8252]],
    ])  # fmt: skip
    affine = GroupNormConfig(2, 6).init(NdArray(seed=1))
    near(affine(Tensor(SIX)), layer(Tensor(SIX)).numpy())


def test_instance_norm() -> None:
    layer = InstanceNormConfig(6, affine=False).init(NdArray(seed=1))
    got = layer(Tensor(SIX)).numpy()
    np.testing.assert_allclose(got[0, 0], [0.0569, 1.1952, -1.2522], atol=2e-4)
    np.testing.assert_allclose(got[0, 4], [0.5999, 0.8091, -1.409], atol=2e-4)


@pytest.mark.parametrize("shape", [(6,), (2, 6), (2, 3, 6), (2, 3, 4, 6)])
def test_layer_and_rms_norm_of_any_rank(shape: tuple[int, ...]) -> None:
    x = np.random.default_rng(0).normal(size=shape)
    layer, rms = LayerNormConfig(6).init(NdArray(seed=1)), RmsNormConfig(6).init(NdArray(seed=1))
    spread = np.sqrt(x.var(-1, keepdims=True) + 1e-5)
    near(layer(Tensor(x)), (x - x.mean(-1, keepdims=True)) / spread, 1e-5)
    near(rms(Tensor(x)), x / np.sqrt((x**2).mean(-1, keepdims=True) + 1e-5), 1e-5)


@pytest.mark.parametrize(
    ("config", "text"),
    [
        (BatchNormConfig(3), "BatchNorm {num_features: 3, momentum: 0.1, epsilon: 0.00001, params: 12}"),
        (LayerNormConfig(6), "LayerNorm {d_model: 6, epsilon: 0.00001, params: 12}"),
        (RmsNormConfig(6), "RmsNorm {d_model: 6, epsilon: 0.00001, params: 6}"),
        (
            GroupNormConfig(3, 6),
            "GroupNorm {num_groups: 3, num_channels: 6, epsilon: 0.00001, affine: true, params: 12}",
        ),
        (InstanceNormConfig(6), "InstanceNorm {num_channels: 6, epsilon: 0.00001, affine: true, params: 12}"),
    ],
)
def test_they_print_as_burn_prints_them(config: Any, text: str) -> None:
    assert str(config.init(TRAIN)) == text


@pytest.mark.parametrize(
    ("config", "keys"),
    [
        (BatchNormConfig(3), ["gamma", "beta", "running_mean", "running_var", "momentum", "epsilon"]),
        (LayerNormConfig(6), ["gamma", "beta", "epsilon"]),
        (RmsNormConfig(6), ["gamma", "epsilon"]),
        (GroupNormConfig(3, 6), ["gamma", "beta", "num_groups", "num_channels", "epsilon", "affine"]),
        (InstanceNormConfig(6), ["gamma", "beta", "num_channels", "epsilon", "affine"]),
    ],
)
def test_records_have_burns_keys(config: Any, keys: list[str]) -> None:
    assert list(config.init(TRAIN).into_record()) == keys


# --- gradients --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("config", "shape"),
    [
        (BatchNormConfig(3), (4, 3, 2)),
        (LayerNormConfig(4), (2, 3, 4)),
        (RmsNormConfig(4), (2, 3, 4)),
        (GroupNormConfig(2, 4), (2, 4, 3)),
        (InstanceNormConfig(3), (2, 3, 4)),
    ],
)
def test_gradients_of_input_and_parameters(config: Any, shape: tuple[int, ...]) -> None:
    layer = config.init(TRAIN)
    x = np.random.default_rng(0).normal(size=shape)
    report = check_gradients(lambda layer, x: layer(x * layer.gamma.data.dtype.type(1)), layer, x, samples=10)
    assert report.checked >= 28


# --- running statistics -----------------------------------------------------------------------------------------------


class Model(Module):
    conv: Conv1d
    norm: BatchNorm

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x))


def model() -> Model:
    return Model(Conv1dConfig(2, 3, 2).init(TRAIN), BatchNormConfig(3).init(TRAIN))


def mean_of(model: Model) -> list[float]:
    return model.norm.running_mean.value().numpy().tolist()


X = np.random.default_rng(0).normal(2, 1, (5, 2, 4))


@pytest.mark.parametrize(
    "copied",
    [
        lambda m: m.valid(),
        lambda m: m.map(lambda _, p: p),
        lambda m: m.no_grad(),
        lambda m: m.replace(conv=m.conv),
        lambda m: m.to_device(Autodiff(NdArray(seed=2))),
        lambda m: m.load_record(m.into_record()),
        lambda m: AdamConfig().init().step(0.0, m, m(Tensor(X, TRAIN)).sum().backward()),
        copy.deepcopy,
        lambda m: pickle.loads(pickle.dumps(m)),
    ],
)
def test_a_copy_has_statistics_of_its_own(copied: Callable[[Model], Model]) -> None:
    old = model()
    old(Tensor(X, TRAIN))
    new = copied(old)
    before = mean_of(new)
    assert before == mean_of(old) != [0, 0, 0]
    old(Tensor(X + 1, TRAIN))
    assert mean_of(new) == before != mean_of(old)
    kept = mean_of(old)
    new(Tensor(X - 1, TRAIN))
    assert mean_of(old) == kept


def test_a_value_that_was_read_stays_as_it_was() -> None:
    layer = model().norm
    before = layer.running_mean.value()
    layer(Tensor(X[:, [0, 1, 0]], TRAIN))
    assert before.numpy().tolist() == [0, 0, 0] != layer.running_mean.value().numpy().tolist()


def test_optimizers_and_gradients_leave_them_alone() -> None:
    now, optim = model(), AdamConfig(weight_decay=0.1).init()
    for _ in range(3):
        grads = now(Tensor(X, TRAIN)).sum().backward()
        assert now.norm.running_mean.birth == 0 and not now.norm.running_mean.is_require_grad
        expected = mean_of(now)
        now = optim.step(0.1, now, grads)
        assert mean_of(now) == expected
    assert len(optim.to_record()) == 4  # weight, bias, gamma, beta


def test_a_twin_for_inference_never_trains_whatever_it_receives() -> None:
    twin = model().valid()
    first = twin(Tensor(X, TRAIN))
    assert mean_of(twin) == [0, 0, 0]
    np.testing.assert_array_equal(first.numpy(), twin(Tensor(X)).numpy())


def test_a_trained_layer_infers_on_a_tensor_without_gradients() -> None:
    layer = BatchNormConfig(2).init(TRAIN)
    x = Tensor(X)
    near(layer(x), X / np.sqrt(1 + 1e-5), 1e-5)
    assert layer.running_mean.value().numpy().tolist() == [0, 0]


def test_they_are_in_files(tmp_path: Any) -> None:
    old = model()
    old(Tensor(X, TRAIN))
    old.save_file(tmp_path / "model", DefaultRecorder())
    new = model().load_file(tmp_path / "model", DefaultRecorder())
    assert mean_of(new) == mean_of(old)
    assert isinstance(new.norm.running_mean, RunningState) and new.norm.running_mean.id == old.norm.running_mean.id
    np.testing.assert_array_equal(new.valid()(Tensor(X)).numpy(), old.valid()(Tensor(X)).numpy())


def test_momentum_is_the_share_of_the_new_batch() -> None:
    layer = BatchNormConfig(2, momentum=1.0).init(TRAIN)
    layer(Tensor(X, TRAIN))
    np.testing.assert_allclose(layer.running_mean.value().numpy(), X.mean((0, 2)), rtol=1e-5)
    np.testing.assert_allclose(layer.running_var.value().numpy(), X.var((0, 2)), rtol=1e-5)
