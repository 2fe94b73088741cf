"""AvgPool2d: the mean of each window of images."""

from __future__ import annotations

from typing import Any

from ...config import Config
from ...functional import avg_pool2d
from ...module import Module
from ...tensor import Tensor
from ..checks import integers
from ..padding import PaddingConfig2d, check_padding

__all__ = ["AvgPool2d", "AvgPool2dConfig"]


class AvgPool2dConfig(Config):
    """Windows of `kernel_size` (height, width), one every `strides`: 1 unless given, as in Burn.

    With `count_include_pad=False` the zeros of the padding do not count in the mean.

    >>> AvgPool2dConfig((3, 3)).init()
    AvgPool2d {kernel_size: [3, 3], stride: [1, 1], padding: Valid, count_include_pad: true}
    """

    kernel_size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    padding: PaddingConfig2d = PaddingConfig2d.Valid
    count_include_pad: bool = True

    def init(self) -> AvgPool2d:
        """The layer. Raises `ConfigError` for sizes that cannot be."""
        name = "AvgPool2dConfig"
        kernel_size = integers(name, "kernel_size", self.kernel_size, 2)
        check_padding(name, self.padding, PaddingConfig2d, kernel_size)
        stride = integers(name, "strides", self.strides, 2)
        return AvgPool2d(stride, kernel_size, self.padding, self.count_include_pad)


class AvgPool2d(Module):
    """`functional.avg_pool2d`."""

    stride: tuple[int, ...]
    kernel_size: tuple[int, ...]
    padding: PaddingConfig2d
    count_include_pad: bool

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, height, width] to [batch, channels, ...]. Raises `ShapeError`."""
        padding = self.padding.amounts(input, self.kernel_size, self.stride)
        return avg_pool2d(input, self.kernel_size, self.stride, padding, self.count_include_pad)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("kernel_size", "stride", "padding", "count_include_pad")}
