"""Batcher: many items become one batch."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Generic, TypeVar

from ..items import Items

if TYPE_CHECKING:
    from ...backend import Device

__all__ = ["Batcher"]

I_contra = TypeVar("I_contra", contravariant=True)
O_co = TypeVar("O_co", covariant=True)


class Batcher(ABC, Generic[I_contra, O_co]):
    """Turns items into what a step takes.

    It keeps no state: a loader with workers calls it ahead of use, from several threads at once.

    >>> class Sum(Batcher[int, int]):
    ...     def batch(self, items, device):
    ...         return sum(items)
    >>> Sum().batch(Items([1, 2, 3]), None)
    6
    """

    @abstractmethod
    def batch(self, items: Items[I_contra], device: Device) -> O_co:
        """One batch of these items, on this device. The arrays of `items.column(...)` are read-only."""
