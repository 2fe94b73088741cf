"""What all norms share: gamma and beta, and an epsilon."""

from __future__ import annotations

from ...backend import Device
from ...blame import module_path
from ...errors import ConfigError, ShapeError
from ...param import Param
from ...tensor import Tensor
from ..init import Initializer

__all__ = ["check_channels", "gamma_and_beta", "positive"]


def gamma_and_beta(n: int, device: Device) -> tuple[Param, Param]:
    """Ones and zeros [n]."""
    return Initializer.Ones.init([n], device), Initializer.Zeros.init([n], device)


def positive(config: str, epsilon: float) -> float:
    """`epsilon` as a float > 0. Raises `ConfigError`."""
    if isinstance(epsilon, bool) or not epsilon > 0:
        raise ConfigError(f"{config}: epsilon is {epsilon!r}, and must be a number > 0, such as 1e-5")
    return float(epsilon)


def check_channels(name: str, input: Tensor, channels: int) -> None:
    """Raise `ShapeError` unless the input is [batch, channels, ...] of this number; gamma and beta may be None."""
    if isinstance(input, Tensor) and input.ndim > 1 and input.shape[1] != channels:
        raise ShapeError(
            f"{name} of an input of shape {input.shape}: it has {input.shape[1]} channels, the layer {channels}"
            f"{module_path()}"
        )
