"""Datasets, and the loaders that make batches of them."""

from . import dataloader, dataset

__all__ = ["dataloader", "dataset"]
