"""Loaders: a dataset in batches, an epoch at a time."""

from ..items import Items
from .batcher import Batcher
from .builder import DataLoaderBuilder
from .loader import DataLoader, DataLoaderIterator
from .progress import Progress
from .split import split_dataloader
from .strategy import BatchStrategy, FixBatchStrategy

__all__ = [
    "BatchStrategy",
    "Batcher",
    "DataLoader",
    "DataLoaderBuilder",
    "DataLoaderIterator",
    "FixBatchStrategy",
    "Items",
    "Progress",
    "split_dataloader",
]
