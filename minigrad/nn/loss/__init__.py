"""Losses: their result has no axes, one number."""

from .binary_cross_entropy import BinaryCrossEntropyLoss, BinaryCrossEntropyLossConfig
from .mse import MseLoss
from .reduction import Reduction

__all__ = ["BinaryCrossEntropyLoss", "BinaryCrossEntropyLossConfig", "MseLoss", "Reduction"]
