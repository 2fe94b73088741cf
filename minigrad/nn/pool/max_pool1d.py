"""MaxPool1d: the greatest element of each window of sequences."""

from __future__ import annotations

from typing import Any

from ...config import Config
from ...functional import max_pool1d
from ...module import Module
from ...tensor import Tensor
from ..checks import integer
from ..padding import PaddingConfig1d, check_padding

__all__ = ["MaxPool1d", "MaxPool1dConfig"]


class MaxPool1dConfig(Config):
    """Windows of `kernel_size`, one every `stride`: 1 unless given, as in Burn.

    >>> MaxPool1dConfig(3).init()
    MaxPool1d {kernel_size: 3, stride: 1, padding: Valid, dilation: 1}
    """

    kernel_size: int
    stride: int = 1
    padding: PaddingConfig1d = PaddingConfig1d.Valid
    dilation: int = 1

    def init(self) -> MaxPool1d:
        """The layer. Raises `ConfigError` for sizes that cannot be."""
        name = "MaxPool1dConfig"
        kernel_size = integer(name, "kernel_size", self.kernel_size)
        check_padding(name, self.padding, PaddingConfig1d, (kernel_size,))
        return MaxPool1d(
            integer(name, "stride", self.stride),
            kernel_size,
            self.padding,
            integer(name, "dilation", self.dilation),
        )


class MaxPool1d(Module):
    """`functional.max_pool1d`."""

    stride: int
    kernel_size: int
    padding: PaddingConfig1d
    dilation: int

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, length] to [batch, channels, ...]. Raises `ShapeError`."""
        padding = self.padding.amounts(input, (self.kernel_size,), (self.stride,), (self.dilation,))
        return max_pool1d(input, self.kernel_size, self.stride, padding, self.dilation)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("kernel_size", "stride", "padding", "dilation")}
