"""SqliteDataset: the rows of one table as items, read when they are asked for."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from operator import index as as_int
from typing import TYPE_CHECKING, Any, Self, TypeVar

import numpy as np

from .....errors import DatasetError
from ...checks import in_range
from ...dataset import Dataset
from ..schema import Field, ItemType, Unreadable, column_items, meant, number_form, row_reader, schema_of
from ..text_file import checked_path
from .connection import NUMBERED, Connections, quoted
from .serialized import is_serialized, item_reader
from .stored import stored_reader

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ....items import Items

__all__ = ["SqliteDataset"]

I_co = TypeVar("I_co", covariant=True)

CHUNK = 900  # rows a query: SQLite may take no more than 999 values


class SqliteDataset(Dataset[I_co]):
    """The rows of the table `split` in a SQLite file, as Burn or `SqliteDatasetWriter` writes it.

    `item` is what `InMemDataset.from_csv` takes. Its fields name columns of the table, in any order; other columns are
    passed over. bools are stored as 0 and 1, arrays as .npy files, tuples, lists, dicts and dataclasses as JSON. With
    `item=dict` values come as SQLite has them. A table of the columns `row_id` and `item` alone is Burn's other layout:
    each item whole, in MessagePack, as a struct of Rust is (its fields by position) or by name.

    Item `i` is the row with `row_id` (without such a column, SQLite's own `rowid`) `i + 1`: rows are numbered without
    gaps. The file is opened to read only. Any number of threads may read, each by a connection of its own; a fork and
    a pickle open their own. Where every field is a number or a tuple of numbers, batches come by column.

    Raises `DatasetError`, which names file, table and column, for what is not there, no database, or locked for five
    seconds; reading, also for a row that is missing or whose values are not what the fields declare.

    >>> from dataclasses import dataclass
    >>> from minigrad.data.dataset import SqliteDatasetWriter
    >>> @dataclass
    ... class Point:
    ...     at: tuple[float, float]
    ...     inside: bool
    >>> with SqliteDatasetWriter("points.db") as writer:
    ...     writer.write("train", Point((0.5, 1.0), False))
    0
    >>> SqliteDataset.from_db_file("points.db", "train", Point).get(0)
    Point(at=(0.5, 1.0), inside=False)
    """

    def __init__(self, path: str | os.PathLike[str], split: str, item: ItemType[I_co]) -> None:
        made = "; SqliteDatasetWriter makes it when it is completed"
        self._file = os.path.abspath(checked_path(path, "SqliteDataset", made))
        self._split = split
        self._item = item
        self._connections = Connections(self._file)
        table = self._table()
        names = [name for name, _ in table]
        self._key = quoted("row_id") if "row_id" in map(str.lower, names) else "rowid"
        self._len = self._last_row()
        schema = self._schema = schema_of(item)
        self._readers: dict[str, Callable[[Any], Any]] = {}  # of the fields that are columns
        self._read: Callable[[Sequence[Any]], I_co]
        if is_serialized(table):
            names, read_item = ["item"], item_reader(schema)
            self._read = lambda values: read_item(values[0])
        elif schema.is_open:
            names = [name for name in names if name.lower() != "row_id"]
            self._read = lambda values: schema.make(zip(names, values))
        else:
            fields = self._fields_among(names)
            names = [field.name for field in fields]
            self._readers = {each.name: stored_reader(each.kind, f"{schema.name}.{each.name}") for each in fields}
            self._read = row_reader(schema, fields, list(self._readers.values()))
        self._select = f"select {', '.join([self._key, *map(quoted, names)])} from {quoted(split)} where {self._key}"
        forms = {field.name: number_form(field.kind) for field in schema.fields}
        is_numbers = forms.keys() == self._readers.keys() and None not in forms.values()
        self._forms = {name: form for name, form in forms.items() if form and is_numbers}  # of the columns of a batch

    @classmethod
    def from_db_file(cls, path: str | os.PathLike[str], split: str, item: ItemType[I_co]) -> Self:
        """The same as `SqliteDataset(path, split, item)`, in Burn's words."""
        return cls(path, split, item)

    def get(self, index: int) -> I_co | None:
        if not 0 <= index < self._len:
            return None
        rows = self._connections.query(f"{self._select} = ?", (as_int(index) + 1,))
        if not rows:
            raise self._gap(index)
        return self._item_of(rows[0][1:], index)

    def __len__(self) -> int:
        return self._len

    def get_batch(self, indices: NDArray[np.intp]) -> Items[I_co] | None:
        if not self._forms:
            return None
        numbers = in_range(self, indices).tolist()
        rows = self._rows(numbers)
        columns = {}
        for place, (name, (dtype, shape)) in enumerate(self._forms.items()):
            read = self._readers[name]
            try:
                columns[name] = np.array([read(row[place]) for row in rows], dtype).reshape(len(rows), *shape)
            except Unreadable:
                for row, index in zip(rows, numbers):
                    self._item_of(row, index)  # raises, and says where
                raise
            except OverflowError:
                raise DatasetError(
                    f"{self._place}, column {name!r}: an int of more than 64 bits\n  declare the field as float"
                ) from None
        return column_items(self._schema, columns)

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self._file, self._split, self._item)

    def __repr__(self) -> str:
        return f"SqliteDataset({self._len} rows of {self._split!r} in {self._file})"

    @property
    def _place(self) -> str:
        return f"{self._file}, table {self._split!r}"

    def _table(self) -> list[tuple[str, str]]:
        """The columns of the table, by name and type."""
        query = (
            "select name from sqlite_master where type in ('table', 'view') and name not like 'sqlite\\_%' escape '\\'"
        )
        tables = [name for (name,) in self._connections.query(query)]
        if self._split not in tables:
            raise DatasetError(
                f"{self._file}: there is no table {self._split!r}\n  {meant(str(self._split), tables, 'it has')}"
            )
        columns = self._connections.query("select name, type from pragma_table_info(?)", (self._split,))
        return [(name, kind) for name, kind in columns]

    def _last_row(self) -> int:
        """How many rows there are when none is missing; counting them would read them all."""
        limits = f"select min({self._key}), max({self._key}) from {quoted(self._split)}"
        ((first, last),) = self._connections.query(limits)
        if first is None and self._connections.query(f"select 1 from {quoted(self._split)} limit 1"):
            raise DatasetError(f"{self._place}: its rows have no numbers, as those of a view\n  {NUMBERED}")
        if first not in (None, 1) or not isinstance(last or 0, int):
            raise DatasetError(
                f"{self._place}: the rows are numbered {first!r} to {last!r}, and must be from 1, without gaps\n"
                f"  number them by a column `row_id integer primary key`"
            )
        return last or 0

    def _fields_among(self, names: list[str]) -> list[Field]:
        for field in self._schema.fields:
            if field.required and field.name not in names:
                raise DatasetError(
                    f"{self._place}: there is no column {field.name!r}, which {self._schema.name} needs\n"
                    f"  {meant(field.name, names, 'the table has')}"
                )
        return [field for field in self._schema.fields if field.name in names]

    def _rows(self, indices: list[int]) -> list[list[Any]]:
        """The rows of these items, in this order, without their keys."""
        found = {}
        ids = sorted({index + 1 for index in indices})  # in the order in which they lie in the file
        for start in range(0, len(ids), CHUNK):
            chunk = ids[start : start + CHUNK]
            for row_id, *row in self._connections.query(f"{self._select} in ({', '.join('?' * len(chunk))})", chunk):
                found[row_id] = row
        for index in indices:
            if index + 1 not in found:
                raise self._gap(index)
        return [found[index + 1] for index in indices]

    def _gap(self, index: int) -> DatasetError:
        return DatasetError(
            f"{self._place}: there is no row_id {index + 1}, though the last one is {self._len}\n"
            f"  item i is row_id i + 1: number the rows from 1, without gaps"
        )

    def _item_of(self, row: Sequence[Any], index: int) -> I_co:
        try:
            return self._read(row)
        except Unreadable as error:
            raise error.at(f"{self._place}, row_id {index + 1}") from error.__cause__
