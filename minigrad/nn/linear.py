"""Linear: x @ weight + bias."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..backend import Device
from ..config import Config
from ..errors import ConfigError, DtypeError, ShapeError
from ..module import Module
from ..param import Param
from ..tensor import Tensor, linear
from .init import Initializer

__all__ = ["Linear", "LinearConfig"]


class LinearConfig(Config):
    """`d_input` features in, `d_output` out. Weight and bias are drawn from U(-1/sqrt(d_input), 1/sqrt(d_input)).

    >>> from minigrad.backend import Autodiff, NdArray
    >>> LinearConfig(2, 16).init(Autodiff(NdArray(seed=42)))
    Linear {d_input: 2, d_output: 16, bias: true, params: 48}
    """

    d_input: int
    d_output: int
    bias: bool = True
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> Linear:
        """A layer of the device's next draws. Raises `ConfigError` for sizes that are no positive integers."""
        for name, size in (("d_input", self.d_input), ("d_output", self.d_output)):
            if isinstance(size, bool) or not isinstance(size, (int, np.integer)) or size < 1:
                raise ConfigError(
                    f"LinearConfig: {name} is {size!r}, and must be an integer of at least 1: LinearConfig(2, 16)"
                )
        fans = int(self.d_input), int(self.d_output)
        weight = self.initializer.init_with(fans, *fans, device)
        bias = self.initializer.init_with(fans[1:], *fans, device) if self.bias else None
        return Linear(weight, bias)


class Linear(Module):
    """`x @ weight + bias` over the last axis: weight [d_input, d_output] (PyTorch's is transposed), bias [d_output]."""

    weight: Param
    bias: Param | None

    def __init__(self, weight: Param, bias: Param | None = None) -> None:
        shapes = np.shape(weight), np.shape(bias) if bias is not None else None
        if len(shapes[0]) != 2 or shapes[1] not in (None, shapes[0][1:]):
            raise ShapeError(
                f"Linear: a weight of shape {shapes[0]} and a bias of {shapes[1]}\n"
                "  weight is [d_input, d_output], bias [d_output] or None: LinearConfig(2, 16).init(device) makes both"
            )
        self.weight, self.bias = weight, bias

    def forward(self, input: Tensor) -> Tensor:
        """[..., d_input] to [..., d_output]. Raises `ShapeError` naming the config that would fit."""
        weight, bias = self.weight, self.bias
        try:
            if bias is None:
                return input @ weight
            if input.data.ndim == 2:
                return linear(input, weight, bias)
            rows = input.reshape((-1, input.shape[-1]))
            return linear(rows, weight, bias).reshape((*input.shape[:-1], weight.shape[1]))
        except (ShapeError, IndexError, AttributeError) as error:
            raise self._misfit(input, error) from None

    __call__ = forward

    def _misfit(self, input: Any, error: Exception) -> Exception:
        d_input, d_output = self.weight.shape
        if not isinstance(input, Tensor):
            return DtypeError(
                f"Linear of a {type(input).__name__}: it wants a tensor; wrap the data: Tensor(data, device)"
            )
        if not input.ndim or input.shape[-1] == d_input:
            return ShapeError(f"Linear of an input of shape {input.shape}: it wants [..., {d_input}]")
        where = next((line for line in str(error).splitlines() if line.startswith("  in ")), f"  in {self.signature()}")
        return ShapeError(
            f"matmul: inner sizes differ: {input.shape} @ {self.weight.shape}\n"
            f"  left has {input.shape[-1]} columns, right has {d_input} rows\n{where}\n"
            f"  help: the batch has {input.shape[-1]} features; LinearConfig({input.shape[-1]}, {d_output}) would fit"
        )

    def attributes(self) -> dict[str, Any]:
        d_input, d_output = self.weight.shape
        return {"d_input": d_input, "d_output": d_output, "bias": self.bias is not None}

    def signature(self) -> str:
        return f"Linear({self.weight.shape[0]} -> {self.weight.shape[1]})"
