"""Conv2d: a convolution over images."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...functional import conv2d
from ...module import Module
from ...param import Param
from ...tensor import Tensor
from ..init import Initializer
from ..padding import PaddingConfig2d
from .params import fields

__all__ = ["Conv2d", "Conv2dConfig"]


class Conv2dConfig(Config):
    """`channels` (in, out); each channel out sees a window of `kernel_size` (height, width) of images.

    Weight and bias are drawn from U(-1/sqrt(n), 1/sqrt(n)) with n = channels_in / groups * prod(kernel_size).

    >>> from minigrad.backend import Autodiff, NdArray
    >>> Conv2dConfig((5, 1), (5, 5)).init(Autodiff(NdArray(seed=42)))
    Conv2d {stride: [1, 1], kernel_size: [5, 5], dilation: [1, 1], groups: 1, padding: Valid, params: 126}
    """

    channels: tuple[int, int]
    kernel_size: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    groups: int = 1
    padding: PaddingConfig2d = PaddingConfig2d.Valid
    bias: bool = True
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> Conv2d:
        """A layer of the device's next draws. Raises `ConfigError` for sizes that cannot be."""
        return Conv2d(*fields(self, 2, PaddingConfig2d, device))


class Conv2d(Module):
    """`functional.conv2d` with weight [channels_out, channels_in / groups, *kernel_size] and bias [channels_out]."""

    weight: Param
    bias: Param | None
    stride: tuple[int, ...]
    kernel_size: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    padding: PaddingConfig2d

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels_in, height, width] to [batch, channels_out, ...]. Raises `ShapeError`."""
        padding = self.padding.amounts(input, self.kernel_size, self.stride, self.dilation)
        return conv2d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("stride", "kernel_size", "dilation", "groups", "padding")}

    def signature(self) -> str:
        return f"Conv2d({self.weight.shape[1] * self.groups} -> {self.weight.shape[0]})"
