"""Where two values differ: items of a dataset, which may hold arrays, NaN, and objects that cannot be compared."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..tensor import Tensor

__all__ = ["difference"]


def difference(a: Any, b: Any, loose: bool = False, path: str = "") -> str:
    """The first place where they differ and what is there; '' where they are equal.

    NaN equals NaN. Types must be the same, unless it is `loose`: then numbers, and tuples, lists and arrays of numbers,
    are equal where they are so in float32. Objects that define no equality of their own are compared by their fields.

    >>> difference({"x": (1.0, 2.0)}, {"x": (1.0, 2.5)})
    "at ['x'][1]: 2.0 and 2.5"
    >>> difference((0.1, float("nan")), np.array([0.1, np.nan], np.float32), loose=True)
    ''
    """
    if a is b:
        return ""
    where = f"at {path}: " if path else ""
    here = f"{where}{_short(a)} and {_short(b)}"
    if loose and _is_numbers(a) and _is_numbers(b):
        return "" if _equal(np.asarray(a), np.asarray(b), loose) else here
    if type(a) is not type(b):
        return f"{here}, of {type(a).__name__} and {type(b).__name__}"
    if isinstance(a, (Tensor, np.ndarray, np.generic, float)):
        a, b = (np.asarray(x.data if isinstance(x, Tensor) else x) for x in (a, b))
        return "" if _equal(a, b, loose) else here
    parts = _parts(a), _parts(b)
    if None in parts:
        return here if _has_equality(a) and a != b else ""  # without one nothing is known
    if parts[0].keys() != parts[1].keys():
        return here
    found = (difference(part, parts[1][name], loose, f"{path}{name}") for name, part in parts[0].items())
    return next(filter(None, found), "")


def _parts(value: Any) -> Any:
    """The parts of a value by the way to write them; None where it has none."""
    if isinstance(value, Mapping):
        return {f"[{key!r}]": part for key, part in value.items()}
    if isinstance(value, (tuple, list)):
        return {f"[{number}]": part for number, part in enumerate(value)}
    if dataclasses.is_dataclass(value):
        names = [field.name for field in dataclasses.fields(value) if hasattr(value, field.name)]
        return {f".{name}": getattr(value, name) for name in names}
    if not _has_equality(value) and hasattr(value, "__dict__"):
        return {f".{name}": part for name, part in vars(value).items()}
    return None


def _has_equality(value: object) -> bool:
    """Whether its class says when two are equal; else they are where they are one and the same."""
    return any("__eq__" in vars(kind) for kind in type(value).__mro__[:-1])


def _is_numbers(value: Any) -> bool:
    if isinstance(value, (tuple, list)):
        return all(map(_is_numbers, value))
    if isinstance(value, (np.ndarray, np.generic)):
        return value.dtype.kind in "fiub"
    return isinstance(value, (float, int))


def _equal(a: np.ndarray[Any, Any], b: np.ndarray[Any, Any], loose: bool) -> bool:
    if loose and "f" in a.dtype.kind + b.dtype.kind:
        with np.errstate(over="ignore"):
            a, b = a.astype(np.float32), b.astype(np.float32)
    return a.shape == b.shape and (loose or a.dtype == b.dtype) and np.array_equal(a, b, equal_nan=a.dtype.kind in "fc")


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
