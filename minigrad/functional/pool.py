"""Pooling: one number of each window, its greatest or its mean."""

from __future__ import annotations

from ..arrays import flag
from ..lifting import lift, make
from ..rules import pool as rules
from ..rules import resample
from ..tensor import Tensor
from .checks import refuse
from .geometry import PerAxis, check_fits, check_rank, check_seen, make_window, per_axis

__all__ = [
    "adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "max_pool1d", "max_pool2d",
    "max_pool2d_with_indices",
]  # fmt: skip

_max_pool = lift(rules.max_pool)
_resample = lift(resample.resample)


def max_pool1d(
    x: Tensor, kernel_size: PerAxis, stride: PerAxis = 1, padding: PerAxis = 0, dilation: PerAxis = 1
) -> Tensor:
    """`max_pool2d` over one axis: x [n, channels, length].

    >>> max_pool1d(Tensor([[[1.0, 3.0, 2.0, 4.0]]]), 2, stride=2)
    Tensor([[[3., 4.]]], dtype=float32)
    """
    return _maximum("max_pool1d", 1, x, kernel_size, stride, padding, dilation)


def max_pool2d(
    x: Tensor, kernel_size: PerAxis, stride: PerAxis = 1, padding: PerAxis = 0, dilation: PerAxis = 1
) -> Tensor:
    """The greatest element of each window of x [n, channels, height, width]; of equal ones the first has the gradient.

    Padding is never the greatest. The sizes are those of `conv2d`, and the stride is 1 unless given, as in Burn
    (PyTorch's is the kernel's size). Raises `ShapeError`.

    >>> max_pool2d(Tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]), (2, 1), stride=2)
    Tensor([[[[4., 6.]]]], dtype=float32)
    """
    return _maximum("max_pool2d", 2, x, kernel_size, stride, padding, dilation)


def max_pool2d_with_indices(
    x: Tensor, kernel_size: PerAxis, stride: PerAxis = 1, padding: PerAxis = 0, dilation: PerAxis = 1
) -> tuple[Tensor, Tensor]:
    """`max_pool2d`, and where the greatest elements are: Int positions row * width + column.

    >>> max_pool2d_with_indices(Tensor([[[[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]]]), (2, 1), stride=2)[1]
    Tensor([[[[3, 5]]]])
    """
    y = _maximum("max_pool2d_with_indices", 2, x, kernel_size, stride, padding, dilation)
    window = make_window("max_pool2d_with_indices", 2, kernel_size, stride, padding, dilation)
    return y, make(rules.positions(x.data.astype(y.dtype, copy=False), window), x.device)


def _maximum(
    name: str, axes: int, x: Tensor, kernel_size: PerAxis, stride: PerAxis, padding: PerAxis, dilation: PerAxis
) -> Tensor:
    check_rank(name, x, "batch, channels", axes)
    window = make_window(name, axes, kernel_size, stride, padding, dilation)
    check_fits(name, window, x.shape[2:])
    check_seen(name, window, x.shape[2:])
    return _max_pool(x, x.detach(), window=window)


def avg_pool1d(
    x: Tensor, kernel_size: PerAxis, stride: PerAxis = 1, padding: PerAxis = 0, count_include_pad: bool = True
) -> Tensor:
    """`avg_pool2d` over one axis: x [n, channels, length].

    >>> avg_pool1d(Tensor([[[1.0, 3.0, 2.0, 4.0]]]), 2, stride=2)
    Tensor([[[2., 3.]]], dtype=float32)
    """
    return _average("avg_pool1d", 1, x, kernel_size, stride, padding, count_include_pad)


def avg_pool2d(
    x: Tensor, kernel_size: PerAxis, stride: PerAxis = 1, padding: PerAxis = 0, count_include_pad: bool = True
) -> Tensor:
    """The mean of each window of x [n, channels, height, width].

    What lies in the padding is 0, and counts in the mean or, with `count_include_pad=False`, does not. The stride is 1
    unless given, as in Burn (PyTorch's is the kernel's size). Raises `ShapeError`.

    >>> avg_pool2d(Tensor([[[[1.0, 2.0], [3.0, 6.0]]]]), 2)
    Tensor([[[[3.]]]], dtype=float32)
    """
    return _average("avg_pool2d", 2, x, kernel_size, stride, padding, count_include_pad)


def _average(
    name: str, axes: int, x: Tensor, kernel_size: PerAxis, stride: PerAxis, padding: PerAxis, count_include_pad: bool
) -> Tensor:
    check_rank(name, x, "batch, channels", axes)
    count_include_pad = flag(count_include_pad, f"{name}(count_include_pad")
    window = make_window(name, axes, kernel_size, stride, padding)
    check_fits(name, window, x.shape[2:])
    if not count_include_pad:
        check_seen(name, window, x.shape[2:])
    lines = zip(x.shape[2:], window.kernel, window.stride, window.padding, strict=True)
    for axis, (size, kernel, step, zeros) in enumerate(lines, 2):
        x = _resample(x, axis=axis, plan=resample.average(size, kernel, step, zeros, count_include_pad))
    return x


def adaptive_avg_pool1d(x: Tensor, output_size: PerAxis) -> Tensor:
    """`adaptive_avg_pool2d` over one axis: x [n, channels, length].

    >>> adaptive_avg_pool1d(Tensor([[[1.0, 2.0, 3.0]]]), 2)
    Tensor([[[1.5, 2.5]]], dtype=float32)
    """
    return _adaptive("adaptive_avg_pool1d", 1, x, output_size)


def adaptive_avg_pool2d(x: Tensor, output_size: PerAxis) -> Tensor:
    """The means of `output_size` windows, which share x [n, channels, height, width] as evenly as they can.

    Window i of m in an axis of n goes from floor(i * n / m) to ceil((i + 1) * n / m). Raises `ShapeError`.

    >>> adaptive_avg_pool2d(Tensor([[[[1.0, 2.0], [3.0, 6.0]]]]), (1, 2))
    Tensor([[[[2., 4.]]]], dtype=float32)
    """
    return _adaptive("adaptive_avg_pool2d", 2, x, output_size)


def _adaptive(name: str, axes: int, x: Tensor, output_size: PerAxis) -> Tensor:
    check_rank(name, x, "batch, channels", axes)
    if 0 in x.shape[2:]:
        refuse(f"{name} of an input of shape {x.shape}: it has no element to take the mean of")
    for axis, outputs in enumerate(per_axis(name, "output_size", output_size, axes, 1), 2):
        x = _resample(x, axis=axis, plan=resample.area(x.shape[axis], outputs))
    return x
