"""Weights: how often each item is drawn, beside the others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..errors import DatasetError
from .column import freeze

if TYPE_CHECKING:
    from numpy.typing import ArrayLike, NDArray

__all__ = ["checked_weights", "draw"]


def checked_weights(call: str, weights: ArrayLike, length: int | None = None) -> NDArray[np.float64]:
    """A copy of the weights, read-only.

    Raises `DatasetError` unless they are numbers in a row, `length` of them if it is given, finite, >= 0 and some > 0.

    >>> checked_weights("draw", [1, 0, 2])
    array([1., 0., 2.])
    """
    try:
        given = np.array(weights)
    except ValueError as error:  # ragged
        raise DatasetError(f"{call}: weights are no array: {error}\n  give one number for each item") from None
    if given.dtype.kind not in "fiub" or given.ndim != 1 or len(given) != (len(given) if length is None else length):
        kind = f"an array of {given.dtype} of shape {given.shape}"
        count = "" if length is None else f"{length} "
        raise DatasetError(f"{call}: weights are {kind}, and must be {count}numbers, one for each item")
    given = given.astype(np.float64)
    wrong = ~(np.isfinite(given) & (given >= 0))
    if wrong.any():
        item = int(wrong.argmax())
        raise DatasetError(f"{call}: the weight of item {item} is {given[item]}, and must be finite and >= 0")
    if not given.any():
        raise DatasetError(f"{call}: the weights of all {len(given)} items are 0: none can be drawn")
    return freeze(given)


def draw(weights: NDArray[np.float64], count: int, rng: np.random.Generator) -> NDArray[np.intp]:
    """So many positions, each drawn from all in proportion to the weights; one of weight 0 never is.

    More draws of the same generator begin with the same positions.
    """
    shares = np.cumsum(weights / weights.max())  # a sum of weights of 1e308 would be infinite
    # From the right: where an item of weight 0 begins and ends, the next one begins too, and the draw is its.
    return np.searchsorted(shares / shares[-1], rng.random(count), side="right")
