"""How a field is stored: numbers, texts and bytes as SQLite's own, arrays as .npy files, everything else as JSON."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from math import prod
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin

import numpy as np
from numpy.typing import NDArray

from ..schema import Unreadable, kind_name, plain, refused, shown, unaliased, value_reader

__all__ = ["sql_type", "stored", "stored_reader"]

_TYPES: dict[Any, str] = {float: "real", int: "integer", bool: "integer", str: "text", bytes: "blob"}


def stored(value: Any) -> Any:
    """What SQLite gets for `value`. Raises `Unreadable` for what it would not give back: NaN, ints over 64 bits.

    >>> stored(True), stored((1, 2.5)), stored(None)
    (1, '[1, 2.5]', None)
    """
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiub":
        file = io.BytesIO()
        np.save(file, value, allow_pickle=False)
        return file.getvalue()
    value = plain(value)
    if isinstance(value, (list, dict)):
        return json.dumps(value, ensure_ascii=False, default=list)  # bytes inside: a list of ints
    if isinstance(value, float) and value != value:
        help = "store None where there is no number (float | None), or SqliteDatasetWriter(..., serialized=True)"
        raise Unreadable("NaN, which SQLite would store as nothing", help)
    if isinstance(value, int) and not -(1 << 63) <= value < 1 << 63:
        raise Unreadable(f"{shown(value)} has more than the 64 bits of SQLite's integers", "store it as a str")
    return int(value) if isinstance(value, bool) else value


def stored_reader(kind: Any, field: str) -> Callable[[Any], Any]:
    """Reads what `stored` made of a value of this declared type. Raises as `value_reader` does."""
    read = value_reader(kind, field)
    members = _members(kind)
    has_arrays = any(_is_array(each) for each in members)
    has_bools = bool in members
    is_json = str not in members and any(_is_compound(each) for each in members)
    if not (has_arrays or has_bools or is_json):
        return read

    def read_stored(value: Any) -> Any:
        if has_bools and type(value) is int and 0 <= value <= 1:
            value = bool(value)
        elif has_arrays and type(value) is bytes:
            value = _read_npy(value, kind)
        elif is_json and type(value) is str:
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                raise refused(value, f"JSON of {kind_name(kind)}") from None
        return read(value)

    return read_stored


def sql_type(kind: Any) -> str:
    """The type and constraint of a column. Without a type, SQLite keeps a value as it is."""
    members = [each for each in _members(kind) if each is not NoneType]
    one = members[0] if len(members) == 1 else Any
    name = _TYPES.get(one, "blob" if _is_array(one) else "text" if _is_compound(one) else "")
    return name if kind is Any or NoneType in _members(kind) else f"{name} not null".lstrip()


def _members(kind: Any) -> list[Any]:
    """The types that a value may have."""
    kind = unaliased(kind)
    if get_origin(kind) in (Union, UnionType):
        return [member for each in get_args(kind) for member in _members(each)]
    return [kind]


def _is_array(kind: Any) -> bool:
    return kind is np.ndarray or get_origin(kind) is np.ndarray


def _is_compound(kind: Any) -> bool:
    scalar = kind in _TYPES or kind in (Any, None, NoneType) or get_origin(kind) is Literal
    return not (scalar or (isinstance(kind, type) and issubclass(kind, Enum)))


def _read_npy(blob: bytes, kind: Any) -> NDArray[Any]:
    """A .npy file of version 1, which is how np.save writes arrays of numbers."""
    header = blob[: 10 + int.from_bytes(blob[8:10], "little")]
    try:
        shape, fortran, dtype = _npy_header(header)
        flat = np.frombuffer(blob, dtype, prod(shape), len(header))
    except ValueError:
        raise refused(blob, f"{kind_name(kind)} as a .npy file") from None
    return flat.reshape(shape, order="F" if fortran else "C")


@lru_cache(maxsize=16)  # reading it costs thirty times what reading the rest does, and rows have the same
def _npy_header(header: bytes) -> tuple[tuple[int, ...], bool, np.dtype[Any]]:
    file = io.BytesIO(header)
    if np.lib.format.read_magic(file) != (1, 0):
        raise ValueError
    return np.lib.format.read_array_header_1_0(file)
