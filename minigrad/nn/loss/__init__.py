"""Losses: their result has no axes, one number."""

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
