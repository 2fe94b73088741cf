"""Curves as lines of text, drawn with braille dots, two by four in a cell."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..metric.format import format_float

__all__ = ["Row", "Span", "extent", "label", "plot", "spans"]

Row = list[tuple[str, int | None]]
"""Pieces of a line of text, each with the series that it shows, or None."""

DOTS = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))  # of a braille sign, by row and column


def plot(
    series: Sequence[dict[int, float]],
    width: int,
    height: int,
    x: str = "epoch",
    ascii: bool = False,
    coloured: bool = False,
) -> list[Row]:
    """`height` lines of at most `width` characters: the series over their keys, which ascend, and both axes.

    Where there is no room for that it is no line. The first series is a solid line, the others are dashed, but for many
    points where they are `coloured`. NaN and infinity are gaps. Where many points share a column, it shows all between
    their least and largest value. In `ascii`, the first series is `*` and the second `o`.

    >>> for row in plot([{1: 0.7, 2: 0.5, 3: 0.4, 4: 0.4}], 24, 5, ascii=True):
    ...     print("".join(text for text, _ in row).rstrip())
    0.700 +***
          |   ******
    0.400 +         ********
          +-----------------
           1     epoch     4
    """
    left, right, low, high = extent(series)
    marks = [label(y) for y in (high, low)] if low <= high else ["", ""]
    margin = max(map(len, marks))
    if width < margin + 4 or height < 3:
        return []
    canvas = _Canvas(width - margin - 2, height - 2, ascii)
    for number, points in enumerate(series):
        path = spans(points, (left, right), (low, high), canvas.dots)
        canvas.draw(number, path, dashed=number > 0 and not (coloured and len(path) > canvas.columns // 2))
    if low == high:
        marks = [marks[0] if row == canvas.rows // 2 else "" for row in range(canvas.rows)]
    else:
        marks = [marks[0], *[""] * (canvas.rows - 2), marks[1]]
    tick, line, corner, dash = "+|+-" if ascii else "┤│└─"
    rows: list[Row] = [
        [(f"{mark:>{margin}} {tick if mark else line}", None), *cells] for mark, cells in zip(marks, canvas.lines())
    ]
    ends = (str(left), str(right)) if left < right else (str(left) if left == right else "", "")
    between = canvas.columns - len(ends[0]) - len(ends[1])
    middle = f"{x:^{between}}" if between > len(x) + 1 else " " * between
    rows.append([(" " * (margin + 1) + corner + dash * canvas.columns, None)])
    rows.append([((" " * (margin + 2) + ends[0] + middle + ends[1])[:width], None)])
    return rows


def extent(series: Sequence[dict[int, float]]) -> tuple[int, int, float, float]:
    """The least and largest key, and the least and largest finite value; of nothing, a least above the largest."""
    keys = [key for points in series if points for key in (next(iter(points)), next(reversed(points)))]
    low, high = math.inf, -math.inf
    for points in series:
        values = _values(points)
        values = values[np.isfinite(values)]
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
    return min(keys, default=1), max(keys, default=0), low, high


def label(value: float) -> str:
    """A number at an axis, in ten signs at most."""
    if value == 0:
        return "0.000"
    if abs(value) < 1e6:
        return format_float(value, 3)
    mantissa, exponent = f"{value:.3e}".split("e")
    return f"{mantissa}e{int(exponent)}"


def _values(points: dict[int, float]) -> NDArray[np.float64]:
    return np.fromiter(points.values(), np.float64, len(points))


Span = tuple[int, int, int, int, int, int]
"""A column; the first, last, least and largest row in it; the number of gaps before it."""


def spans(
    points: dict[int, float], keys: tuple[int, int], values: tuple[float, float], dots: tuple[int, int]
) -> list[Span]:
    """What the points fill of a grid of `dots`, columns and rows: as few of these as there are columns, and gaps."""
    (left, right), (low, high), (columns, rows) = keys, values, dots
    y = _values(points)
    finite = np.isfinite(y)
    if not finite.any():
        return []
    gaps = np.cumsum(~finite)[finite]
    across = (np.fromiter(points, np.float64, len(y))[finite] - left) / max(right - left, 1)
    column = np.rint(across * (columns - 1)).astype(int)
    # Halves, because the whole of -1e308 to 1e308 is infinite.
    down = (high / 2 - y[finite] / 2) / (high / 2 - low / 2) if high / 2 > low / 2 else np.full(len(gaps), 0.5)
    row = np.rint(down * (rows - 1)).astype(int)
    starts = np.flatnonzero(np.diff(column, prepend=-1) | np.diff(gaps, prepend=-1))
    ends = np.append(starts[1:], len(row)) - 1
    least, largest = np.minimum.reduceat(row, starts), np.maximum.reduceat(row, starts)
    parts: tuple[NDArray[Any], ...] = column[starts], row[starts], row[ends], least, largest, gaps[starts]
    return list(zip(*(part.tolist() for part in parts)))


class _Canvas:
    """Cells of text, each of `2 x 4` dots, or of one in ASCII."""

    def __init__(self, columns: int, rows: int, ascii: bool) -> None:
        self.columns, self.rows = columns, rows
        self._across, self._down = (1, 1) if ascii else (2, 4)
        self._ascii = ascii
        self._bits = [[0] * columns for _ in range(rows)]
        self._owner: list[list[int | None]] = [[None] * columns for _ in range(rows)]

    @property
    def dots(self) -> tuple[int, int]:
        """Columns and rows of them."""
        return self.columns * self._across, self.rows * self._down

    def draw(self, number: int, spans: list[Span], dashed: bool) -> None:
        """A line through the spans."""
        length = 0
        before: Span | None = None
        for span in spans:
            column, first, _, least, largest, gaps = span
            path = [(column, row) for row in range(least, largest + 1)]
            if before is not None and before[5] == gaps:
                path = [*_between(before[0], before[2], column, first), *path]
            else:
                length = 0
            for x, y in path:
                if not dashed or self._ascii or length % 4 < 2:
                    self._dot(x, y, number)
                length += 1
            before = span

    def _dot(self, x: int, y: int, number: int) -> None:
        (row, down), (column, across) = divmod(y, self._down), divmod(x, self._across)
        self._bits[row][column] |= DOTS[down][across]
        self._owner[row][column] = number

    def lines(self) -> list[Row]:
        """The rows of cells, neighbours of one series in one piece."""
        rows: list[Row] = []
        for bits, owners in zip(self._bits, self._owner):
            row: Row = []
            for bit, owner in zip(bits, owners):
                sign = " " if owner is None else "*o+x#"[owner % 5] if self._ascii else chr(0x2800 + bit)
                if row and row[-1][1] == owner:
                    row[-1] = row[-1][0] + sign, owner
                else:
                    row.append((sign, owner))
            rows.append(row)
        return rows


def _between(x0: int, y0: int, x1: int, y1: int) -> list[tuple[int, int]]:
    """The dots from one to the other, without either."""
    steps = max(abs(x1 - x0), abs(y1 - y0))
    return [(x0 + round(i * (x1 - x0) / steps), y0 + round(i * (y1 - y0) / steps)) for i in range(1, steps)]
