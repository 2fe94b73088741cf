"""Interpolate1d: sequences in another size."""

from __future__ import annotations

from typing import Any

from ...config import Config
from ...functional import InterpolateMode, interpolate
from ...module import Module
from ...tensor import Tensor
from .scale import check_sizes, scaled, some

__all__ = ["Interpolate1d", "Interpolate1dConfig"]


class Interpolate1dConfig(Config):
    """To `output_size`, or by `scale_factor`: one of them. A size that is scaled is rounded down.

    >>> Interpolate1dConfig(output_size=20).init()
    Interpolate1d {mode: Nearest, output_size: Some(20), scale_factor: None}
    """

    output_size: int | None = None
    scale_factor: float | None = None
    mode: InterpolateMode = InterpolateMode.Nearest

    def init(self) -> Interpolate1d:
        """The layer. Raises `ConfigError` for both sizes or none, and for sizes that cannot be."""
        check_sizes("Interpolate1dConfig", self.output_size, self.scale_factor, 1)
        return Interpolate1d(self.output_size, self.scale_factor, self.mode)


class Interpolate1d(Module):
    """`functional.interpolate`."""

    output_size: int | None
    scale_factor: float | None
    mode: InterpolateMode

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels, length] to [batch, channels, ...]. Raises `ShapeError`."""
        return interpolate(input, self.output_size or scaled("Interpolate1d", input, self.scale_factor, 1), self.mode)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {"mode": self.mode, "output_size": some(self.output_size), "scale_factor": some(self.scale_factor)}
