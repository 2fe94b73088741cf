"""New tensors from no tensor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import DTypeLike

from ..backend import DEFAULT
from ..distribution import Distribution
from ..errors import ShapeError
from ..lifting import as_tensor

if TYPE_CHECKING:
    from ..backend import Device
    from ..tensor import Tensor

__all__ = ["arange", "eye", "random"]


def arange(*bounds: float, device: Device | None = None, dtype: DTypeLike | None = None) -> Tensor:
    """`arange(stop)`, `arange(start, stop)`, `arange(start, stop, step)` as NumPy. `ShapeError` for a step of 0."""
    try:
        return as_tensor(np.arange(*bounds), device, dtype)
    except (ValueError, ZeroDivisionError, TypeError) as error:
        raise ShapeError(f"arange{bounds}: {error}") from None


def eye(
    n: int, m: int | None = None, k: int = 0, device: Device | None = None, dtype: DTypeLike | None = None
) -> Tensor:
    """Ones on the k-th diagonal, [n, m]; `m` is `n` if left out."""
    return as_tensor(np.eye(n, m, k), device, dtype)


def random(
    shape: int | Sequence[int], distribution: Distribution = Distribution.Default, device: Device | None = None
) -> Tensor:
    """The device's next draw from `distribution`, in its float type."""
    device = DEFAULT if device is None else device
    shape = (shape,) if isinstance(shape, int) else tuple(shape)
    return as_tensor(np.asarray(distribution.draw(device.rng(), shape), device.dtype), device)
