"""How a loss over many elements becomes one number."""

from __future__ import annotations

from enum import Enum

from ...tensor import Tensor

__all__ = ["Reduction"]


class Reduction(Enum):
    """`Mean`, `Sum`, or `Auto`, which is the mean."""

    Mean = "Mean"
    Sum = "Sum"
    Auto = "Auto"

    def __call__(self, loss: Tensor) -> Tensor:
        return loss.sum() if self is Reduction.Sum else loss.mean()
