"""Optimizers: `model = optim.step(lr, model, grads)`. Learning-rate schedulers are in `minigrad.optim.lr_scheduler`."""

from typing import TYPE_CHECKING

from ..later import later as _later
from .grads import GradientsAccumulator, GradientsParams
from .optimizer import Optimizer

if TYPE_CHECKING:
    from .adagrad import AdaGradConfig
    from .adam import AdamConfig
    from .adamw import AdamWConfig
    from .clip import GradientClippingConfig
    from .decay import WeightDecayConfig
    from .momentum import MomentumConfig
    from .rmsprop import RmsPropConfig
    from .sgd import SgdConfig

__all__ = [
    "AdaGradConfig", "AdamConfig", "AdamWConfig", "GradientClippingConfig", "GradientsAccumulator", "GradientsParams",
    "MomentumConfig", "Optimizer", "RmsPropConfig", "SgdConfig", "WeightDecayConfig",
]  # fmt: skip

# A millisecond each, of which a program needs one.
__getattr__ = _later(
    __name__,
    {
        "adagrad": "AdaGradConfig",
        "adam": "AdamConfig",
        "adamw": "AdamWConfig",
        "clip": "GradientClippingConfig",
        "decay": "WeightDecayConfig",
        "lr_scheduler": "",
        "momentum": "MomentumConfig",
        "rmsprop": "RmsPropConfig",
        "sgd": "SgdConfig",
    },
)
