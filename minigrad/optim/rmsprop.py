"""RMSProp (Hinton, 2012), centered (Graves, 2013) or not, with Burn's defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY
from typing import Any

import numpy as np
from numpy import add, divide, maximum, multiply, subtract
from numpy import sqrt as root

from ..config import Config
from .checks import gradient_options, numbers, switches
from .clip import GradientClippingConfig
from .decay import WeightDecayConfig
from .flat import Array, Update
from .optimizer import Optimizer

__all__ = ["RmsProp", "RmsPropConfig"]


class RmsPropConfig(Config):
    """`momentum` is Burn's 0.9, where PyTorch's is 0. `centered` divides by the deviation, not the root mean square.

    Raises `ConfigError` unless `alpha` and `momentum` are in [0, 1) and `epsilon` is positive.

    >>> RmsPropConfig(momentum=0.0, centered=True).init().to_record()
    {}
    """

    _: KW_ONLY  # RmsPropConfig(0.01) would be alpha and no learning rate
    alpha: float = 0.99
    momentum: float = 0.9
    epsilon: float = 1e-5
    centered: bool = False
    weight_decay: float | WeightDecayConfig | None = None
    grad_clipping: GradientClippingConfig | None = None

    def __post_init__(self) -> None:
        numbers(self, alpha="[0, 1)", momentum="[0, 1)", epsilon="(0, inf)")
        switches(self, "centered")
        gradient_options(self)

    def init(self) -> Optimizer:
        """A fresh optimizer."""
        return Optimizer(RmsProp(self), WeightDecayConfig.penalty_of(self.weight_decay), self.grad_clipping)


class RmsProp:
    """s = alpha s + (1 - alpha) g^2;  u = g / (sqrt(s) + eps);  b = momentum b + u;  p - lr b.

    Centered: a = alpha a + (1 - alpha) g, and s - a^2 in the place of s under the root.
    """

    rows = 1

    def __init__(self, config: RmsPropConfig) -> None:
        self.alpha, self.momentum, self.epsilon = config.alpha, config.momentum, config.epsilon
        self.centered = config.centered
        self.buffers = 1 + self.centered + (self.momentum > 0)

    def updater(self, work: Array, state: Array) -> Update:
        (g,), centered, with_momentum = work, self.centered, self.momentum > 0
        s, a, b = state[0], state[1 if centered else 0], state[-1]
        alpha, share, momentum, eps, rate = (
            np.array(number, work.dtype) for number in (self.alpha, 1 - self.alpha, self.momentum, self.epsilon, 0)
        )

        def update(lr: float, time: int, p: Array, out: Array) -> None:
            rate[()] = lr
            multiply(g, g, out)
            multiply(out, share, out)
            multiply(s, alpha, s)
            add(s, out, s)
            if centered:
                multiply(g, share, out)
                multiply(a, alpha, a)
                add(a, out, a)
                _variance(s, a, out)
                root(out, out)
            else:
                root(s, out)
            add(out, eps, out)
            divide(g, out, out)
            if with_momentum:
                multiply(b, momentum, b)
                add(b, out, b)
                multiply(b, rate, out)
            else:
                multiply(out, rate, out)
            subtract(p, out, out)

        return update

    def to_item(self, time: int, state: Sequence[Array]) -> dict[str, Any]:
        s, a, b = state[0], state[1] if self.centered else None, state[-1] if self.momentum else None
        avg = s if a is None else _variance(s, a, np.empty_like(s))
        return {
            "square_avg": {"square_avg": s},
            "centered": {"grad_avg": a, "avg": avg},
            "momentum": None if b is None else {"buf": b},
        }

    def from_item(self, item: Any) -> tuple[int, tuple[Array, ...]]:
        a, momentum = item["centered"]["grad_avg"], item["momentum"]
        if (a is not None) != self.centered:
            raise ValueError
        parts = [item["square_avg"]["square_avg"], a, momentum and momentum["buf"]]
        return 1, tuple(np.asarray(part) for part in parts if part is not None)


def _variance(s: Array, a: Array, out: Array) -> Array:
    """s - a^2, where rounding must not make it negative: the root would be NaN for a gradient that stays the same."""
    multiply(a, a, out)
    subtract(s, out, out)
    maximum(out, 0, out=out)
    return out
