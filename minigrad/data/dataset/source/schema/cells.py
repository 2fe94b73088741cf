"""Cells: what a text says, as a value of a declared type."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from math import isinf
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, Union, get_args, get_origin

from .....errors import DatasetError
from .schema import unaliased
from .unreadable import Unreadable, kind_name, none_of, refused

__all__ = ["cell_reader", "read_float"]

CellReader: TypeAlias = Callable[[str], Any]

TRUTH = {"true": True, "1": True, "false": False, "0": False}


def cell_reader(kind: Any, field: str) -> CellReader:
    """Reads cells as `kind`: int, float, bool, str, a Literal, an Enum (by value, else by name), or a union of these.

    An empty cell is None where the union has None, the empty text for `str`, and refused elsewhere. Blanks around a
    number do not matter. Without a declared type (Any) a cell is its text. Readers raise `Unreadable`. Raises
    `DatasetError`, which names the `field`, for types that no cell can hold.

    >>> read = cell_reader(float | None, "Item.x")
    >>> read(" 1e3"), read("")
    (1000.0, None)
    """
    kind = unaliased(kind)
    if kind in _READERS:
        return _READERS[kind]
    if get_origin(kind) in (Union, UnionType):
        members = [cell_reader(each, field) for each in get_args(kind) if each is not NoneType]
        return _union(kind, members, NoneType in get_args(kind))
    if get_origin(kind) is Literal:
        return _choice({str(each): each for each in get_args(kind)}, kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return _choice(dict(kind.__members__) | {str(each.value): each for each in kind}, kind)
    raise DatasetError(
        f"{field} is declared as {kind_name(kind)}, which no cell of a table of text can hold\n"
        f"  declare a field for each column (int, float, bool, str), or keep such items as JSON lines"
    )


def read_float(text: str) -> float:
    """The number; "nan" and "inf" are numbers, "1_000" and one too large for a float64 are not."""
    try:
        value = float(text)
    except ValueError:
        raise refused(text, float) from None
    if "_" in text or (isinf(value) and "inf" not in text.lower()):  # float("1e999") is inf
        raise refused(text, float)
    return value


def read_int(text: str) -> int:
    try:
        value = int(text)
    except ValueError:  # also for more digits than Python reads
        raise refused(text, int) from None
    if "_" in text:
        raise refused(text, int)
    return value


def read_bool(text: str) -> bool:
    try:
        return TRUTH[text.strip().lower()]
    except KeyError:
        raise refused(text, "bool") from None


_READERS: dict[Any, CellReader] = {float: read_float, int: read_int, bool: read_bool, str: str, Any: str}


def _union(kind: Any, members: list[CellReader], optional: bool) -> CellReader:
    def read(text: str) -> Any:
        if optional and not text.strip():
            return None
        for member in members:  # in the order in which they are declared
            try:
                return member(text)
            except Unreadable:
                continue
        raise refused(text, kind)

    return read


def _choice(choices: dict[str, Any], kind: Any) -> CellReader:
    def read(text: str) -> Any:
        try:
            return choices[text]
        except KeyError:
            raise none_of(text, choices, kind) from None

    return read
