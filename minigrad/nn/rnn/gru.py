"""Gru: a recurrent layer of three gates."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...backend import Device
from ...config import Config
from ...lifting import lift, make
from ...module import Module
from ...rules import recurrent
from ...tensor import Tensor
from ..checks import integer
from ..init import Initializer
from .gate_controller import GateController, from_input, start

__all__ = ["Gru", "GruConfig"]

_gru = lift(recurrent.gru)


class GruConfig(Config):
    """`d_input` features in, `d_hidden` out.

    With `reset_after` the reset gate falls on what the hidden state gives, as in PyTorch, else on the hidden state.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> GruConfig(2, 8, bias=True).init(Autodiff(NdArray(seed=42)))
    Gru {d_input: 2, d_hidden: 8, bias: true, reset_after: true, params: 288}
    """

    d_input: int
    d_hidden: int
    bias: bool
    reset_after: bool = True
    initializer: Initializer = Initializer.XavierNormal()

    def init(self, device: Device) -> Gru:
        """A layer of the device's next draws. Raises `ConfigError`."""
        d_input, d_hidden = (integer("GruConfig", name, getattr(self, name)) for name in ("d_input", "d_hidden"))
        sizes = d_input, d_hidden, self.bias, self.initializer, device
        update, reset, new = (GateController.new(*sizes) for _ in range(3))
        return Gru(update, reset, new, d_hidden, self.reset_after)


class Gru(Module):
    """h = (1 - z) * n + z * h with z, r = sigmoid(.) and n = tanh(W x + b + r * (U h + b)) (Cho and others, 2014)."""

    update_gate: GateController
    reset_gate: GateController
    new_gate: GateController
    d_hidden: int
    reset_after: bool

    def forward(self, batched_input: Tensor, state: Tensor | None = None) -> Tensor:
        """[batch, length, d_input] to all hidden states [batch, length, d_hidden], from `state` [batch, d_hidden] on.

        Raises `ShapeError`.
        """
        gates = [self.update_gate, self.reset_gate, self.new_gate]
        given = from_input(gates, batched_input, (True, True, False))
        hidden = Tensor.cat([gate.hidden_transform.weight for gate in gates], 1)
        bias: Any = self.new_gate.hidden_transform.bias
        if bias is None:
            bias = make(np.zeros(self.d_hidden, given.dtype), given.device.inner)
        return _gru(given, hidden, bias, start(state, given, self.d_hidden), after=self.reset_after)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        linear = self.update_gate.input_transform
        return {
            "d_input": linear.weight.shape[0], "d_hidden": self.d_hidden, "bias": linear.bias is not None,
            "reset_after": self.reset_after,
        }  # fmt: skip

    def signature(self) -> str:
        return f"Gru({self.update_gate.input_transform.weight.shape[0]} -> {self.d_hidden})"
