"""One field of many items as one array: declared types and strict conversions."""

from __future__ import annotations

import dataclasses
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from difflib import get_close_matches
from functools import lru_cache
from itertools import chain
from operator import attrgetter, itemgetter
from typing import Any, get_args, get_type_hints

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..errors import DatasetError

__all__ = [
    "build_column",
    "cast",
    "checked_dtype",
    "column_of",
    "default_dtype",
    "field_names",
    "freeze",
    "holds_numbers",
    "is_window",
    "missing_field",
]

# Widest first: a field that may be int or float is a column of floats.
_KINDS: dict[str, tuple[type, ...]] = {
    "f": (float, np.float16, np.float32, np.float64),
    "i": (int, *(np.dtype(code).type for code in "bBhHiIlLqQ")),
    "b": (bool, np.bool_),
}
_DTYPES: dict[str, np.dtype[Any]] = {
    "f": np.dtype(np.float32),
    "i": np.dtype(np.int64),
    "u": np.dtype(np.int64),
    "b": np.dtype(np.bool_),
}
_WIDEST: dict[str, np.dtype[Any]] = {"f": np.dtype(np.float64), "i": np.dtype(np.int64)}


def field_names(item: object) -> list[str]:
    """The fields of a dataclass, a named tuple or a mapping; of any other object, its attributes."""
    if dataclasses.is_dataclass(item):
        return [field.name for field in dataclasses.fields(item) if hasattr(item, field.name)]
    if isinstance(item, Mapping):
        return [key for key in item if isinstance(key, str)]
    return list(getattr(item, "_fields", ())) or list(getattr(item, "__dict__", ()))


def holds_numbers(items: Sequence[Any]) -> bool:
    """Whether the items are of one type, and each field of the first one is a number or an array of numbers."""
    names = field_names(items[0]) if items else []
    return (
        bool(names)
        and len(set(map(type, items))) == 1
        and all(_array(_getter(items[0], name)(items[0])) is not None for name in names)
    )


def build_column(rows: Sequence[Any], name: str, dtype: np.dtype[Any] | None, indices: Sequence[int]) -> NDArray[Any]:
    """The field `name` of every row as an array with one leading axis over rows.

    Without a `dtype` it is the one of the declared type: float32 for `float`, int64 for `int`, bool for `bool`, or
    for a tuple of them. Where nothing is declared, as in a mapping, the values decide. `indices` are the rows' numbers
    in an error. Raises `DatasetError`.
    """
    if not rows:
        raise DatasetError(f"column({name!r}) of no items: their shape is not known")
    if is_window(rows[0]):
        return _of_windows(rows, name, dtype, indices)
    item: Any = type(rows[0])
    return column_of(_values(rows, name, indices), _declared_kind(item, name), name, dtype, indices)


def column_of(
    values: list[Any], kind: str | None, name: str, dtype: np.dtype[Any] | None, indices: Sequence[int]
) -> NDArray[Any]:
    """The same of values, `kind` being `f`, `i` or `b` where a type is declared."""
    array = _packed(values, kind, dtype) if kind in _WIDEST else None
    if array is None:
        array = _array(values)
    if array is None:
        raise _not_a_column(values, name, indices)
    return cast(array, dtype or _DTYPES[kind or array.dtype.kind], name, indices)


def checked_dtype(dtype: DTypeLike | None, name: str) -> np.dtype[Any] | None:
    """The dtype that a batcher asks for. Raises `DatasetError` for one that is none of floats, ints or bools."""
    if not isinstance(name, str):
        raise DatasetError(f"column({name!r}): a field goes by its name, such as column('x')")
    try:
        wanted = None if dtype is None else np.dtype(dtype)
    except TypeError as error:
        raise DatasetError(f"column({name!r}, {dtype!r}): {error}\n  give one such as np.float32") from None
    if wanted is not None and wanted.kind not in _DTYPES:
        raise DatasetError(f"column({name!r}, {dtype!r}): a column holds floats, ints or bools, and no {wanted}")
    return wanted


def default_dtype(array: NDArray[Any], name: str) -> np.dtype[Any]:
    """The dtype in which a batcher gets this array when it asks for none."""
    if array.dtype.kind not in _DTYPES:
        raise DatasetError(f"column({name!r}) is an array of {array.dtype}; a column holds floats, ints or bools")
    return _DTYPES[array.dtype.kind]


def cast(array: NDArray[Any], dtype: np.dtype[Any], name: str, indices: Sequence[int]) -> NDArray[Any]:
    """The array in another dtype. Floats are rounded, but not to infinity; an int or a bool must keep its value."""
    if array.dtype == dtype:
        return array
    with np.errstate(invalid="ignore", over="ignore"):
        result = array.astype(dtype)
    if dtype.kind == "f":  # NaN and infinity that were there before are for the loss to report
        infinite = np.isinf(result)
        lost = infinite & np.isfinite(array) if infinite.any() else infinite
    else:
        lost = result != array
    if lost.any():
        row = np.argwhere(lost)[0]
        wider = "float64" if dtype.kind == "f" else "float32" if array.dtype.kind == "f" else array.dtype
        raise DatasetError(
            f"column({name!r}): item {indices[row[0]]} has {array[tuple(row)].item()!r}, which {dtype} cannot hold\n"
            f"  ask for a dtype that can: items.column({name!r}, np.{wider})"
        )
    return result


def freeze(array: NDArray[Any]) -> NDArray[Any]:
    """The same array, read-only. It owns its memory, so no view of it can be made writable again."""
    array.setflags(write=False)
    return array


def missing_field(name: str, names: list[str], who: str) -> DatasetError:
    """Words the error for a name that is none of these."""
    near = get_close_matches(name, names, n=1)
    question = f"did you mean {near[0]!r}? " if near else ""
    fields = ", ".join(names) or "no fields; make it a dataclass, a named tuple or a dict"
    return DatasetError(f"column({name!r}): there is no such field\n  {question}{who} {fields}")


def is_window(row: Any) -> bool:
    """Whether it is a tuple or a list of items with fields, or of windows; not one of numbers, nor a named tuple."""
    return (
        isinstance(row, (tuple, list))
        and not hasattr(row, "_fields")
        and len(row) > 0
        and (is_window(row[0]) or bool(field_names(row[0])))
    )


def _of_windows(rows: Sequence[Any], name: str, dtype: np.dtype[Any] | None, indices: Sequence[int]) -> NDArray[Any]:
    """The field of every item of every row, [rows, items of a row, ...]."""
    size = len(rows[0])
    for index, row in zip(indices, rows):
        if len(row) != size:
            raise DatasetError(f"column({name!r}): item {index} is of {len(row)} items, item {indices[0]} of {size}")
    column = build_column([*chain(*rows)], name, dtype, np.repeat(indices, size).tolist())
    return freeze(column).reshape(len(rows), size, *column.shape[1:])


def _getter(item: object, name: str) -> Callable[[Any], Any]:
    return itemgetter(name) if isinstance(item, Mapping) else attrgetter(name)


def _values(rows: Sequence[Any], name: str, indices: Sequence[int]) -> list[Any]:
    get = _getter(rows[0], name)
    try:
        return list(map(get, rows))
    except (AttributeError, KeyError, TypeError) as error:
        for row, item in enumerate(rows):
            try:
                get(item)
            except (AttributeError, KeyError, TypeError):
                who = f"item {indices[row]}, of {type(item).__name__}, has"
                raise missing_field(name, field_names(item), who) from error
        raise


def _packed(values: list[Any], kind: str, dtype: np.dtype[Any] | None) -> NDArray[Any] | None:
    """Python's own numbers, or even tuples or lists of them, as an array; None for anything else.

    Two to three times faster than np.array, and as strict: np.fromiter would take None for NaN and read "1.5".
    """
    target = dtype or _DTYPES[kind]
    if target.kind != kind or not target.isnative:
        target = _WIDEST[kind]
    first = values[0]
    numbers: Iterable[Any]
    try:
        if isinstance(first, (tuple, list)) and set(map(len, values)) == {len(first)}:
            array, numbers = np.empty((len(values), len(first)), target), chain.from_iterable(values)
        elif isinstance(first, (float, int)):
            array, numbers = np.empty(len(values), target), values
        else:
            return None
        standard = "=" if kind == "f" else ""  # the form that refuses a number too large for a float32
        struct.pack_into(f"{standard}{array.size}{target.char}", array.data, 0, *numbers)
    except (struct.error, TypeError, OverflowError):
        return None
    return array


def _array(values: Any) -> NDArray[Any] | None:
    """The values as an array of numbers; None when they are ragged or no numbers."""
    try:
        array = np.array(values)
    except (ValueError, OverflowError):
        return None
    return array if array.dtype.kind in _DTYPES else None


def _not_a_column(values: list[Any], name: str, indices: Sequence[int]) -> DatasetError:
    """Words it: the first value that is no number, or whose shape is not the first one's."""
    arrays = list(map(_array, values))
    for index, value, array in zip(indices, values, arrays, strict=True):
        if array is None:
            return DatasetError(
                f"column({name!r}): item {index} has {value!r}, which no array of numbers can hold\n"
                f"  take it from the items: [item.{name} for item in items]"
            )
        if arrays[0] is not None and array.shape != arrays[0].shape:
            return DatasetError(
                f"column({name!r}): item {index} has shape {array.shape}, item {indices[0]} has {arrays[0].shape}\n"
                f"  bring them to one shape in the dataset, or in the batcher: [item.{name} for item in items]"
            )
    return DatasetError(f"column({name!r}): the values of items {indices[0]} to {indices[-1]} have no common type")


@lru_cache(maxsize=256)
def _declared_kind(item: type, name: str) -> str | None:
    """`f`, `i` or `b` when the annotation of the field says so.

    The values alone would not do: with `target: float`, a batch that happens to hold 0 and 1 would be of ints, and
    the next one, with 0.5 in it, of floats.
    """
    try:
        hints = [get_type_hints(item).get(name)]
    except Exception:  # it evaluates annotations; the names in them may exist for the type checker alone
        return None
    for hint in hints:
        hints += get_args(hint)  # grows while it is read: tuple[float, float] and deeper
    return next((kind for kind, types in _KINDS.items() if any(map(types.__contains__, hints))), None)
