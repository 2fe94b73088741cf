"""What all convolutions share: their parameters."""

from __future__ import annotations

from math import prod

from ...backend import Device
from ...errors import ConfigError
from ...param import Param
from ..init import Initializer

__all__ = ["init_params"]


def init_params(
    config: str,
    channels: tuple[int, ...],
    kernel_size: tuple[int, ...],
    groups: int,
    bias: bool,
    initializer: Initializer,
    device: Device,
    transposed: bool = False,
) -> tuple[Param, Param | None]:
    """Weight [channels_out, channels_in / groups, *kernel_size], transposed [channels_in, channels_out / groups, ...],

    and bias [channels_out], both drawn with the fans of the weight. Raises `ConfigError`.
    """
    if any(n % groups for n in channels):
        raise ConfigError(
            f"{config}: both channels must be divisible by the number of groups. "
            f"Got channels_in={channels[0]}, channels_out={channels[1]}, groups={groups}"
        )
    first, second = channels if transposed else channels[::-1]
    fan_in, fan_out = second // groups * prod(kernel_size), first // groups * prod(kernel_size)
    weight = initializer.init_with((first, second // groups, *kernel_size), fan_in, fan_out, device)
    return weight, initializer.init_with(channels[1:], fan_in, fan_out, device) if bias else None
