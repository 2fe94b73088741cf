"""AdamW: Adam with decay of the weights themselves (Loshchilov and Hutter, 2019), with Burn's defaults."""

from __future__ import annotations

from dataclasses import KW_ONLY

import numpy as np
from numpy import multiply, subtract

from ..config import Config
from .adam import Adam
from .checks import gradient_options, numbers
from .clip import GradientClippingConfig
from .flat import Array, Update
from .optimizer import Optimizer

__all__ = ["AdamW", "AdamWConfig"]


class AdamWConfig(Config):
    """Adam's settings; `weight_decay` is a number, 1e-4 as in Burn, where PyTorch's is 1e-2.

    Raises `ConfigError` for betas outside [0, 1), an epsilon that is not positive or a weight decay below 0.

    >>> AdamWConfig(weight_decay=0.01).init().to_record()
    {}
    """

    _: KW_ONLY
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-5
    weight_decay: float = 1e-4
    grad_clipping: GradientClippingConfig | None = None

    def __post_init__(self) -> None:
        numbers(self, beta_1="[0, 1)", beta_2="[0, 1)", epsilon="(0, inf)", weight_decay="[0, inf)")
        gradient_options(self)

    def init(self) -> Optimizer:
        """A fresh optimizer."""
        return Optimizer(AdamW(self), clipping=self.grad_clipping)


class AdamW(Adam):
    """Adam's p, less lr weight_decay p: of the old p, and apart from the gradient."""

    def __init__(self, config: AdamWConfig) -> None:
        super().__init__(config)
        self.weight_decay = config.weight_decay

    def updater(self, work: Array, state: Array) -> Update:
        adam, g, decay, share = super().updater(work, state), work[0], self.weight_decay, np.array(0, work.dtype)

        def update(lr: float, time: int, p: Array, out: Array) -> None:
            adam(lr, time, p, out)
            share[()] = lr * decay
            multiply(p, share, g)
            subtract(out, g, out)

        return update
