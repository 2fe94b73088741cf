"""ConvTranspose3d: a transposed convolution over volumes."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...functional import conv_transpose3d
from ...module import Module
from ...param import Param
from ...tensor import Tensor
from ..init import Initializer
from .params import fields_transposed

__all__ = ["ConvTranspose3d", "ConvTranspose3dConfig"]


class ConvTranspose3dConfig(Config):
    """`channels` (in, out); each element in adds a window of `kernel_size` (depth, height, width) to the output.

    Weight and bias are drawn from U(-1/sqrt(n), 1/sqrt(n)) with n = channels_out / groups * prod(kernel_size).

    >>> from minigrad.backend import Autodiff, NdArray
    >>> layer = ConvTranspose3dConfig((3, 2), (2, 2, 2), stride=(2, 2, 2)).init(Autodiff(NdArray(seed=42)))
    >>> layer(Tensor.ones((1, 3, 4, 4, 4))).shape
    (1, 2, 8, 8, 8)
    """

    channels: tuple[int, int]
    kernel_size: tuple[int, int, int]
    stride: tuple[int, int, int] = (1, 1, 1)
    dilation: tuple[int, int, int] = (1, 1, 1)
    groups: int = 1
    padding: tuple[int, int, int] = (0, 0, 0)
    padding_out: tuple[int, int, int] = (0, 0, 0)
    bias: bool = True
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> ConvTranspose3d:
        """A layer of the device's next draws. Raises `ConfigError` for sizes that cannot be."""
        return ConvTranspose3d(*fields_transposed(self, 3, device))


class ConvTranspose3d(Module):
    """`functional.conv_transpose3d`: weight [channels_in, channels_out / groups, *kernel_size], bias [channels_out]."""

    weight: Param
    bias: Param | None
    stride: tuple[int, ...]
    kernel_size: tuple[int, ...]
    dilation: tuple[int, ...]
    groups: int
    padding: tuple[int, ...]
    padding_out: tuple[int, ...]
    channels: tuple[int, ...]

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels_in, depth, height, width] to [batch, channels_out, ...]. Raises `ShapeError`."""
        return conv_transpose3d(
            input, self.weight, self.bias, self.stride, self.padding, self.padding_out, self.dilation, self.groups
        )

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        names = ("channels", "stride", "kernel_size", "dilation", "groups", "padding", "padding_out")
        return {name: getattr(self, name) for name in names}

    def signature(self) -> str:
        return f"ConvTranspose3d({self.channels[0]} -> {self.channels[1]})"
