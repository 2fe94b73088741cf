"""HardSigmoid: a sigmoid of straight lines."""

from __future__ import annotations

from typing import Any

from ..activation import hard_sigmoid
from ..config import Config
from ..module import Module
from ..tensor import Tensor

__all__ = ["HardSigmoid", "HardSigmoidConfig"]


class HardSigmoidConfig(Config):
    """`alpha` is the slope, `beta` the value at 0.

    >>> HardSigmoidConfig().init()
    HardSigmoid {alpha: 0.2, beta: 0.5}
    """

    alpha: float = 0.2
    beta: float = 0.5

    def init(self) -> HardSigmoid:
        """The layer."""
        return HardSigmoid(float(self.alpha), float(self.beta))


class HardSigmoid(Module):
    """alpha * x + beta between 0 and 1, element by element."""

    alpha: float = 0.2
    beta: float = 0.5

    def forward(self, input: Tensor) -> Tensor:
        """The same shape."""
        return hard_sigmoid(input, self.alpha, self.beta)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"alpha": self.alpha, "beta": self.beta}
