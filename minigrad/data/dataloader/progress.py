"""Progress: how far an epoch is."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Progress"]


@dataclass(frozen=True, slots=True)
class Progress:
    """Items handed out in this epoch, of how many."""

    items_processed: int
    items_total: int
