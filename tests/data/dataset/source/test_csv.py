"""InMemDataset.from_csv: what a cell is, and what is done with unusual files."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field
from enum import Enum, IntEnum
from pathlib import Path
from typing import Any, Literal, NamedTuple, Optional, TypedDict

import numpy as np
import pytest

from minigrad.data.dataset import InMemDataset
from minigrad.errors import DatasetError
from minigrad.testing import check_dataset


@dataclass(frozen=True)
class Flower:
    length: float
    width: float
    species: str


class Named(NamedTuple):
    length: float
    species: str = "unknown"


class Typed(TypedDict):
    length: float
    species: str


@dataclass(frozen=True, kw_only=True)
class Keywords:
    species: str
    length: float = 0.0
    width: float = field(init=False, default=7.0)


@dataclass
class Sample:
    column_str: str
    column_int: int
    column_bool: bool
    column_float: float


IRIS = "species,length,width\nsetosa,5.1,3.5\nvirginica,6.3,3.3\n"


def read(folder: Path, text: str | bytes, item: Any, **options: Any) -> list[Any]:
    (folder / "a.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    return list(InMemDataset.from_csv(folder / "a.csv", item, **options))


def one(folder: Path, cell: str, kind: Any) -> Any:
    """What `cell` is for a field of this kind."""
    return read(folder, f"x,y\n{cell},1\n", {"x": kind})[0]["x"]


@pytest.mark.parametrize(
    ("item", "items"),
    [
        (Flower, [Flower(5.1, 3.5, "setosa"), Flower(6.3, 3.3, "virginica")]),
        (Named, [Named(5.1, "setosa"), Named(6.3, "virginica")]),
        (Typed, [{"length": 5.1, "species": "setosa"}, {"length": 6.3, "species": "virginica"}]),
        ({"width": float}, [{"width": 3.5}, {"width": 3.3}]),
        (Keywords, [Keywords(species="setosa", length=5.1), Keywords(species="virginica", length=6.3)]),
        (
            dict,
            [
                {"species": "setosa", "length": "5.1", "width": "3.5"},
                {"species": "virginica", "length": "6.3", "width": "3.3"},
            ],
        ),
    ],
)
def test_fields_are_columns_by_name_in_any_order(tmp_path: Path, item: Any, items: list[Any]) -> None:
    found = read(tmp_path, IRIS, item)
    assert found == items
    assert [type(each) for each in found] == [type(each) for each in items]


def test_a_column_may_be_missing_where_there_is_a_default(tmp_path: Path) -> None:
    assert read(tmp_path, "length\n1.5\n", Named) == [Named(1.5, "unknown")]
    assert read(tmp_path, "species\na\n", Keywords) == [Keywords(species="a")]
    with pytest.raises(DatasetError, match="no column 'species', which Typed needs"):
        read(tmp_path, "length\n1.5\n", Typed)


def test_without_headers_columns_are_fields_in_order(tmp_path: Path) -> None:
    assert read(tmp_path, "5.1,3.5,setosa\n", Flower, has_headers=False) == [Flower(5.1, 3.5, "setosa")]
    assert read(tmp_path, "5.1\n6.3\n", Named, has_headers=False) == [Named(5.1), Named(6.3)]
    assert read(tmp_path, "", Named, has_headers=False) == []


def test_another_delimiter_without_headers(tmp_path: Path) -> None:
    found = read(tmp_path, "HI1 1 true 1.0\nHI2 1 false 1.0\n", Sample, delimiter=" ", has_headers=False)
    assert found == [Sample("HI1", 1, True, 1.0), Sample("HI2", 1, False, 1.0)]


class Colour(Enum):
    RED = "r"
    GREEN = "g"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


@pytest.mark.parametrize(
    ("cell", "kind", "value"),
    [
        ("1.5", float, 1.5), (" -3 ", float, -3.0), ("1e-3", float, 0.001), ("inf", float, math.inf),
        ("-Infinity", float, -math.inf), ("7", int, 7), ("+7", int, 7), ("007", int, 7), (" 7", int, 7),
        (str(2**80), int, 2**80), ("true", bool, True), ("False", bool, False), ("1", bool, True), (" 0 ", bool, False),
        ("", str, ""), (" a ", str, " a "), ("nan", str, "nan"), ("", Optional[float], None),  # noqa: UP045
        ("  ", int | None, None),
                ("", str | None, None), ("2", float | None, 2.0), ("2", int | float, 2), ("2.5", int | float, 2.5),
        ("b", int | str, "b"), ("r", Colour, Colour.RED), ("GREEN", Colour, Colour.GREEN), ("2", Level, Level.HIGH),
        ("a", Literal["a", "b"], "a"), ("2", Literal[1, 2], 2), ("", Colour | None, None), ("x", Any, "x"),
    ],
)  # fmt: skip
def test_what_a_cell_is(tmp_path: Path, cell: str, kind: Any, value: Any) -> None:
    found = one(tmp_path, cell, kind)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("cell", "kind"),
    [
        ("abc", float), ("", float), ("1_000", float), ("1e999", float), ("-1e999", float), ("1;5", float),
        ("0x10", int), ("1.0", int), ("", int), ("1_000", int), ("nan", int), ("9" * 5000, int), ("yes", bool),
        ("2", bool), ("", bool), ("c", Literal["a", "b"]), ("blue", Colour), ("", Colour), ("x", int | float),
        ("", int | float), ("x", float | None),
    ],
)  # fmt: skip
def test_what_a_cell_is_not(tmp_path: Path, cell: str, kind: Any) -> None:
    with pytest.raises(DatasetError, match=r"a\.csv, line 2, column 'x': "):
        one(tmp_path, cell, kind)


def test_nan_is_a_float(tmp_path: Path) -> None:
    assert math.isnan(one(tmp_path, "nan", float))


@pytest.mark.parametrize(
    "text",
    [
        IRIS, "\ufeff" + IRIS, IRIS.replace("\n", "\r\n"), IRIS.replace("\n", "\r"), IRIS.rstrip("\n"),
        f"\n\n{IRIS}\n \n\n",
        IRIS.replace("\n", "\n\n"), IRIS.replace("length", " length "), IRIS.replace("5.1", '"5.1"'),
    ],
)  # fmt: skip
def test_forms_of_the_same_file(tmp_path: Path, text: str) -> None:
    assert read(tmp_path, text, Flower) == [Flower(5.1, 3.5, "setosa"), Flower(6.3, 3.3, "virginica")]


def test_a_cell_in_quotes_may_hold_anything(tmp_path: Path) -> None:
    text = 'x,y\n"a,b\nc ""d""\r\n",1\n"\u2028\x0b\x85\x00",2\nzoë,oops\n'
    assert [item["x"] for item in read(tmp_path, text, {"x": str})] == ['a,b\nc "d"\r\n', "\u2028\x0b\x85\x00", "zoë"]
    with pytest.raises(DatasetError, match=r"line 6, column 'y': 'oops' is no int"):  # a quoted cell had three lines
        read(tmp_path, text, {"x": str, "y": int})


def test_rows_of_commas_are_rows(tmp_path: Path) -> None:
    assert read(tmp_path, "x,y\n,\n,1\n", {"x": str | None, "y": int | None}) == [
        {"x": None, "y": None},
        {"x": None, "y": 1},
    ]
    assert read(tmp_path, 'x\n""\n\n" "\n', {"x": str}) == [{"x": ""}, {"x": " "}]


def test_only_a_header(tmp_path: Path) -> None:
    assert read(tmp_path, "species,length,width\n", Flower) == []


def test_columns_fall_out(tmp_path: Path) -> None:
    text = "x,n,ok\n" + "".join(f"{i / 3},{i},{i % 2}\n" for i in range(50))
    (tmp_path / "a.csv").write_text(text)
    dataset = InMemDataset.from_csv(tmp_path / "a.csv", {"x": float, "n": int, "ok": bool})
    batch = dataset.get_batch(np.array([4, 2]))
    assert batch is not None
    assert [batch.column(name).dtype.name for name in ("x", "n", "ok")] == ["float32", "int64", "bool"]
    assert batch.column("x").tolist() == [np.float32(4 / 3), np.float32(2 / 3)]
    assert batch.column("n").tolist() == [4, 2]
    assert check_dataset(dataset, pickles=True)["columns"] > 0


def test_it_reads_what_csv_writer_writes_in_every_dialect(tmp_path: Path) -> None:
    rows = [["a;b", "1.5"], ['"', "-2.0"], ["", "0.0"], ["line\nbreak", "1e300"]]
    for delimiter in ",;\t|":
        with open(tmp_path / "a.csv", "w", newline="", encoding="utf-8") as file:
            csv.writer(file, delimiter=delimiter).writerows([["x", "y"], *rows])
        items = InMemDataset.from_csv(tmp_path / "a.csv", {"x": str, "y": float}, delimiter=delimiter)
        assert [(item["x"], item["y"]) for item in items] == [(x, float(y)) for x, y in rows]


class Augmented(InMemDataset[Flower]):
    def get(self, index: int) -> Flower | None:
        item = super().get(index)
        return None if item is None else Flower(-item.length, item.width, item.species)


def test_a_subclass_stays_one(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(IRIS)
    dataset = Augmented.from_csv(tmp_path / "a.csv", Flower)
    assert [item.length for item in dataset] == [-5.1, -6.3]
    assert list(InMemDataset.from_dataset(dataset)) == list(dataset)
