"""AvgPool1d: the mean of each window of sequences."""

from __future__ import annotations

from typing import Any

from ...config import Config
from ...functional import avg_pool1d
from ...module import Module
from ...tensor import Tensor
from ..checks import integer
from ..padding import PaddingConfig1d, check_padding

__all__ = ["AvgPool1d", "AvgPool1dConfig"]


class AvgPool1dConfig(Config):
    """Windows of `kernel_size`, one every `stride`: 1 unless given, as in Burn.

    With `count_include_pad=False` the zeros of the padding do not count in the mean.

    >>> AvgPool1dConfig(3).init()
    AvgPool1d {kernel_size: 3, stride: 1, padding: Valid, count_include_pad: true}
    """

    kernel_size: int
    stride: int = 1
    padding: PaddingConfig1d = PaddingConfig1d.Valid
    count_include_pad: bool = True

    def init(self) -> AvgPool1d:
        """The layer. Raises `ConfigError` for sizes that cannot be."""
        name = "AvgPool1dConfig"
        kernel_size = integer(name, "kernel_size", self.kernel_size)
        check_padding(name, self.padding, PaddingConfig1d, (kernel_size,))
        stride = integer(name, "stride", self.stride)
        return AvgPool1d(stride, kernel_size, self.padding, self.count_include_pad)


class AvgPool1d(Module):
    """`functional.avg_pool1d`."""

    stride: int
    kernel_size: int
    padding: PaddingConfig1d
    count_include_pad: bool

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, length] to [batch, channels, ...]. Raises `ShapeError`."""
        padding = self.padding.amounts(input, (self.kernel_size,), (self.stride,))
        return avg_pool1d(input, self.kernel_size, self.stride, padding, self.count_include_pad)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("kernel_size", "stride", "padding", "count_include_pad")}
