"""Distribution: what `Tensor.random` draws from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["Distribution"]


class Distribution:
    """What `Tensor.random` draws from, Burn's `Distribution`.

    >>> from minigrad import Tensor
    >>> from minigrad.backend import NdArray
    >>> Tensor.random((2, 3), Distribution.Normal(0, 1), NdArray(seed=1)).shape
    (2, 3)
    """

    __slots__ = ("draw", "text")

    def __init__(self, text: str, draw: Callable[[np.random.Generator, tuple[int, ...]], Any]) -> None:
        self.text, self.draw = text, draw

    def __repr__(self) -> str:
        return f"Distribution.{self.text}"

    @staticmethod
    def Uniform(low: float, high: float) -> Distribution:
        """[low, high)"""
        return Distribution(f"Uniform({low}, {high})", lambda rng, shape: rng.uniform(low, high, shape))

    @staticmethod
    def Normal(mean: float, std: float) -> Distribution:
        return Distribution(f"Normal({mean}, {std})", lambda rng, shape: rng.normal(mean, std, shape))

    @staticmethod
    def Bernoulli(p: float) -> Distribution:
        """1.0 with probability p, else 0.0."""
        return Distribution(f"Bernoulli({p})", lambda rng, shape: rng.random(shape) < p)

    Default: Distribution


Distribution.Default = Distribution("Default", lambda rng, shape: rng.random(shape))
