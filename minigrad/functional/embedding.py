"""Rows of a table by number."""

from __future__ import annotations

from typing import Any

from ..arrays import positions
from ..errors import DtypeError
from ..lifting import lift
from ..rules import selection
from ..tensor import Tensor
from .checks import refuse

__all__ = ["embedding"]

_take = lift(selection.take)


def embedding(weight: Tensor, indices: Any) -> Tensor:
    """The rows of weight [n, d] at Int `indices` of any shape: [..., d]. The gradients of a row that is met twice add.

    Raises `PositionError` for an index that is negative or not below n.

    >>> embedding(Tensor([[1.0, 2.0], [3.0, 4.0]]), Tensor([1, 0, 1]))
    Tensor([[3., 4.],
            [1., 2.],
            [3., 4.]], dtype=float32)
    """
    if not isinstance(weight, Tensor):
        raise DtypeError(f"embedding: weight is a {type(weight).__name__}, and must be a tensor [n, d]")
    if weight.ndim != 2:
        refuse(f"embedding: weight of shape {weight.shape}: it is [n, d]")
    return _take(weight, indices=positions(indices, weight.shape[0], "embedding"), axis=0)
