"""Datasets: items by number."""

from .dataset import Dataset, InMemDataset

__all__ = ["Dataset", "InMemDataset"]
