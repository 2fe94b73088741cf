"""Interpolate2d: images in another size."""

from __future__ import annotations

from typing import Any

from ...config import Config
from ...functional import InterpolateMode, interpolate
from ...module import Module
from ...tensor import Tensor
from .scale import check_sizes, scaled, some

__all__ = ["Interpolate2d", "Interpolate2dConfig"]


class Interpolate2dConfig(Config):
    """To `output_size`, or by `scale_factor` (height, width): one of them. A size that is scaled is rounded down.

    >>> Interpolate2dConfig(output_size=(20, 20)).init()
    Interpolate2d {mode: Nearest, output_size: Some([20, 20]), scale_factor: None}
    """

    output_size: tuple[int, int] | None = None
    scale_factor: tuple[float, float] | None = None
    mode: InterpolateMode = InterpolateMode.Nearest

    def init(self) -> Interpolate2d:
        """The layer. Raises `ConfigError` for both sizes or none, and for sizes that cannot be."""
        check_sizes("Interpolate2dConfig", self.output_size, self.scale_factor, 2)
        return Interpolate2d(self.output_size, self.scale_factor, self.mode)


class Interpolate2d(Module):
    """`functional.interpolate`."""

    output_size: tuple[int, int] | None
    scale_factor: tuple[float, float] | None
    mode: InterpolateMode

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, height, width] to [batch, channels, ...]. Raises `ShapeError`."""
        return interpolate(input, self.output_size or scaled("Interpolate2d", input, self.scale_factor, 2), self.mode)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"mode": self.mode, "output_size": some(self.output_size), "scale_factor": some(self.scale_factor)}
