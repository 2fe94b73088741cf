"""Linear, the activations, and how parameters are drawn."""

from __future__ import annotations

import math

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import ConfigError, DeviceError, DtypeError, ShapeError
from minigrad.nn import Initializer, Linear, LinearConfig, Relu, Sigmoid, Tanh


def test_linear_is_a_matrix_product_and_a_bias() -> None:
    layer = LinearConfig(3, 2).init(NdArray(seed=1))
    x = np.arange(12, dtype=np.float32).reshape(4, 3)
    expected = x @ layer.weight.numpy() + layer.bias.numpy()  # type: ignore[union-attr]
    np.testing.assert_allclose(layer(Tensor(x)).numpy(), expected, rtol=1e-6)
    np.testing.assert_allclose(layer(Tensor(x.reshape(2, 2, 3))).numpy(), expected.reshape(2, 2, 2), rtol=1e-6)
    np.testing.assert_allclose(layer(Tensor(x[0])).numpy(), expected[0], rtol=1e-6)


def test_linear_without_bias() -> None:
    layer = LinearConfig(3, 2, bias=False).init(NdArray(seed=1))
    assert layer.bias is None and layer.num_params() == 6
    np.testing.assert_allclose(layer(Tensor(np.eye(3))).numpy(), layer.weight.numpy())
    assert str(layer) == "Linear {d_input: 3, d_output: 2, bias: false, params: 6}"


def test_linear_names_the_config_that_would_fit() -> None:
    layer = LinearConfig(2, 16).init(NdArray(seed=1))
    with pytest.raises(ShapeError) as caught:
        layer(Tensor(np.ones((150, 3))))
    assert str(caught.value) == (
        "matmul: inner sizes differ: (150, 3) @ (2, 16)\n"
        "  left has 3 columns, right has 2 rows\n"
        "  in Linear(2 -> 16)\n"
        "  help: the batch has 3 features; LinearConfig(3, 16) would fit"
    )


@pytest.mark.parametrize("sizes", [(0, 2), (2, -1), (2.0, 3), (True, 3)])
def test_sizes_that_cannot_be(sizes: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match=r"d_(in|out)put is"):
        LinearConfig(*sizes).init(NdArray(seed=1))


@pytest.mark.parametrize(
    ("initializer", "bound"),
    [
        (Initializer.KaimingUniform(), 1 / math.sqrt(50)),
        (Initializer.KaimingUniform(gain=1.0, fan_out_only=True), math.sqrt(3) / math.sqrt(80)),
        (Initializer.XavierUniform(), math.sqrt(6 / 130)),
        (Initializer.Uniform(-2, 3), 3),
    ],
)
def test_uniform_draws_fill_their_interval(initializer: Initializer, bound: float) -> None:
    values = initializer.init_with((50, 80), 50, 80, NdArray(seed=3)).numpy()
    assert values.max() <= bound
    assert values.max() > 0.99 * bound


@pytest.mark.parametrize(
    ("initializer", "mean", "std"),
    [
        (Initializer.KaimingNormal(gain=2.0), 0, 2 / math.sqrt(50)),
        (Initializer.XavierNormal(), 0, math.sqrt(2 / 130)),
        (Initializer.Normal(3.0, 0.5), 3, 0.5),
    ],
)
def test_normal_draws(initializer: Initializer, mean: float, std: float) -> None:
    values = initializer.init_with((50, 80), 50, 80, NdArray(seed=3)).numpy()
    assert values.mean() == pytest.approx(mean, abs=std / 10)
    assert values.std() == pytest.approx(std, rel=0.05)


def test_constants_and_the_need_of_fans() -> None:
    device = NdArray(seed=1)
    assert Initializer.Ones.init([2], device).numpy().tolist() == [1, 1]
    assert Initializer.Zeros.init([2], device).numpy().tolist() == [0, 0]
    assert Initializer.Constant(0.5).init([1], device).numpy().tolist() == [0.5]
    with pytest.raises(ConfigError, match="needs the fans"):
        Initializer.XavierNormal().init([2, 2], device)


def test_one_seed_gives_one_model_and_each_draw_another() -> None:
    first, second = (LinearConfig(4, 4).init(Autodiff(NdArray(seed=7))) for _ in range(2))
    assert (first.weight.numpy() == second.weight.numpy()).all() and first.weight.id == second.weight.id
    device = NdArray(seed=7)
    layers = [LinearConfig(4, 4).init(device) for _ in range(2)]
    assert (layers[0].weight.numpy() != layers[1].weight.numpy()).any()


def test_the_config_as_json() -> None:
    text = LinearConfig(2, 16).to_json()
    assert text == {
        "d_input": 2, "d_output": 16, "bias": True,
        "initializer": {"KaimingUniform": {"gain": 0.5773502691896258, "fan_out_only": False}},
    }  # fmt: skip
    assert LinearConfig.from_json(text) == LinearConfig(2, 16)
    assert LinearConfig.from_json({"d_input": 1, "d_output": 2, "initializer": "Ones"}).initializer is Initializer.Ones


@pytest.mark.parametrize(
    ("layer", "at_2"), [(Relu(), 2.0), (Sigmoid(), 1 / (1 + math.exp(-2))), (Tanh(), math.tanh(2))]
)
def test_activations(layer: Relu | Sigmoid | Tanh, at_2: float) -> None:
    assert layer(Tensor([2.0])).item() == pytest.approx(at_2)
    assert str(layer) == type(layer).__name__ and layer.num_params() == 0


def test_a_linear_is_built_from_its_fields() -> None:
    layer = LinearConfig(2, 3).init(NdArray(seed=1))
    assert Linear(layer.weight, None)(Tensor([[1.0, 1.0]])).shape == (1, 3)


def test_a_weight_and_a_bias_that_do_not_fit() -> None:
    layer = LinearConfig(2, 3).init(NdArray(seed=1))
    one = LinearConfig(2, 1).init(NdArray(seed=2))
    with pytest.raises(ShapeError, match=r"a weight of shape \(2, 3\) and a bias of \(1,\)"):
        Linear(layer.weight, one.bias)
    with pytest.raises(ShapeError, match=r"LinearConfig\(2, 16\)"):
        Linear(2, 16)  # type: ignore[arg-type]
    with pytest.raises(DtypeError, match=r"Linear\.weight is a plain tensor(?s:.*)Param\.from_tensor"):
        Linear(Tensor(np.ones((2, 3))), None)  # type: ignore[arg-type]


def test_what_is_no_tensor_and_no_device() -> None:
    layer = LinearConfig(np.int64(2), 3).init(NdArray(seed=1))  # type: ignore[arg-type]
    array = np.ones((4, 2))  # counts as a tensor, as it does in operators
    np.testing.assert_array_equal(layer(array).numpy(), layer(Tensor(array)).numpy())
    with pytest.raises(DtypeError, match="Linear of a list"):
        layer([[1.0, 2.0]])  # type: ignore[arg-type]
    with pytest.raises(DeviceError, match=r"NdArray\(\)"):
        LinearConfig(2, 3).init(NdArray)  # type: ignore[arg-type]
    with pytest.raises(DeviceError, match="to_device"):
        layer.to_device(None)  # type: ignore[arg-type]
