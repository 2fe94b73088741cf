"""InMemDataset.from_json_rows."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import pytest
from numpy.typing import NDArray

from minigrad.data.dataset import InMemDataset
from minigrad.errors import DatasetError
from minigrad.testing import check_dataset


class Colour(Enum):
    RED = "r"
    GREEN = 2


class Point(NamedTuple):
    x: float
    y: float = 0.0


@dataclass
class Shape:
    name: str
    points: list[Point]
    colour: Colour | None = None


@dataclass
class Sample:
    column_str: str
    column_bytes: bytes
    column_int: int
    column_bool: bool
    column_float: float


def read(folder: Path, text: str | bytes, item: Any) -> list[Any]:
    (folder / "a.jsonl").write_bytes(text.encode() if isinstance(text, str) else text)
    return list(InMemDataset.from_json_rows(folder / "a.jsonl", item))


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("1.5", float, 1.5), ("1", float, 1.0), ("NaN", str | float, math.nan), ("-Infinity", float, -math.inf),
        ("7", int, 7), (str(2**80), int, 2**80), ("true", bool, True), ('"a\\u0000"', str, "a\0"), ("null", None, None),
        ("null", float | None, None), ("2", int | float, 2), ("2", float | int, 2.0), ('"r"', Colour, Colour.RED),
        ("2", Colour, Colour.GREEN), ('"RED"', Colour, Colour.RED), ("1", Literal[1, "a"], 1),
        ("[1, 2.5]", tuple[float, float], (1.0, 2.5)), ("[1, 2]", tuple[int, ...], (1, 2)), ("[]", list[int], []),
        ('[1, "a"]', tuple, (1, "a")), ('[1, "a"]', tuple[int, str], (1, "a")), ("[1, [2]]", list, [1, [2]]),
        ("[[1, 2], [3, 4]]", tuple[tuple[int, ...], ...], ((1, 2), (3, 4))), ('{"a": 1}', dict[str, float], {"a": 1.0}),
        ('{"a": [1]}', dict, {"a": [1]}), ("[0, 255]", bytes, b"\0\xff"), ('{"x": 1, "z": 3}', Point, Point(1.0)),
        ("[1, 2]", Point, Point(1.0, 2.0)), ('[{"y": 2, "x": 1}]', list[Point], [Point(1.0, 2.0)]), ("[1]", Any, [1]),
    ],
)  # fmt: skip
def test_what_a_value_is(tmp_path: Path, text: str, kind: Any, value: Any) -> None:
    (item,) = read(tmp_path, f'{{"other": 0, "x": {text}}}', {"x": kind})
    assert repr(item) == repr({"x": value})  # 1 is not 1.0, and NaN is NaN
    (item,) = read(tmp_path, f"[{text}]", {"x": kind})  # by position
    assert repr(item) == repr({"x": value})


@pytest.mark.parametrize(
    ("text", "kind", "path"),
    [
        ('"1"', float, "x"), ("true", float, "x"), ("null", float, "x"), ("1" + "0" * 400, float, "x"),
        ("1.0", int, "x"), ("true", int, "x"), ("1", bool, "x"), ("1", str, "x"), ("[1, 256]", bytes, "x"),
        ('"a"', bytes, "x"),
        ("[1, 2, 3]", tuple[float, float], "x"), ('[1, "a"]', tuple[float, float], r"x\[1\]"), ("{}", list[int], "x"),
        ('[1, [2, "b"]]', tuple[int, tuple[int, int]], r"x\[1\]\[1\]"), ('{"a": "b"}', dict[str, int], r"x\.a"),
        ('{"x": "a"}', Point, r"x\.x"), ('{"y": 1}', Point, "x"), ("[1]", Point, "x"), ("3", Point, "x"),
        ('[{"x": 1}, {"x": null}]', list[Point], r"x\[1\]\.x"), ("true", Literal[1], "x"), ("[1]", Literal[1], "x"),
        ('"b"', Colour, "x"), ("[[1], [1, 2]]", NDArray[np.float32], "x"), ('["a"]', np.ndarray, "x"),
        ("1", np.ndarray, "x"), ("[1.5]", NDArray[np.int64], "x"), ("[300]", NDArray[np.uint8], "x"),
        ("[1e300]", NDArray[np.float32], "x"), ('"a"', int | float, "x"), ("3", None, "x"),
        ('{"x": [1, "a"]}', dict[str, tuple[int, ...]] | None, r"x\.x\[1\]"),
    ],
)  # fmt: skip
def test_what_a_value_is_not(tmp_path: Path, text: str, kind: Any, path: str) -> None:
    with pytest.raises(DatasetError, match=rf"a\.jsonl, line 2, {path}: "):
        read(tmp_path, f'\n{{"x": {text}}}', {"x": kind})


@pytest.mark.parametrize(
    ("kind", "dtype"),
    [(NDArray[np.float32], "float32"), (NDArray[np.uint8], "uint8"), (np.ndarray, "int64"), (NDArray[Any], "int64")],
)
def test_arrays(tmp_path: Path, kind: Any, dtype: str) -> None:
    (item,) = read(tmp_path, '{"x": [[1, 2], [3, 4]]}', {"x": kind})
    assert (item["x"].dtype.name, item["x"].tolist()) == (dtype, [[1, 2], [3, 4]])


@pytest.mark.skipif(sys.version_info < (3, 12), reason="there are no `type` statements")
def test_names_of_types(tmp_path: Path) -> None:
    names: dict[str, Any] = {}
    exec("type Number = float\ntype Pair[T] = tuple[T, T]\ntype Maybe = Pair[Number] | None", names)
    assert read(tmp_path, '{"x": [1, 2]}\n{"x": null}', {"x": names["Maybe"]}) == [{"x": (1.0, 2.0)}, {"x": None}]
    (tmp_path / "a.csv").write_text("x\n1\n")
    assert list(InMemDataset.from_csv(tmp_path / "a.csv", {"x": names["Number"]})) == [{"x": 1.0}]


def test_dataclasses_in_dataclasses(tmp_path: Path) -> None:
    text = '{"name": "line", "points": [{"x": 0}, {"x": 1, "y": 2}], "colour": "GREEN"}\n{"points": [], "name": ""}\n'
    assert read(tmp_path, text, Shape) == [
        Shape("line", [Point(0.0), Point(1.0, 2.0)], Colour.GREEN),
        Shape("", []),
    ]


def test_what_serde_writes_of_a_struct_of_rust(tmp_path: Path) -> None:
    row = '{"column_str":"HI1","column_bytes":[1,2,3,3],"column_int":1,"column_bool":%s,"column_float":1.0}'
    assert read(tmp_path, f"{row % 'true'}\n{row % 'false'}", Sample) == [
        Sample("HI1", bytes([1, 2, 3, 3]), 1, True, 1.0),
        Sample("HI1", bytes([1, 2, 3, 3]), 1, False, 1.0),
    ]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\n\n", "\n \t\n"])
@pytest.mark.parametrize("start", ["", "\ufeff", "\n"])
def test_forms_of_the_same_file(tmp_path: Path, start: str, end: str) -> None:
    lines = [json.dumps({"x": x}, ensure_ascii=False) for x in ("a", "\u2028\x85", "\n")]
    assert [item["x"] for item in read(tmp_path, start + end.join(lines), {"x": str})] == ["a", "\u2028\x85", "\n"]
    assert read(tmp_path, start, {"x": str}) == []


def test_the_first_line_that_is_wrong_is_named(tmp_path: Path) -> None:
    good = '{"x": 1}\n'
    with pytest.raises(DatasetError, match=r"line 3, x: 'a' is no int"):
        read(tmp_path, good * 2 + '{"x": "a"}\n' + good + "nonsense\n", {"x": int})


def test_columns_fall_out(tmp_path: Path) -> None:
    rows = "".join(json.dumps({"at": [i, i / 2], "label": i % 3}) + "\n" for i in range(20))
    (tmp_path / "a.jsonl").write_text(rows)
    dataset = InMemDataset.from_json_rows(tmp_path / "a.jsonl", {"at": tuple[float, float], "label": int})
    batch = dataset.get_batch(np.array([3, 1]))
    assert batch is not None
    assert batch.column("at").tolist() == [[3.0, 1.5], [1.0, 0.5]]
    assert batch.column("at").dtype == np.float32
    assert check_dataset(dataset, pickles=True)["columns"] > 0
