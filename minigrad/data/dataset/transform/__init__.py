"""Datasets made of others: mapped, shuffled, cut, drawn, put together. No item is read before it is asked for."""

from .composed import ComposedDataset
from .mapper import Mapper, MapperDataset
from .partial import PartialDataset
from .sampler import SamplerDataset
from .selection import SelectionDataset
from .shuffle import ShuffledDataset
from .windows import WindowsDataset

__all__ = [
    "ComposedDataset",
    "Mapper",
    "MapperDataset",
    "PartialDataset",
    "SamplerDataset",
    "SelectionDataset",
    "ShuffledDataset",
    "WindowsDataset",
]
