"""Loaders: a dataset in batches, an epoch at a time."""

from ..items import Items
from .batcher import Batcher
from .builder import DataLoaderBuilder
from .loader import DataLoader, DataLoaderIterator
from .progress import Progress

__all__ = ["Batcher", "DataLoader", "DataLoaderBuilder", "DataLoaderIterator", "Items", "Progress"]
