"""In which types a recorder writes numbers, and the one cast of a record's tensors."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RecordError

if TYPE_CHECKING:
    from numpy.typing import DTypeLike, NDArray

__all__ = ["DoublePrecisionSettings", "FullPrecisionSettings", "HalfPrecisionSettings", "PrecisionSettings", "cast"]


@dataclass(frozen=True, repr=False)
class PrecisionSettings:
    """The float and the integer type of a recorder's tensors, with the names that Burn gives them in a file."""

    name: str
    floats: np.dtype[Any]
    float_name: str
    ints: np.dtype[Any]
    int_name: str

    def __repr__(self) -> str:
        return self.name


FullPrecisionSettings = PrecisionSettings(
    "FullPrecisionSettings", np.dtype(np.float32), "f32", np.dtype(np.int32), "i32"
)
HalfPrecisionSettings = PrecisionSettings(
    "HalfPrecisionSettings", np.dtype(np.float16), "half::binary16::f16", np.dtype(np.int16), "i16"
)
DoublePrecisionSettings = PrecisionSettings(
    "DoublePrecisionSettings", np.dtype(np.float64), "f64", np.dtype(np.int64), "i64"
)


def cast(
    array: NDArray[Any], floats: DTypeLike, ints: DTypeLike, where: str, help: str = "use a wider precision"
) -> NDArray[Any]:
    """`array` with its floats as `floats` or its integers as `ints`; bools stay.

    Floats round to the nearest, ties to even, and what is too small becomes 0, as in Burn. Raises `RecordError`,
    which begins with `where`, when a finite value would become infinite, an integer would wrap, or the array holds
    neither numbers nor bools.

    >>> cast(np.array([0.1, 70.0]), np.float16, np.int16, "linear.weight")
    array([ 0.1, 70. ], dtype=float16)
    """
    kind = array.dtype.kind
    if kind not in "fiub":
        raise RecordError(f"{where}: {array.dtype} cannot be recorded: a tensor holds floats, integers or bools")
    target = np.dtype(floats if kind == "f" else ints if kind in "iu" else bool)
    if array.dtype == target:
        return array
    limits = np.finfo(target) if kind == "f" else np.iinfo(target)
    with np.errstate(over="ignore"):  # what overflows is an error below
        out = array.astype(target)
    lost = np.isinf(out) & np.isfinite(array) if kind == "f" else (array < limits.min) | (array > limits.max)
    if lost.any():
        first, largest = (format(n, "g" if kind == "f" else "d") for n in (array[lost][0], limits.max))
        raise RecordError(f"{where}: {first} does not fit into {target} (largest {largest})\n  help: {help}")
    return out
