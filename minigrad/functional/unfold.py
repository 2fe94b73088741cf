"""Windows of images as columns."""

from __future__ import annotations

from ..lifting import lift
from ..rules import window as rules
from ..tensor import Tensor
from .geometry import PerAxis, check_fits, check_rank, make_window

__all__ = ["unfold4d"]

_unfold = lift(rules.unfold)


def unfold4d(
    x: Tensor, kernel_size: PerAxis, stride: PerAxis = 1, padding: PerAxis = 0, dilation: PerAxis = 1
) -> Tensor:
    """All windows of x [n, channels, height, width] as columns: [n, channels * prod(kernel_size), windows].

    Padding is zeros on both sides. Raises `ShapeError`.

    >>> unfold4d(Tensor([[[[1, 2, 3], [4, 5, 6]]]]), (2, 2))
    Tensor([[[1, 2],
             [2, 3],
             [4, 5],
             [5, 6]]])
    """
    check_rank("unfold4d", x, "batch, channels", 2)
    window = make_window("unfold4d", 2, kernel_size, stride, padding, dilation)
    check_fits("unfold4d", window, x.shape[2:])
    windows = _unfold(x, window=window)
    n, channels, *rest = windows.shape
    return windows.reshape((n, channels * rest[0] * rest[1], rest[2] * rest[3]))
