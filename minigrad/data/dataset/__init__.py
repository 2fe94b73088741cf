"""Datasets: items by number."""

from .dataset import Dataset, InMemDataset
from .source import BlobsDataset, CircleDataset, CircleItem, MoonsDataset, PointItem, SpiralsDataset, XorDataset
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
    "Dataset",
    "InMemDataset",
    "Mapper",
    "MapperDataset",
    "MoonsDataset",
    "PartialDataset",
    "PointItem",
    "SamplerDataset",
    "SelectionDataset",
    "ShuffledDataset",
    "SpiralsDataset",
    "WindowsDataset",
    "XorDataset",
]
