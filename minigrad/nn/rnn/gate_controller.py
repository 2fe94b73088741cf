"""GateController: what a gate of a recurrent layer makes of the input and of the last hidden state."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...backend import Device
from ...blame import module_path
from ...errors import DtypeError, ShapeError
from ...lifting import make
from ...module import Module
from ...tensor import Tensor, linear
from ..init import Initializer
from ..linear import Linear, LinearConfig

__all__ = ["GateController", "from_input", "start"]


class GateController(Module):
    """Two linear layers, whose sum goes into the gate.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> gate = GateController.new(2, 3, True, Initializer.XavierNormal(), Autodiff(NdArray(seed=42)))
    >>> gate.num_params(), gate.gate_product(Tensor.ones((1, 2)), Tensor.ones((1, 3))).shape
    (21, (1, 3))
    """

    input_transform: Linear
    hidden_transform: Linear

    @classmethod
    def new(cls, d_input: int, d_output: int, bias: bool, initializer: Initializer, device: Device) -> GateController:
        """A gate of the device's next draws. Raises `ConfigError`."""
        return cls(
            LinearConfig(d_input, d_output, bias, initializer).init(device),
            LinearConfig(d_output, d_output, bias, initializer).init(device),
        )

    def gate_product(self, input: Tensor, hidden: Tensor) -> Tensor:
        """Of input [batch, d_input] and hidden state [batch, d_output]: [batch, d_output]."""
        return self.input_transform(input) + self.hidden_transform(hidden)


def from_input(gates: Sequence[GateController], input: Tensor, hidden_bias: Sequence[bool]) -> Tensor:
    """What the input [batch, length, d_input] gives to several gates, side by side and for all steps at once.

    Where `hidden_bias` says so, with the bias of the other linear layer too. Raises `ShapeError`, `DtypeError`.
    """
    weights = [gate.input_transform.weight for gate in gates]
    if not isinstance(input, Tensor):
        raise DtypeError(f"a recurrent layer of a {type(input).__name__}: it wants a tensor; Tensor(data, device)")
    if input.ndim != 3 or input.shape[2] != weights[0].shape[0] or not input.shape[1]:
        raise ShapeError(
            f"a recurrent layer of an input of shape {input.shape}: it wants [batch, length, {weights[0].shape[0]}]"
            f"{module_path()}"
        )
    rows = input.reshape((-1, input.shape[2]))
    biases = [
        [layer.bias for layer in (gate.input_transform, gate.hidden_transform)[: 1 + own] if layer.bias is not None]
        for gate, own in zip(gates, hidden_bias, strict=True)
    ]
    if any(biases):
        zeros = make(np.zeros(weights[0].shape[1], weights[0].dtype), weights[0].device.inner)
        rows = linear(rows, Tensor.cat(weights, 1), Tensor.cat([sum(some, zeros) for some in biases]))
    else:
        rows = rows @ Tensor.cat(weights, 1)
    return rows.reshape((*input.shape[:2], rows.shape[1]))


def start(state: Tensor | None, input: Tensor, d_hidden: int) -> Tensor:
    """A start state [batch, d_hidden], zeros if none is given. Raises `ShapeError`."""
    shape = (input.shape[0], d_hidden)
    if state is None:
        return make(np.zeros(shape, input.dtype), input.device.inner)
    if not isinstance(state, Tensor) or state.shape != shape:
        raise ShapeError(
            f"a recurrent layer: its state has shape {np.shape(state)}, and must be [batch, d_hidden], {shape}"
            f"{module_path()}"
        )
    return state
