"""Text that shows itself, and how arrays, numbers and names look in it."""

from __future__ import annotations

import re
import reprlib
from collections.abc import Sequence
from typing import Any, TypeVar

import numpy as np

from ..errors import ConfigError

__all__ = ["Diagram", "Text", "brief", "checked", "count", "describe", "ends", "escape", "positions"]

T = TypeVar("T")

SMALL = 8  # elements that are shown in full


class Text(str):
    """A string that a REPL shows without quotes and a notebook as a block."""

    language = ""

    def __repr__(self) -> str:
        return str(self)

    def _repr_markdown_(self) -> str:
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", self)), default=0))
        return f"{fence}{self.language}\n{self}\n{fence}"


class Diagram(Text):
    """Mermaid's text, which a notebook draws."""

    language = "mermaid"


def escape(text: str, length: int = 60) -> str:
    """On one line, of printable characters only, and not long."""
    text = text if len(text) <= length else f"{text[: length - 3]}..."
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def describe(x: Any) -> str:
    """All numbers of a small array, each in as many digits as it has; dtype, shape and range of another."""
    x = np.asarray(x)
    if 0 < x.size <= SMALL:
        return " ".join(np.array2string(x, separator=", ", formatter={"all": str}, threshold=SMALL).split())
    finite = x[np.isfinite(x)]
    parts = [f"{x.dtype} {x.shape}"]
    if finite.size:
        low, high = f"{finite.min().item():.6g}", f"{finite.max().item():.6g}"
        parts.append(f"all {low}" if finite.min() == finite.max() else f"from {low} to {high}")
    if finite.size < x.size:
        parts.append(count(x))
    return ", ".join(parts) if x.size else f"{parts[0]}, no elements"


def count(x: Any) -> str:
    """`1 NaN and 2 infinite of 6 values`."""
    kinds = ((int(np.isnan(x).sum()), "NaN"), (int(np.isinf(x).sum()), "infinite"))
    return f"{' and '.join(f'{n} {kind}' for n, kind in kinds if n)} of {x.size} value{'s' * (x.size != 1)}"


def positions(x: Any, most: int = 3) -> list[tuple[int, ...]]:
    """Where the first few values are that are not finite, NaN before infinite ones, in order."""
    found = [*np.argwhere(np.isnan(x))[:most], *np.argwhere(np.isinf(x))[:most]]
    return sorted(tuple(map(int, place)) for place in found[:most])


def brief(value: Any) -> str:
    """A static argument: an array by dtype and shape, a slice as in an index, the rest shortened."""
    if isinstance(value, np.ndarray):
        return f"{value.dtype}{value.shape}"
    if isinstance(value, slice):
        bounds = [("" if bound is None else brief(bound)) for bound in (value.start, value.stop, value.step)]
        return ":".join(bounds if bounds[2] else bounds[:2])
    if type(value) is tuple and len(value) <= SMALL:
        return f"({', '.join(map(brief, value))}{',' * (len(value) == 1)})"
    if value is Ellipsis:
        return "..."
    return str(value) if isinstance(value, (np.generic, np.dtype)) else escape(reprlib.repr(value))


def ends(items: Sequence[T], limit: int) -> tuple[Sequence[T], int, Sequence[T]]:
    """The first and the last ones, `limit` together, and how many there are between them."""
    first = len(items) if len(items) <= limit else limit // 2
    last = max(first, len(items) - (limit - first))
    return items[:first], last - first, items[last:]


def checked(limit: int) -> int:
    """`limit`, or `ConfigError` for what is no number of nodes."""
    if isinstance(limit, int) and limit > 0:
        return limit
    raise ConfigError(f"limit={limit!r}: it is the most nodes to show, an integer of at least 1")
