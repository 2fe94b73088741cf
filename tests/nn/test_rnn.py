"""Recurrent layers: Burn's own numbers, states, directions, and long texts."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.nn import BiLstmConfig, GateController, Gru, GruConfig, Initializer, Lstm, LstmConfig, LstmState
from minigrad.testing import check_gradients

WIDE = NdArray(seed=1, dtype=np.float64)
TRAIN = Autodiff(NdArray(seed=1))
RNG = np.random.default_rng(0)


def gate(value: float, bias: float | None = None) -> GateController:
    made = GateController.new(1, 1, bias is not None, Initializer.Constant(value), WIDE)
    return made if bias is None else made.map(lambda path, p: p * 0 + (bias if "bias" in path else value))


@pytest.mark.parametrize("reset_after", [True, False])
def test_gru_by_burns_numbers(reset_after: bool) -> None:
    layer = Gru(gate(0.5), gate(0.6), gate(0.7), 1, reset_after)
    output = layer(Tensor([[[0.1], [0.2], [0.3]]], WIDE))
    np.testing.assert_allclose(output.numpy(), [[[0.0341], [0.0894], [0.1575]]], atol=1e-4)


def test_lstm_by_burns_numbers() -> None:
    layer = Lstm(gate(0.5), gate(0.7), gate(1.1), gate(0.9), 1)
    output, state = layer(Tensor([[[0.1]]], WIDE))
    assert state.cell.item() == pytest.approx(0.046, abs=3e-4)
    assert state.hidden.item() == pytest.approx(0.0242, abs=2e-4)
    assert output.numpy().tolist() == [[[state.hidden.item()]]]


INPUT = [[[0.949, -0.861], [0.892, 0.927], [-0.173, -0.301], [-0.081, 0.992]]]
H0 = [[[0.280, 0.360, -1.242]], [[-0.588, 0.729, -0.788]]]
C0 = [[[0.723, 0.397, -0.262]], [[0.471, 0.613, 1.885]]]
# input weight, input bias, hidden weight, hidden bias; gates input, forget, output, cell
AHEAD = [
    ([[0.367, 0.091, 0.342], [0.322, 0.533, 0.059]], [-0.196, 0.354, 0.209],
     [[-0.320, 0.232, -0.165], [0.093, -0.572, -0.315], [-0.467, 0.325, 0.046]], [0.181, -0.190, -0.245]),
    ([[-0.342, -0.084, -0.420], [-0.432, 0.119, 0.191]], [0.315, -0.413, -0.041],
     [[0.453, 0.063, 0.561], [0.211, 0.149, 0.213], [-0.499, -0.158, 0.068]], [-0.431, -0.535, 0.125]),
    ([[-0.577, -0.359, 0.216], [-0.550, 0.268, 0.243]], [-0.227, -0.274, 0.039],
     [[-0.383, 0.449, 0.222], [-0.357, -0.093, 0.449], [-0.106, 0.236, 0.360]], [-0.361, -0.209, -0.454]),
    ([[-0.046, -0.382, 0.321], [-0.533, 0.558, 0.004]], [-0.358, 0.282, -0.078],
     [[-0.358, 0.109, 0.139], [-0.345, 0.091, -0.368], [-0.508, 0.221, -0.507]], [0.502, -0.509, -0.247]),
]  # fmt: skip
BACK = [
    ([[-0.055, 0.506, 0.247], [-0.369, 0.178, -0.258]], [0.540, -0.164, 0.033],
     [[0.159, 0.180, -0.037], [-0.443, 0.485, -0.488], [0.098, -0.085, -0.140]], [-0.510, 0.105, 0.114]),
    ([[-0.154, -0.432, -0.547], [-0.369, -0.310, -0.175]], [0.141, 0.004, 0.055],
     [[-0.005, -0.277, -0.515], [-0.011, -0.101, -0.365], [0.426, 0.379, 0.337]], [-0.382, 0.331, -0.176]),
    ([[0.491, -0.442, 0.333], [0.313, -0.121, -0.070]], [-0.387, -0.250, 0.066],
     [[-0.030, 0.268, 0.299], [-0.019, -0.280, -0.314], [0.466, -0.365, -0.248]], [-0.398, -0.199, -0.566]),
    ([[-0.571, 0.228, -0.287], [-0.331, 0.110, 0.219]], [-0.206, -0.546, 0.462],
     [[0.449, -0.240, 0.071], [-0.045, 0.131, 0.124], [0.138, -0.201, 0.191]], [-0.030, 0.211, -0.352]),
]  # fmt: skip
GATES = ("input_gate", "forget_gate", "output_gate", "cell_gate")
PARTS = ("input_transform.weight", "input_transform.bias", "hidden_transform.weight", "hidden_transform.bias")


def test_both_directions_by_burns_numbers() -> None:
    values = {
        f"{lstm}.{name}.{part}": value
        for lstm, gates in (("forward_lstm", AHEAD), ("reverse_lstm", BACK))
        for name, parts in zip(GATES, gates, strict=True)
        for part, value in zip(PARTS, parts, strict=True)
    }
    layer = BiLstmConfig(2, 3, bias=True).init(WIDE).map(lambda path, p: Tensor(values.pop(path), WIDE))
    assert not values
    output, state = layer(Tensor(INPUT, WIDE), LstmState(Tensor(C0, WIDE), Tensor(H0, WIDE)))
    np.testing.assert_allclose(output.numpy(), [[
        [0.23764, -0.03442, 0.04414, -0.15635, -0.03366, -0.05798],
        [0.00473, -0.02254, 0.02988, -0.16510, -0.00306, 0.08742],
        [0.06210, -0.06509, -0.05339, -0.01710, 0.02091, 0.16012],
        [-0.03420, 0.07774, -0.09774, -0.02604, 0.12584, 0.20872],
    ]], atol=1e-5)  # fmt: skip
    np.testing.assert_allclose(
        state.hidden.numpy(), [[[-0.03420, 0.07774, -0.09774]], [[-0.15635, -0.03366, -0.05798]]], atol=1e-5
    )
    np.testing.assert_allclose(
        state.cell.numpy(), [[[-0.13593, 0.17125, -0.22395]], [[-0.45425, -0.11206, -0.12908]]], atol=1e-5
    )
    output, state = layer(Tensor(INPUT, WIDE))
    np.testing.assert_allclose(
        output.numpy()[0, 0], [0.08679, -0.08776, -0.00528, -0.15969, -0.05322, -0.08863], atol=1e-5
    )
    np.testing.assert_allclose(state.cell.numpy()[1, 0], [-0.47407, -0.17493, -0.19643], atol=1e-5)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("reset_after", [True, False])
def test_gru_step_by_step(bias: bool, reset_after: bool) -> None:
    layer = GruConfig(3, 4, bias, reset_after).init(WIDE)
    x, h = RNG.normal(size=(2, 5, 3)), RNG.normal(size=(2, 4))
    got, (expected, state) = layer(Tensor(x, WIDE), Tensor(h, WIDE)), ([], Tensor(h, WIDE))
    for t in range(5):
        step = Tensor(x[:, t], WIDE)
        z = layer.update_gate.gate_product(step, state).sigmoid()
        r = layer.reset_gate.gate_product(step, state).sigmoid()
        new = layer.new_gate
        if reset_after:
            n = (new.input_transform(step) + r * new.hidden_transform(state)).tanh()
        else:
            n = new.gate_product(step, r * state).tanh()
        state = n * (1 - z) + z * state
        expected.append(state.numpy())
    np.testing.assert_allclose(got.numpy(), np.stack(expected, 1), rtol=1e-12)


def test_a_text_in_two_parts_is_as_the_whole_one() -> None:
    x = Tensor(RNG.normal(size=(2, 6, 3)), WIDE)
    lstm, gru = LstmConfig(3, 4, True).init(WIDE), GruConfig(3, 4, True).init(WIDE)
    whole, last = lstm(x)
    first, state = lstm(x[:, :2])
    second, end = lstm(x[:, 2:], state)
    np.testing.assert_allclose(Tensor.cat([first, second], 1).numpy(), whole.numpy(), rtol=1e-12)
    np.testing.assert_allclose(end.cell.numpy(), last.cell.numpy(), rtol=1e-12)
    whole, first = gru(x), gru(x[:, :2])
    np.testing.assert_allclose(gru(x[:, 2:], first[:, -1]).numpy(), whole.numpy()[:, 2:], rtol=1e-12)


@pytest.mark.parametrize("config", [LstmConfig(2, 3, True), LstmConfig(2, 3, False), BiLstmConfig(2, 3, True)])
def test_lstm_gradients(config: Any) -> None:
    layer = config.init(TRAIN)

    def run(layer: Any, x: Tensor) -> Tensor:
        output, state = layer(x)
        return Tensor.cat([output.reshape(-1), state.cell.reshape(-1) * 2])

    assert check_gradients(run, layer, RNG.normal(size=(2, 3, 2)), samples=3).checked > 50


@pytest.mark.parametrize("config", [GruConfig(2, 3, True), GruConfig(2, 3, False, reset_after=False)])
def test_gru_gradients(config: Any) -> None:
    layer = config.init(TRAIN)
    report = check_gradients(lambda layer, x: layer(x), layer, RNG.normal(size=(2, 3, 2)), samples=3)
    assert report.checked > 36


def test_shapes_and_float32() -> None:
    x = Tensor(RNG.normal(size=(8, 10, 64)))
    assert GruConfig(64, 32, True).init(TRAIN)(x).shape == (8, 10, 32)
    output, state = LstmConfig(64, 32, True).init(TRAIN)(x)
    assert output.shape == (8, 10, 32) and state.cell.shape == state.hidden.shape == (8, 32)
    assert output.dtype == np.float32
    output, state = BiLstmConfig(64, 32, True).init(TRAIN)(x[:1, :2])
    assert output.shape == (1, 2, 64) and state.cell.shape == (2, 1, 32)


def test_how_they_print_and_their_records() -> None:
    assert str(GruConfig(2, 8, True).init(TRAIN)) == (
        "Gru {d_input: 2, d_hidden: 8, bias: true, reset_after: true, params: 288}"
    )
    assert str(LstmConfig(2, 3, True).init(TRAIN)) == "Lstm {d_input: 2, d_hidden: 3, bias: true, params: 84}"
    bi = BiLstmConfig(2, 3, True).init(TRAIN)
    assert str(bi) == "BiLstm {d_input: 2, d_hidden: 3, bias: true, params: 168}"
    record = bi.into_record()
    assert list(record) == ["forward", "reverse", "d_hidden"]
    assert list(record["forward"]) == ["input_gate", "forget_gate", "output_gate", "cell_gate", "d_hidden"]
    assert list(record["forward"]["input_gate"]) == ["input_transform", "hidden_transform"]
    again = BiLstmConfig(2, 3, True).init(TRAIN).load_record(record)
    x = Tensor(RNG.normal(size=(1, 2, 2)))
    np.testing.assert_array_equal(again(x)[0].numpy(), bi(x)[0].numpy())
    assert list(GruConfig(2, 8, True).init(TRAIN).into_record()) == [
        "update_gate", "reset_gate", "new_gate", "d_hidden", "reset_after"
    ]  # fmt: skip
