"""What the configs of optimizers and schedulers ask of their values, when they are made."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import ConfigError
from ..nn.checks import integer
from .clip import GradientClippingConfig
from .decay import WeightDecayConfig

__all__ = ["gradient_options", "integers", "number", "numbers", "switches"]


def number(owner: str, name: str, value: Any, interval: str) -> float:
    """`value` as a float, which is in `interval`. Raises `ConfigError`.

    >>> number("AdamConfig", "epsilon", 0, "(0, inf)")
    Traceback (most recent call last):
    ...
    minigrad.errors.ConfigError: AdamConfig: epsilon is 0, and must be a number in (0, inf)
    """
    low, high = (float(end) for end in interval[1:-1].split(","))
    if (
        isinstance(value, bool)
        or not isinstance(value, (int, float, np.integer, np.floating))
        or not (low <= value if interval[0] == "[" else low < value)
        or not (value <= high if interval[-1] == "]" else value < high)
    ):
        raise ConfigError(f"{owner}: {name} is {value!r}, and must be a number in {interval}")
    return float(value)


def numbers(config: Any, **intervals: str) -> None:
    """These fields are numbers in these intervals; NumPy's become Python's, which alone keep their width."""
    for name, interval in intervals.items():
        value = number(type(config).__name__, name, getattr(config, name), interval)
        object.__setattr__(config, name, value)


def integers(config: Any, **least: int) -> None:
    """These fields are integers of at least so much."""
    for name, n in least.items():
        object.__setattr__(config, name, integer(type(config).__name__, name, getattr(config, name), n))


def switches(config: Any, *names: str) -> None:
    """These fields are True or False."""
    for name in names:
        if not isinstance(value := getattr(config, name), (bool, np.bool_)):
            raise ConfigError(f"{type(config).__name__}: {name} is {value!r}, and must be True or False")


def gradient_options(config: Any) -> None:
    """`weight_decay` and `grad_clipping` are what every optimizer takes."""
    WeightDecayConfig.penalty_of(config.weight_decay)
    if not isinstance(config.grad_clipping, GradientClippingConfig | None):
        raise ConfigError(
            f"{type(config).__name__}: grad_clipping is {config.grad_clipping!r}\n"
            "  give a GradientClippingConfig: .Norm(x), .Value(x) or .GlobalNorm(x)"
        )
