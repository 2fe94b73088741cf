"""AdaptiveAvgPool2d: the means of so many windows of images."""

from __future__ import annotations

from typing import Any

from ...config import Config
from ...functional import adaptive_avg_pool2d
from ...module import Module
from ...tensor import Tensor
from ..checks import integers

__all__ = ["AdaptiveAvgPool2d", "AdaptiveAvgPool2dConfig"]


class AdaptiveAvgPool2dConfig(Config):
    """`output_size` (height, width) windows, whatever the size of the input.

    >>> AdaptiveAvgPool2dConfig((8, 8)).init()
    AdaptiveAvgPool2d {output_size: [8, 8]}
    """

    output_size: tuple[int, int]

    def init(self) -> AdaptiveAvgPool2d:
        """The layer. Raises `ConfigError` for sizes that cannot be."""
        return AdaptiveAvgPool2d(integers("AdaptiveAvgPool2dConfig", "output_size", self.output_size, 2))


class AdaptiveAvgPool2d(Module):
    """`functional.adaptive_avg_pool2d`."""

    output_size: tuple[int, ...]

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, height, width] to [batch, channels, *output_size]. Raises `ShapeError`."""
        return adaptive_avg_pool2d(input, self.output_size)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"output_size": self.output_size}
