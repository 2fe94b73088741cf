"""AdaGrad (Duchi, Hazan and Singer, 2011), with Burn's defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Any

import numpy as np
from numpy import add, divide, multiply, subtract
from numpy import sqrt as root

from ..config import Config
from .checks import gradient_options, numbers
from .clip import GradientClippingConfig
from .decay import WeightDecayConfig
from .flat import Array, Update
from .optimizer import Optimizer

__all__ = ["AdaGrad", "AdaGradConfig"]


class AdaGradConfig(Config):
    """`lr_decay` lowers the rate with each step, to `lr / (1 + lr_decay * steps)`. `weight_decay` is L2.

    `epsilon` is Burn's 1e-5, where PyTorch's is 1e-10. Raises `ConfigError` for an `lr_decay` below 0 or an epsilon
    that is not positive.

    >>> AdaGradConfig(lr_decay=0.5).init().to_record()
    {}
    """

    _: KW_ONLY  # AdaGradConfig(0.01) would be a decay and no learning rate
    lr_decay: float = 0.0
    epsilon: float = 1e-5
    weight_decay: float | WeightDecayConfig | None = None
    grad_clipping: GradientClippingConfig | None = None

    def __post_init__(self) -> None:
        numbers(self, lr_decay="[0, inf)", epsilon="(0, inf)")
        gradient_options(self)

    def init(self) -> Optimizer:
        """A fresh optimizer."""
        return Optimizer(AdaGrad(self), WeightDecayConfig.penalty_of(self.weight_decay), self.grad_clipping)


class AdaGrad:
    """s = s + g^2;  p - lr' g / (sqrt(s) + eps), with lr' = lr / (1 + (t - 1) lr_decay) at step t, from 1."""

    buffers, rows = 1, 1

    def __init__(self, config: AdaGradConfig) -> None:
        self.lr_decay, self.epsilon = config.lr_decay, config.epsilon

    def updater(self, work: Array, state: Array) -> Update:
        (g,), (s,), lr_decay = work, state, self.lr_decay
        eps, rate = np.array(self.epsilon, work.dtype), np.array(0, work.dtype)

        def update(lr: float, time: int, p: Array, out: Array) -> None:
            rate[()] = lr / (1 + (time - 1) * lr_decay)
            multiply(g, g, out)
            add(s, out, s)
            root(s, out)
            add(out, eps, out)
            divide(g, out, out)
            multiply(out, rate, out)
            subtract(p, out, out)

        return update

    def to_item(self, time: int, state: Sequence[Array]) -> dict[str, Any]:
        return {"lr_decay": {"time": time, "sum": state[0]}}

    def from_item(self, item: Any) -> tuple[int, tuple[Array, ...]]:
        decay = item["lr_decay"]
        return int(decay["time"]), (np.asarray(decay["sum"]),)
