"""Unfold4d: windows of images as columns."""

from __future__ import annotations

from typing import Any

from ..config import Config
from ..functional import unfold4d
from ..module import Module
from ..tensor import Tensor
from .checks import integers

__all__ = ["Unfold4d", "Unfold4dConfig"]


class Unfold4dConfig(Config):
    """Windows of `kernel_size` (height, width).

    >>> Unfold4dConfig((3, 3)).init()
    Unfold4d {kernel_size: [3, 3], stride: [1, 1], dilation: [1, 1], padding: [0, 0]}
    """

    kernel_size: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    dilation: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)

    def init(self) -> Unfold4d:
        """The layer. Raises `ConfigError` for sizes that cannot be."""
        name = "Unfold4dConfig"
        return Unfold4d(
            integers(name, "kernel_size", self.kernel_size, 2),
            integers(name, "stride", self.stride, 2),
            integers(name, "dilation", self.dilation, 2),
            integers(name, "padding", self.padding, 2, least=0),
        )


class Unfold4d(Module):
    """`functional.unfold4d`."""

    kernel_size: tuple[int, ...]
    stride: tuple[int, ...]
    dilation: tuple[int, ...]
    padding: tuple[int, ...]

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, height, width] to [batch, channels * prod(kernel_size), windows]. Raises `ShapeError`."""
        return unfold4d(input, self.kernel_size, self.stride, self.padding, self.dilation)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("kernel_size", "stride", "dilation", "padding")}
