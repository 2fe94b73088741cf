"""ConvTranspose1d: a transposed convolution over sequences."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...functional import conv_transpose1d
from ...module import Module
from ...param import Param
from ...tensor import Tensor
from ..checks import integer, integers
from ..init import Initializer
from .params import init_params

__all__ = ["ConvTranspose1d", "ConvTranspose1dConfig"]


class ConvTranspose1dConfig(Config):
    """`channels` (in, out); each element in adds a window of `kernel_size` to the output.

    Weight and bias are drawn from U(-1/sqrt(n), 1/sqrt(n)) with n = channels_out / groups * kernel_size.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> layer = ConvTranspose1dConfig((3, 2), 2, stride=2).init(Autodiff(NdArray(seed=42)))
    >>> layer(Tensor.ones((1, 3, 4))).shape
    (1, 2, 8)
    """

    channels: tuple[int, int]
    kernel_size: int
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    padding: int = 0
    padding_out: int = 0
    bias: bool = True
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> ConvTranspose1d:
        """A layer of the device's next draws. Raises `ConfigError` for sizes that cannot be."""
        name = "ConvTranspose1dConfig"
        channels = integers(name, "channels", self.channels, 2)
        kernel_size = integer(name, "kernel_size", self.kernel_size)
        groups = integer(name, "groups", self.groups)
        weight, bias = init_params(
            name, channels, (kernel_size,), groups, self.bias, self.initializer, device, transposed=True
        )
        return ConvTranspose1d(
            weight,
            bias,
            integer(name, "stride", self.stride),
            kernel_size,
            integer(name, "dilation", self.dilation),
            groups,
            integer(name, "padding", self.padding, least=0),
            integer(name, "padding_out", self.padding_out, least=0),
            channels,
        )


class ConvTranspose1d(Module):
    """`functional.conv_transpose1d`: weight [channels_in, channels_out / groups, kernel_size], bias [channels_out]."""

    weight: Param
    bias: Param | None
    stride: int
    kernel_size: int
    dilation: int
    groups: int
    padding: int
    padding_out: int
    channels: tuple[int, ...]

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels_in, length] to [batch, channels_out, ...]. Raises `ShapeError`."""
        return conv_transpose1d(
            input, self.weight, self.bias, self.stride, self.padding, self.padding_out, self.dilation, self.groups
        )

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        names = ("channels", "stride", "kernel_size", "dilation", "groups", "padding", "padding_out")
        return {name: getattr(self, name) for name in names}

    def signature(self) -> str:
        return f"ConvTranspose1d({self.channels[0]} -> {self.channels[1]})"
