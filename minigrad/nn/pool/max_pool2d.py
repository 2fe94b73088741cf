"""MaxPool2d: the greatest element of each window of images."""

from __future__ import annotations

from typing import Any

from ...config import Config
from ...functional import max_pool2d
from ...module import Module
from ...tensor import Tensor
from ..checks import integers
from ..padding import PaddingConfig2d, check_padding

__all__ = ["MaxPool2d", "MaxPool2dConfig"]


class MaxPool2dConfig(Config):
    """Windows of `kernel_size` (height, width), one every `strides`: 1 unless given, as in Burn.

    >>> MaxPool2dConfig((3, 3)).init()
    MaxPool2d {kernel_size: [3, 3], stride: [1, 1], padding: Valid, dilation: [1, 1]}
    """

    kernel_size: tuple[int, int]
    strides: tuple[int, int] = (1, 1)
    padding: PaddingConfig2d = PaddingConfig2d.Valid
    dilation: tuple[int, int] = (1, 1)

    def init(self) -> MaxPool2d:
        """The layer. Raises `ConfigError` for sizes that cannot be."""
        name = "MaxPool2dConfig"
        kernel_size = integers(name, "kernel_size", self.kernel_size, 2)
        check_padding(name, self.padding, PaddingConfig2d, kernel_size)
        return MaxPool2d(
            integers(name, "strides", self.strides, 2),
            kernel_size,
            self.padding,
            integers(name, "dilation", self.dilation, 2),
        )


class MaxPool2d(Module):
    """`functional.max_pool2d`."""

    stride: tuple[int, ...]
    kernel_size: tuple[int, ...]
    padding: PaddingConfig2d
    dilation: tuple[int, ...]

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, height, width] to [batch, channels, ...]. Raises `ShapeError`."""
        padding = self.padding.amounts(input, self.kernel_size, self.stride, self.dilation)
        return max_pool2d(input, self.kernel_size, self.stride, padding, self.dilation)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("kernel_size", "stride", "padding", "dilation")}
