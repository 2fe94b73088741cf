"""Schema: the fields that an item type declares, and how an item is made of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, TypeAlias, TypeVar, get_args, get_origin, get_type_hints, is_typeddict

from .....errors import DatasetError
from .unreadable import shown

__all__ = ["Field", "ItemType", "Schema", "schema_of", "unaliased"]

I_co = TypeVar("I_co", covariant=True)
ItemType: TypeAlias = "type[I_co] | Mapping[str, Any]"


@dataclass(frozen=True)
class Field:
    """One field: `kind` is its annotation, resolved; one with a default is not `required`."""

    name: str
    kind: Any
    required: bool = True

    def __post_init__(self) -> None:
        object.__setattr__(self, "kind", unaliased(self.kind))


@dataclass(frozen=True)
class Schema(Generic[I_co]):
    """`row(*values)` makes an item of all fields in order, `make(**fields)` of some by name.

    Where `is_open` no field is declared: items are dicts of whatever there is.
    """

    name: str
    fields: tuple[Field, ...]
    row: Callable[..., I_co]
    make: Callable[..., I_co]
    is_open: bool = False

    @property
    def names(self) -> list[str]:
        return [field.name for field in self.fields]


def schema_of(item: ItemType[I_co]) -> Schema[I_co]:
    """The schema of a dataclass, a NamedTuple, a TypedDict, a mapping of names to types, or `dict`, which is open.

    Raises `DatasetError` for anything else, for no fields, and for annotations that cannot be resolved.

    >>> schema = schema_of({"x": float, "label": int})
    >>> schema.names, schema.row(0.5, 1)
    (['x', 'label'], {'x': 0.5, 'label': 1})
    """
    make: Any = item
    if item is dict:
        return Schema("dict", (), make, make, is_open=True)
    fields = _fields(item)
    if not fields:
        raise DatasetError(f"item={_name(item)} has no fields\n  declare one for each column that is to be read")
    if isinstance(item, Mapping) or is_typeddict(item):
        make = dict
    names = [field.name for field in fields]
    by_position = isinstance(make, type) and make is not dict and not _has_keywords(make)
    row = make if by_position else partial(_by_keyword, make, names)
    return Schema(getattr(item, "__name__", "item"), fields, row, make)


def unaliased(kind: Any) -> Any:
    """What `type Name = ...` stands for; from NumPy 2.5 on, `NDArray[...]` is such a name."""
    while hasattr(alias := get_origin(kind) or kind, "__value__"):
        kind = alias.__value__[get_args(kind)] if get_args(kind) else alias.__value__
    return kind


def _fields(item: Any) -> tuple[Field, ...]:
    if isinstance(item, Mapping) and all(isinstance(name, str) for name in item):
        return tuple(Field(name, kind) for name, kind in item.items())
    if is_typeddict(item):
        return tuple(Field(name, kind, name in item.__required_keys__) for name, kind in _hints(item).items())
    if isinstance(item, type) and dataclasses.is_dataclass(item):
        hints, none = _hints(item), dataclasses.MISSING
        return tuple(
            Field(field.name, hints[field.name], field.default is none and field.default_factory is none)
            for field in dataclasses.fields(item)
            if field.init
        )
    if isinstance(item, type) and issubclass(item, tuple) and hasattr(item, "_fields"):
        hints, defaults = _hints(item), getattr(item, "_field_defaults", {})
        return tuple(Field(name, hints.get(name, Any), name not in defaults) for name in item._fields)
    help = "give a dataclass, a NamedTuple, a TypedDict, a dict of names to types, or dict"
    if dataclasses.is_dataclass(item) or hasattr(item, "_fields"):
        help = f"give the class itself: {type(item).__name__}"
    raise DatasetError(f"item={_name(item)} declares no fields\n  {help}")


def _name(item: Any) -> str:
    return item.__name__ if isinstance(item, type) else shown(item)


def _has_keywords(item: type) -> bool:
    return dataclasses.is_dataclass(item) and any(field.kw_only for field in dataclasses.fields(item))


def _by_keyword(make: Callable[..., I_co], names: list[str], *values: Any) -> I_co:
    return make(**dict(zip(names, values, strict=True)))


def _hints(item: type) -> dict[str, Any]:
    try:
        return get_type_hints(item)
    except NameError as error:
        raise DatasetError(
            f"{item.__name__}: its annotations cannot be resolved: {error}\n"
            f"  define what they name at the top level of the module of {item.__name__}"
        ) from None
