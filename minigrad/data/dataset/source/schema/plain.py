"""Items in plain values: what JSON and MessagePack can hold."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any

import numpy as np

from .unreadable import Unreadable, shown

__all__ = ["item_names", "plain"]


def plain(value: Any, by_position: bool = False) -> Any:
    """`value` in None, bools, ints, floats, texts, bytes, lists and dicts; dataclasses as lists if `by_position`."""
    if value is None or type(value) in (bool, int, float, str, bytes):
        return value
    if isinstance(value, Enum):
        return plain(value.value, by_position)
    if isinstance(value, (np.ndarray, np.generic)) and value.dtype.kind in "fiub":
        return value.tolist()
    if isinstance(value, Mapping) and all(isinstance(key, str) for key in value):
        return {key: plain(each, by_position) for key, each in value.items()}
    names = item_names(value)
    if names:
        values = [plain(getattr(value, name), by_position) for name in names]
        return values if by_position else dict(zip(names, values, strict=True))
    if isinstance(value, (list, tuple)):
        return [plain(each, by_position) for each in value]
    bases: tuple[Any, ...] = (int, float, str, bytes)
    for base in bases:
        if isinstance(value, base):  # of a class of one's own
            return base(value)
    help = "store numbers, texts, bytes, arrays, lists of these, or dataclasses of such fields"
    raise Unreadable(f"{shown(value)} cannot be stored", help)


def item_names(item: Any) -> list[str]:
    """The fields of an instance of a dataclass or a named tuple that its constructor takes; none of anything else."""
    if isinstance(item, type):
        return []
    if dataclasses.is_dataclass(item):
        return [field.name for field in dataclasses.fields(item) if field.init]
    return list(getattr(item, "_fields", ()))
