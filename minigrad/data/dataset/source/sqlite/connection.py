"""Connections that only read, one for each thread and process, and what to say of a file that is no database."""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .....errors import DatasetError

if TYPE_CHECKING:
    import sqlite3

__all__ = ["NUMBERED", "Connections", "quoted"]

NUMBERED = "make it a table whose rows SQLite numbers: create table numbered as select * from ..."
PATIENCE = 5.0  # seconds to wait for another program's lock


def quoted(name: str) -> str:
    """A name of a table or a column in SQL.

    >>> print(quoted('the "x" of a row'))
    "the ""x"" of a row"
    """
    return '"' + name.replace('"', '""') + '"'


class Connections:
    """`query` runs in the calling thread's own connection: SQLite's are not for several at once, nor for a fork."""

    def __init__(self, path: str) -> None:
        self.path = path
        self._identity = self._stat()
        self._local = threading.local()

    def query(self, statement: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """All rows. Raises `DatasetError` for whatever SQLite does not like about the file."""
        import sqlite3

        try:
            return self._connection().execute(statement, values).fetchall()
        except sqlite3.Error as error:
            problem = str(error)
            help = "the file is no database, or damaged: write it anew with SqliteDatasetWriter"
            if "locked" in problem:
                help = "another program is writing to it: let that finish"
            elif "no such column: rowid" in problem:  # so a table without one, and some builds' views
                help = NUMBERED
            elif "unable to open" in problem:
                help = "let this user read it, and its folder"
            raise DatasetError(f"{self.path}: SQLite says: {problem}\n  {help}") from None

    def _connection(self) -> sqlite3.Connection:
        mine: _Connection | None = getattr(self._local, "mine", None)
        if mine is None or mine.process != os.getpid():
            if self._stat() != self._identity:
                raise DatasetError(
                    f"{self.path}: the file was replaced since this dataset was made\n"
                    "  make it anew with SqliteDataset.from_db_file"
                )
            mine = self._local.mine = _Connection(self.path)
        return mine.connection

    def _stat(self) -> tuple[int, int]:
        try:
            status = os.stat(self.path)
        except OSError as error:
            raise DatasetError(f"{self.path}: {error.strerror}\n  put the file back") from None
        return status.st_dev, status.st_ino


class _Connection:
    """Closed when its thread ends, whichever thread notices."""

    def __init__(self, path: str) -> None:
        import sqlite3

        self.process = os.getpid()
        uri = f"{Path(path).as_uri()}?mode=ro"
        self.connection = sqlite3.connect(uri, uri=True, timeout=PATIENCE, check_same_thread=False)
        weakref.finalize(self, self.connection.close)
