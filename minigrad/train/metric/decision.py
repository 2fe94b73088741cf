"""How scores become decisions: by a threshold, or by rank; and of which kind of output they are."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import MetricError
from .format import format_float
from .outputs import binary, multiclass, multilabel
from .reading import ItemMetric
from .reduction import ClassReduction, check_reduction

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["ROUNDING", "Decision", "Threshold", "TopK"]

ROUNDING = 1e-6  # by which a probability may leave [0, 1]


@dataclass(frozen=True, repr=False)
class Threshold:
    """Says yes to every probability above `value`; with `sigmoid`, to every logit whose sigmoid is above it.

    `call` is what the user wrote, for errors. Prints as Burn's does.

    >>> Threshold(0.5), Threshold(0.00001)
    (Threshold(0.5), Threshold(1e-5))
    """

    value: float
    sigmoid: bool = False
    call: str = field(default="Threshold", compare=False)

    def __post_init__(self) -> None:
        value: Any = self.value
        if not isinstance(value, (int, float, np.floating, np.integer)) or not 0 < value < 1:
            raise MetricError(
                f"{self.call}: threshold is {value!r}, and must be a number between 0 and 1, as it is one of "
                "probabilities\n  for logits say threshold=0.5, sigmoid=True"
            )
        if not isinstance(self.sigmoid, (bool, np.bool_)):
            raise MetricError(f"{self.call}: sigmoid is {self.sigmoid!r}, and must be True or False")

    def __call__(self, scores: Any) -> NDArray[np.bool_]:
        """Which scores are above. Raises `MetricError` for scores that are no probabilities, unless `sigmoid`."""
        if self.sigmoid:
            return np.asarray(scores > math.log(self.value / (1 - self.value)))
        low, high = scores.min(), scores.max()
        if low < -ROUNDING or high > 1 + ROUNDING:
            raise MetricError(
                f"{self.call}: the outputs go from {format_float(low, 2)} to {format_float(high, 2)}, "
                "and the threshold is one of probabilities\n  for logits say sigmoid=True"
            )
        return np.asarray(scores > self.value)

    def __repr__(self) -> str:
        return f"Threshold({float(self.value)!r})".replace("e-0", "e-")  # Rust: 1e-5


@dataclass(frozen=True, repr=False)
class TopK:
    """Says yes to the `k` largest of each row; of equals to the first, as argmax does.

    >>> TopK(2)(np.array([[0.1, 0.5, 0.5], [3.0, 3.0, 3.0]]))
    array([[False,  True,  True],
           [ True,  True, False]])
    """

    k: int
    call: str = field(default="TopK", compare=False)

    def __post_init__(self) -> None:
        k: Any = self.k
        if isinstance(k, bool) or not hasattr(k, "__index__") or k < 1:
            raise MetricError(f"{self.call}: top_k is {k!r}, and must be a whole number of at least 1")

    def __call__(self, scores: Any) -> NDArray[np.bool_]:
        """Which columns of `[batch, classes]` are chosen. Raises `MetricError` when there are fewer than `k`."""
        if self.k > scores.shape[1]:
            raise MetricError(f"{self.call}: top_k is {self.k}, and the output has {scores.shape[1]} columns")
        if self.k == 1:
            best = scores.argmax(1)[:, None]
        else:
            turned = np.argsort(scores[:, ::-1], axis=1, kind="stable")[
                :, ::-1
            ]  # the largest first, of equals the last
            best = scores.shape[1] - 1 - turned[:, : self.k]
        chosen = np.zeros(scores.shape, bool)
        np.put_along_axis(chosen, best, True, 1)
        return chosen

    def __repr__(self) -> str:
        return f"TopK({self.k})"


@dataclass(frozen=True, repr=False)
class Decision:
    """How an item is read, what counts as said, and how the classes become one number; prints as Burn's name does.

    >>> Decision.multiclass("", 3, ClassReduction.Micro)
    TopK(3) [Micro]
    """

    columns: Callable[[ItemMetric, Any], tuple[Any, NDArray[np.bool_]]]
    rule: Threshold | TopK
    reduction: ClassReduction = ClassReduction.Macro

    def __post_init__(self) -> None:
        check_reduction(self.rule.call, self.reduction)

    @classmethod
    def binary(cls, call: str, threshold: float, sigmoid: bool) -> Decision:
        """One output an item."""
        return cls(binary, Threshold(threshold, sigmoid, call))

    @classmethod
    def multiclass(cls, call: str, top_k: int, reduction: ClassReduction) -> Decision:
        """A column a class, of which one is meant."""
        return cls(multiclass, TopK(top_k, call), reduction)

    @classmethod
    def multilabel(cls, call: str, threshold: float, reduction: ClassReduction, sigmoid: bool) -> Decision:
        """A column a class, of which any are meant."""
        return cls(multilabel, Threshold(threshold, sigmoid, call), reduction)

    def __repr__(self) -> str:
        return f"{self.rule!r} [{self.reduction.name}]"
