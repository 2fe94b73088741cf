"""PRelu: a slope below 0 that is learned."""

from __future__ import annotations

from typing import Any

from ..activation import prelu
from ..backend import Device
from ..config import Config
from ..module import Module
from ..param import Param
from ..tensor import Tensor
from .checks import integer
from .init import Initializer

__all__ = ["PRelu", "PReluConfig"]


class PReluConfig(Config):
    """`num_parameters` slopes, one for all or one for each channel, which start at `alpha`.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> PReluConfig().init(Autodiff(NdArray(seed=42)))
    PRelu {num_parameters: 1, alpha_value: 0.25, params: 1}
    """

    num_parameters: int = 1
    alpha: float = 0.25

    def init(self, device: Device) -> PRelu:
        """The layer. Raises `ConfigError`."""
        n = integer("PReluConfig", "num_parameters", self.num_parameters)
        return PRelu(Initializer.Constant(float(self.alpha)).init([n], device), float(self.alpha))


class PRelu(Module):
    """x, or alpha * x for x < 0: alpha has one element, or one for each channel of [batch, channels, ...]."""

    alpha: Param
    alpha_value: float

    def forward(self, input: Tensor) -> Tensor:
        """The same shape. Raises `ShapeError` for another number of channels."""
        return prelu(input, self.alpha)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"num_parameters": self.alpha.shape[0], "alpha_value": self.alpha_value}
