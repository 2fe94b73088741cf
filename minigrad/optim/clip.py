"""Gradient clipping."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from ..config import Variant
from ..errors import ConfigError

__all__ = ["GradientClippingConfig"]

Array = np.ndarray[Any, Any]


class GradientClippingConfig(Variant):
    """`Value(x)`: each element to [-x, x]. `Norm(x)`: each parameter's gradient to the norm x, as Burn does.

    `GlobalNorm(x)`: all gradients together to the norm x, as most papers mean it.
    """

    bare = True
    Value: ClassVar[type[Value]]
    Norm: ClassVar[type[Norm]]
    GlobalNorm: ClassVar[type[GlobalNorm]]

    def clip(self, gradients: Sequence[Array]) -> None:
        """In place, in buffers that belong to the optimizer."""
        raise ConfigError("GradientClippingConfig clips nothing itself: use .Value(x), .Norm(x) or .GlobalNorm(x)")

    def __post_init__(self) -> None:
        for name, threshold in vars(self).items():
            number = isinstance(threshold, (int, float, np.integer, np.floating)) and not isinstance(threshold, bool)
            if not number or not threshold > 0:
                raise ConfigError(
                    f"GradientClippingConfig.{type(self).__name__}: {name} is {threshold!r}, and must be > 0"
                )


def _scale(gradients: Sequence[Array], threshold: float) -> None:
    with np.errstate(over="ignore"):
        squares = [float(g.reshape(-1).dot(g.reshape(-1))) for g in gradients]
    norm = math.sqrt(math.fsum(squares))
    if norm == math.inf:  # the square of a float32 of 2e19 is: what explodes would be clipped to zero
        norm = math.hypot(*[float(np.linalg.norm(g.astype(np.float64))) for g in gradients])
    if norm > threshold:
        for g in gradients:
            np.multiply(g, g.dtype.type(threshold / norm), g)


class Value(GradientClippingConfig):
    threshold: float

    def clip(self, gradients: Sequence[Array]) -> None:
        for g in gradients:
            np.clip(g, -self.threshold, self.threshold, out=g)


class Norm(GradientClippingConfig):
    threshold: float

    def clip(self, gradients: Sequence[Array]) -> None:
        for g in gradients:
            _scale([g], self.threshold)


class GlobalNorm(GradientClippingConfig):
    threshold: float

    def clip(self, gradients: Sequence[Array]) -> None:
        _scale(gradients, self.threshold)
