"""Values: what JSON or MessagePack holds, as a value of a declared type."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Literal, TypeAlias, TypeVar, Union, get_args, get_origin

import numpy as np

from .....errors import DatasetError
from ....column import cast
from .schema import Schema, schema_of, unaliased
from .unreadable import Unreadable, kind_name, meant, none_of, refused

__all__ = ["make_item", "struct_reader", "value_reader"]

I_co = TypeVar("I_co", covariant=True)
Reader: TypeAlias = Callable[[Any], Any]


def value_reader(kind: Any, field: str, outer: tuple[Any, ...] = ()) -> Reader:
    """Reads values as `kind`, and refuses what is of another type: 1 is a float too, 1.0 is no int, True no number.

    Kinds are int, float, bool, str, bytes (in JSON a list of ints), Literals, Enums (by value, else by name), unions
    of these, tuples, lists, dicts with names for keys, arrays, and whatever `schema_of` takes. Any takes everything.
    Readers raise `Unreadable`. Raises `DatasetError`, which names the `field`, for other types.

    >>> value_reader(tuple[float, ...], "Item.at")([1, 2.5])
    (1.0, 2.5)
    """
    kind = unaliased(kind)
    origin, members = get_origin(kind), get_args(kind)
    if kind in _READERS:
        return _READERS[kind]
    if origin in (Union, UnionType):
        return _union(kind, [value_reader(each, field, outer) for each in members])
    if origin is Literal:
        return _choice({(type(each), each): each for each in members}, kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        names = {(str, name): each for name, each in kind.__members__.items()}
        return _choice(names | {(type(each.value), each.value): each for each in kind}, kind)
    if kind is np.ndarray or origin is np.ndarray:
        return _array(next(iter(get_args(members[1])), Any) if len(members) > 1 else Any)
    if kind in (tuple, list) or origin in (tuple, list):
        return _sequence(kind, origin or kind, members or (Any, ...), field, outer)
    if origin is dict and members[0] is str:
        return _mapping(kind, value_reader(members[1], field, outer))
    if kind in outer:
        raise DatasetError(
            f"{field} holds a {kind_name(kind)}, as deep as one likes, which no item can\n"
            "  number such items, and let them hold the numbers of others"
        )
    try:
        schema = schema_of(kind)
    except DatasetError:
        raise DatasetError(
            f"{field} is declared as {kind_name(kind)}, which no file can hold\n"
            "  declare it as int, float, bool, str, a tuple or list of these, an array, or a dataclass of such fields"
        ) from None
    return struct_reader(schema, (*outer, kind))


def struct_reader(schema: Schema[I_co], outer: tuple[Any, ...] = ()) -> Callable[[Any], I_co]:
    """Reads objects by the names of the fields, in any order, and lists by position, as serde does.

    Names that are not declared are passed over. Readers raise `Unreadable`.
    """
    if schema.is_open:
        return _mapping(dict, _READERS[Any])
    readers = [(each, value_reader(each.kind, f"{schema.name}.{each.name}", outer)) for each in schema.fields]
    named = [(field.name, read) for field, read in readers]
    row = schema.row

    def read(value: Any) -> I_co:
        if type(value) is dict:
            try:
                return row(*[read_field(value[name]) for name, read_field in named])
            except Exception:  # the long way fills in defaults, and says what is wrong and where
                return some(value)
        if type(value) is list:
            if len(value) != len(readers):
                raise refused(value, f"{schema.name} ({', '.join(schema.names)}) by position")
            return some(dict(zip(schema.names, value, strict=True)))
        raise refused(value, schema.name)

    def some(value: dict[str, Any]) -> I_co:
        values = {}
        for field, read_field in readers:
            if field.name in value:
                try:
                    values[field.name] = read_field(value[field.name])
                except Unreadable as error:
                    raise error.within(f".{field.name}") from None
            elif field.required:
                problem = f"there is no {field.name!r}, which {schema.name} needs"
                raise Unreadable(problem, meant(field.name, value, "it has"))
        return make_item(schema, values)

    return read


def make_item(schema: Schema[I_co], values: dict[str, Any]) -> I_co:
    """The item; what its own code raises becomes `Unreadable`."""
    try:
        return schema.make(**values)
    except Exception as error:
        problem = f"{schema.name} raised {type(error).__name__}: {error}"
        raise Unreadable(problem, f"correct the values, or what {schema.name} asks of them") from error


def _exactly(kind: type) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is kind:
            return value
        raise refused(value, kind)

    return read


def _float(value: Any) -> float:
    if type(value) is float:
        return value
    if type(value) is int:
        try:
            return float(value)
        except OverflowError:
            pass
    raise refused(value, float)


def _bytes(value: Any) -> bytes:
    if type(value) is bytes:
        return value
    if type(value) is list and all(type(each) is int and 0 <= each < 256 for each in value):
        return bytes(value)
    raise refused(value, bytes)


_READERS: dict[Any, Reader] = {
    Any: lambda value: value,
    None: _exactly(NoneType),
    NoneType: _exactly(NoneType),
    float: _float,
    int: _exactly(int),
    bool: _exactly(bool),
    str: _exactly(str),
    bytes: _bytes,
    dict: _exactly(dict),
}


def _union(kind: Any, members: list[Reader]) -> Reader:
    def read(value: Any) -> Any:
        inside = None
        for member in members:  # in the order in which they are declared
            try:
                return member(value)
            except Unreadable as error:
                if error.path:
                    inside = error  # the value is of that kind, but for a part of it
        raise inside or refused(value, kind)

    return read


def _choice(choices: dict[Any, Any], kind: Any) -> Reader:
    def read(value: Any) -> Any:
        try:
            return choices[type(value), value]
        except (KeyError, TypeError):  # an unhashable value, too
            raise none_of(value, (repr(each) for _, each in choices), kind) from None

    return read


def _sequence(kind: Any, make: type, members: tuple[Any, ...], field: str, outer: tuple[Any, ...]) -> Reader:
    fixed = make is tuple and ... not in members
    readers = [value_reader(each, field, outer) for each in members if each is not ...]

    def read(value: Any) -> Any:
        if type(value) is not list or (fixed and len(value) != len(readers)):
            raise refused(value, kind)
        reads = readers if fixed else readers * len(value)
        try:
            items = [read_one(each) for read_one, each in zip(reads, value)]
        except Unreadable as error:
            raise error.within(f"[{_first_refused(reads, value)}]") from None
        return items if make is list else tuple(items)

    return read


def _first_refused(readers: list[Reader], values: list[Any]) -> int:
    for number, (read, value) in enumerate(zip(readers, values)):
        try:
            read(value)
        except Unreadable:
            return number
    return len(values)


def _mapping(kind: Any, read_value: Reader) -> Reader:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise refused(value, kind)
        result: dict[str, Any] = {}
        for name, each in value.items():
            try:
                result[name] = read_value(each)
            except Unreadable as error:
                raise error.within(f".{name}") from None
        return result

    return read


def _array(dtype: Any) -> Reader:
    wanted = None if dtype is Any else np.dtype(dtype)
    name = "array of numbers" if wanted is None else f"array of {wanted}"

    def read(value: Any) -> Any:
        try:
            array = np.array(value)
        except (ValueError, OverflowError):  # ragged
            raise refused(value, name) from None
        if not isinstance(value, (list, np.ndarray)) or array.dtype.kind not in "fiub":
            raise refused(value, name)
        if wanted is None or array.dtype == wanted:
            return array
        if isinstance(value, np.ndarray):
            raise Unreadable(
                f"an array of {array.dtype} is no {name}", "convert it, or declare the field as what it is"
            )
        try:
            return cast(array, wanted, "", range(len(array)))
        except DatasetError:
            raise refused(value, name) from None

    return read
