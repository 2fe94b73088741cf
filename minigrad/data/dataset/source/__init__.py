"""Datasets that come with minigrad."""

from .toy import CircleDataset, CircleItem

__all__ = ["CircleDataset", "CircleItem"]
