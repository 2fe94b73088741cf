"""Stochastic gradient descent, with or without momentum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Any

import numpy as np
from numpy import add, multiply, subtract

from ..config import Config
from ..errors import ConfigError
from .checks import gradient_options
from .clip import GradientClippingConfig
from .decay import WeightDecayConfig
from .flat import Array, Update
from .momentum import MomentumConfig
from .optimizer import Optimizer

__all__ = ["Sgd", "SgdConfig"]


class SgdConfig(Config):
    """`p - lr * gradient`, or along a velocity; `weight_decay` is added to the gradient (L2).

    Burn calls `grad_clipping` here, and here alone, `gradient_clipping`. Raises `ConfigError`.

    >>> SgdConfig(momentum=MomentumConfig(dampening=0.0, nesterov=True)).to_json()["momentum"]
    {'momentum': 0.9, 'dampening': 0.0, 'nesterov': True}
    """

    _: KW_ONLY  # SgdConfig(0.01) would be a weight decay and no learning rate
    weight_decay: float | WeightDecayConfig | None = None
    momentum: MomentumConfig | None = None
    grad_clipping: GradientClippingConfig | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.momentum, MomentumConfig | None):
            raise ConfigError(
                f"SgdConfig: momentum is {self.momentum!r}, and must be a MomentumConfig, such as MomentumConfig(0.9)"
            )
        gradient_options(self)

    def init(self) -> Optimizer:
        """A fresh optimizer."""
        rule = Sgd() if self.momentum is None else MomentumSgd(self.momentum)
        return Optimizer(rule, WeightDecayConfig.penalty_of(self.weight_decay), self.grad_clipping)


class Sgd:
    """p - lr g."""

    buffers, rows = 0, 1

    def updater(self, work: Array, state: Array) -> Update:
        g, rate = work[0], np.array(0, work.dtype)

        def update(lr: float, time: int, p: Array, out: Array) -> None:
            rate[()] = lr
            multiply(g, rate, g)
            subtract(p, g, out)

        return update

    def to_item(self, time: int, state: Sequence[Array]) -> dict[str, Any]:
        return {"momentum": None}

    def from_item(self, item: Any) -> tuple[int, tuple[Array, ...]]:
        if item.keys() != {"momentum"}:  # RMSProp's record has a momentum too
            raise ValueError
        return 1, () if item["momentum"] is None else (np.asarray(item["momentum"]["velocity"]),)


class MomentumSgd(Sgd):
    """v = momentum v + (1 - dampening) g, at first g;  p - lr v, or p - lr (g + momentum v) for Nesterov's."""

    buffers, rows = 1, 1

    def __init__(self, config: MomentumConfig) -> None:
        self.momentum, self.share, self.nesterov = config.momentum, 1 - config.dampening, config.nesterov

    def updater(self, work: Array, state: Array) -> Update:
        (g,), (v,), nesterov = work, state, self.nesterov
        momentum, share, rate = (np.array(number, work.dtype) for number in (self.momentum, self.share, 0))

        def update(lr: float, time: int, p: Array, out: Array) -> None:
            rate[()] = lr
            if time == 1:
                v[...] = g
            else:
                multiply(v, momentum, v)
                multiply(g, share, out)
                add(v, out, v)
            if nesterov:
                multiply(v, momentum, out)
                add(g, out, out)
                multiply(out, rate, out)
            else:
                multiply(v, rate, out)
            subtract(p, out, out)

        return update

    def to_item(self, time: int, state: Sequence[Array]) -> dict[str, Any]:
        return {"momentum": {"velocity": state[0]}}
