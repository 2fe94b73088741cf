"""Distribution: what `Tensor.random` draws from."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from .errors import ConfigError

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
        """[low, high). Raises `ConfigError` where low is above high."""
        _numbers("Uniform", low=low, high=high)
        if low > high:
            raise ConfigError(f"Distribution.Uniform({low}, {high}): low is above high")
        return Distribution(f"Uniform({low}, {high})", lambda rng, shape: rng.uniform(low, high, shape))

    @staticmethod
    def Normal(mean: float, std: float) -> Distribution:
        """With this mean and standard deviation. Raises `ConfigError` for a negative one."""
        _numbers("Normal", mean=mean, std=std)
        if std < 0:
            raise ConfigError(f"Distribution.Normal({mean}, {std}): a standard deviation is 0 or more")
        return Distribution(f"Normal({mean}, {std})", lambda rng, shape: rng.normal(mean, std, shape))

    @staticmethod
    def Bernoulli(p: float) -> Distribution:
        """1.0 with probability p, else 0.0. Raises `ConfigError` for p outside of 0 to 1."""
        _numbers("Bernoulli", p=p)
        if not 0 <= p <= 1:
            raise ConfigError(f"Distribution.Bernoulli({p}): a probability is from 0 to 1")
        return Distribution(f"Bernoulli({p})", lambda rng, shape: rng.random(shape) < p)

    Default: Distribution


def _numbers(kind: str, **arguments: Any) -> None:
    for name, value in arguments.items():
        if not isinstance(value, (int, float, np.integer, np.floating)) or not -1e300 < value < 1e300:  # nor NaN
            raise ConfigError(f"Distribution.{kind}({name}={repr(value)[:60]}): it is a finite number")


Distribution.Default = Distribution("Default", lambda rng, shape: rng.random(shape))
