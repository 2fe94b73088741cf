"""How the values of several classes become one."""

from __future__ import annotations

import math
from enum import Enum
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import MetricError

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ClassReduction", "check_reduction", "mean_of_classes"]


class ClassReduction(Enum):
    """`Micro` counts all classes as one, so that each item weighs the same; `Macro` is the mean of the classes."""

    Micro = "micro"
    Macro = "macro"


def mean_of_classes(values: NDArray[np.float64]) -> float:
    """The mean of those that have a value; NaN when none has.

    >>> mean_of_classes(np.array([0.5, np.nan, 1.0]))
    0.75
    """
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else math.nan


def check_reduction(call: str, reduction: Any) -> None:
    """Raises `MetricError` for what is no `ClassReduction`."""
    if not isinstance(reduction, ClassReduction):
        raise MetricError(
            f"{call}: reduction is {reduction!r}, and must be ClassReduction.Macro or ClassReduction.Micro"
        )
