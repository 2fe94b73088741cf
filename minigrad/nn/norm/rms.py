"""RmsNorm: by the root of the mean square of each item's features."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...functional import rms_norm
from ...module import Module
from ...param import Param
from ...tensor import Tensor
from ..checks import integer
from ..init import Initializer
from .params import positive

__all__ = ["RmsNorm", "RmsNormConfig"]


class RmsNormConfig(Config):
    """Over the last axis, of `d_model` features.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> RmsNormConfig(6).init(Autodiff(NdArray(seed=42)))
    RmsNorm {d_model: 6, epsilon: 0.00001, params: 6}
    """

    d_model: int
    epsilon: float = 1e-5

    def init(self, device: Device) -> RmsNorm:
        """gamma of ones. Raises `ConfigError`."""
        n, epsilon = integer("RmsNormConfig", "d_model", self.d_model), positive("RmsNormConfig", self.epsilon)
        return RmsNorm(Initializer.Ones.init([n], device), epsilon)


class RmsNorm(Module):
    """x / sqrt(mean of x^2 + epsilon) * gamma over the last axis."""

    gamma: Param
    epsilon: float = 1e-5

    def forward(self, input: Tensor) -> Tensor:
        """[..., d_model] to the same. Raises `ShapeError`."""
        return rms_norm(input, self.gamma, self.epsilon)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"d_model": self.gamma.shape[0], "epsilon": self.epsilon}

    def signature(self) -> str:
        return f"RmsNorm({self.gamma.shape[0]})"
