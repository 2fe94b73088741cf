"""A dataset under test, and what it gave when it was first asked."""

from __future__ import annotations

from collections.abc import Iterable
from copy import deepcopy
from typing import Any

import numpy as np

from ...data.dataset import Dataset
from ...errors import CheckError
from ..difference import difference

__all__ = ["Raised", "Subject", "read"]


class Subject:
    """A dataset, and what its `get` gave when it was first asked: the laws compare with that.

    >>> from minigrad.data.dataset import InMemDataset
    >>> Subject(InMemDataset("abc")).items
    {0: 'a', 1: 'b', 2: 'c'}
    """

    def __init__(
        self, dataset: Dataset[Any], random: bool = False, source: Dataset[Any] | None = None, samples: int = 100
    ) -> None:
        self.dataset = dataset
        self.random = random
        self.source = source
        self.source_items = {} if source is None else read(source, _some(len(source), samples))
        self.length = len(dataset)
        self.indices = _some(self.length, samples)
        given = read(dataset, self.indices)
        self.missing = {index: item for index, item in given.items() if item is None or isinstance(item, Raised)}
        self.items = {index: item for index, item in given.items() if index not in self.missing}

    def compare(self, got: dict[int, Any], text: str, help: str = "") -> int:
        """How many items of `got` are what they were. Raises `CheckError` for another, which `text` words.

        What was missing from the start is passed over.
        """
        for index, item in got.items():
            if index in self.missing:
                continue
            if isinstance(item, Raised):
                raise CheckError(f"{text.format(index)}: it raised {item}{help}") from item.error
            found = "" if self.random else difference(self.items[index], item)
            if found:
                raise CheckError(f"{text.format(index)}: {found}{help}")
        return len(got)


class Raised:
    """What `get` raised in place of an item."""

    def __init__(self, error: Exception) -> None:
        self.error = error

    def __repr__(self) -> str:
        return f"{type(self.error).__name__}: {self.error}"


def read(dataset: Dataset[Any], indices: Iterable[int]) -> dict[int, Any]:
    """What `get` gives for each index, copied at once: an item may be written to later."""
    given: dict[int, Any] = {}
    for index in indices:
        try:
            given[index] = copied(dataset.get(index))
        except Exception as error:
            given[index] = Raised(error)
    return given


def copied(item: Any) -> Any:
    """A deep copy, or the item itself where there is none, as of an open file."""
    try:
        return deepcopy(item)
    except Exception:
        return item


def _some(length: int, samples: int) -> list[int]:
    """All indices, or as many as `samples`: half of them the first ones, the last one, and others between."""
    if length <= samples:
        return list(range(length))
    first = samples // 2
    others = np.random.default_rng(0).choice(length - first - 1, samples - first - 1, replace=False) + first
    return [*range(first), *sorted(others.tolist()), length - 1]
