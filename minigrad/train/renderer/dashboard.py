"""The terminal's picture of a run: lines of text that fit into its window."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from ..metric.history import Split
from .plot import plot
from .view import Reading, RunView

if TYPE_CHECKING:
    from rich.text import Text

__all__ = ["dashboard"]

STYLES = ("cyan", "magenta")  # of training and validation
COLUMNS = {"batch": "Batch", "epoch": "Running", "last": "Last", "best": "Best", "best_epoch": "Epoch"}
UNIMPORTANT = ("last", "batch", "best_epoch", "best")  # left out in this order where the window is narrow
NUMBER, SHORT, NAME = 9, 5, 12  # widths of columns; a name may be cut down to this
CURVE = 6, 14  # lines of a curve, at least and at most


def dashboard(
    view: RunView, chosen: str | None, width: int, height: int, ascii: bool, keys: bool, coloured: bool
) -> list[Text]:
    """At most `height` lines: where the run stands, the metrics, the curve of the `chosen` one, and what `keys` do."""
    lines = [_place(view), _bar(view, width, ascii)]
    hint = _hint(view, keys, ascii)
    room = height - len(lines) - bool(hint)
    readings = view.readings()
    shown = len(readings)
    if shown + 1 > room - CURVE[0] - 1 and room > 2 * CURVE[0]:
        shown = min(shown, room - CURVE[0] - 2)  # a curve says more than the last of many metrics
    lines += _table(readings, chosen, width, max(min(shown, room - 1), 0))
    rest = min(height - len(lines) - bool(hint) - 1, CURVE[1])
    if chosen is not None and rest >= CURVE[0]:
        lines += _curve(view, chosen, width, rest, ascii, coloured)
    return [*lines, *hint][: max(height, 1)]


def _text(*parts: str | tuple[str, str]) -> Text:
    from rich.text import Text

    return Text.assemble(*parts, no_wrap=True, overflow="crop", end="")


def _place(view: RunView) -> Text:
    first, *others = view.where
    return _text((first, "bold"), *(f"  {words}" for words in others))


def _bar(view: RunView, width: int, ascii: bool) -> Text:
    percent, *more = view.how_far
    words = "  ".join([f" {percent:>4}", *more])
    length = max(width - max(len(words), 20), 1)
    full = int(view.done * length)
    on, off = "#-" if ascii else "━─"
    return _text((on * full, "green"), (off * (length - full), "dim"), words)


def _hint(view: RunView, keys: bool, ascii: bool) -> list[Text]:
    if not keys or view.ended is not None:
        return []
    others = ("<- -> other metrics" if ascii else "← → other metrics") if len(view.curves) > 1 else ""
    return [_text(("   ".join(filter(None, ["q stop after this batch", others])), "dim"))]


def _table(readings: list[Reading], chosen: str | None, width: int, rows: int) -> list[Text]:
    """The header and as many `rows`, with the chosen metric among them."""
    from rich.cells import cell_len, set_cell_size

    if not readings or rows < 1:
        return []
    first = next((i for i, reading in enumerate(readings) if reading.name == chosen), 0)
    start = 0 if first + 2 <= rows else min(first, len(readings) - rows)
    columns = list(COLUMNS)
    longest = max(10, *(cell_len(reading.name) for reading in readings))

    def needs(columns: Iterable[str]) -> int:
        return 2 + SHORT + sum(1 + (SHORT if column == "best_epoch" else NUMBER) for column in columns)

    for column in UNIMPORTANT:
        if needs(columns) + min(longest, NAME) > width:
            columns.remove(column)
    name_width = max(min(longest, width - needs(columns)), 1)

    def row(name: str, split: str, cells: Iterable[str]) -> str:
        sizes = (SHORT if column == "best_epoch" else NUMBER for column in columns)
        numbers = "".join(f" {cell:>{size}}" for cell, size in zip(cells, sizes))
        return f"{set_cell_size(name, name_width)}  {split:<{SHORT}}{numbers}"

    title = "Metric" if rows >= len(readings) else f"{len(readings)} metrics"
    lines = [_text((row(title, "", (COLUMNS[column] for column in columns)), "dim"))]
    for reading in readings[start : start + rows]:
        if reading.numeric:
            words = row(reading.name, reading.split.value, (getattr(reading, column) for column in columns))
        else:
            words = f"{row(reading.name, reading.split.value, ())}   {reading.batch}"
        lines.append(_text((words, "bold" if reading.name == chosen else "")))
    return lines


def _curve(view: RunView, name: str, width: int, height: int, ascii: bool, coloured: bool) -> list[Text]:
    x, series = view.curve(name)
    rows = plot(series, width, height, x, ascii, coloured)
    marks = "*o" if ascii else "─╌"
    legend = [
        (f"  {mark} {split.value}", style) for mark, split, style, points in zip(marks, Split, STYLES, series) if points
    ]
    if not rows or not legend:
        return []
    lines = [_text((name, "bold"), *legend)]
    return lines + [_text(*((text, "" if owner is None else STYLES[owner]) for text, owner in row)) for row in rows]
