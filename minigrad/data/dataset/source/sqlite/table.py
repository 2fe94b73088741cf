"""Table: where the items of one split are written, and that they can be read again."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from .....errors import DatasetError
from ..schema import Unreadable, item_names, schema_of, shown
from .connection import quoted
from .serialized import item_reader, pack
from .stored import sql_type, stored, stored_reader

__all__ = ["Table"]


@dataclass(frozen=True)
class Table:
    """Columns, by name and SQL type, for the fields of the first item; or one column for items that are stored whole.

    `readers` read each column, as a dataset will.
    """

    path: str
    split: str
    item: type
    columns: Mapping[str, str]
    readers: Mapping[str, Callable[[Any], Any]]
    is_whole: bool = False

    @classmethod
    def of(cls, path: str, split: str, item: Any, serialized: bool) -> Self:
        """The table for items like this one. Raises `DatasetError` for an item or a name that cannot be in SQLite."""
        place = f"{path}, table {split!r}"
        if not isinstance(split, str) or not split or "\0" in split or split.lower().startswith("sqlite_"):
            raise DatasetError(f"{place}: this is no name for a table\n  name it after its split, such as 'train'")
        if isinstance(item, Mapping) and item:
            kind: Any = dict.fromkeys(item, Any)
        elif item_names(item):
            kind = type(item)
        else:
            raise DatasetError(
                f"{place}: {shown(item)} has no fields to store\n"
                "  write instances of a dataclass or a named tuple, or dicts"
            )
        schema = schema_of(kind)
        if serialized:
            return cls(path, split, type(item), {"item": "blob not null"}, {"item": item_reader(schema)}, True)
        columns = {field.name: sql_type(field.kind) for field in schema.fields}
        lower = [name.lower() for name in columns]
        twins = [name for name in columns if lower.count(name.lower()) > 1]
        if twins:
            raise DatasetError(f"{place}: SQLite takes {' and '.join(twins)} for one column\n  rename a field")
        if "row_id" in lower:
            raise DatasetError(f"{place}: row_id is the number of a row\n  rename the field, or do without it")
        if lower == ["item"] and columns[schema.names[0]].startswith("blob"):
            raise DatasetError(
                f"{place}: the one column `item`, of bytes, would be taken for Burn's layout of whole items\n"
                "  rename the field, or write with serialized=True"
            )
        readers = {each.name: stored_reader(each.kind, f"{schema.name}.{each.name}") for each in schema.fields}
        return cls(path, split, type(item), columns, readers)

    @cached_property
    def create(self) -> str:
        columns = "".join(f", {quoted(name)} {kind}" for name, kind in self.columns.items())
        return f"create table {quoted(self.split)} (row_id integer primary key autoincrement not null{columns})"

    @cached_property
    def insert(self) -> str:
        names = ", ".join(map(quoted, self.columns))
        return f"insert into {quoted(self.split)} ({names}) values ({', '.join('?' * len(self.columns))})"

    def values(self, item: Any) -> list[Any]:
        """What is stored of the item. Raises `DatasetError` for what would not be read again."""
        fields: Mapping[str, Any] | None = item if isinstance(item, Mapping) else None
        is_like = fields is None or self.is_whole or fields.keys() == self.columns.keys()
        if type(item) is not self.item or not is_like:
            raise DatasetError(
                f"{self._place}: its first item was {self._like}, this one is {shown(item)}\n"
                "  write items of one type, with the same fields, to a table"
            )
        values = []
        for name, read in self.readers.items():
            try:
                if self.is_whole:
                    value = pack(item)
                else:
                    value = stored(getattr(item, name) if fields is None else fields[name])
                read(value)
            except Unreadable as error:
                raise error.within(f"column {name!r}").at(self._place) from error.__cause__
            values.append(value)
        return values

    @property
    def _place(self) -> str:
        return f"{self.path}, table {self.split!r}"

    @property
    def _like(self) -> str:
        return f"a {self.item.__name__}" + ("" if self.is_whole else f" of {', '.join(self.columns)}")
