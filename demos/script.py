"""How a demo reads a number and how it ends: as the command `minigrad` does."""

from __future__ import annotations

import argparse

from minigrad.cli import run

__all__ = ["positive", "run"]


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{number} is less than 1")
    return number
