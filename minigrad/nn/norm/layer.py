"""LayerNorm: over the features of each item."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...functional import layer_norm
from ...module import Module
from ...param import Param
from ...tensor import Tensor
from ..checks import integer
from .params import gamma_and_beta, positive

__all__ = ["LayerNorm", "LayerNormConfig"]


class LayerNormConfig(Config):
    """Over the last axis, of `d_model` features.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> LayerNormConfig(6).init(Autodiff(NdArray(seed=42)))
    LayerNorm {d_model: 6, epsilon: 0.00001, params: 12}
    """

    d_model: int
    epsilon: float = 1e-5

    def init(self, device: Device) -> LayerNorm:
        """gamma of ones and beta of zeros. Raises `ConfigError`."""
        n, epsilon = integer("LayerNormConfig", "d_model", self.d_model), positive("LayerNormConfig", self.epsilon)
        return LayerNorm(*gamma_and_beta(n, device), epsilon)


class LayerNorm(Module):
    """(x - mean) / sqrt(variance + epsilon) * gamma + beta over the last axis, with the biased variance."""

    gamma: Param
    beta: Param
    epsilon: float = 1e-5

    def forward(self, input: Tensor) -> Tensor:
        """[..., d_model] to the same. Raises `ShapeError`."""
        return layer_norm(input, self.gamma, self.beta, self.epsilon)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"d_model": self.gamma.shape[0], "epsilon": self.epsilon}

    def signature(self) -> str:
        return f"LayerNorm({self.gamma.shape[0]})"
