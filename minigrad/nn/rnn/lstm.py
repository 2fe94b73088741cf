"""Lstm: a recurrent layer of four gates, with a cell beside its hidden state; BiLstm: one for each direction."""

from __future__ import annotations

from typing import Any, NamedTuple

from ...backend import Device
from ...config import Config
from ...errors import ShapeError
from ...lifting import lift
from ...module import Module
from ...rules import recurrent
from ...tensor import Tensor
from ..checks import integer
from ..init import Initializer
from .gate_controller import GateController, from_input, start

__all__ = ["BiLstm", "BiLstmConfig", "Lstm", "LstmConfig", "LstmState"]

_lstm = lift(recurrent.lstm)


class LstmState(NamedTuple):
    """What goes from step to step: [batch, d_hidden] each, or [2, batch, d_hidden] of two directions."""

    cell: Tensor
    hidden: Tensor


class LstmConfig(Config):
    """`d_input` features in, `d_hidden` out.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> LstmConfig(2, 3, bias=True).init(Autodiff(NdArray(seed=42)))
    Lstm {d_input: 2, d_hidden: 3, bias: true, params: 84}
    """

    d_input: int
    d_hidden: int
    bias: bool
    initializer: Initializer = Initializer.XavierNormal()

    def init(self, device: Device) -> Lstm:
        """A layer of the device's next draws. Raises `ConfigError`."""
        d_input, d_hidden = (integer("LstmConfig", name, getattr(self, name)) for name in ("d_input", "d_hidden"))
        sizes = d_input, d_hidden, self.bias, self.initializer, device
        input_gate, forget_gate, output_gate, cell_gate = (GateController.new(*sizes) for _ in range(4))
        return Lstm(input_gate, forget_gate, output_gate, cell_gate, d_hidden)


class Lstm(Module):
    """c = f * c + i * tanh(.), h = o * tanh(c) with i, f, o = sigmoid(.) (Hochreiter and Schmidhuber, 1997)."""

    input_gate: GateController
    forget_gate: GateController
    output_gate: GateController
    cell_gate: GateController
    d_hidden: int

    def forward(self, batched_input: Tensor, state: LstmState | None = None) -> tuple[Tensor, LstmState]:
        """[batch, length, d_input] to all hidden states [batch, length, d_hidden], and the last state.

        Raises `ShapeError`.
        """
        gates = [self.input_gate, self.forget_gate, self.output_gate, self.cell_gate]
        given = from_input(gates, batched_input, (True,) * 4)
        cell, hidden = (None, None) if state is None else state
        before = [start(part, given, self.d_hidden) for part in (hidden, cell)]
        both = _lstm(given, Tensor.cat([gate.hidden_transform.weight for gate in gates], 1), *before)
        last, d = both[:, -1], self.d_hidden
        return both[..., :d], LstmState(last[:, d:], last[:, :d])

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        linear = self.input_gate.input_transform
        return {"d_input": linear.weight.shape[0], "d_hidden": self.d_hidden, "bias": linear.bias is not None}

    def signature(self) -> str:
        return f"Lstm({self.input_gate.input_transform.weight.shape[0]} -> {self.d_hidden})"


class BiLstmConfig(Config):
    """`d_input` features in, `d_hidden` out in each direction.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> BiLstmConfig(2, 3, bias=True).init(Autodiff(NdArray(seed=42)))
    BiLstm {d_input: 2, d_hidden: 3, bias: true, params: 168}
    """

    d_input: int
    d_hidden: int
    bias: bool
    initializer: Initializer = Initializer.XavierNormal()

    def init(self, device: Device) -> BiLstm:
        """A layer of the device's next draws. Raises `ConfigError`."""
        one = LstmConfig(self.d_input, self.d_hidden, self.bias, self.initializer)
        return BiLstm(one.init(device), one.init(device), one.d_hidden)


class BiLstm(Module):
    """One `Lstm` from the first step on and one from the last step back, their hidden states side by side."""

    forward_lstm: Lstm
    reverse_lstm: Lstm
    d_hidden: int

    record_keys = {"forward_lstm": "forward", "reverse_lstm": "reverse"}  # noqa: RUF012 - Burn's names of the fields

    def forward(self, batched_input: Tensor, state: LstmState | None = None) -> tuple[Tensor, LstmState]:
        """[batch, length, d_input] to [batch, length, 2 d_hidden], and the last state of both, [2, batch, d_hidden].

        Raises `ShapeError`.
        """
        states: tuple[LstmState | None, LstmState | None] = (None, None)
        if state is not None:
            if any(len(part.shape) != 3 or part.shape[0] != 2 for part in state):
                raise ShapeError(
                    f"BiLstm: a state of shapes {state.cell.shape} and {state.hidden.shape}: [2, batch, d_hidden] each"
                )
            states = (LstmState(state.cell[0], state.hidden[0]), LstmState(state.cell[1], state.hidden[1]))
        ahead, last = self.forward_lstm(batched_input, states[0])
        back, first = self.reverse_lstm(batched_input[:, ::-1], states[1])
        ends = (Tensor.stack([a, b]) for a, b in zip(last, first))
        return Tensor.cat([ahead, back[:, ::-1]], 2), LstmState(*ends)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return self.forward_lstm.attributes()
