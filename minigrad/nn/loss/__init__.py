"""Losses: their result has no axes, one number."""

from typing import TYPE_CHECKING

from ...later import later as _later

if TYPE_CHECKING:
    from .binary_cross_entropy import BinaryCrossEntropyLoss, BinaryCrossEntropyLossConfig
    from .cross_entropy import CrossEntropyLoss, CrossEntropyLossConfig
    from .huber import HuberLoss, HuberLossConfig
    from .mse import MseLoss
    from .poisson import PoissonNllLoss, PoissonNllLossConfig
    from .reduction import Reduction

__all__ = [
    "BinaryCrossEntropyLoss", "BinaryCrossEntropyLossConfig", "CrossEntropyLoss", "CrossEntropyLossConfig", "HuberLoss",
    "HuberLossConfig", "MseLoss", "PoissonNllLoss", "PoissonNllLossConfig", "Reduction",
]  # fmt: skip

# The losses of classes bring what softmax needs.
__getattr__ = _later(
    __name__,
    {
        "binary_cross_entropy": "BinaryCrossEntropyLoss BinaryCrossEntropyLossConfig",
        "cross_entropy": "CrossEntropyLoss CrossEntropyLossConfig",
        "huber": "HuberLoss HuberLossConfig",
        "mse": "MseLoss",
        "poisson": "PoissonNllLoss PoissonNllLossConfig",
        "reduction": "Reduction",
    },
)
