"""InstanceNorm: over each channel of each item."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...functional import instance_norm
from ...module import Module
from ...param import Param
from ...tensor import Tensor
from ..checks import integer
from .params import check_channels, gamma_and_beta, positive

__all__ = ["InstanceNorm", "InstanceNormConfig"]


class InstanceNormConfig(Config):
    """Of `num_channels`; `affine`: with gamma and beta for each.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> InstanceNormConfig(6).init(Autodiff(NdArray(seed=42)))
    InstanceNorm {num_channels: 6, epsilon: 0.00001, affine: true, params: 12}
    """

    num_channels: int
    epsilon: float = 1e-5
    affine: bool = True

    def init(self, device: Device) -> InstanceNorm:
        """gamma of ones and beta of zeros. Raises `ConfigError`."""
        name = "InstanceNormConfig"
        channels = integer(name, "num_channels", self.num_channels)
        gamma, beta = gamma_and_beta(channels, device) if self.affine else (None, None)
        return InstanceNorm(gamma, beta, channels, positive(name, self.epsilon), bool(self.affine))


class InstanceNorm(Module):
    """(x - mean) / sqrt(variance + epsilon) over the axes after each channel of an item, then gamma and beta."""

    gamma: Param | None
    beta: Param | None
    num_channels: int
    epsilon: float
    affine: bool

    def forward(self, input: Tensor) -> Tensor:
        """[batch, num_channels, ...] to the same. Raises `ShapeError`."""
        check_channels("InstanceNorm", input, self.num_channels)
        return instance_norm(input, self.gamma, self.beta, self.epsilon)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("num_channels", "epsilon", "affine")}

    def signature(self) -> str:
        return f"InstanceNorm({self.num_channels})"
