"""The error of an operation whose operands do not fit each other, in words."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from .autodiff import Node
from .blame import whereabouts
from .errors import DtypeError, MinigradError, ShapeError

__all__ = ["explain"]


def explain(
    rule: Callable[..., Any], xs: Sequence[Any], error: Exception, static: Mapping[str, Any] = MappingProxyType({})
) -> Exception:
    """The error of a rule, with the shapes that the user gave (those of masks and indices too) and where."""
    if isinstance(error, MinigradError):
        return error  # worded already
    given = (*xs, *(v for v in static.values() if isinstance(v, np.ndarray)))
    shapes = [np.shape(x.data) if isinstance(x, Node) else np.shape(x) for x in given]
    where = whereabouts()
    name = rule.__name__
    if name == "matmul" and all(shapes):
        left, right = shapes[0], shapes[1]
        columns, rows = left[-1], right[-2:][0]
        if columns == rows:
            return ShapeError(f"matmul: {left} @ {right}: the axes before the last two do not broadcast{where}")
        return ShapeError(
            f"matmul: inner sizes differ: {left} @ {right}\n  left has {columns} columns, right has {rows} rows{where}"
        )
    if "broadcast" in str(error) and len(shapes) > 1:
        return ShapeError(
            f"{name}: shapes {' and '.join(map(str, shapes))} do not broadcast{where}\n"
            "  from the right, sizes must be equal or 1: reshape or expand_dims one of them"
        )
    kind = DtypeError if isinstance(error, TypeError) else ShapeError
    return kind(f"{name} of shape{'s' * (len(shapes) > 1)} {' and '.join(map(str, shapes))}: {error}{where}")
