"""Datasets that come with minigrad."""

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
    "MoonsDataset",
    "PointItem",
    "SpiralsDataset",
    "XorDataset",
]
