"""What all convolutions share: their parameters, and the fields of a layer of a config over several axes."""

from __future__ import annotations

from math import prod
from typing import Any

from ...backend import Device
from ...errors import ConfigError
from ...param import Param
from ..checks import integer, integers
from ..init import Initializer
from ..padding import check_padding

__all__ = ["fields", "fields_transposed", "init_params"]


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


def fields(config: Any, axes: int, padding: Any, device: Device) -> tuple[Any, ...]:
    """The fields of Conv2d or Conv3d in their order. Raises `ConfigError` for sizes that cannot be."""
    name = type(config).__name__
    parameters, stride, kernel_size, dilation, groups, _ = _checked(name, config, axes, device, transposed=False)
    check_padding(name, config.padding, padding, kernel_size)
    return *parameters, stride, kernel_size, dilation, groups, config.padding


def fields_transposed(config: Any, axes: int, device: Device) -> tuple[Any, ...]:
    """The fields of a transposed layer in their order. Raises `ConfigError` for sizes that cannot be."""
    name = type(config).__name__
    parameters, stride, kernel_size, dilation, groups, channels = _checked(name, config, axes, device, transposed=True)
    padding = integers(name, "padding", config.padding, axes, least=0)
    padding_out = integers(name, "padding_out", config.padding_out, axes, least=0)
    return *parameters, stride, kernel_size, dilation, groups, padding, padding_out, channels


def _checked(name: str, config: Any, axes: int, device: Device, transposed: bool) -> Any:
    channels = integers(name, "channels", config.channels, 2)
    kernel_size = integers(name, "kernel_size", config.kernel_size, axes)
    groups = integer(name, "groups", config.groups)
    stride = integers(name, "stride", config.stride, axes)
    dilation = integers(name, "dilation", config.dilation, axes)
    parameters = init_params(
        name, channels, kernel_size, groups, config.bias, config.initializer, device, transposed=transposed
    )
    return parameters, stride, kernel_size, dilation, groups, channels
