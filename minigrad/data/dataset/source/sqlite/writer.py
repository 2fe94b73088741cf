"""SqliteDatasetWriter: writes items into a SQLite file that is there once it is complete, and not before."""

from __future__ import annotations

import glob
import itertools
import os
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from .....atomic import publish
from .....errors import DatasetError
from .serialized import msgpack_library
from .table import Table

if TYPE_CHECKING:
    import sqlite3

__all__ = ["SqliteDatasetWriter"]

COMPLETED = "the dataset is completed"

_numbers = itertools.count()


class SqliteDatasetWriter:
    """Writes the file `path`, a table for each split; `overwrite` says that it may replace one that is there.

    A table has a column for each field of its first item, a dataclass, a named tuple or a mapping: see `SqliteDataset`
    for how values are stored. With `serialized` it has Burn's other layout, each item whole in MessagePack, which can
    also hold NaN. Nothing is written that could not be read back as the fields declare.

    It writes to a file beside `path`, which takes its name in `set_completed`, or at the end of a `with` block; one
    that fails, by an exception or Ctrl-C, leaves no more than what was there before. Several threads may write.

    Raises `DatasetError` for a file that exists, an item that does not fit its table or cannot be stored, a disk that
    is full, and for writing after the end.

    >>> writer = SqliteDatasetWriter("numbers.db", overwrite=True)
    >>> writer.write("train", {"x": 0.5, "label": 1}), writer.write("train", {"x": 2.0, "label": 0})
    (0, 1)
    >>> writer.set_completed()
    """

    def __init__(self, path: str | os.PathLike[str], overwrite: bool = False, serialized: bool = False) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise DatasetError(
                f"SqliteDatasetWriter: the path is {path!r}, and must be a str or a Path\n  give the path of one file"
            )
        if serialized:
            msgpack_library()  # now, and not after the first item is computed
        self._path = os.path.realpath(path)
        self._overwrite = overwrite
        self._serialized = serialized
        self._tables: dict[str, Table] = {}
        self._lock = threading.Lock()
        self._end = ""  # why nothing more can be written
        with self._working():
            self._check_free()
            folder, name = os.path.split(self._path)
            os.makedirs(folder, exist_ok=True)
            _remove_orphans(folder, name)
            self._open(os.path.join(folder, f".{name}.{os.getpid()}{next(_numbers):020}.tmp"))

    def _open(self, temporary: str) -> None:
        import sqlite3

        self._temporary = temporary
        self._connection = sqlite3.connect(temporary, isolation_level=None, check_same_thread=False)
        self._discard = weakref.finalize(self, _discard, self._connection, temporary, os.getpid())
        # One transaction to the end, and no journal on the disk: the file is complete, or thrown away.
        for statement in ("pragma journal_mode=memory", "pragma synchronous=off", "begin exclusive"):
            self._connection.execute(statement)

    def write(self, split: str, item: Any) -> int:
        """Adds the item to the table `split`; its index there, from 0."""
        with self._working():
            table = self._tables.get(split) or self._create(split, item)
            row_id = self._connection.execute(table.insert, table.values(item)).lastrowid
        return int(row_id or 0) - 1

    def _create(self, split: str, item: Any) -> Table:
        table = Table.of(self._path, split, item, self._serialized)
        twins = [other for other in self._tables if other.lower() == split.lower()]
        if twins:
            raise DatasetError(f"{self._path}: SQLite takes {twins[0]!r} and {split!r} for one table\n  rename one")
        table.values(item)  # no table for an item that does not fit
        self._connection.execute(table.create)
        self._tables[split] = table
        return table

    def set_completed(self) -> None:
        """Gives the file its name; nothing can be written afterwards."""
        with self._working():
            self._check_free()  # somebody may have been faster
            self._connection.execute("commit")
            self._connection.close()
            publish(self._temporary, self._path)
            self._end = COMPLETED
            self._discard.detach()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, traceback: TracebackType | None) -> None:
        try:
            if kind is None and self._end != COMPLETED:
                self.set_completed()
        finally:
            with self._lock:
                self._abandon("the writer was left by an error")

    @contextmanager
    def _working(self) -> Iterator[None]:
        """One thread at a time. What fails in the block ends the writer, but for an item that does not fit."""
        import sqlite3

        with self._lock:
            if self._end:
                raise DatasetError(f"{self._path}: {self._end}\n  make another SqliteDatasetWriter")
            try:
                yield
            except DatasetError:
                raise
            except UnicodeEncodeError as error:
                character = error.object[error.start]
                raise DatasetError(
                    f"{self._path}: {character!r} in a text, which is no character of Unicode\n  store it as bytes"
                ) from None
            except (OSError, sqlite3.Error) as error:
                self._abandon("the writer has failed")
                raise self._unwritable(getattr(error, "strerror", None) or str(error)) from error
            except BaseException:
                self._abandon("the writer was interrupted")
                raise

    def _unwritable(self, reason: str) -> DatasetError:
        stands = "what was there stands as it was" if os.path.exists(self._path) else "nothing is there"
        is_full = any(word in reason for word in ("full", "space", "I/O"))
        help = "make room" if is_full else "choose a folder that this user can write to"
        return DatasetError(f"{self._path} cannot be written: {reason}\n  {stands}; {help}")

    def _abandon(self, reason: str) -> None:
        if not self._end:
            self._end = reason
            if hasattr(self, "_discard"):
                self._discard()

    def _check_free(self) -> None:
        if os.path.isdir(self._path):
            raise DatasetError(f"{self._path}: this is a folder\n  give the path of a file")
        if os.path.exists(self._path) and not self._overwrite:
            raise DatasetError(
                f"{self._path}: the file exists\n"
                "  SqliteDatasetWriter(path, overwrite=True) replaces it, once the new one is complete"
            )
        for journal in (f"{self._path}-journal", f"{self._path}-wal"):  # SQLite would play it into the new file
            if os.path.exists(journal):
                raise DatasetError(
                    f"{journal}: another program has the old database open, or left it half-written\n"
                    "  let it finish, or remove both files"
                )


def _discard(connection: sqlite3.Connection, temporary: str, process: int) -> None:
    if os.getpid() == process:  # a fork must not throw away what its parent writes
        connection.close()
        with suppress(FileNotFoundError):
            os.unlink(temporary)


def _remove_orphans(folder: str, name: str) -> None:
    """Removes what killed writers left: nobody holds SQLite's lock on it."""
    import sqlite3

    for orphan in glob.glob(os.path.join(glob.escape(folder), f".{glob.escape(name)}.*.tmp")):
        connection = sqlite3.connect(orphan, timeout=0)
        try:
            connection.execute("begin exclusive")
        except sqlite3.OperationalError:
            continue  # locked: it is being written
        except sqlite3.DatabaseError:
            pass  # not even a database yet
        finally:
            connection.close()
        os.unlink(orphan)
