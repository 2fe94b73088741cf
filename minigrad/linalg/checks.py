"""What the functions of matrices ask of their arguments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from ..blame import whereabouts
from ..errors import GradientError, ShapeError
from ..lifting import as_tensor
from ..tensor import Tensor

__all__ = ["TensorLike", "floats", "matrix", "misfit", "square", "without_gradient"]

TensorLike: TypeAlias = "Tensor | float | np.generic | NDArray[Any] | Sequence[Any]"


def misfit(what: str, help: str = "") -> ShapeError:
    """The error of shapes that do not fit: what, where in the user's program, and help on a line of its own."""
    where = whereabouts()
    return ShapeError(f"{what}{where}" + (f"\n  {help}" if help else ""))


def floats(x: TensorLike) -> Tensor:
    """A Float tensor."""
    x = as_tensor(x)
    return x if x.data.dtype.kind == "f" else x.float()


def matrix(x: TensorLike, name: str) -> Tensor:
    """A Float tensor of matrices. Raises `ShapeError`."""
    x = floats(x)
    if x.ndim < 2:
        raise misfit(f"{name} of shape {x.shape}: a matrix has at least two axes, its rows and columns")
    return x


def square(x: TensorLike, name: str) -> Tensor:
    """A Float tensor of square matrices. Raises `ShapeError`."""
    x = matrix(x, name)
    rows, columns = x.shape[-2:]
    if rows != columns:
        raise misfit(f"{name} of shape {x.shape}: the matrix must be square, it has {rows} rows, {columns} columns")
    return x


def without_gradient(x: Tensor, what: str, instead: str) -> Tensor:
    """An untracked tensor. Raises `GradientError` for vectors that are chosen at will."""
    if x.birth:
        raise GradientError(
            f"{what} of a tracked tensor of shape {x.shape}: the vectors that complete a basis are any that do, and "
            f"have no gradient\n  {instead} leaves them out; x.detach() leaves the graph"
        )
    return x
