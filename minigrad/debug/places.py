"""Which line of the user's program an operation was born on: noted on request, as a record does not hold it."""

from __future__ import annotations

import linecache
import os
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock
from typing import Any

from .. import lifting
from ..autodiff import next_birth
from ..blame import user_place
from .text import escape

__all__ = ["line_of", "lines"]

KEPT = 1 << 18  # the newest ones: 50 MB at most

_places: dict[int, tuple[int, tuple[str, int]]] = {}  # by birth modulo KEPT: birth, and the file and line
_lock = Lock()
_open = 0  # how many blocks are, in all threads


def _noted_birth() -> int:
    birth = next_birth()
    place = user_place()
    if place is not None:
        _places[birth % KEPT] = (birth, place)
    return birth


@contextmanager
def lines() -> Iterator[None]:
    """While it is open, the line of the program is noted for every operation, which then costs some microseconds more.

    `where_nan` and `show` tell it. Blocks may be nested, and may be open in several threads; no tensor is kept alive.

    >>> from minigrad import Tensor
    >>> from minigrad.debug import where_nan
    >>> x = Tensor([1.0, 0.0]).require_grad()
    >>> with lines():
    ...     loss = x.sqrt().sum()
    >>> where_nan(loss)
    the loss is finite, a gradient is not: the vjp of sqrt for x made 1 infinite of 2 values
      at <doctest minigrad.debug.places.lines[3]>:2: loss = x.sqrt().sum()
      [1]: sqrt(0.0) = 0.0, and the gradient 1.0 became inf
      it reaches the gradient of 1 of 1 leaves
    """
    _open_more(1)
    try:
        yield
    finally:
        _open_more(-1)


def _open_more(change: int) -> None:
    global _open
    with _lock:
        _open += change
        # a record does not hold the line, and lifted operations do not ask for it: only where they get their births
        vars(lifting)["next_birth"] = _noted_birth if _open else next_birth


def line_of(node: Any) -> str:
    """`train.py:41: loss = x.log().mean()`, or '' if it was not noted."""
    birth, place = _places.get(node.birth % KEPT, (0, None))
    if birth != node.birth or place is None:
        return ""
    file, line = place
    source = linecache.getline(file, line).strip()
    return escape(f"{os.path.basename(file)}:{line}", 100) + (f": {escape(source, 80)}" if source else "")
