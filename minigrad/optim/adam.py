"""Adam (Kingma and Ba, 2015), with Burn's defaults."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY
from math import sqrt
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy import add, divide, multiply, subtract
from numpy import sqrt as root

from ..config import Config
from .checks import gradient_options, numbers
from .clip import GradientClippingConfig
from .decay import WeightDecayConfig
from .flat import Array, Update
from .optimizer import Optimizer

if TYPE_CHECKING:
    from .adamw import AdamWConfig

__all__ = ["Adam", "AdamConfig"]


class AdamConfig(Config):
    """`epsilon` is Burn's 1e-5, where PyTorch's is 1e-8. `weight_decay` is added to the gradient (L2).

    Raises `ConfigError` for betas outside [0, 1) or an epsilon that is not positive.

    >>> AdamConfig(grad_clipping=GradientClippingConfig.Norm(1.0)).to_json()["grad_clipping"]
    {'Norm': 1.0}
    """

    _: KW_ONLY  # AdamConfig(0.01) would be beta_1 and no learning rate
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-5
    weight_decay: float | WeightDecayConfig | None = None
    grad_clipping: GradientClippingConfig | None = None

    def __post_init__(self) -> None:
        numbers(self, beta_1="[0, 1)", beta_2="[0, 1)", epsilon="(0, inf)")
        gradient_options(self)

    def init(self) -> Optimizer:
        """A fresh optimizer."""
        return Optimizer(Adam(self), WeightDecayConfig.penalty_of(self.weight_decay), self.grad_clipping)


class Adam:
    """m = b1 m + (1 - b1) g;  v = b2 v + (1 - b2) g^2;  p - lr m' / (sqrt(v') + eps), with m' = m / (1 - b1^t) and

    v' = v / (1 - b2^t) at step t, from 1.
    """

    buffers = rows = 2

    def __init__(self, config: AdamConfig | AdamWConfig) -> None:
        self.beta_1, self.beta_2, self.epsilon = config.beta_1, config.beta_2, config.epsilon

    def updater(self, work: Array, state: Array) -> Update:
        beta_1, beta_2, epsilon = self.beta_1, self.beta_2, self.epsilon
        (g, work_2), (m, v) = work, state
        # Both moments at once, and numbers as arrays, those of a few parameters as long ones: 230 ns a ufunc against
        # 560 with Python's numbers and 800 with a column.
        decay, share = (np.array(each, work.dtype) for each in ([[beta_1], [beta_2]], [[1 - beta_1], [1 - beta_2]]))
        if g.size <= 4096:
            decay, share = decay.repeat(g.size, 1), share.repeat(g.size, 1)
        eps, rate = np.array(0, work.dtype), np.array(0, work.dtype)

        def update(lr: float, time: int, p: Array, out: Array) -> None:
            correction = sqrt(1 - beta_2**time)  # of the root of v, moved to the two scalars
            eps[()] = epsilon * correction
            rate[()] = lr * correction / (1 - beta_1**time)

            multiply(g, g, work_2)
            multiply(work, share, work)
            multiply(state, decay, state)
            add(state, work, state)
            root(v, work_2)
            add(work_2, eps, work_2)
            divide(m, work_2, work_2)
            multiply(work_2, rate, work_2)
            subtract(p, work_2, out)

        return update

    def to_item(self, time: int, state: Sequence[Array]) -> dict[str, Any]:
        return {"momentum": {"time": time, "moment_1": state[0], "moment_2": state[1]}}

    def from_item(self, item: Any) -> tuple[int, tuple[Array, ...]]:
        momentum = item["momentum"]
        return int(momentum["time"]), (np.asarray(momentum["moment_1"]), np.asarray(momentum["moment_2"]))
