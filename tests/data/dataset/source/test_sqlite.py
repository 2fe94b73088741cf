"""SqliteDataset: files that others made, and what is wrong with some."""

from __future__ import annotations

import multiprocessing
import os
import pickle
import sqlite3
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import msgpack
import numpy as np
import pytest

from minigrad.data.dataset import SqliteDataset, SqliteDatasetStorage, SqliteDatasetWriter
from minigrad.data.dataset.source.sqlite import connection
from minigrad.errors import DatasetError
from minigrad.testing import check_dataset


class Sample(NamedTuple):
    """The struct that the importer of Burn writes in its own tests."""

    column_str: str
    column_bytes: bytes
    column_int: int
    column_bool: bool
    column_float: float


@dataclass
class Point:
    at: tuple[float, float]
    label: int
    inside: bool = False


BURN = """
create table train (
    column_str TEXT, column_bytes BLOB, column_int INTEGER, column_bool BOOLEAN, column_float FLOAT,
    row_id INTEGER NOT NULL, PRIMARY KEY (row_id)
);
insert into train values ('HI1', x'37e79f', 1, 1, 1.0, 1), ('HI2', x'37f79a', 1, 0, 2, 2);
"""
SERIALIZED = "create table train (row_id integer primary key autoincrement not null, item blob not null);"


def database(folder: Path, script: str, rows: Iterable[tuple[Any, ...]] = (), insert: str = "") -> Path:
    path = folder / "a.db"
    made = sqlite3.connect(path)
    made.executescript(script)
    made.executemany(insert, rows) if insert else None
    made.commit()
    made.close()
    return path


def numbers(folder: Path, count: int) -> Path:
    rows = [(i + 1, i / 3, i) for i in range(count)]
    return database(
        folder,
        "create table train (row_id integer primary key, x real, n integer)",
        rows,
        "insert into train values (?, ?, ?)",
    )


def test_a_file_of_the_importer_of_burn(tmp_path: Path) -> None:
    dataset = SqliteDataset.from_db_file(database(tmp_path, BURN), "train", Sample)
    assert list(dataset) == [
        Sample("HI1", b"\x37\xe7\x9f", 1, True, 1.0),
        Sample("HI2", b"\x37\xf7\x9a", 1, False, 2.0),
    ]
    assert check_dataset(dataset, pickles=True)["items"] == 2
    assert dataset.get_batch(np.array([0])) is None  # texts are no column


def test_columns_may_be_more_and_in_any_order(tmp_path: Path) -> None:
    path = database(tmp_path, BURN)
    assert SqliteDataset(path, "train", {"column_float": float, "column_str": str}).get(1) == {
        "column_float": 2.0,
        "column_str": "HI2",
    }
    assert SqliteDataset(path, "train", dict).get(0) == {
        "column_str": "HI1",
        "column_bytes": b"\x37\xe7\x9f",
        "column_int": 1,
        "column_bool": 1,
        "column_float": 1.0,
    }


def test_whole_items_as_rmp_serde_writes_a_struct(tmp_path: Path) -> None:
    # a struct is an array of its fields, bytes are an array of ints, f32 keeps its width
    by_position = b"\x95\xa3HI1\x93\x01\x02\xcc\x80\xff\xc3\xca\x3f\x80\x00\x00"
    by_name = msgpack.packb(dict(zip(Sample._fields, ("HI2", [3], 7, False, 2), strict=True)))
    path = database(tmp_path, SERIALIZED, [(by_position,), (by_name,)], "insert into train (item) values (?)")
    dataset = SqliteDataset(path, "train", Sample)
    assert list(dataset) == [Sample("HI1", b"\x01\x02\x80", -1, True, 1.0), Sample("HI2", b"\x03", 7, False, 2.0)]
    assert SqliteDataset(path, "train", dict).get(1) == {
        "column_str": "HI2",
        "column_bytes": [3],
        "column_int": 7,
        "column_bool": False,
        "column_float": 2,
    }
    check_dataset(dataset, pickles=True)


def test_two_columns_are_whole_items_only_as_burn_writes_them(tmp_path: Path) -> None:
    path = database(
        tmp_path, "create table train (row_id integer primary key, item integer); insert into train values (1, 5)"
    )
    assert SqliteDataset(path, "train", {"item": int}).get(0) == {"item": 5}


def test_a_table_without_row_id_is_numbered_by_sqlite(tmp_path: Path) -> None:
    path = database(tmp_path, "create table train (x text); insert into train values ('a'), ('b')")
    assert [item["x"] for item in SqliteDataset(path, "train", {"x": str})] == ["a", "b"]
    assert SqliteDataset(path, "train", dict).get(1) == {"x": "b"}


def test_a_batch_is_what_get_gives_in_order_with_duplicates(tmp_path: Path) -> None:
    dataset = SqliteDataset(numbers(tmp_path, 2_500), "train", {"x": float, "n": int})
    indices = np.concatenate([np.random.default_rng(1).permutation(2_500), [7, 7, 2_499]])
    batch = dataset.get_batch(indices)
    assert batch is not None
    assert list(batch) == [dataset.get(index) for index in indices]
    assert batch.column("n").tolist() == indices.tolist()
    assert batch.column("x").dtype == np.float32
    assert batch.nbytes >= 2_503 * 16  # what is held, not only what was asked for
    assert check_dataset(dataset, pickles=True)["columns"] > 0


def test_tuples_of_numbers_are_columns_and_tuples_again(tmp_path: Path) -> None:
    with SqliteDatasetWriter(tmp_path / "a.db") as writer:
        for i in range(5):
            writer.write("train", Point((i / 3, -i), i, i > 2))
    dataset = SqliteDataset(tmp_path / "a.db", "train", Point)
    batch = dataset.get_batch(np.array([4, 1]))
    assert batch is not None
    assert batch.column("at").tolist() == [[np.float32(4 / 3), -4.0], [np.float32(1 / 3), -1.0]]
    assert batch[1] == dataset.get(1) == Point((1 / 3, -1.0), 1, False)
    check_dataset(dataset, pickles=True)


def test_fields_may_have_any_name(tmp_path: Path) -> None:
    item = {"make": 1, "names": 2, "self": 3, "at": (0.5, 1.0)}
    with SqliteDatasetWriter(tmp_path / "a.db") as writer:
        writer.write("train", item)
    kinds = {"make": int, "names": int, "self": int, "at": tuple[float, float]}
    dataset = SqliteDataset(tmp_path / "a.db", "train", kinds)
    batch = dataset.get_batch(np.array([0]))
    assert batch is not None
    assert batch[0] == dataset.get(0) == item


def test_a_field_with_a_default_may_have_no_column(tmp_path: Path) -> None:
    path = database(tmp_path, "create table train (at text, label integer); insert into train values ('[1, 2.5]', 3)")
    dataset = SqliteDataset(path, "train", Point)
    assert dataset.get(0) == Point((1.0, 2.5), 3, False)
    assert dataset.get_batch(np.array([0])) is None  # there is no array of it


@pytest.mark.parametrize(
    ("kind", "stored", "value"),
    [
        (float, "1", 1.0), (bool, "0", False), (bool | None, "1", True), (bool | None, "null", None),
        (str | None, "null", None), (Literal["a", "b"], "'b'", "b"), (list[int], "'[1, 2]'", [1, 2]),
        (tuple[str, ...], "'[\"a\"]'", ("a",)), (dict[str, float], "'{\"a\": 1}'", {"a": 1.0}),
        (np.ndarray, "'[[1.5]]'", [[1.5]]),
    ],
)  # fmt: skip
def test_what_a_stored_value_is(tmp_path: Path, kind: Any, stored: str, value: Any) -> None:
    path = database(tmp_path, f"create table train (x); insert into train values ({stored})")
    found = SqliteDataset(path, "train", {"x": kind}).get(0)
    assert found is not None
    assert found["x"] == value
    assert type(found["x"]) is type(value) or kind is np.ndarray


@pytest.mark.parametrize(
    ("kind", "stored"),
    [
        (bytes, "'[1, 2]'"), (float, "'1.5'"), (float, "null"), (int, "1.5"), (bool, "2"), (str, "null"), (str, "1"),
        (list[int], "'[1,'"), (list[int], "x'00'"), (np.ndarray, "x'00'"), (np.ndarray, "5"),
        (np.ndarray, "x'934e554d5059'"), (Literal["a"], "'b'"),
    ],
)  # fmt: skip
def test_what_a_stored_value_is_not(tmp_path: Path, kind: Any, stored: str) -> None:
    path = database(tmp_path, f"create table train (x); insert into train values ({stored})")
    dataset = SqliteDataset(path, "train", {"x": kind})
    with pytest.raises(DatasetError, match=r"a\.db, table 'train', row_id 1, column 'x': "):
        dataset.get(0)


def test_a_wrong_value_in_a_batch_is_named(tmp_path: Path) -> None:
    script = "create table train (x); insert into train values (1.0), (2.0), ('c')"
    dataset = SqliteDataset(database(tmp_path, script), "train", {"x": float})
    with pytest.raises(DatasetError, match="row_id 3, column 'x': 'c' is no float"):
        dataset.get_batch(np.array([0, 2]))
    script = (
        "drop table train; create table train (x text); insert into train values ('[1]'), ('[36893488147419103232]')"
    )
    dataset = SqliteDataset(database(tmp_path, script), "train", {"x": tuple[int]})  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match="column 'x': an int of more than 64 bits"):
        dataset.get_batch(np.array([0, 1]))


def test_names_may_be_anything(tmp_path: Path) -> None:
    folder = tmp_path / "a b?c#d%20é'\""
    folder.mkdir()
    path = database(
        folder, 'create table "drop ""table""; --" ("select" real); insert into "drop ""table""; --" values (1.5)'
    )
    assert SqliteDataset(path, 'drop "table"; --', {"select": float}).get(0) == {"select": 1.5}


def test_rows_must_be_numbered_from_one_without_gaps(tmp_path: Path) -> None:
    path = database(
        tmp_path, "create table train (row_id integer primary key, x real); insert into train values (0, 1), (1, 2)"
    )
    with pytest.raises(DatasetError, match="the rows are numbered 0 to 1, and must be from 1"):
        SqliteDataset(path, "train", {"x": float})
    path = database(tmp_path, "update train set row_id = 4 where row_id = 0; insert into train values (2, 5)")
    dataset = SqliteDataset(path, "train", {"x": float})
    assert len(dataset) == 4
    for read in (lambda: dataset.get(2), lambda: dataset.get_batch(np.array([0, 2])), lambda: list(dataset)):
        with pytest.raises(DatasetError, match="there is no row_id 3, though the last one is 4"):
            read()


@pytest.mark.parametrize(
    "script",
    [
        "create table t (x real); insert into t values (1); create view train as select x from t",
        "create table train (x real primary key) without rowid; insert into train values (1)",
    ],
)
def test_rows_without_numbers_are_refused_and_not_taken_for_none(tmp_path: Path, script: str) -> None:
    with pytest.raises(DatasetError, match="create table numbered as select"):
        SqliteDataset(database(tmp_path, script), "train", {"x": float})


def test_a_view_with_row_id_is_a_table(tmp_path: Path) -> None:
    script = (
        "create table t (x real); insert into t values (1), (2); create view train as select rowid row_id, x from t"
    )
    assert list(SqliteDataset(database(tmp_path, script), "train", {"x": float})) == [{"x": 1.0}, {"x": 2.0}]


def test_an_index_is_an_integer_and_one_of_its_own(tmp_path: Path) -> None:
    path = database(tmp_path, "create table train (x real); insert into train values (1), (2)")
    dataset = SqliteDataset(path, "train", {"x": float})
    with pytest.raises(TypeError):
        dataset.get(0.5)  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match="there is no item -1 among 2"):
        dataset.get_batch(np.array([-1]))


def test_an_empty_table(tmp_path: Path) -> None:
    dataset = SqliteDataset(database(tmp_path, "create table train (x real)"), "train", {"x": float})
    assert (len(dataset), dataset.get(0), list(dataset)) == (0, None, [])


def test_it_only_reads(tmp_path: Path) -> None:
    path = numbers(tmp_path, 3)
    before = path.read_bytes()
    dataset = SqliteDataset(path, "train", {"x": float})
    with pytest.raises(DatasetError, match="attempt to write a readonly database"):
        dataset._connections.query("delete from train")
    assert (list(tmp_path.iterdir()), path.read_bytes()) == ([path], before)


def test_a_relative_path_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = numbers(tmp_path, 3)
    monkeypatch.chdir(tmp_path)
    dataset = SqliteDataset(path.name, "train", {"n": int})
    monkeypatch.chdir("/")
    assert pickle.loads(pickle.dumps(dataset)).get(2) == {"n": 2}


def in_thread(function: Callable[[], Any]) -> list[Any]:
    results: list[Any] = []

    def run() -> None:
        try:
            results.append(function())
        except DatasetError as error:
            results.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    thread.join()
    return results


def test_connections_end_with_their_thread(tmp_path: Path) -> None:
    dataset = SqliteDataset(numbers(tmp_path, 3), "train", {"n": int})
    kept: list[sqlite3.Connection] = []
    in_thread(lambda: kept.append(dataset._connections._connection()))
    with pytest.raises(sqlite3.ProgrammingError, match="closed"):
        kept[0].execute("select 1")
    assert dataset.get(1) == {"n": 1}


def test_a_file_that_was_replaced_is_not_mixed_with_the_old_one(tmp_path: Path) -> None:
    path = numbers(tmp_path, 3)
    dataset = SqliteDataset(path, "train", {"n": int})
    with SqliteDatasetWriter(path, overwrite=True) as writer:
        writer.write("train", {"n": 100})
    assert dataset.get(0) == {"n": 0}  # this thread has the old file open
    (error,) = in_thread(lambda: dataset.get(0))
    assert "a.db: the file was replaced since this dataset was made" in str(error)


def child(dataset: SqliteDataset[Any], queue: Any) -> None:
    queue.put([dataset.get(1), list(dataset.get_batch(np.array([2, 0])) or ())])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_reads_by_a_connection_of_its_own(tmp_path: Path) -> None:
    dataset = SqliteDataset(numbers(tmp_path, 3), "train", {"n": int})
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    process = context.Process(target=child, args=(dataset, queue))
    process.start()
    process.join(30)
    assert (process.exitcode, queue.get()) == (0, [{"n": 1}, [{"n": 2}, {"n": 0}]])
    assert dataset.get(1) == {"n": 1}


def test_a_file_that_is_locked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = numbers(tmp_path, 3)
    monkeypatch.setattr(connection, "PATIENCE", 0.01)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("begin exclusive")
    with pytest.raises(DatasetError, match="database is locked\n  another program is writing to it"):
        SqliteDataset(path, "train", {"n": int})
    other.close()
    assert len(SqliteDataset(path, "train", {"n": int})) == 3


@pytest.mark.parametrize("size", [10, 100, 4096, 6000])
def test_a_file_that_is_cut_short(tmp_path: Path, size: int) -> None:
    path = numbers(tmp_path, 3_000)
    path.write_bytes(path.read_bytes()[:size])
    with pytest.raises(DatasetError, match=r"a\.db: SQLite says: "):
        list(SqliteDataset(path, "train", {"n": int}))


def test_storage_writes_once_and_reads(tmp_path: Path) -> None:
    storage = SqliteDatasetStorage.from_file(tmp_path / "deep" / "a.db")
    assert not storage.exists()
    with storage.writer() as writer:
        assert not storage.exists()
        writer.write("train", Point((1.0, 2.0), 3))
    assert storage.exists()
    assert list(storage.reader("train", Point)) == [Point((1.0, 2.0), 3)]
    with pytest.raises(DatasetError, match="the file exists"):
        storage.writer()
    with storage.writer(overwrite=True) as writer:
        writer.write("valid", Point((1.0, 2.0), 3))
    assert len(storage.reader("valid", Point)) == 1
