"""Rows of a CSV file as items."""

from __future__ import annotations

import io
import os
from collections.abc import Iterator
from typing import Generic, TypeVar

from ....errors import DatasetError
from .schema import ItemType, Schema, Unreadable, cell_reader, meant, row_reader, schema_of, shown
from .text_file import read_text

__all__ = ["csv_rows"]

I_co = TypeVar("I_co", covariant=True)


def csv_rows(
    path: str | os.PathLike[str], item: ItemType[I_co], delimiter: str = ",", has_headers: bool = True
) -> Iterator[I_co]:
    """The items of a CSV file in UTF-8, row by row; see `InMemDataset.from_csv`."""
    import csv

    if not isinstance(delimiter, str) or len(delimiter) != 1 or delimiter in '\r\n"':
        raise DatasetError(f"from_csv: delimiter is {delimiter!r}, and must be one character, such as ',' or '\\t'")
    schema = schema_of(item)
    file, text = read_text(path, "from_csv")
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    table: _Table[I_co] | None = None
    line = 1  # where a row begins; it may have several lines
    try:
        for row in rows:
            if len(row) > 1 or (row and not (row[0].isspace() and (table is None or table.width > 1))):  # not blank
                if table is None:
                    table = _Table(schema, file, row, has_headers)
                    if not has_headers:
                        yield table.item(row, line)
                else:
                    yield table.item(row, line)
            line = rows.line_num + 1
    except csv.Error as error:
        help = "a cell that holds a quote, the delimiter or a line break is quoted as a whole, its quotes doubled"
        if "end of data" in str(error):
            help = "a closing quote is missing"
        elif "field limit" in str(error):
            help = "is a closing quote missing? if not, csv.field_size_limit(size) allows for longer cells"
        raise DatasetError(f"{file}, line {line}: {error}\n  {help}") from None
    if table is None and has_headers:
        raise DatasetError(f"{file}: the file is empty\n  its first line must be the header, or say has_headers=False")


class _Table(Generic[I_co]):
    """Which column is which field, and the items of rows."""

    def __init__(self, schema: Schema[I_co], file: str, first: list[str], has_headers: bool) -> None:
        self.schema = schema
        self.file = file
        self.width = len(first)
        self.has_headers = has_headers
        self.header = [name.strip() for name in first] if has_headers else schema.names[: len(first)]
        self._check(first)
        fields = [field for field in schema.fields if field.name in self.header]
        self.positions = [self.header.index(field.name) for field in fields]
        readers = [cell_reader(field.kind, f"{schema.name}.{field.name}") for field in fields]
        self.read = row_reader(schema, fields, readers)

    def item(self, row: list[str], line: int) -> I_co:
        if len(row) != self.width:
            raise DatasetError(
                f"{self.file}, line {line}: {len(row)} cells, where the first line has {self.width}: "
                f"{shown(', '.join(row))}\n"
                f"  a cell that holds the delimiter or a line break is written in quotes"
            )
        if self.schema.is_open:
            return self.schema.make(zip(self.header, row))
        try:
            return self.read([row[position] for position in self.positions])
        except Unreadable as error:
            if not self.has_headers and not {*row}.isdisjoint(self.header):
                error.help = "if this is the header, leave has_headers=False out"
            raise error.at(f"{self.file}, line {line}") from error.__cause__

    def _check(self, first: list[str]) -> None:
        """That each field has one column."""
        schema, header = self.schema, self.header
        if not self.has_headers:
            least = sum(field.required for field in schema.fields)
            if schema.is_open or not least <= self.width <= len(schema.fields):
                names = schema.names
                fields = f"{len(names)} fields: {', '.join(names)}" if names else "no names for them"
                raise DatasetError(
                    f"{self.file}: {self.width} columns without headers, and {schema.name} has {fields}\n"
                    "  without headers the columns are the fields in order: declare one for each"
                )
            return
        wanted = schema.names or header
        twins = [name for name in wanted if header.count(name) > 1]
        if twins:
            raise DatasetError(
                f"{self.file}: {header.count(twins[0])} columns are called {twins[0]!r}\n  give each a name of its own"
            )
        for field in schema.fields:
            if field.required and field.name not in header:
                raise DatasetError(
                    f"{self.file}: there is no column {field.name!r}, which {schema.name} needs\n"
                    f"  {self._instead(field.name)}"
                )

    def _instead(self, name: str) -> str:
        """What to do about a column that is not there."""
        header = self.header
        if all(_is_number(cell) for cell in header):
            return f"the first line is {shown(', '.join(header))}: if it is no header, say has_headers=False"
        others = [each for each in (",", ";", "\t", "|") if len(header) == 1 and each in header[0]]
        if others:
            return f"the first line is {shown(header[0])}: say delimiter={others[0]!r}"
        return meant(name, header, "the header has")


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
