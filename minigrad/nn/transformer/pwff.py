"""PositionWiseFeedForward: two linear layers with a GELU between, on each position alone."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...module import Module
from ...tensor import Tensor
from ..activation import Gelu
from ..dropout import Dropout, DropoutConfig
from ..init import Initializer
from ..linear import Linear, LinearConfig

__all__ = ["PositionWiseFeedForward", "PositionWiseFeedForwardConfig"]


class PositionWiseFeedForwardConfig(Config):
    """`d_model` features in and out, `d_ff` between.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> PositionWiseFeedForwardConfig(2, 4).init(Autodiff(NdArray(seed=42)))
    PositionWiseFeedForward {d_model: 2, d_ff: 4, prob: 0.1, params: 22}
    """

    d_model: int
    d_ff: int
    dropout: float = 0.1
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> PositionWiseFeedForward:
        """A layer of the device's next draws. Raises `ConfigError`."""
        inner = LinearConfig(self.d_model, self.d_ff, initializer=self.initializer).init(device)
        outer = LinearConfig(self.d_ff, self.d_model, initializer=self.initializer).init(device)
        return PositionWiseFeedForward(inner, outer, DropoutConfig(self.dropout).init(), Gelu())


class PositionWiseFeedForward(Module):
    """outer(dropout(gelu(inner(x))))."""

    linear_inner: Linear
    linear_outer: Linear
    dropout: Dropout
    gelu: Gelu

    def forward(self, input: Tensor) -> Tensor:
        """[..., d_model] to the same. Raises `ShapeError`."""
        return self.linear_outer(self.dropout(self.gelu(self.linear_inner(input))))

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        d_model, d_ff = self.linear_inner.weight.shape
        return {"d_model": d_model, "d_ff": d_ff, "prob": self.dropout.prob}
