"""Momentum: a velocity that remembers earlier gradients, with Burn's defaults."""

from __future__ import annotations

from ..config import Config
from .checks import numbers, switches

__all__ = ["MomentumConfig"]


class MomentumConfig(Config):
    """`velocity = momentum * velocity + (1 - dampening) * gradient`; the first velocity is the first gradient.

    `dampening` is Burn's 0.1, where PyTorch's is 0. With `nesterov` the step goes along `gradient + momentum *
    velocity` (Sutskever et al., 2013). Raises `ConfigError` unless `momentum` is in [0, 1) and `dampening` in [0, 1].

    >>> MomentumConfig(0.5)
    MomentumConfig(momentum=0.5, dampening=0.1, nesterov=False)
    """

    momentum: float = 0.9
    dampening: float = 0.1
    nesterov: bool = False

    def __post_init__(self) -> None:
        numbers(self, momentum="[0, 1)", dampening="[0, 1]")
        switches(self, "nesterov")
