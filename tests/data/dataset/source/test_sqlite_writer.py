"""SqliteDatasetWriter: the file is whole or not there, whatever happens."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from typing import Any, NamedTuple

import msgpack
import numpy as np
import pytest
from numpy.typing import NDArray

import minigrad
from minigrad.data.dataset import SqliteDataset, SqliteDatasetWriter
from minigrad.data.dataset.source.sqlite.table import Table
from minigrad.errors import DatasetError
from minigrad.testing import check_dataset


@dataclass
class Number:
    n: int


class Colour(Enum):
    RED = "r"
    GREEN = 2


class Pair(NamedTuple):
    x: float
    y: float


@dataclass
class Everything:
    number: float
    count: int
    yes: bool
    text: str
    data: bytes
    colour: Colour
    at: tuple[float, float]
    tokens: list[int]
    pairs: tuple[Pair, ...]
    image: NDArray[np.float32]
    extra: dict[str, Any]
    maybe: float | None = None
    either: int | str | None = None


def everything(i: int) -> Everything:
    image = np.arange(6, dtype=np.float32).reshape(2, 3) + i
    return Everything(
        i / 3, -i, i % 2 == 1, f"é\0'\"{i}", bytes([i]), Colour.GREEN if i % 2 else Colour.RED, (i / 7, 1e300), [i] * i,
        (Pair(1.0, i / 3),), image, {"a": [i, None, "b"]}, None if i % 2 else i / 9, [i, str(i), None][i % 3],
    )  # fmt: skip


def content(path: Path) -> list[int]:
    return [item.n for item in SqliteDataset(path, "train", Number)]


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def written(path: Path, *numbers: int, **options: bool) -> None:
    with SqliteDatasetWriter(path, **options) as writer:
        for n in numbers:
            writer.write("train", Number(n))


@pytest.mark.parametrize("serialized", [False, True])
def test_items_of_every_kind_of_field_come_back(tmp_path: Path, serialized: bool) -> None:
    with SqliteDatasetWriter(tmp_path / "a.db", serialized=serialized) as writer:
        assert [writer.write("train", everything(i)) for i in range(7)] == list(range(7))
        assert writer.write("valid", everything(50)) == 0
    dataset = SqliteDataset.from_db_file(tmp_path / "a.db", "train", Everything)
    for i, item in enumerate(dataset):
        wanted = everything(i)
        assert (item.image.dtype, item.image.tolist()) == (wanted.image.dtype, wanted.image.tolist())
        assert replace(item, image=None) == replace(wanted, image=None)
    assert SqliteDataset(tmp_path / "a.db", "valid", Everything).get(0).text.endswith("50")  # type: ignore[union-attr]
    check_dataset(dataset, pickles=True)


def test_numbers_of_numpy_are_numbers(tmp_path: Path) -> None:
    with SqliteDatasetWriter(tmp_path / "a.db") as writer:
        writer.write("train", {"x": np.float32(0.1), "n": np.int64(3), "ok": np.bool_(True)})
    item = SqliteDataset(tmp_path / "a.db", "train", {"x": float, "n": int, "ok": bool}).get(0)
    assert item == {"x": float(np.float32(0.1)), "n": 3, "ok": True}


def test_the_schema_is_the_one_of_the_fields(tmp_path: Path) -> None:
    with SqliteDatasetWriter(tmp_path / "a.db") as writer:
        writer.write("train", everything(1))
    opened = sqlite3.connect(tmp_path / "a.db")
    columns = {name: (kind, key, null) for _, name, kind, null, _, key in opened.execute("pragma table_info(train)")}
    assert opened.execute("select count(*), typeof(image), typeof(at), at from train").fetchone()[1:3] == (
        "blob",
        "text",
    )
    opened.close()
    assert columns["row_id"] == ("INTEGER", 1, 1)
    assert {name: (kind, null) for name, (kind, _, null) in columns.items() if name != "row_id"} == {
        "number": ("REAL", 1), "count": ("INTEGER", 1), "yes": ("INTEGER", 1), "text": ("TEXT", 1), "data": ("BLOB", 1),
        "colour": ("", 1), "at": ("TEXT", 1), "tokens": ("TEXT", 1), "pairs": ("TEXT", 1), "image": ("BLOB", 1),
        "extra": ("TEXT", 1), "maybe": ("REAL", 0), "either": ("", 0),
    }  # fmt: skip


def test_serialized_is_the_layout_of_burn(tmp_path: Path) -> None:
    with SqliteDatasetWriter(tmp_path / "a.db", serialized=True) as writer:
        writer.write("train", Pair(1.0, float("nan")))
    opened = sqlite3.connect(tmp_path / "a.db")
    columns = [(name, kind.lower()) for _, name, kind, *_ in opened.execute("pragma table_info(train)")]
    ((row_id, data),) = opened.execute("select * from train").fetchall()
    opened.close()
    assert (columns, row_id) == ([("row_id", "integer"), ("item", "blob")], 1)
    assert data == b"\x92\xcb\x3f\xf0" + bytes(6) + b"\xcb\x7f\xf8" + bytes(6)  # an array of two doubles
    assert repr(msgpack.unpackb(data)) == "[1.0, nan]"
    assert repr(SqliteDataset(tmp_path / "a.db", "train", Pair).get(0)) == "Pair(x=1.0, y=nan)"


def test_nothing_is_there_before_the_end(tmp_path: Path) -> None:
    writer = SqliteDatasetWriter(tmp_path / "new" / "a.db")
    writer.write("train", Number(1))
    assert not (tmp_path / "new" / "a.db").exists()
    writer.set_completed()
    assert (files(tmp_path / "new"), content(tmp_path / "new" / "a.db")) == (["a.db"], [1])
    for call in (lambda: writer.write("train", Number(2)), writer.set_completed):
        with pytest.raises(DatasetError, match="the dataset is completed"):
            call()
    assert content(tmp_path / "new" / "a.db") == [1]


def test_an_existing_file_wants_overwrite(tmp_path: Path) -> None:
    written(tmp_path / "a.db", 1)
    with pytest.raises(DatasetError, match="the file exists"):
        SqliteDatasetWriter(tmp_path / "a.db")
    with SqliteDatasetWriter(tmp_path / "a.db", overwrite=True) as writer:
        writer.write("train", Number(2))
        assert content(tmp_path / "a.db") == [1]
    assert content(tmp_path / "a.db") == [2]
    assert files(tmp_path) == ["a.db"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, ValueError, SystemExit])
def test_a_block_that_fails_leaves_the_old_file(tmp_path: Path, error: type[BaseException]) -> None:
    written(tmp_path / "a.db", 1)
    writer = SqliteDatasetWriter(tmp_path / "a.db", overwrite=True)
    with pytest.raises(error), writer:
        raise error(writer.write("train", Number(2)))
    assert (files(tmp_path), content(tmp_path / "a.db")) == (["a.db"], [1])
    with pytest.raises(DatasetError, match="the writer was left by an error"):
        writer.write("train", Number(2))


def test_a_ctrl_c_in_the_middle_of_a_write(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(table: Table, item: Any) -> list[Any]:
        raise KeyboardInterrupt

    writer = SqliteDatasetWriter(tmp_path / "a.db")
    monkeypatch.setattr(Table, "values", interrupted)
    with pytest.raises(KeyboardInterrupt):
        writer.write("train", Number(1))
    assert files(tmp_path) == []
    with pytest.raises(DatasetError, match="the writer was interrupted"):
        writer.write("train", Number(1))


def test_a_writer_that_nobody_holds_leaves_nothing(tmp_path: Path) -> None:
    writer = SqliteDatasetWriter(tmp_path / "a.db")
    writer.write("train", Number(1))
    assert len(files(tmp_path)) == 1
    del writer
    gc.collect()
    assert files(tmp_path) == []


def test_an_item_that_does_not_fit_changes_nothing(tmp_path: Path) -> None:
    with SqliteDatasetWriter(tmp_path / "a.db") as writer:
        for wrong in (Number("x"), Number(1.0), Number(None), Number(2**63)):  # type: ignore[arg-type]
            with pytest.raises(DatasetError, match="table 'train', column 'n': "):
                writer.write("train", wrong)
        assert writer.write("train", Number(-(2**63))) == 0
        for other in (Pair(1.0, 2.0), {"n": 1}, 3, Number):
            with pytest.raises(DatasetError, match="its first item was a Number of n, this one is"):
                writer.write("train", other)
        assert writer.write("train", Number(7)) == 1
    assert content(tmp_path / "a.db") == [-(2**63), 7]


def test_somebody_else_was_faster(tmp_path: Path) -> None:
    first, second = SqliteDatasetWriter(tmp_path / "a.db"), SqliteDatasetWriter(tmp_path / "a.db")
    first.write("train", Number(1))
    second.write("train", Number(2))
    first.set_completed()
    with pytest.raises(DatasetError, match="the file exists"):
        second.set_completed()
    assert content(tmp_path / "a.db") == [1]
    (tmp_path / "a.db").unlink()
    second.set_completed()  # nothing of it was lost
    assert (content(tmp_path / "a.db"), files(tmp_path)) == ([2], ["a.db"])


def test_a_block_whose_end_fails_leaves_what_is_there(tmp_path: Path) -> None:
    writer = SqliteDatasetWriter(tmp_path / "a.db")
    with pytest.raises(DatasetError, match="the file exists"), writer:
        written(tmp_path / "a.db", writer.write("train", Number(1)) + 5)
    assert (files(tmp_path), content(tmp_path / "a.db")) == (["a.db"], [5])


def test_threads_write_to_one_writer(tmp_path: Path) -> None:
    indices: dict[int, list[int]] = {}
    with SqliteDatasetWriter(tmp_path / "a.db") as writer:

        def work(number: int) -> None:
            start.wait()
            indices[number] = [writer.write("train", Number(1000 * number + i)) for i in range(200)]
            writer.write("valid", {"x": number})

        start = threading.Barrier(4)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    found = content(tmp_path / "a.db")
    assert sorted(index for mine in indices.values() for index in mine) == list(range(800))
    for number, mine in indices.items():
        assert [found[index] for index in mine] == [1000 * number + i for i in range(200)]
    assert sorted(item["x"] for item in SqliteDataset(tmp_path / "a.db", "valid", dict)) == [0, 1, 2, 3]


KILLED = """
import os, signal, sys
from minigrad.data.dataset import SqliteDatasetWriter
writer = SqliteDatasetWriter(sys.argv[1], overwrite=True)
for n in range(100_000):  # more than SQLite keeps in memory: a part is on the disk
    writer.write("train", {"n": n, "text": "x" * 50})
if sys.argv[2] == "commit":
    import minigrad.data.dataset.source.sqlite.writer as module
    module.publish = lambda *names: os.kill(os.getpid(), signal.SIGKILL)
    writer.set_completed()
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.parametrize("when", ["write", "commit"])
def test_a_killed_writer_leaves_the_old_file_and_the_next_one_cleans_up(tmp_path: Path, when: str) -> None:
    written(tmp_path / "a.db", 1)
    environment = {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])}
    command = [sys.executable, "-c", KILLED, str(tmp_path / "a.db"), when]
    assert subprocess.run(command, env=environment, check=False).returncode == -signal.SIGKILL
    assert content(tmp_path / "a.db") == [1]
    orphans = [path for path in tmp_path.iterdir() if path.name.startswith(".a.db.")]
    assert [path.stat().st_size > 1 << 20 for path in orphans] == [True]
    with SqliteDatasetWriter(tmp_path / "a.db", overwrite=True) as writer:
        assert not orphans[0].exists()
        written(tmp_path / "a.db", 3, overwrite=True)  # another one at work is no orphan
        writer.write("train", Number(2))
    assert (files(tmp_path), content(tmp_path / "a.db")) == (["a.db"], [2])


FULL = """
import resource, sys
from minigrad.data.dataset import SqliteDatasetWriter
from minigrad.errors import DatasetError
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]),) * 2)  # files can grow to this size
writer = SqliteDatasetWriter(sys.argv[1], overwrite=True)
try:
    for n in range(40_000):
        writer.write("train", {"n": n, "text": "x" * 100})
    writer.set_completed()
except DatasetError as error:
    print(error)
try:
    writer.write("train", {"n": 1, "text": ""})
except DatasetError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits")
@pytest.mark.parametrize("size", [0, 10_000, 3_000_000, 4_500_000])
def test_a_disk_that_is_full(tmp_path: Path, run_python: Callable[..., str], size: int) -> None:
    written(tmp_path / "a.db", 1)
    lines = run_python(FULL, str(tmp_path / "a.db"), str(size)).splitlines()
    assert lines[0].startswith(f"{tmp_path}/a.db cannot be written: ")
    assert lines[1:] == [
        "  what was there stands as it was; make room",
        f"{tmp_path}/a.db: the writer has failed",
        "  make another SqliteDatasetWriter",
    ]
    assert (files(tmp_path), content(tmp_path / "a.db")) == (["a.db"], [1])


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_an_end_that_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str) -> None:
    def refuse(*arguments: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    writer = SqliteDatasetWriter(tmp_path / "a.db")
    writer.write("train", Number(1))
    monkeypatch.setattr(os, call, refuse)
    with pytest.raises(DatasetError) as error:
        writer.set_completed()
    assert str(error.value) == (
        f"{tmp_path}/a.db cannot be written: No space left on device\n  nothing is there; make room"
    )
    assert files(tmp_path) == []


@pytest.mark.parametrize("suffix", ["-journal", "-wal"])
def test_the_journal_of_an_old_file_is_not_played_into_the_new_one(tmp_path: Path, suffix: str) -> None:
    writer = SqliteDatasetWriter(tmp_path / "a.db")
    writer.write("train", Number(1))
    (tmp_path / f"a.db{suffix}").write_bytes(b"old")
    for call in (writer.set_completed, lambda: SqliteDatasetWriter(tmp_path / "a.db")):
        with pytest.raises(DatasetError, match=f"a.db{suffix}: another program has the old database open"):
            call()
    (tmp_path / f"a.db{suffix}").unlink()
    writer.set_completed()
    assert content(tmp_path / "a.db") == [1]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_a_fork_throws_nothing_away(tmp_path: Path) -> None:
    writer = SqliteDatasetWriter(tmp_path / "a.db")
    writer.write("train", Number(1))
    child = os.fork()
    if child == 0:
        writer._discard()
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0
    writer.write("train", Number(2))
    writer.set_completed()
    assert content(tmp_path / "a.db") == [1, 2]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    written(tmp_path / "data" / "a.db", 1)
    (tmp_path / "link.db").symlink_to(tmp_path / "data" / "a.db")
    written(tmp_path / "link.db", 2, overwrite=True)
    assert (tmp_path / "link.db").is_symlink()
    assert content(tmp_path / "data" / "a.db") == [2]


def test_a_writer_without_a_write_makes_an_empty_file(tmp_path: Path) -> None:
    written(tmp_path / "a.db")
    with pytest.raises(DatasetError, match=r"there is no table 'train'\n  it has nothing"):
        content(tmp_path / "a.db")
