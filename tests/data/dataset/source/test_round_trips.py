"""Random items of random dataclasses through CSV, JSON lines and SQLite: equal items, equal columns."""

from __future__ import annotations

import csv
import json
from dataclasses import asdict, astuple, make_dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from minigrad.data.dataloader import Items
from minigrad.data.dataset import Dataset, InMemDataset, SqliteDataset, SqliteDatasetWriter
from minigrad.testing import check_dataset

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FLOATS = st.floats(-1e30, 1e30)
INTS = st.integers(-(2**63), 2**63 - 1)
SCALARS: dict[Any, st.SearchStrategy[Any]] = {
    float: FLOATS,
    int: INTS,
    bool: st.booleans(),
    str: TEXT,
    float | None: st.none() | FLOATS,
    int | None: st.none() | INTS,
    bool | None: st.none() | st.booleans(),
}
COMPOUND: dict[Any, st.SearchStrategy[Any]] = {
    tuple[float, float]: st.tuples(FLOATS, FLOATS),
    tuple[int, ...]: st.lists(INTS, max_size=3).map(tuple),
    list[str]: st.lists(TEXT, max_size=3),
    dict[str, bool | None]: st.dictionaries(TEXT, st.none() | st.booleans(), max_size=3),
}
NUMBERS = (float, int, bool, tuple[float, float])


@st.composite
def tables(draw: st.DrawFn, kinds: dict[Any, st.SearchStrategy[Any]]) -> tuple[Any, list[Any]]:
    """A dataclass and some items of it."""
    names = draw(st.lists(st.sampled_from(["x", "Y", "name", "z_1", "länge"]), min_size=1, unique=True))
    fields = {name: draw(st.sampled_from(list(kinds))) for name in names}
    item = make_dataclass("Row", list(fields.items()))
    values = st.tuples(*(kinds[kind] for kind in fields.values()))
    return item, [item(*each) for each in draw(st.lists(values, min_size=1, max_size=8))]


def check(dataset: Dataset[Any], item: Any, items: list[Any]) -> None:
    """The same items, the same columns as `Items` makes of them, and the laws of every dataset."""
    assert repr(list(dataset)) == repr(items)  # 1 is not True, -0.0 is not 0.0
    indices = np.array([len(items) - 1, 0, 0])
    batch = dataset.get_batch(indices)
    kinds = {name: field.type for name, field in item.__dataclass_fields__.items()}
    if batch is not None:
        assert repr(list(batch)) == repr([items[index] for index in indices])
    batch = batch or Items([dataset.get(int(index)) for index in indices])
    expected = Items([items[index] for index in indices])
    for name, kind in kinds.items():
        if kind in NUMBERS:
            column = batch.column(name)
            assert column.dtype == {int: np.int64, bool: np.bool_}.get(kind, np.float32)
            assert column.tobytes() == expected.column(name).tobytes()
    if isinstance(dataset, SqliteDataset) or set(kinds.values()) <= {
        *NUMBERS
    }:  # None, in memory, spoils a whole column
        check_dataset(dataset, samples=8)


ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@ONE_FOLDER
@given(table=tables(SCALARS), delimiter=st.sampled_from(",;\t|"), end=st.sampled_from(["\n", "\r\n"]), data=st.data())
def test_through_csv(tmp_path: Path, table: Any, delimiter: str, end: str, data: st.DataObject) -> None:
    item, items = table
    names = [*item.__dataclass_fields__, "other"]
    order = data.draw(st.permutations(range(len(names))))
    with open(tmp_path / "a.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter=delimiter, lineterminator=end)
        writer.writerow([names[place] for place in order])
        for each in items:
            values = [*astuple(each), "?"]
            writer.writerow([values[place] for place in order])
    check(InMemDataset.from_csv(tmp_path / "a.csv", item, delimiter), item, items)


@ONE_FOLDER
@given(table=tables(SCALARS))
def test_through_csv_without_headers(tmp_path: Path, table: Any) -> None:
    item, items = table
    with open(tmp_path / "a.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(map(astuple, items))
    check(InMemDataset.from_csv(tmp_path / "a.csv", item, has_headers=False), item, items)


@ONE_FOLDER
@given(table=tables(SCALARS | COMPOUND), ascii=st.booleans(), by_name=st.booleans())
def test_through_json_lines(tmp_path: Path, table: Any, ascii: bool, by_name: bool) -> None:
    item, items = table
    rows = [asdict(each) | {"other": []} if by_name else astuple(each) for each in items]
    text = "\n".join(json.dumps(row, ensure_ascii=ascii) for row in rows)
    (tmp_path / "a.jsonl").write_bytes(text.encode())
    check(InMemDataset.from_json_rows(tmp_path / "a.jsonl", item), item, items)


@ONE_FOLDER
@given(table=tables(SCALARS | COMPOUND), serialized=st.booleans())
def test_through_sqlite(tmp_path: Path, table: Any, serialized: bool) -> None:
    item, items = table
    with SqliteDatasetWriter(tmp_path / "a.db", overwrite=True, serialized=serialized) as writer:
        assert [writer.write("train", each) for each in items] == list(range(len(items)))
    check(SqliteDataset.from_db_file(tmp_path / "a.db", "train", item), item, items)


@pytest.mark.parametrize("position", [0, 1])
def test_the_check_sees_a_value_that_changed(position: int) -> None:
    item = make_dataclass("Row", [("x", float)])
    items = [item(1.0), item(2.0)]
    wrong = [*items]
    wrong[position] = item(2.0000001)
    with pytest.raises(AssertionError):
        check(InMemDataset(wrong), item, items)
