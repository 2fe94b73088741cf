"""The wording of the errors of windows: what was wrong with the user's own numbers, where, what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import ConfigError, DtypeError, MinigradError, ShapeError
from minigrad.functional import (
    adaptive_avg_pool2d,
    avg_pool2d,
    conv1d,
    conv2d,
    conv_transpose2d,
    interpolate,
    max_pool1d,
    max_pool2d,
    unfold4d,
)
from minigrad.nn import (
    AdaptiveAvgPool2dConfig,
    Conv1dConfig,
    Conv2d,
    Conv2dConfig,
    Conv3dConfig,
    ConvTranspose2dConfig,
    Interpolate1dConfig,
    Interpolate2dConfig,
    MaxPool2dConfig,
    PaddingConfig1d,
    PaddingConfig2d,
)

DEVICE = Autodiff(NdArray(seed=1))


def zeros(*shape: int) -> Tensor:
    return Tensor(np.zeros(shape))


X = zeros(1, 4, 10, 10)


class Model(Module):
    conv1: Conv2d

    def forward(self, x: Tensor) -> Tensor:
        return self.conv1(x)


CASES: list[tuple[Callable[[], Any], type[MinigradError], str]] = [
    # --- what is no tensor of images ---
    (
        lambda: conv2d(np.zeros((1, 1, 3, 3)), zeros(1, 1, 3, 3)),  # type: ignore[arg-type]
        DtypeError,
        "conv2d of a ndarray: it wants a tensor; wrap the data: Tensor(data, device)",
    ),
    (
        lambda: conv2d(zeros(3, 28, 28), zeros(8, 3, 3, 3)),
        ShapeError,
        "conv2d of an input of shape (3, 28, 28): it wants [batch, channels_in, height, width]\n"
        "  at test_messages_window.py\n"
        "  help: x.expand_dims(0) makes a batch of one item",
    ),
    (
        lambda: max_pool1d(zeros(2, 3, 4, 5), 2),
        ShapeError,
        "max_pool1d of an input of shape (2, 3, 4, 5): it wants [batch, channels, length]\n"
        "  at test_messages_window.py",
    ),
    (
        lambda: conv2d(X, zeros(8, 4, 3)),
        ShapeError,
        "conv2d of a weight of shape (8, 4, 3): it wants [channels_out, channels_in / groups, height, width]\n"
        "  at test_messages_window.py",
    ),
    (
        lambda: conv2d(X, zeros(0, 4, 3, 3)),
        ShapeError,
        "conv2d of a weight of shape (0, 4, 3, 3): it has no element\n  at test_messages_window.py",
    ),
    # --- channels and groups ---
    (
        lambda: conv2d(X, zeros(3, 5, 3, 3)),
        ShapeError,
        "conv2d: number of channels in input and input channels of convolution must be equal: got 4, expected 5\n"
        "  at test_messages_window.py\n"
        "  input (1, 4, 10, 10), weight (3, 5, 3, 3), groups 1\n"
        "  help: Conv2dConfig((4, 3), (3, 3)) makes a layer for this input",
    ),
    (
        lambda: Model(Conv2dConfig((5, 3), (3, 3)).init(DEVICE))(X),
        ShapeError,
        "conv2d: number of channels in input and input channels of convolution must be equal: got 4, expected 5\n"
        "  in conv1: Conv2d(5 -> 3), in Model.forward\n"
        "  input (1, 4, 10, 10), weight (3, 5, 3, 3), groups 1\n"
        "  help: Conv2dConfig((4, 3), (3, 3)) makes a layer for this input",
    ),
    (
        lambda: conv1d(zeros(2, 6, 10), zeros(4, 2, 3), groups=2),
        ShapeError,
        "conv1d: number of channels in input and input channels of convolution must be equal: got 6, expected 4\n"
        "  at test_messages_window.py\n"
        "  input (2, 6, 10), weight (4, 2, 3), groups 2\n"
        "  help: Conv1dConfig(6, 4, 3, groups=2) makes a layer for this input",
    ),
    (
        lambda: conv1d(zeros(2, 5, 10), zeros(4, 2, 3), groups=2),
        ShapeError,
        "conv1d: number of channels in input and input channels of convolution must be equal: got 5, expected 4\n"
        "  at test_messages_window.py\n"
        "  input (2, 5, 10), weight (4, 2, 3), groups 2\n"
        "  help: 5 channels do not divide into 2 groups",
    ),
    (
        lambda: conv_transpose2d(X, zeros(5, 3, 2, 2)),
        ShapeError,
        "conv_transpose2d: number of channels in input and input channels of convolution must be equal: "
        "got 4, expected 5\n"
        "  at test_messages_window.py\n"
        "  input (1, 4, 10, 10), weight (5, 3, 2, 2), groups 1\n"
        "  help: ConvTranspose2dConfig((4, 3), (2, 2)) makes a layer for this input",
    ),
    (
        lambda: conv2d(X, zeros(3, 2, 3, 3), groups=2),
        ShapeError,
        "conv2d(groups=2): 3 channels_out do not divide into 2 groups\n"
        "  at test_messages_window.py\n"
        "  the weight of shape (3, 2, 3, 3) is [channels_out, channels_in / groups, ...]",
    ),
    (
        lambda: conv2d(X, zeros(3, 4, 3, 3), groups=0),
        ShapeError,
        "conv2d(groups=0): groups is an integer of at least 1\n  at test_messages_window.py",
    ),
    (
        lambda: conv2d(X, zeros(3, 4, 3, 3), zeros(4)),
        ShapeError,
        "conv2d: a bias of shape (4,) for 3 output channels: it wants (3,)\n  at test_messages_window.py",
    ),
    (
        lambda: conv2d(X, zeros(3, 4, 3, 3), [0.0, 0.0, 0.0]),  # type: ignore[arg-type]
        DtypeError,
        "conv2d: a bias is a tensor or None, not a list",
    ),
    # --- the numbers of a window ---
    (
        lambda: conv2d(X, zeros(3, 4, 3, 3), stride=0),
        ShapeError,
        "conv2d(stride=0): stride is an integer of at least 1, or a tuple of 2 of them\n  at test_messages_window.py",
    ),
    (
        lambda: conv2d(X, zeros(3, 4, 3, 3), padding=(1, 1, 1)),
        ShapeError,
        "conv2d(padding=(1, 1, 1)): padding is an integer of at least 0, or a tuple of 2 of them\n"
        "  at test_messages_window.py",
    ),
    (
        lambda: max_pool2d(X, 2.0),  # type: ignore[arg-type]
        ShapeError,
        "max_pool2d(kernel_size=2.0): kernel_size is an integer of at least 1, or a tuple of 2 of them\n"
        "  at test_messages_window.py",
    ),
    (
        lambda: unfold4d(X, 2, dilation=True),
        ShapeError,
        "unfold4d(dilation=True): dilation is an integer of at least 1, or a tuple of 2 of them\n"
        "  at test_messages_window.py",
    ),
    (
        lambda: conv2d(X, zeros(3, 4, 5, 5), dilation=3, padding=1),
        ShapeError,
        "conv2d: a kernel of (5, 5) does not fit into an input of (10, 10)\n"
        "  at test_messages_window.py\n"
        "  with a dilation of (3, 3) it spans (13, 13); with its padding the input has (12, 12)\n"
        "  help: a larger input, a smaller kernel, or more padding than (1, 1)",
    ),
    (
        lambda: max_pool2d(zeros(1, 1, 0, 4), 1),
        ShapeError,
        "max_pool2d: a kernel of (1, 1) does not fit into an input of (0, 4)\n"
        "  at test_messages_window.py\n"
        "  with a dilation of (1, 1) it spans (1, 1); with its padding the input has (0, 4)\n"
        "  help: a larger input, a smaller kernel, or more padding than (0, 0)",
    ),
    (
        lambda: max_pool2d(X, 2, padding=2),
        ShapeError,
        "max_pool2d: a window of (2, 2) lies in the padding of (2, 2) alone\n"
        "  at test_messages_window.py\n"
        "  it sees no element of the input, which has (10, 10)\n"
        "  help: padding is at most half of the kernel's size",
    ),
    (
        lambda: avg_pool2d(X, 2, padding=2, count_include_pad=False),
        ShapeError,
        "avg_pool2d: a window of (2, 2) lies in the padding of (2, 2) alone\n"
        "  at test_messages_window.py\n"
        "  it sees no element of the input, which has (10, 10)\n"
        "  help: padding is at most half of the kernel's size",
    ),
    (
        lambda: conv_transpose2d(X, zeros(4, 3, 2, 2), stride=2, padding_out=(0, 2)),
        ShapeError,
        "conv_transpose2d(padding_out=(0, 2)): it is less than the stride, which is (2, 2)\n"
        "  at test_messages_window.py\n"
        "  a convolution of that stride gives one size for several larger ones, among which padding_out chooses",
    ),
    (
        lambda: conv_transpose2d(zeros(1, 4, 1, 3), zeros(4, 3, 2, 2), padding=1),
        ShapeError,
        "conv_transpose2d: an input of (1, 3) and a kernel of (2, 2) leave an output of (0, 2)\n"
        "  at test_messages_window.py\n"
        "  padding=1 takes away from both sides of it",
    ),
    (
        lambda: adaptive_avg_pool2d(X, (0, 2)),
        ShapeError,
        "adaptive_avg_pool2d(output_size=(0, 2)): output_size is an integer of at least 1, or a tuple of 2 of them\n"
        "  at test_messages_window.py",
    ),
    (
        lambda: adaptive_avg_pool2d(zeros(1, 2, 0, 3), 1),
        ShapeError,
        "adaptive_avg_pool2d of an input of shape (1, 2, 0, 3): it has no element to take the mean of\n"
        "  at test_messages_window.py",
    ),
    (
        lambda: interpolate(X, 4, "bilinear"),  # type: ignore[arg-type]
        ConfigError,
        "interpolate(mode='bilinear'): a mode is InterpolateMode.Nearest, .Linear or .Cubic",
    ),
    (
        lambda: interpolate(zeros(3, 4), 4),
        ShapeError,
        "interpolate of an input of shape (3, 4): it wants [batch, channels, length]\n"
        "  at test_messages_window.py\n"
        "  help: x.expand_dims(0) makes a batch of one item",
    ),
    (
        lambda: interpolate(zeros(1, 1, 2, 2, 2, 2), 4),
        ShapeError,
        "interpolate of an input of shape (1, 1, 2, 2, 2, 2): it wants [batch, channels, depth, height, width]\n"
        "  at test_messages_window.py",
    ),
    (
        lambda: interpolate(np.zeros((1, 1, 2, 2)), 4),  # type: ignore[arg-type]
        DtypeError,
        "interpolate of a ndarray: it wants a tensor; wrap the data: Tensor(data, device)",
    ),
    (
        lambda: interpolate(zeros(1, 1, 0), 4),
        ShapeError,
        "interpolate of an input of shape (1, 1, 0): it has no point to start from\n  at test_messages_window.py",
    ),
    (
        lambda: zeros(4, 3).unfold(1, 5),
        ShapeError,
        "unfold(axis=1, size=5) of shape (4, 3): the axis has 3 elements, and a window does not fit\n"
        "  at test_messages_window.py",
    ),
    (
        lambda: zeros(4, 3).unfold(0, 2, 0),
        ShapeError,
        "unfold(step=0): it is an integer of at least 1",
    ),
    # --- configs ---
    (
        lambda: Conv2dConfig((1, 8), 3).init(DEVICE),  # type: ignore[arg-type]
        ConfigError,
        "Conv2dConfig: kernel_size is 3, and must be 2 integers, such as (3, 3)",
    ),
    (
        lambda: Conv2dConfig((1, 8), (3, 3), padding=1).init(DEVICE),  # type: ignore[arg-type]
        ConfigError,
        "Conv2dConfig: padding is 1, and must be PaddingConfig2d.Valid, PaddingConfig2d.Same or "
        "PaddingConfig2d.Explicit(1, 1), of integers of at least 0",
    ),
    (
        lambda: MaxPool2dConfig((2, 2), padding=PaddingConfig2d.Explicit(-1, 0)).init(),
        ConfigError,
        "MaxPool2dConfig: padding is Explicit(-1, 0), and must be PaddingConfig2d.Valid, PaddingConfig2d.Same or "
        "PaddingConfig2d.Explicit(1, 1), of integers of at least 0",
    ),
    (
        lambda: Conv1dConfig(5, 5, 4, padding=PaddingConfig1d.Same).init(DEVICE),
        ConfigError,
        "Conv1dConfig: Same padding with an even kernel size is not supported: kernel_size is (4,)\n"
        "  take an odd size, or PaddingConfig1d.Explicit, which makes the output one more or one less than the input",
    ),
    (
        lambda: Conv2dConfig((3, 4), (3, 3), groups=2).init(DEVICE),
        ConfigError,
        "Conv2dConfig: both channels must be divisible by the number of groups. "
        "Got channels_in=3, channels_out=4, groups=2",
    ),
    (
        lambda: Conv3dConfig((0, 4), (3, 3, 3)).init(DEVICE),
        ConfigError,
        "Conv3dConfig: channels is 0, and must be an integer of at least 1",
    ),
    (
        lambda: ConvTranspose2dConfig((3, 4), (3, 3), stride=(1, 1, 1)).init(DEVICE),  # type: ignore[arg-type]
        ConfigError,
        "ConvTranspose2dConfig: stride is (1, 1, 1), and must be 2 integers, such as (1, 1)",
    ),
    (
        lambda: AdaptiveAvgPool2dConfig((1, 0)).init(),
        ConfigError,
        "AdaptiveAvgPool2dConfig: output_size is 0, and must be an integer of at least 1",
    ),
    (
        lambda: Interpolate2dConfig().init(),
        ConfigError,
        "Interpolate2dConfig: either output_size or scale_factor must be provided: "
        "output_size is None, scale_factor None",
    ),
    (
        lambda: Interpolate2dConfig(scale_factor=2.0).init(),  # type: ignore[arg-type]
        ConfigError,
        "Interpolate2dConfig: scale_factor is 2.0, and must be 2 positive numbers, such as (2.0, 2.0)",
    ),
    (
        lambda: Interpolate1dConfig(scale_factor=0.0).init(),
        ConfigError,
        "Interpolate1dConfig: scale_factor is 0.0, and must be a positive number",
    ),
    (
        lambda: Interpolate1dConfig(scale_factor=0.1).init()(zeros(1, 1, 5)),
        ShapeError,
        "interpolate(output_size=(0,)): output_size is an integer of at least 1\n  in Interpolate1d",
    ),
]


@pytest.mark.parametrize(
    ("call", "kind", "message"), CASES, ids=lambda case: str(case)[:60] if isinstance(case, str) else ""
)
def test_message(call: Callable[[], Any], kind: type[MinigradError], message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert re.sub(r"(at test_messages_window\.py):\d+", r"\1", str(caught.value)) == message
