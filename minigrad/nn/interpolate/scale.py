"""Which size an interpolation is to have."""

from __future__ import annotations

import math
from typing import Any

from ...display import display
from ...errors import ConfigError
from ...functional.geometry import check_rank
from ...tensor import Tensor
from ..checks import integer, integers

__all__ = ["check_sizes", "scaled", "some"]


def check_sizes(config: str, output_size: Any, scale_factor: Any, axes: int) -> None:
    """Raise `ConfigError` unless there is one of the two, of positive numbers, one for each axis."""
    if (output_size is None) == (scale_factor is None):
        raise ConfigError(
            f"{config}: either output_size or scale_factor must be provided: "
            f"output_size is {output_size!r}, scale_factor {scale_factor!r}"
        )
    if scale_factor is None:
        integer(config, "output_size", output_size) if axes == 1 else integers(config, "output_size", output_size, axes)
        return
    factors = (scale_factor,) if axes == 1 else scale_factor
    if (
        not isinstance(factors, (tuple, list))
        or len(factors) != axes
        or not all(isinstance(f, (int, float)) and 0 < f < math.inf for f in factors)
    ):
        what = "a positive number" if axes == 1 else f"{axes} positive numbers, such as {(2.0,) * axes}"
        raise ConfigError(f"{config}: scale_factor is {scale_factor!r}, and must be {what}")


def scaled(name: str, input: Tensor, scale_factor: Any, axes: int) -> tuple[int, ...]:
    """The sizes of the input times the factors, rounded down. Raises `ShapeError`."""
    check_rank(name, input, "batch, channels", axes)
    factors = (scale_factor,) if axes == 1 else scale_factor
    return tuple(math.floor(n * f) for n, f in zip(input.shape[2:], factors, strict=True))


def some(value: Any) -> str | None:
    """Burn's display of a value that may be missing."""
    return None if value is None else f"Some({display(value)})"
