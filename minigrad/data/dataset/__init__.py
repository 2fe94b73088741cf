"""Datasets: items by number."""

from .dataset import Dataset, InMemDataset
from .source import (
    BlobsDataset,
    CircleDataset,
    CircleItem,
    DataframeDataset,
    MoonsDataset,
    PointItem,
    SequenceDataset,
    SpiralsDataset,
    SqliteDataset,
    SqliteDatasetStorage,
    SqliteDatasetWriter,
    XorDataset,
)
from .transform import (
    ComposedDataset,
    Mapper,
    MapperDataset,
    PartialDataset,
    SamplerDataset,
    SelectionDataset,
    ShuffledDataset,
    WindowsDataset,
)

__all__ = [
    "BlobsDataset",
    "CircleDataset",
    "CircleItem",
    "ComposedDataset",
    "DataframeDataset",
    "Dataset",
    "InMemDataset",
    "Mapper",
    "MapperDataset",
    "MoonsDataset",
    "PartialDataset",
    "PointItem",
    "SamplerDataset",
    "SelectionDataset",
    "SequenceDataset",
    "ShuffledDataset",
    "SpiralsDataset",
    "SqliteDataset",
    "SqliteDatasetStorage",
    "SqliteDatasetWriter",
    "WindowsDataset",
    "XorDataset",
]
