"""SqliteDatasetStorage: one SQLite file, to write and to read."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Self, TypeVar

from ..schema import ItemType
from .dataset import SqliteDataset
from .writer import SqliteDatasetWriter

__all__ = ["SqliteDatasetStorage"]

I_co = TypeVar("I_co", covariant=True)


class SqliteDatasetStorage:
    """Writes a dataset unless it is there already, and reads it.

    >>> storage = SqliteDatasetStorage.from_file("squares.db")
    >>> if not storage.exists():
    ...     with storage.writer() as writer:
    ...         _ = [writer.write("train", {"x": x, "y": x * x}) for x in range(10)]
    >>> storage.reader("train", {"x": int, "y": int}).get(3)
    {'x': 3, 'y': 9}
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.db_file = Path(path)

    @classmethod
    def from_file(cls, path: str | os.PathLike[str]) -> Self:
        """The same as `SqliteDatasetStorage(path)`, in Burn's words."""
        return cls(path)

    def exists(self) -> bool:
        """Whether the file is there; then it is complete."""
        return self.db_file.is_file()

    def writer(self, overwrite: bool = False) -> SqliteDatasetWriter:
        return SqliteDatasetWriter(self.db_file, overwrite)

    def reader(self, split: str, item: ItemType[I_co]) -> SqliteDataset[I_co]:
        return SqliteDataset(self.db_file, split, item)
