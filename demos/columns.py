"""Columns of text as numbers: what a column holds is told from its cells, and kept as JSON beside the model."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import suppress
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import ClassVar, Self

import numpy as np
from table import Array

from minigrad import Config
from minigrad.data.dataset import InMemDataset
from minigrad.errors import DatasetError

MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}
MOST = 20  # different words of a column, each of which becomes a column of zeros and ones
LARGE = 1e30  # squares of larger numbers are no float32

Cells = Sequence[str]


class Column(Config, ABC):
    """How the cells of a column become numbers."""

    name: str

    @abstractmethod
    def encode(self, cells: Cells) -> Array:
        """[rows, numbers]."""

    @abstractmethod
    def strange(self, cells: Cells) -> list[str]:
        """The cells that say nothing to this column, though something stands there."""


class Numbers(Column):
    """(x - mean) / deviation. A missing one is the mean; a second number says which, where training rows miss any."""

    mean: float
    deviation: float
    misses: bool
    what: ClassVar[str] = "numbers"

    @staticmethod
    def parse(cell: str) -> float | None:
        """None for what is no number, or one that cannot be counted with."""
        with suppress(ValueError):
            if abs(value := float(cell)) < LARGE:
                return value
        return None

    @classmethod
    def of(cls, name: str, cells: Cells) -> Self | None:
        """By the cells of the training rows; None where all of them are missing."""
        values = [value for value in map(cls.parse, cells) if value is not None]
        if not values:
            return None
        deviation = float(np.std(values)) if len(set(values)) > 1 else 1.0  # of equal ones rounding leaves 1e-17
        return cls(name, float(np.mean(values)), deviation, len(values) < len(cells))

    def encode(self, cells: Cells) -> Array:
        values = [self.parse(cell) for cell in cells]
        scaled = [0.0 if value is None else (value - self.mean) / self.deviation for value in values]
        missing = [[float(value is None) for value in values]] if self.misses else []
        return np.array([scaled, *missing]).T

    def strange(self, cells: Cells) -> list[str]:
        return [cell for cell in cells if not is_missing(cell) and self.parse(cell) is None]

    @classmethod
    def shown(cls, value: float) -> str:
        return f"{value:.6g}"


class Dates(Numbers):
    """Days since 1970, of dates such as 2024-01-31 and 2024-01-31 12:30."""

    what: ClassVar[str] = "dates"

    @staticmethod
    def parse(cell: str) -> float | None:
        with suppress(ValueError):
            return (datetime.fromisoformat(cell).replace(tzinfo=None) - datetime(1970, 1, 1)).total_seconds() / 86400
        return None

    @classmethod
    def shown(cls, value: float) -> str:
        return str(np.datetime64("1970-01-01") + int(value // 1))


class Words(Column):
    """1 for the word that stands there, 0 for each other one. Where training rows miss any, to miss is a word too."""

    words: list[str]
    misses: bool

    @classmethod
    def of(cls, name: str, cells: Cells) -> Self | None:
        words = sorted({cell for cell in cells if not is_missing(cell)})
        return cls(name, words, any(map(is_missing, cells))) if words else None

    def encode(self, cells: Cells) -> Array:
        known = [*self.words, ""] if self.misses else self.words
        texts = np.array(["" if is_missing(cell) else cell for cell in cells], object)
        found: Array = texts[:, None] == np.array(known, object)
        return found.astype(float)

    def strange(self, cells: Cells) -> list[str]:
        return [cell for cell in cells if not is_missing(cell) and cell not in self.words]


def is_missing(cell: str) -> bool:
    return cell.lower() in MISSING


def read(path: Path, delimiter: str | None) -> tuple[dict[str, list[str]], str]:
    """The cells of each column, and the delimiter. Raises `DatasetError` for what is no table."""
    delimiter = delimiter or _sniffed(path)
    rows = list(InMemDataset.from_csv(path, dict, delimiter))
    if not rows:
        raise DatasetError(f"{path}: there is a header, and no row below it")
    columns = {name: [row[name].strip() for row in rows] for name in rows[0]}
    if delimiter != ",":  # then 3,14 is a number
        for name, cells in columns.items():
            columns[name] = [re.sub(r"^([-+]?\d+),(\d+)$", r"\1.\2", cell) for cell in cells]
    return columns, delimiter


def _sniffed(path: Path) -> str:
    """The delimiter that cuts most of the first lines into as many cells as the header, and the header into most."""
    import csv

    lines: list[str] = []
    with suppress(OSError), open(path, encoding="utf-8-sig", errors="replace", newline="") as file:
        lines = list(islice(file, 20))  # of what cannot be opened the dataset says more

    def fits(delimiter: str) -> tuple[int, int]:
        widths: list[int] = []
        with suppress(csv.Error):
            widths += (len(row) for row in csv.reader(lines, delimiter=delimiter) if row)
        return (widths.count(widths[0]), widths[0]) if widths and widths[0] > 1 else (0, 0)

    return max(",;\t|", key=fits)


def column_of(name: str, cells: Cells, training: Array) -> tuple[Column | None, str]:
    """The column that these cells make, None where they are left out; and what to say of it.

    What it holds is told from all cells, its statistics from those of the training rows alone.
    """
    present = [cell for cell in cells if not is_missing(cell)]
    different, seen = set(present), [cells[row] for row in training]
    missing = len(cells) - len(present)
    if not present:
        return None, "left out: it is empty"
    if len(different) == 1 and not missing:
        return None, f"left out: it is {short(present[0])!r} in every row"
    for kind in Numbers, Dates:
        values = [value for value in map(kind.parse, present) if value is not None]
        if len(values) >= 0.95 * len(present):
            if kind is Numbers and _numbers_the_rows(name, values, len(cells)):
                return None, "left out: it numbers the rows"
            said = f"{kind.what} from {kind.shown(min(values))} to {kind.shown(max(values))}"
            strange = [cell for cell in present if kind.parse(cell) is None]
            if strange:
                said += f"; {counted(len(strange), 'cell')} such as {short(strange[0])!r} taken for missing"
            column = kind.of(name, seen)
            if missing or strange:
                said += f"; the missing ({missing + len(strange)}) become the mean"
                said += ", and a number says which" if column and column.misses else ""
            return _kept(column, said)
    if len(different) <= MOST:
        words = Words.of(name, seen)
        shown = short(", ".join(map(repr, sorted(different))), 60)
        said = f"{counted(len(different), 'word')}, a 0 or 1 for each: {shown}"
        return _kept(words, f"{said}; to be missing ({missing}) is a word too" if words and words.misses else said)
    help = "; dates are read when written as 2024-01-31" if re.fullmatch(r"\d+[./]\d+[./]\d+", present[0]) else ""
    return None, f"left out: text, {len(different)} different ones in {len(present)} rows{help}"


def _kept(column: Column | None, said: str) -> tuple[Column | None, str]:
    return column, said if column else "left out: there is nothing of it in the training rows"


def _numbers_the_rows(name: str, values: list[float], rows: int) -> bool:
    """Different whole numbers in all rows that follow each other, or are called ids."""
    whole = len(set(values)) == rows > 1 and all(value.is_integer() for value in values)
    return whole and (
        max(values) - min(values) == rows - 1 or re.search(r"(?:\b|_)id$|[a-z]Id$", name, re.A) is not None
    )


def short(text: str, most: int = 24) -> str:
    """On one line."""
    text = re.sub(r"\s+", " ", text)
    return text if len(text) <= most else f"{text[: most - 3]}..."


def counted(number: int, what: str) -> str:
    """`1 row`, `2 rows`."""
    return f"{number} {what}{'s' * (number != 1)}"
