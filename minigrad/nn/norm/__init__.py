"""Normalisation layers."""

from .batch import BatchNorm, BatchNormConfig
from .group import GroupNorm, GroupNormConfig
from .instance import InstanceNorm, InstanceNormConfig
from .layer import LayerNorm, LayerNormConfig
from .rms import RmsNorm, RmsNormConfig

__all__ = [
    "BatchNorm", "BatchNormConfig", "GroupNorm", "GroupNormConfig", "InstanceNorm", "InstanceNormConfig", "LayerNorm",
    "LayerNormConfig", "RmsNorm", "RmsNormConfig",
]  # fmt: skip
