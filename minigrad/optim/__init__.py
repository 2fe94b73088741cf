"""Optimizers: `model = optim.step(lr, model, grads)`. Learning-rate schedulers are in `minigrad.optim.lr_scheduler`."""

from .adam import AdamConfig
from .clip import GradientClippingConfig
from .decay import WeightDecayConfig
from .grads import GradientsAccumulator, GradientsParams
from .optimizer import Optimizer

__all__ = [
    "AdamConfig", "GradientClippingConfig", "GradientsAccumulator", "GradientsParams", "Optimizer", "WeightDecayConfig",
]  # fmt: skip
