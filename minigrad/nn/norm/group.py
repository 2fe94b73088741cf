"""GroupNorm: over groups of each item's channels."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...errors import ConfigError
from ...functional import group_norm
from ...module import Module
from ...param import Param
from ...tensor import Tensor
from ..checks import integer
from .params import check_channels, gamma_and_beta, positive

__all__ = ["GroupNorm", "GroupNormConfig"]


class GroupNormConfig(Config):
    """`num_channels` in `num_groups` of one size; `affine`: with gamma and beta for each channel.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> GroupNormConfig(3, 6).init(Autodiff(NdArray(seed=42)))
    GroupNorm {num_groups: 3, num_channels: 6, epsilon: 0.00001, affine: true, params: 12}
    """

    num_groups: int
    num_channels: int
    epsilon: float = 1e-5
    affine: bool = True

    def init(self, device: Device) -> GroupNorm:
        """gamma of ones and beta of zeros. Raises `ConfigError` where the groups do not divide the channels."""
        name = "GroupNormConfig"
        groups, channels = (integer(name, field, getattr(self, field)) for field in ("num_groups", "num_channels"))
        if channels % groups:
            raise ConfigError(f"{name}: {channels} channels do not make {groups} groups of one size")
        gamma, beta = gamma_and_beta(channels, device) if self.affine else (None, None)
        return GroupNorm(gamma, beta, groups, channels, positive(name, self.epsilon), bool(self.affine))


class GroupNorm(Module):
    """(x - mean) / sqrt(variance + epsilon) over each group of channels of an item, then gamma and beta."""

    gamma: Param | None
    beta: Param | None
    num_groups: int
    num_channels: int
    epsilon: float
    affine: bool

    def forward(self, input: Tensor) -> Tensor:
        """[batch, num_channels, ...] to the same. Raises `ShapeError`."""
        check_channels("GroupNorm", input, self.num_channels)
        return group_norm(input, self.num_groups, self.gamma, self.beta, self.epsilon)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("num_groups", "num_channels", "epsilon", "affine")}

    def signature(self) -> str:
        return f"GroupNorm({self.num_groups} x {self.num_channels // self.num_groups})"
