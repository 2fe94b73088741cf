"""AdaptiveAvgPool1d: the means of so many windows of sequences."""

from __future__ import annotations

from typing import Any

from ...config import Config
from ...functional import adaptive_avg_pool1d
from ...module import Module
from ...tensor import Tensor
from ..checks import integer

__all__ = ["AdaptiveAvgPool1d", "AdaptiveAvgPool1dConfig"]


class AdaptiveAvgPool1dConfig(Config):
    """`output_size` windows, whatever the size of the input.

    >>> AdaptiveAvgPool1dConfig(8).init()
    AdaptiveAvgPool1d {output_size: 8}
    """

    output_size: int

    def init(self) -> AdaptiveAvgPool1d:
        """The layer. Raises `ConfigError` for sizes that cannot be."""
        return AdaptiveAvgPool1d(integer("AdaptiveAvgPool1dConfig", "output_size", self.output_size))


class AdaptiveAvgPool1d(Module):
    """`functional.adaptive_avg_pool1d`."""

    output_size: int

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, length] to [batch, channels, *output_size]. Raises `ShapeError`."""
        return adaptive_avg_pool1d(input, self.output_size)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"output_size": self.output_size}
