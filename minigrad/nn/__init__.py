"""Layers, each with its Config, and losses (`minigrad.nn.loss`)."""

from .activation import Relu, Sigmoid, Tanh
from .conv import (
    Conv1d,
    Conv1dConfig,
    Conv2d,
    Conv2dConfig,
    Conv3d,
    Conv3dConfig,
    ConvTranspose1d,
    ConvTranspose1dConfig,
    ConvTranspose2d,
    ConvTranspose2dConfig,
    ConvTranspose3d,
    ConvTranspose3dConfig,
)
from .init import Initializer
from .interpolate import Interpolate1d, Interpolate1dConfig, Interpolate2d, Interpolate2dConfig, InterpolateMode
from .linear import Linear, LinearConfig
from .padding import PaddingConfig1d, PaddingConfig2d, PaddingConfig3d
from .pool import (
    AdaptiveAvgPool1d,
    AdaptiveAvgPool1dConfig,
    AdaptiveAvgPool2d,
    AdaptiveAvgPool2dConfig,
    AvgPool1d,
    AvgPool1dConfig,
    AvgPool2d,
    AvgPool2dConfig,
    MaxPool1d,
    MaxPool1dConfig,
    MaxPool2d,
    MaxPool2dConfig,
)
from .unfold import Unfold4d, Unfold4dConfig

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool1dConfig", "AdaptiveAvgPool2d", "AdaptiveAvgPool2dConfig", "AvgPool1d",
    "AvgPool1dConfig", "AvgPool2d", "AvgPool2dConfig", "Conv1d", "Conv1dConfig", "Conv2d", "Conv2dConfig", "Conv3d",
    "Conv3dConfig", "ConvTranspose1d", "ConvTranspose1dConfig", "ConvTranspose2d", "ConvTranspose2dConfig",
    "ConvTranspose3d", "ConvTranspose3dConfig", "Initializer", "Interpolate1d", "Interpolate1dConfig", "Interpolate2d",
    "Interpolate2dConfig", "InterpolateMode", "Linear", "LinearConfig", "MaxPool1d", "MaxPool1dConfig", "MaxPool2d",
    "MaxPool2dConfig", "PaddingConfig1d", "PaddingConfig2d", "PaddingConfig3d", "Relu", "Sigmoid", "Tanh", "Unfold4d",
    "Unfold4dConfig",
]  # fmt: skip
