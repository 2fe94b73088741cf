"""Datasets: items by number."""

from .dataset import Dataset, InMemDataset
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
    "ComposedDataset",
    "Dataset",
    "InMemDataset",
    "Mapper",
    "MapperDataset",
    "PartialDataset",
    "SamplerDataset",
    "SelectionDataset",
    "ShuffledDataset",
    "WindowsDataset",
]
