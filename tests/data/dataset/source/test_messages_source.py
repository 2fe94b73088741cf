"""The wording of the errors of data from files."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from minigrad.data.dataset import InMemDataset, SequenceDataset, SqliteDataset, SqliteDatasetWriter
from minigrad.errors import DatasetError


@dataclass
class Flower:
    length: float
    width: float
    label: int

    def __post_init__(self) -> None:
        if self.width > 100:
            raise ValueError("no flower is that wide")


@dataclass
class Node:
    children: list[Node]


@dataclass
class Whole:
    item: bytes


@dataclass
class Fieldless:
    pass


FLOWERS = "width,length,label\n3.5,5.1,0\n3.3,6.3,1\n"


def csv(text: str | bytes, item: Any = Flower, **options: Any) -> Callable[[], Any]:
    def read() -> Any:
        Path("a.csv").write_bytes(text.encode() if isinstance(text, str) else text)
        return InMemDataset.from_csv("a.csv", item, **options)

    return read


def rows(text: str, item: Any = Flower) -> Callable[[], Any]:
    def read() -> Any:
        Path("a.jsonl").write_text(text, encoding="utf-8")
        return InMemDataset.from_json_rows("a.jsonl", item)

    return read


def sql(script: str, item: Any = Flower, split: str = "train") -> Callable[[], Any]:
    def read() -> Any:
        Path("a.db").unlink(missing_ok=True)
        made = sqlite3.connect("a.db")
        made.executescript(script)
        made.close()
        return list(SqliteDataset.from_db_file("a.db", split, item))

    return read


def write(*items: Any, split: str = "train", **options: Any) -> Callable[[], Any]:
    def run() -> Any:
        with SqliteDatasetWriter("w.db", **options) as writer:
            for item in items:
                writer.write(split, item)

    return run


def no_database() -> Any:
    Path("a.db").write_text(FLOWERS * 99)
    return SqliteDataset("a.db", "train", Flower)


TABLE = "create table train (length real, width real, label integer); insert into train values (1, 2, 3);"

CASES: dict[str, tuple[Callable[[], Any], str]] = {
    "a word": (
        csv(FLOWERS + "wide,1,0\n"),
        "a.csv, line 4, column 'width': 'wide' is no float\n  correct it, or declare the field as what it holds",
    ),
    "an empty cell": (
        csv(FLOWERS + ",1,0\n"),
        "a.csv, line 4, column 'width': float is declared, and nothing is there\n  fill it in, or declare float | None",
    ),
    "a float for an int": (
        csv(FLOWERS + "1,1,2.0\n"),
        "a.csv, line 4, column 'label': '2.0' is no int\n  correct it, or declare the field as what it holds",
    ),
    "a choice": (
        csv("x\nc\n", {"x": Literal["a", "b"]}),
        "a.csv, line 2, column 'x': 'c' is none of a, b\n  correct it, or declare the field as what it holds",
    ),
    "a long cell": (
        csv("x\n" + "9" * 5000 + "\n", {"x": int}),
        "a.csv, line 2, column 'x': '999999999999999999999999999999999999999... is no int\n"
        "  correct it, or declare the field as what it holds",
    ),
    "its own check": (
        csv(FLOWERS + "101,1,0\n"),
        "a.csv, line 4: Flower raised ValueError: no flower is that wide\n"
        "  correct the values, or what Flower asks of them",
    ),
    "no column": (
        csv("widht,length,label\n1,2,3\n"),
        "a.csv: there is no column 'width', which Flower needs\n"
        "  did you mean 'widht'? the header has widht, length, label",
    ),
    "no header": (
        csv("1,2,3\n4,5,6\n"),
        "a.csv: there is no column 'length', which Flower needs\n"
        "  the first line is '1, 2, 3': if it is no header, say has_headers=False",
    ),
    "another delimiter": (
        csv("width;length;label\n1;2;3\n"),
        "a.csv: there is no column 'length', which Flower needs\n"
        "  the first line is 'width;length;label': say delimiter=';'",
    ),
    "twins": (
        csv("width,length,width,label\n1,2,3,4\n"),
        "a.csv: 2 columns are called 'width'\n  give each a name of its own",
    ),
    "ragged": (
        csv(FLOWERS + "1,5\n"),
        "a.csv, line 4: 2 cells, where the first line has 3: '1, 5'\n"
        "  a cell that holds the delimiter or a line break is written in quotes",
    ),
    "ragged, long": (
        csv(FLOWERS + "1,5,0,and,much,more,than,there,is,room,for\n"),
        "a.csv, line 4: 11 cells, where the first line has 3: '1, 5, 0, and, much, more, than, there, ...\n"
        "  a cell that holds the delimiter or a line break is written in quotes",
    ),
    "columns without headers": (
        csv("1,2\n", has_headers=False),
        "a.csv: 2 columns without headers, and Flower has 3 fields: length, width, label\n"
        "  without headers the columns are the fields in order: declare one for each",
    ),
    "dict without headers": (
        csv("1,2\n", dict, has_headers=False),
        "a.csv: 2 columns without headers, and dict has no names for them\n"
        "  without headers the columns are the fields in order: declare one for each",
    ),
    "a header that was not expected": (
        csv(FLOWERS, has_headers=False),
        "a.csv, line 1, column 'length': 'width' is no float\n  if this is the header, leave has_headers=False out",
    ),
    "empty": (
        csv(""),
        "a.csv: the file is empty\n  its first line must be the header, or say has_headers=False",
    ),
    "an open quote": (
        csv(FLOWERS + '"1,2,3\n4,5,6\n'),
        "a.csv, line 4: unexpected end of data\n  a closing quote is missing",
    ),
    "a quote inside": (
        csv(FLOWERS + '"1"0,2,3\n'),
        "a.csv, line 4: ',' expected after '\"'\n"
        "  a cell that holds a quote, the delimiter or a line break is quoted as a whole, its quotes doubled",
    ),
    "a very long cell": (
        csv(FLOWERS + '"' + "1,2,3\n" * 30_000),
        "a.csv, line 4: field larger than field limit (131072)\n"
        "  is a closing quote missing? if not, csv.field_size_limit(size) allows for longer cells",
    ),
    "latin": (
        csv(b"width,length,label\n1,2,3\n1,2,caf\xe9\n"),
        "a.csv, line 3: byte 0xe9 is not UTF-8\n"
        "  save the file in UTF-8: Path(new).write_text(Path(old).read_text(encoding='cp1252'), 'utf-8')",
    ),
    "utf-16": (
        csv(FLOWERS.encode("utf-16")),
        "a.csv, line 1: byte 0xff is not UTF-8\n"
        "  save the file in UTF-8: Path(new).write_text(Path(old).read_text(encoding='utf-16'), 'utf-8')",
    ),
    "delimiter": (
        csv(FLOWERS, delimiter="::"),
        "from_csv: delimiter is '::', and must be one character, such as ',' or '\\t'",
    ),
    "a tuple": (
        csv("at\n1\n", {"at": tuple[float, float]}),
        "item.at is declared as tuple[float, float], which no cell of a table of text can hold\n"
        "  declare a field for each column (int, float, bool, str), or keep such items as JSON lines",
    ),
    "no file": (
        lambda: InMemDataset.from_csv("b.csv", Flower),
        "b.csv: there is no such file\n  check the path, which begins in HERE",
    ),
    "a folder": (
        lambda: InMemDataset.from_csv(".", Flower),
        ".: this is a folder\n  give from_csv one file in it",
    ),
    "no path": (
        lambda: InMemDataset.from_csv(3, Flower),  # type: ignore[arg-type]
        "from_csv: the path is 3, and must be a str or a Path\n  give the path of one file",
    ),
    "an instance": (
        csv(FLOWERS, Flower(1.0, 2.0, 3)),
        "item=Flower(length=1.0, width=2.0, label=3) declares no fields\n  give the class itself: Flower",
    ),
    "no item": (
        csv(FLOWERS, float),
        "item=float declares no fields\n"
        "  give a dataclass, a NamedTuple, a TypedDict, a dict of names to types, or dict",
    ),
    "no fields": (
        csv(FLOWERS, Fieldless),
        "item=Fieldless has no fields\n  declare one for each column that is to be read",
    ),
    "not resolved": (
        csv(FLOWERS, type("Lost", (Flower,), {"__annotations__": {"x": "Unknown"}})),
        "Lost: its annotations cannot be resolved: name 'Unknown' is not defined\n"
        "  define what they name at the top level of the module of Lost",
    ),
    "no dataset": (
        lambda: InMemDataset.from_dataset([1, 2]),  # type: ignore[arg-type]
        "from_dataset: [1, 2] is no Dataset\n  give an instance of one, or InMemDataset(items)",
    ),
    "json: a word": (
        rows('{"length": 1, "width": "a", "label": 0}'),
        "a.jsonl, line 1, width: 'a' is no float\n  correct it, or declare the field as what it holds",
    ),
    "json: null": (
        rows('{"length": 1, "width": null, "label": 0}'),
        "a.jsonl, line 1, width: float is declared, and nothing is there\n  fill it in, or declare float | None",
    ),
    "json: inside": (
        rows('\n{"at": [[1, 2], [3, "4"]]}', {"at": list[tuple[int, int]]}),
        "a.jsonl, line 2, at[1][1]: '4' is no int\n  correct it, or declare the field as what it holds",
    ),
    "json: no key": (
        rows('{"length": 1, "widht": 1, "label": 0}'),
        "a.jsonl, line 1: there is no 'width', which Flower needs\n  did you mean 'widht'? it has length, widht, label",
    ),
    "json: a short list": (
        rows("[1, 2]"),
        "a.jsonl, line 1: [1, 2] is no Flower (length, width, label) by position\n"
        "  correct it, or declare the field as what it holds",
    ),
    "json: no object": (
        rows("3"),
        "a.jsonl, line 1: 3 is no Flower\n  correct it, or declare the field as what it holds",
    ),
    "json: its own check": (
        rows("[1, 101, 2]"),
        "a.jsonl, line 1: Flower raised ValueError: no flower is that wide\n"
        "  correct the values, or what Flower asks of them",
    ),
    "json: not JSON": (
        rows('{"length": 1, "width": 1, "label": 0}\n{"length": 1, width: 1}'),
        "a.jsonl, line 2: not JSON at column 15: Expecting property name enclosed in double quotes\n"
        '  each line is one JSON object, such as {"x": 1.5, "label": 0}',
    ),
    "json: as a whole, in one line": (
        rows('[{"length": 1, "width": 1, "label": 0}]'),
        "a.jsonl, line 1: [{'length': 1, 'width': 1, 'label': 0}] is no Flower (length, width, label) by position\n"
        "  each line is one JSON object; if the file is JSON as a whole: InMemDataset(json.load(file))",
    ),
    "json: as a whole": (
        rows('[\n{"length": 1, "width": 1, "label": 0}\n]'),
        "a.jsonl, line 1: not JSON at column 1: Expecting value\n"
        "  each line is one JSON object; if the file is JSON as a whole: InMemDataset(json.load(file))",
    ),
    "json: too large": (
        rows('{"x": 1e999}', {"x": float}),
        "a.jsonl, line 1: '1e999' is no float\n  correct it, or declare the field as what it holds",
    ),
    "json: too many digits": (
        rows('{"x": ' + "9" * 5000 + "}", {"x": int}),
        "a.jsonl, line 1: an int of too many digits\n  write it as a text",
    ),
    "json: too deep": (
        rows("[" * 100_000, {"x": int}),
        "a.jsonl, line 1: nested too deeply\n  flatten it",
    ),
    "json: itself": (
        rows("{}", Node),
        "Node.children holds a Node, as deep as one likes, which no item can\n"
        "  number such items, and let them hold the numbers of others",
    ),
    "json: a set": (
        rows("{}", {"x": set[int]}),
        "item.x is declared as set[int], which no file can hold\n"
        "  declare it as int, float, bool, str, a tuple or list of these, an array, or a dataclass of such fields",
    ),
    "json: an array": (
        rows('{"x": [[1, 2], [3]]}', {"x": NDArray[np.float32]}),
        "a.jsonl, line 1, x: [[1, 2], [3]] is no array of float32\n  correct it, or declare the field as what it holds",
    ),
    "sql: no table": (
        sql(TABLE + "create table valid (x)", split="tarin"),
        "HERE/a.db: there is no table 'tarin'\n  did you mean 'train'? it has train, valid",
    ),
    "sql: no column": (
        sql(TABLE, {"widht": float}),
        "HERE/a.db, table 'train': there is no column 'widht', which item needs\n"
        "  did you mean 'width'? the table has length, width, label",
    ),
    "sql: a value": (
        sql(TABLE + "update train set width = 'a'"),
        "HERE/a.db, table 'train', row_id 1, column 'width': 'a' is no float\n"
        "  correct it, or declare the field as what it holds",
    ),
    "sql: null": (
        sql(TABLE + "update train set width = null"),
        "HERE/a.db, table 'train', row_id 1, column 'width': float is declared, and nothing is there\n"
        "  fill it in, or declare float | None",
    ),
    "sql: its own check": (
        sql(TABLE + "update train set width = 101"),
        "HERE/a.db, table 'train', row_id 1: Flower raised ValueError: no flower is that wide\n"
        "  correct the values, or what Flower asks of them",
    ),
    "sql: a gap": (
        sql(TABLE + "update train set rowid = 1; insert into train (rowid) values (3)", dict),
        "HERE/a.db, table 'train': there is no row_id 2, though the last one is 3\n"
        "  item i is row_id i + 1: number the rows from 1, without gaps",
    ),
    "sql: from zero": (
        sql(TABLE + "update train set rowid = 0"),
        "HERE/a.db, table 'train': the rows are numbered 0 to 0, and must be from 1, without gaps\n"
        "  number them by a column `row_id integer primary key`",
    ),
    "sql: no file": (
        lambda: SqliteDataset("c.db", "train", Flower),
        "c.db: there is no such file\n"
        "  check the path, which begins in HERE; SqliteDatasetWriter makes it when it is completed",
    ),
    "sql: no database": (
        no_database,
        "HERE/a.db: SQLite says: file is not a database\n"
        "  the file is no database, or damaged: write it anew with SqliteDatasetWriter",
    ),
    "write: a value": (
        write(Flower(1.0, 2.0, "x")),  # type: ignore[arg-type]
        "HERE/w.db, table 'train', column 'label': 'x' is no int\n  correct it, or declare the field as what it holds",
    ),
    "write: a set": (
        write({"x": {1}}),
        "HERE/w.db, table 'train', column 'x': {1} cannot be stored\n"
        "  store numbers, texts, bytes, arrays, lists of these, or dataclasses of such fields",
    ),
    "write: NaN": (
        write(Flower(1.0, float("nan"), 1)),
        "HERE/w.db, table 'train', column 'width': NaN, which SQLite would store as nothing\n"
        "  store None where there is no number (float | None), or SqliteDatasetWriter(..., serialized=True)",
    ),
    "write: an int": (
        write({"x": 2**64}),
        "HERE/w.db, table 'train', column 'x': 18446744073709551616 has more than the 64 bits of SQLite's integers\n"
        "  store it as a str",
    ),
    "write: an array": (
        write({"x": np.array(["a"])}),
        "HERE/w.db, table 'train', column 'x': array(['a'], dtype='<U1') cannot be stored\n"
        "  store numbers, texts, bytes, arrays, lists of these, or dataclasses of such fields",
    ),
    "write: another type": (
        write(Flower(1.0, 2.0, 1), {"length": 1.0}),
        "HERE/w.db, table 'train': its first item was a Flower of length, width, label, this one is {'length': 1.0}\n"
        "  write items of one type, with the same fields, to a table",
    ),
    "write: no fields": (
        write(3),
        "HERE/w.db, table 'train': 3 has no fields to store\n"
        "  write instances of a dataclass or a named tuple, or dicts",
    ),
    "write: row_id": (
        write({"row_id": 1}),
        "HERE/w.db, table 'train': row_id is the number of a row\n  rename the field, or do without it",
    ),
    "write: item": (
        write(Whole(b"")),
        "HERE/w.db, table 'train': the one column `item`, of bytes, would be taken for Burn's layout of whole items\n"
        "  rename the field, or write with serialized=True",
    ),
    "write: twins": (
        write({"x": 1, "X": 2}),
        "HERE/w.db, table 'train': SQLite takes x and X for one column\n  rename a field",
    ),
    "write: a name": (
        write(Flower(1.0, 2.0, 1), split=""),
        "HERE/w.db, table '': this is no name for a table\n  name it after its split, such as 'train'",
    ),
    "write: no unicode": (
        write({"x": "\ud800"}),
        "HERE/w.db: '\\ud800' in a text, which is no character of Unicode\n  store it as bytes",
    ),
    "write: no path": (
        lambda: SqliteDatasetWriter(None),  # type: ignore[arg-type]
        "SqliteDatasetWriter: the path is None, and must be a str or a Path\n  give the path of one file",
    ),
    "write: a folder": (
        lambda: SqliteDatasetWriter("."),
        "HERE: this is a folder\n  give the path of a file",
    ),
    "sequence: an iterator": (
        lambda: SequenceDataset(iter([1])),  # type: ignore[arg-type]
        "SequenceDataset: list_iterator has no items by number\n"
        "  give what has len() and [index], or read it into memory: InMemDataset(items)",
    ),
    "sequence: splits by name": (
        lambda: SequenceDataset({"train": [1], "test": [2]}),  # type: ignore[arg-type]
        "SequenceDataset: dict has no items by number\n  give one of its values, such as that of 'train'",
    ),
    "sequence: a dataset": (
        lambda: SequenceDataset(InMemDataset("ab")),  # type: ignore[arg-type]
        "SequenceDataset: InMemDataset has no items by number\n  it is a Dataset already: use it as it is",
    ),
    "in memory: no iterable": (
        lambda: InMemDataset(5),  # type: ignore[arg-type]
        "InMemDataset got 5\n  give the items: a list, or anything to loop over",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_wording(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run, words = CASES[name]
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DatasetError) as error:
        run()
    assert str(error.value).replace(str(tmp_path), "HERE") == words
