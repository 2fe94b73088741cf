"""Datasets that come with minigrad."""

from .dataframe import DataframeDataset
from .idx import read_idx
from .image_folder import ImageDatasetItem, ImageFolderDataset
from .mnist import MnistDataset, MnistItem
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
    "ImageDatasetItem",
    "ImageFolderDataset",
    "MnistDataset",
    "MnistItem",
    "MoonsDataset",
    "PointItem",
    "SequenceDataset",
    "SpiralsDataset",
    "SqliteDataset",
    "SqliteDatasetStorage",
    "SqliteDatasetWriter",
    "XorDataset",
    "read_idx",
]
