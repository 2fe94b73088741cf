"""LeakyRelu: a small slope below 0."""

from __future__ import annotations

from typing import Any

from ..activation import leaky_relu
from ..config import Config
from ..module import Module
from ..tensor import Tensor

__all__ = ["LeakyRelu", "LeakyReluConfig"]


class LeakyReluConfig(Config):
    """`negative_slope` is the slope below 0.

    >>> LeakyReluConfig().init()
    LeakyRelu {negative_slope: 0.01}
    """

    negative_slope: float = 0.01

    def init(self) -> LeakyRelu:
        """The layer."""
        return LeakyRelu(float(self.negative_slope))


class LeakyRelu(Module):
    """x, or negative_slope * x for x < 0, element by element."""

    negative_slope: float = 0.01

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return leaky_relu(input, self.negative_slope)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"negative_slope": self.negative_slope}
