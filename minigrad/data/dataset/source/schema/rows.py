"""Rows of a table as items, and columns of numbers as items."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, TypeVar, get_args, get_origin

import numpy as np
from numpy.typing import NDArray

from ....items import Items
from .schema import Field, Schema
from .unreadable import Unreadable
from .values import make_item

__all__ = ["column_items", "number_form", "row_reader"]

I_co = TypeVar("I_co", covariant=True)

_DTYPES = {float: np.dtype(np.float64), int: np.dtype(np.int64), bool: np.dtype(np.bool_)}


def row_reader(
    schema: Schema[I_co], fields: Sequence[Field], readers: Sequence[Callable[[Any], Any]]
) -> Callable[[Sequence[Any]], I_co]:
    """Makes an item of the values of these fields, each read by its own reader; the others have defaults.

    Raises `Unreadable`, which names the column.
    """
    is_whole = tuple(fields) == schema.fields
    row = schema.row

    def read(values: Sequence[Any]) -> I_co:
        if is_whole:
            try:
                return row(*[read_field(value) for read_field, value in zip(readers, values)])
            except Exception:
                pass  # the long way says what is wrong, and where
        given = {}
        for field, read_field, value in zip(fields, readers, values, strict=True):
            try:
                given[field.name] = read_field(value)
            except Unreadable as error:
                raise error.within(f"column {field.name!r}") from None
        return make_item(schema, given)

    return read


def number_form(kind: Any) -> tuple[np.dtype[Any], tuple[int, ...]] | None:
    """The dtype, which loses nothing, and the shape of a number or of a tuple of numbers; None for any other type."""
    members = get_args(kind) if get_origin(kind) is tuple else (kind,)
    dtype = _DTYPES.get(members[0]) if len(set(members)) == 1 else None
    return None if dtype is None else (dtype, () if members == (kind,) else (len(members),))


def column_items(schema: Schema[I_co], columns: Mapping[str, NDArray[Any]]) -> Items[I_co]:
    """Items that are made of columns when asked for; rows of a matrix are tuples again."""
    matrices = [name for name, array in columns.items() if array.ndim > 1]
    return Items.from_columns(columns, partial(_with_tuples, schema.make, matrices) if matrices else schema.make)


def _with_tuples(make: Callable[..., I_co], names: list[str], /, **fields: Any) -> I_co:
    for name in names:
        fields[name] = tuple(fields[name].tolist())
    return make(**fields)
