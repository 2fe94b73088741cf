"""Conv1d: a convolution over sequences."""

from __future__ import annotations

from typing import Any

from ...backend import Device
from ...config import Config
from ...functional import conv1d
from ...module import Module
from ...param import Param
from ...tensor import Tensor
from ..checks import integer
from ..init import Initializer
from ..padding import PaddingConfig1d, check_padding
from .params import init_params

__all__ = ["Conv1d", "Conv1dConfig"]


class Conv1dConfig(Config):
    """`channels_in` to `channels_out`, each of which sees `kernel_size` places of the sequence.

    Weight and bias are drawn from U(-1/sqrt(n), 1/sqrt(n)) with n = channels_in / groups * kernel_size.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> Conv1dConfig(5, 5, 5).init(Autodiff(NdArray(seed=42)))
    Conv1d {stride: 1, kernel_size: 5, dilation: 1, groups: 1, padding: Valid, params: 130}
    """

    channels_in: int
    channels_out: int
    kernel_size: int
    stride: int = 1
    dilation: int = 1
    groups: int = 1
    padding: PaddingConfig1d = PaddingConfig1d.Valid
    bias: bool = True
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> Conv1d:
        """A layer of the device's next draws. Raises `ConfigError` for sizes that cannot be."""
        name = "Conv1dConfig"
        channels = (
            integer(name, "channels_in", self.channels_in),
            integer(name, "channels_out", self.channels_out),
        )
        kernel_size = integer(name, "kernel_size", self.kernel_size)
        groups = integer(name, "groups", self.groups)
        check_padding(name, self.padding, PaddingConfig1d, (kernel_size,))
        return Conv1d(
            *init_params(name, channels, (kernel_size,), groups, self.bias, self.initializer, device),
            integer(name, "stride", self.stride),
            kernel_size,
            integer(name, "dilation", self.dilation),
            groups,
            self.padding,
        )


class Conv1d(Module):
    """`functional.conv1d` with weight [channels_out, channels_in / groups, kernel_size] and bias [channels_out]."""

    weight: Param
    bias: Param | None
    stride: int
    kernel_size: int
    dilation: int
    groups: int
    padding: PaddingConfig1d

    def forward(self, input: Tensor) -> Tensor:
        """[batch, channels_in, length] to [batch, channels_out, length_out]. Raises `ShapeError`."""
        padding = self.padding.amounts(input, (self.kernel_size,), (self.stride,), (self.dilation,))
        return conv1d(input, self.weight, self.bias, self.stride, padding, self.dilation, self.groups)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("stride", "kernel_size", "dilation", "groups", "padding")}

    def signature(self) -> str:
        return f"Conv1d({self.weight.shape[1] * self.groups} -> {self.weight.shape[0]})"
