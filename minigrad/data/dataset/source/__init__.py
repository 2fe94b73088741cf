"""Datasets that come with minigrad."""

from .dataframe import DataframeDataset
from .sequence import SequenceDataset
from .sqlite import SqliteDataset, SqliteDatasetStorage, SqliteDatasetWriter
from .toy import (
    BlobsDataset,
    CircleDataset,
    CircleItem,
    MoonsDataset,
    PointItem,
    SpiralsDataset,
    XorDataset,
)

__all__ = [
    "BlobsDataset",
    "CircleDataset",
    "CircleItem",
    "DataframeDataset",
    "MoonsDataset",
    "PointItem",
    "SequenceDataset",
    "SpiralsDataset",
    "SqliteDataset",
    "SqliteDatasetStorage",
    "SqliteDatasetWriter",
    "XorDataset",
]
