"""How a demo reads a number, gets at data, and ends: as the command `minigrad` does."""

from __future__ import annotations

import argparse
from typing import Any

from minigrad.cli import run
from minigrad.errors import MissingExtraError

__all__ = ["bundled", "natural", "positive", "run"]


def positive(text: str) -> int:
    """A whole number of at least 1, for argparse."""
    return _at_least(1, text)


def natural(text: str) -> int:
    """A whole number of at least 0, such as a seed, for argparse."""
    return _at_least(0, text)


def _at_least(least: int, text: str) -> int:
    number = int(text)
    if number < least:
        raise argparse.ArgumentTypeError(f"{number} is less than {least}")
    return number


def bundled(name: str) -> Any:
    """A data set that comes with scikit-learn, by the name of what loads it."""
    try:
        from sklearn import datasets
    except ImportError:
        raise MissingExtraError("this demo's data comes with scikit-learn: pip install scikit-learn") from None
    return getattr(datasets, name)()
