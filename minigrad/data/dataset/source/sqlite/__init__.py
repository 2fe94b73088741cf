"""Datasets in SQLite, Burn's way: one file, a table for each split, its rows numbered from 1 by `row_id`."""

from .dataset import SqliteDataset
from .storage import SqliteDatasetStorage
from .writer import SqliteDatasetWriter

__all__ = ["SqliteDataset", "SqliteDatasetStorage", "SqliteDatasetWriter"]
