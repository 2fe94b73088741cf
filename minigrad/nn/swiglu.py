"""SwiGlu: a linear layer behind a gate."""

from __future__ import annotations

from typing import Any

from ..activation import silu
from ..backend import Device
from ..config import Config
from ..module import Module
from ..tensor import Tensor
from .init import Initializer
from .linear import Linear, LinearConfig

__all__ = ["SwiGlu", "SwiGluConfig"]


class SwiGluConfig(Config):
    """`d_input` features in, `d_output` out, by two linear layers.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> SwiGluConfig(3, 5).init(Autodiff(NdArray(seed=42)))
    SwiGlu {d_input: 3, d_output: 5, bias: false, params: 30}
    """

    d_input: int
    d_output: int
    bias: bool = False
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> SwiGlu:
        """A layer of the device's next draws. Raises `ConfigError`."""
        linear = LinearConfig(self.d_input, self.d_output, self.bias, self.initializer)
        return SwiGlu(linear.init(device), linear.init(device))


class SwiGlu(Module):
    """silu(inner(x)) * outer(x) (Shazeer, GLU variants improve transformer, 2020)."""

    linear_inner: Linear
    linear_outer: Linear

    def forward(self, input: Tensor) -> Tensor:
        """[..., d_input] to [..., d_output]. Raises `ShapeError`."""
        return silu(self.linear_inner(input)) * self.linear_outer(input)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return self.linear_inner.attributes()
