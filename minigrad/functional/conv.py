"""Convolution and its transpose over one, two or three axes."""

from __future__ import annotations

from ..errors import DtypeError
from ..lifting import lift
from ..rules import window as rules
from ..tensor import Tensor
from .checks import refuse
from .geometry import PerAxis, check_fits, check_rank, make_window, per_axis

__all__ = ["conv1d", "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d"]

_conv = lift(rules.conv)
_conv_transpose = lift(rules.conv_transpose)


def conv1d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """`conv2d` over one axis: x [n, channels_in, length], weight [channels_out, channels_in / groups, kernel].

    >>> conv1d(Tensor([[[1.0, 2.0, 4.0, 8.0]]]), Tensor([[[-1.0, 1.0]]]))
    Tensor([[[1., 2., 4.]]], dtype=float32)
    """
    return _convolve("conv1d", 1, x, weight, bias, stride, padding, dilation, groups)


def conv2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """What a kernel sees at each place of images, multiplied by it and summed (a cross-correlation, as everywhere).

    x [n, channels_in, height, width], weight [channels_out, channels_in / groups, *kernel], bias [channels_out]: the
    result is [n, channels_out, ...], each axis (size + 2 * padding - dilation * (kernel - 1) - 1) // stride + 1 long.
    Padding is zeros on both sides. `stride`, `padding` and `dilation` are integers or one for each axis. With `groups`,
    each group of output channels sees its group of input channels alone. Raises `ShapeError`.

    >>> conv2d(Tensor.ones((1, 1, 3, 3)), Tensor.ones((1, 1, 2, 2)), Tensor([0.5]), stride=(1, 2), padding=(0, 1))
    Tensor([[[[2.5, 4.5],
              [2.5, 4.5]]]], dtype=float32)
    """
    return _convolve("conv2d", 2, x, weight, bias, stride, padding, dilation, groups)


def conv3d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """`conv2d` over three axes: x [n, channels_in, depth, height, width].

    >>> conv3d(Tensor.ones((1, 2, 3, 4, 5)), Tensor.ones((3, 2, 2, 2, 2))).shape
    (1, 3, 2, 3, 4)
    """
    return _convolve("conv3d", 3, x, weight, bias, stride, padding, dilation, groups)


def conv_transpose1d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    padding_out: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """`conv_transpose2d` over one axis: x [n, channels_in, length].

    >>> conv_transpose1d(Tensor([[[1.0, 2.0]]]), Tensor([[[1.0, 10.0, 100.0]]]), stride=2)
    Tensor([[[  1.,  10., 102.,  20., 200.]]], dtype=float32)
    """
    return _transposed("conv_transpose1d", 1, x, weight, bias, stride, padding, padding_out, dilation, groups)


def conv_transpose2d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    padding_out: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """The kernel times each element of images, added up where it lies: the adjoint of `conv2d`, which enlarges them.

    x [n, channels_in, height, width], weight [channels_in, channels_out / groups, *kernel], bias [channels_out]: the
    result is [n, channels_out, ...], in each axis (size - 1) * stride + dilation * (kernel - 1) + 1 - 2 * padding +
    padding_out long. `padding` takes away from both sides. A convolution of this stride gives one size for several
    larger ones: `padding_out`, less than the stride, says how much more than the least. Raises `ShapeError`.

    >>> conv_transpose2d(Tensor.ones((1, 1, 2, 2)), Tensor.ones((1, 1, 2, 2)), stride=(1, 2))
    Tensor([[[[1., 1., 1., 1.],
              [2., 2., 2., 2.],
              [1., 1., 1., 1.]]]], dtype=float32)
    """
    return _transposed("conv_transpose2d", 2, x, weight, bias, stride, padding, padding_out, dilation, groups)


def conv_transpose3d(
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None = None,
    stride: PerAxis = 1,
    padding: PerAxis = 0,
    padding_out: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Tensor:
    """`conv_transpose2d` over three axes: x [n, channels_in, depth, height, width].

    >>> conv_transpose3d(Tensor.ones((1, 3, 2, 3, 4)), Tensor.ones((3, 2, 2, 2, 2)), stride=2).shape
    (1, 2, 4, 6, 8)
    """
    return _transposed("conv_transpose3d", 3, x, weight, bias, stride, padding, padding_out, dilation, groups)


# --- what they share --------------------------------------------------------------------------------------------------


def _convolve(
    name: str,
    axes: int,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: PerAxis,
    padding: PerAxis,
    dilation: PerAxis,
    groups: int,
) -> Tensor:
    _check(name, axes, x, weight, groups, "channels_out, channels_in / groups")
    out, per_group, *kernel = weight.shape
    _check_channels(name, x, weight, per_group * groups, out, groups)
    _check_bias(name, bias, out)
    window = make_window(name, axes, kernel, stride, padding, dilation)
    check_fits(name, window, x.shape[2:])
    return _conv(x, weight, *([] if bias is None else [bias]), window=window, groups=groups)


def _transposed(
    name: str,
    axes: int,
    x: Tensor,
    weight: Tensor,
    bias: Tensor | None,
    stride: PerAxis,
    padding: PerAxis,
    padding_out: PerAxis,
    dilation: PerAxis,
    groups: int,
) -> Tensor:
    _check(name, axes, x, weight, groups, "channels_in, channels_out / groups")
    channels, per_group, *kernel = weight.shape
    _check_channels(name, x, weight, channels, per_group * groups, groups)
    _check_bias(name, bias, per_group * groups)
    window = make_window(name, axes, kernel, stride, padding, dilation)
    extra = per_axis(name, "padding_out", padding_out, axes, 0)
    if any(e >= s for e, s in zip(extra, window.stride, strict=True)):
        refuse(
            f"{name}(padding_out={padding_out!r}): it is less than the stride, which is {window.stride}",
            "a convolution of that stride gives one size for several larger ones, among which padding_out chooses",
        )
    sizes = tuple(n + e for n, e in zip(window.inputs(x.shape[2:]), extra, strict=True))
    if 0 in x.shape[2:] or min(sizes) < 1:
        refuse(
            f"{name}: an input of {x.shape[2:]} and a kernel of {window.kernel} leave an output of {sizes}",
            f"padding={padding!r} takes away from both sides of it",
        )
    y = _conv_transpose(x, weight, window=window, groups=groups, sizes=sizes)
    return y if bias is None else y + bias.reshape((len(bias), *(1,) * axes))


def _check(name: str, axes: int, x: Tensor, weight: Tensor, groups: int, channels: str) -> None:
    check_rank(name, x, "batch, channels_in", axes)
    check_rank(name, weight, channels, axes, "a weight")
    per_axis(name, "groups", groups, 1, 1)
    if not weight.size:
        refuse(f"{name} of a weight of shape {weight.shape}: it has no element")
    if weight.shape[0] % groups:
        refuse(
            f"{name}(groups={groups}): {weight.shape[0]} {channels.split(',')[0]} do not divide into {groups} groups",
            f"the weight of shape {weight.shape} is [{channels}, ...]",
        )


# What makes the layer of each function, for its input's channels.
CONFIGS = {
    "conv1d": "Conv1dConfig({0}, {1}, {2[0]}{3})",
    "conv2d": "Conv2dConfig(({0}, {1}), {2}{3})",
    "conv3d": "Conv3dConfig(({0}, {1}), {2}{3})",
    "conv_transpose1d": "ConvTranspose1dConfig(({0}, {1}), {2[0]}{3})",
    "conv_transpose2d": "ConvTranspose2dConfig(({0}, {1}), {2}{3})",
    "conv_transpose3d": "ConvTranspose3dConfig(({0}, {1}), {2}{3})",
}


def _check_channels(name: str, x: Tensor, weight: Tensor, expected: int, out: int, groups: int) -> None:
    """Raise `ShapeError`, in Burn's words for it, unless `x` has the `expected` channels."""
    channels = x.shape[1]
    if channels == expected:
        return
    config = CONFIGS[name].format(channels, out, weight.shape[2:], f", groups={groups}" if groups > 1 else "")
    refuse(
        f"{name}: number of channels in input and input channels of convolution must be equal: "
        f"got {channels}, expected {expected}",
        f"input {x.shape}, weight {weight.shape}, groups {groups}",
        f"help: {channels} channels do not divide into {groups} groups"
        if channels % groups or not channels
        else f"help: {config} makes a layer for this input",
    )


def _check_bias(name: str, bias: Tensor | None, channels: int) -> None:
    if bias is None:
        return
    if not isinstance(bias, Tensor):
        raise DtypeError(f"{name}: a bias is a tensor or None, not a {type(bias).__name__}")
    if bias.shape != (channels,):
        refuse(f"{name}: a bias of shape {bias.shape} for {channels} output channels: it wants ({channels},)")
