"""Convolutions and their transposes over one, two and three axes."""

from .conv1d import Conv1d, Conv1dConfig
from .conv2d import Conv2d, Conv2dConfig
from .conv3d import Conv3d, Conv3dConfig
from .conv_transpose1d import ConvTranspose1d, ConvTranspose1dConfig
from .conv_transpose2d import ConvTranspose2d, ConvTranspose2dConfig
from .conv_transpose3d import ConvTranspose3d, ConvTranspose3dConfig

__all__ = [
    "Conv1d", "Conv1dConfig", "Conv2d", "Conv2dConfig", "Conv3d", "Conv3dConfig", "ConvTranspose1d",
    "ConvTranspose1dConfig", "ConvTranspose2d", "ConvTranspose2dConfig", "ConvTranspose3d", "ConvTranspose3dConfig",
]  # fmt: skip
