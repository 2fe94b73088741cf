"""What the functions on windows ask of their arguments, and how they say what does not fit."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import lru_cache
from typing import Any, TypeAlias

from ..arrays import brief
from ..rules.window import Window
from .checks import check_tensor, refuse

__all__ = ["PerAxis", "check_fits", "check_rank", "check_seen", "make_window", "per_axis"]

PerAxis: TypeAlias = "int | Sequence[int]"

MOST = 2**31 - 1  # more is no size that an array has

AXES = ("", "length", "height, width", "depth, height, width")


def check_rank(name: str, x: Any, lead: str, axes: int, of: str = "an input") -> None:
    """Raise unless `x` is a tensor of the axes in `lead`, such as "batch, channels", and `axes` spatial ones."""
    check_tensor(name, x)
    if x.ndim != axes + 2:
        one = ["help: x.expand_dims(0) makes a batch of one item"] if of == "an input" and x.ndim == axes + 1 else []
        refuse(f"{name} of {of} of shape {x.shape}: it wants [{lead}, {AXES[axes]}]", *one)


def per_axis(name: str, what: str, value: Any, axes: int, least: int) -> tuple[int, ...]:
    """An integer for all axes, or one for each, as a tuple. Raises `ShapeError` for anything else or below `least`."""
    if type(value) is int and least <= value <= MOST:
        return (value,) * axes
    try:
        given = value if isinstance(value, (tuple, list)) else (value,) * axes
        numbers = tuple(operator.index(n) for n in given if not isinstance(n, bool))
    except TypeError:
        numbers = ()
    if len(numbers) != axes or not least <= min(numbers) <= max(numbers) <= MOST:
        several = f", or a tuple of {axes} of them" if axes > 1 else ""
        most = f", and at most {MOST}" if numbers and max(numbers) > MOST else ""
        refuse(f"{name}({what}={brief(value)}): {what} is an integer of at least {least}{several}{most}")
    return numbers


def make_window(
    name: str, axes: int, kernel_size: PerAxis, stride: PerAxis, padding: PerAxis, dilation: PerAxis = 1
) -> Window:
    """The window over `axes` axes. Raises `ShapeError` for what is no number of it."""
    return Window(
        per_axis(name, "kernel_size", kernel_size, axes, 1),
        per_axis(name, "stride", stride, axes, 1),
        per_axis(name, "padding", padding, axes, 0),
        per_axis(name, "dilation", dilation, axes, 1),
    )


def check_fits(name: str, window: Window, sizes: tuple[int, ...]) -> None:
    """Raise if there is no place for the window in an input of `sizes`."""
    if min(window.outputs(sizes)) < 1:
        padded = tuple(n + 2 * p for n, p in zip(sizes, window.padding, strict=True))
        refuse(
            f"{name}: a kernel of {window.kernel} does not fit into an input of {sizes}",
            f"with a dilation of {window.dilation} it spans {window.extent()}; with its padding the input has {padded}",
            f"help: a larger input, a smaller kernel, or more padding than {window.padding}",
        )


def check_seen(name: str, window: Window, sizes: tuple[int, ...]) -> None:
    """Raise if a window lies in the padding alone: it has no greatest element, and no mean."""
    if any(window.padding) and not _all_see(window, sizes):
        refuse(
            f"{name}: a window of {window.kernel} lies in the padding of {window.padding} alone",
            f"it sees no element of the input, which has {sizes}",
            "help: padding is at most half of the kernel's size",
        )


@lru_cache(maxsize=256)
def _all_see(window: Window, sizes: tuple[int, ...]) -> bool:
    for n, k, s, p, d, m in zip(sizes, *window, window.outputs(sizes), strict=True):
        if not all(any(0 <= j * s - p + place * d < n for place in range(k)) for j in range(m)):
            return False
    return True
