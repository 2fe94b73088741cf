"""Interpolation: the values of a grid at the points of another."""

from __future__ import annotations

from typing import ClassVar

from ..config import Variant
from ..errors import ConfigError
from ..lifting import lift
from ..rules import resample
from ..tensor import Tensor
from .checks import refuse
from .geometry import PerAxis, check_rank, per_axis

__all__ = ["InterpolateMode", "interpolate"]

_resample = lift(resample.resample)


class InterpolateMode(Variant):
    """How values between the points of a grid are made: `Nearest`, `Linear`, `Cubic`.

    Nearest takes the point at floor(i * size / output_size), as if each were a square. Linear and cubic let the corners
    of both grids coincide, and cubic is Keys' convolution with a = -0.75, as in Burn.

    >>> print(InterpolateMode.Linear)
    Linear
    """

    Nearest: ClassVar[InterpolateMode]
    Linear: ClassVar[InterpolateMode]
    Cubic: ClassVar[InterpolateMode]

    def __str__(self) -> str:
        return type(self).__name__


class Nearest(InterpolateMode):
    pass


class Linear(InterpolateMode):
    pass


class Cubic(InterpolateMode):
    pass


PLANS = {Nearest: resample.nearest, Linear: resample.linear, Cubic: resample.cubic}


def interpolate(x: Tensor, output_size: PerAxis, mode: InterpolateMode = InterpolateMode.Nearest) -> Tensor:
    """x [n, channels, ...] of one, two or three spatial axes, in sizes of `output_size`.

    Raises `ShapeError` for sizes that cannot be, `ConfigError` for what is no mode.

    >>> interpolate(Tensor([[[[1.0, 2.0]]]]), (1, 3), InterpolateMode.Linear)
    Tensor([[[[1. , 1.5, 2. ]]]], dtype=float32)
    """
    axes = min(max(getattr(x, "ndim", 4) - 2, 1), 3)
    check_rank("interpolate", x, "batch, channels", axes)
    if type(mode) not in PLANS:
        raise ConfigError(f"interpolate(mode={mode!r}): a mode is InterpolateMode.Nearest, .Linear or .Cubic")
    if 0 in x.shape[2:]:
        refuse(f"interpolate of an input of shape {x.shape}: it has no point to start from")
    for axis, outputs in enumerate(per_axis("interpolate", "output_size", output_size, axes, 1), 2):
        x = _resample(x, axis=axis, plan=PLANS[type(mode)](x.shape[axis], outputs))
    return x
