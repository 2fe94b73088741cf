"""Conv3d: a convolution over volumes."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...functional import conv3d
from ...module import Module
from ...param import Param
from ...tensor import Tensor
from ..init import Initializer
from ..padding import PaddingConfig3d
from .params import fields

__all__ = ["Conv3d", "Conv3dConfig"]


class Conv3dConfig(Config):
    """`channels` (in, out); each channel out sees a window of `kernel_size` (depth, height, width) of volumes.

    Weight and bias are drawn from U(-1/sqrt(n), 1/sqrt(n)) with n = channels_in / groups * prod(kernel_size).

    >>> from minigrad.backend import Autodiff, NdArray
    >>> Conv3dConfig((5, 1), (5, 5, 5)).init(Autodiff(NdArray(seed=42)))
    Conv3d {stride: [1, 1, 1], kernel_size: [5, 5, 5], dilation: [1, 1, 1], groups: 1, padding: Valid, params: 626}
    """

    channels: tuple[int, int]
    kernel_size: tuple[int, int, int]
    stride: tuple[int, int, int] = (1, 1, 1)
    dilation: tuple[int, int, int] = (1, 1, 1)
    groups: int = 1
    padding: PaddingConfig3d = PaddingConfig3d.Valid
    bias: bool = True
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> Conv3d:
        """A layer of the device's next draws. Raises `ConfigError` for sizes that cannot be."""
        return Conv3d(*fields(self, 3, PaddingConfig3d, device))


class Conv3d(Module):
    """`functional.conv3d` with weight [channels_out, channels_in / groups, *kernel_size] and bias [channels_out]."""

    weight: Param
    bias: Param | None
    stride: tuple[int, ...]
    kernel_size: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    padding: PaddingConfig3d

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels_in, depth, height, width] to [batch, channels_out, ...]. Raises `ShapeError`."""
        padding = self.padding.amounts(input, self.kernel_size, self.stride, self.dilation)
        return conv3d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("stride", "kernel_size", "dilation", "groups", "padding")}

    def signature(self) -> str:
        return f"Conv3d({self.weight.shape[1] * self.groups} -> {self.weight.shape[0]})"
