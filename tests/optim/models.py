"""Small models, gradients for them, and every optimizer."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad import Module, Param, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.optim import (
    AdaGradConfig,
    AdamConfig,
    AdamWConfig,
    GradientsParams,
    MomentumConfig,
    RmsPropConfig,
    SgdConfig,
)

CONFIGS: dict[str, Any] = {
    "adagrad": AdaGradConfig(lr_decay=0.1),
    "adam": AdamConfig(weight_decay=0.1),
    "adamw": AdamWConfig(weight_decay=0.1),
    "momentum": SgdConfig(momentum=MomentumConfig(), weight_decay=0.1),
    "nesterov": SgdConfig(momentum=MomentumConfig(0.8, dampening=0.3, nesterov=True)),
    "rmsprop": RmsPropConfig(weight_decay=0.1),
    "rmsprop-centered": RmsPropConfig(centered=True),
    "rmsprop-plain": RmsPropConfig(momentum=0.0),
    "sgd": SgdConfig(weight_decay=0.1),
}
every = pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)


class Pair(Module):
    a: Param
    b: Param | None
    rest: Any = None

    def forward(self, x: Tensor) -> Tensor:
        return x * self.a


def device(**options: Any) -> Autodiff:
    return Autodiff(NdArray(seed=5, **options))


def pair(**options: Any) -> Pair:
    d = device(**options)
    return Pair(Param([1.0, 2.0], d), Param([[3.0]], d), {"c": [Param(4.0, d)], "name": "x"})


def grads_of(model: Pair, *values: float | None) -> GradientsParams:
    """A gradient of the same number everywhere in each parameter."""
    grads = GradientsParams()
    for param, value in zip(model.params(), values, strict=True):
        if value is not None:
            grads.register(param, Tensor(np.full(param.shape, value)))
    return grads


def numbers(model: Module) -> list[list[float]]:
    return [p.numpy().reshape(-1).tolist() for p in model.params()]
