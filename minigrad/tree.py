"""The one traversal of nested values: modules, lists, tuples and dictionaries, anything else being a leaf.

`visit`, `map`, records, the display tree, devices, `valid` and nested gradients are all made of these few functions.
A module is what has `module_fields`, the names of its fields in order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import NoneType
from typing import Any, NoReturn

import numpy as np

from .errors import ShapeError

__all__ = ["FrozenDict", "children", "freeze", "is_module", "leaves", "map_leaves", "map_paths", "rebuild"]


class FrozenDict(dict[Any, Any]):
    """A dictionary as a module keeps it: a value, not to be written to."""

    def _refuse(self, *_: Any, **__: Any) -> NoReturn:
        raise AttributeError("a module's dictionary cannot be changed: module.replace(name={...}) makes a changed copy")

    __setitem__ = __delitem__ = update = pop = popitem = clear = setdefault = __ior__ = _refuse

    def __reduce__(self) -> Any:
        return FrozenDict, (dict(self),)


_CONSTANTS = frozenset((NoneType, bool, int, float, str))


def freeze(value: Any) -> Any:
    """Lists become tuples and dictionaries frozen ones, all the way down; an array is copied.

    Raises `TypeError` for a set of modules or tensors.
    """
    if type(value) in _CONSTANTS:  # 40 ns against 160: a loss that is made in every step is made of them
        return value
    if isinstance(value, dict):
        return FrozenDict({key: freeze(each) for key, each in value.items()})
    if isinstance(value, (list, tuple)) and not hasattr(value, "_fields"):
        return tuple(map(freeze, value))
    if isinstance(value, np.ndarray):
        value = value.copy()
        value.flags.writeable = False
    elif isinstance(value, (set, frozenset)) and any(is_module(part) or hasattr(part, "birth") for part in value):
        raise TypeError("a set has no order, so that its parameters would have no names: use a list or a dictionary")
    return value


def is_module(value: Any) -> bool:
    """Whether it has named fields."""
    return hasattr(type(value), "module_fields")


def children(value: Any) -> dict[Any, Any] | None:
    """The parts of a value by name, index or key; None for a leaf."""
    if is_module(value):
        own = vars(value)
        return {name: own[name] for name in type(value).module_fields}
    if isinstance(value, (list, tuple)):
        return dict(enumerate(value))
    if isinstance(value, dict):
        return value
    return None


def rebuild(value: Any, parts: dict[Any, Any]) -> Any:
    """A value of the same kind with other parts."""
    if is_module(value):
        copy = object.__new__(type(value))
        copy.__dict__.update(parts)
        return copy
    if isinstance(value, dict):
        return type(value)(parts)
    return type(value)(*parts.values()) if hasattr(value, "_fields") else type(value)(parts.values())


def leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """(path, leaf) depth first in order; a path reads `layers.0.weight`."""
    parts = children(value)
    if parts is None:
        yield path, value
    else:
        for name, part in parts.items():
            yield from leaves(part, f"{path}.{name}" if path else str(name))


def map_leaves(f: Callable[..., Any], value: Any, *others: Any) -> Any:
    """The same structure with `f(leaf)` in place of each leaf; with others of that structure, `f(leaf, other, ...)`.

    Raises `ShapeError` for another structure.

    >>> map_leaves(max, {"a": 1, "b": [2, 3]}, {"a": 5, "b": [4, 0]})
    {'a': 5, 'b': [4, 3]}
    """
    parts = children(value)
    if parts is None:
        return f(value, *others)
    rows = [children(other) for other in others]
    for other, row in zip(others, rows):
        if row is None or list(row) != list(parts):
            raise ShapeError(
                f"a {type(other).__name__} of {_names(row)} beside a {type(value).__name__} of {_names(parts)}"
            )
    return rebuild(
        value, {name: map_leaves(f, part, *[row[name] for row in rows if row]) for name, part in parts.items()}
    )


def _names(parts: dict[Any, Any] | None) -> str:
    return "no parts" if parts is None else ", ".join(map(str, parts)) or "no parts"


def map_paths(f: Callable[[str, Any], Any], value: Any, path: str = "") -> Any:
    """The same structure with `f(path, leaf)` in place of each leaf."""
    parts = children(value)
    if parts is None:
        return f(path, value)
    changed = {name: map_paths(f, part, f"{path}.{name}" if path else str(name)) for name, part in parts.items()}
    return rebuild(value, changed)
