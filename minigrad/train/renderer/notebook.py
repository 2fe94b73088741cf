"""A live table in a notebook, with curves; when the run is over, it stays in the cell."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from html import escape
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from ...errors import LearnerError, MissingExtraError
from ..metric.history import Split
from .live import LiveRenderer
from .plot import extent, label, spans
from .view import RunView

__all__ = ["NotebookRenderer", "in_notebook", "page"]

COLOURS = ("#1f77b4", "#d62728")  # of training and validation
CURVES = 6  # at most
WIDTH, HEIGHT, MARGIN = 300, 120, 64  # of a curve, in pixels; the margin is for numbers
HEAD = ("Metric", "", "Batch", "Running", "Last", "Best", "Epoch")


def in_notebook() -> bool:
    """Whether this is a cell of Jupyter's, and not a script, a console or IPython in a terminal."""
    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython is not None else None
    return any(kind.__name__ == "ZMQInteractiveShell" for kind in type(shell).__mro__)  # Colab's is a subclass


class NotebookRenderer(LiveRenderer):
    """The run's progress and time left, a table of its metrics and a curve of each, in one output that is updated.

    Raises `MissingExtraError` without IPython.
    """

    seconds = 1 / 2  # each drawing is sent through the notebook's server

    def __init__(self) -> None:
        if find_spec("IPython") is None:
            raise MissingExtraError("NotebookRenderer shows HTML with the IPython library: pip install ipython")
        super().__init__()
        self._handle: Any = None

    def open(self) -> None:
        ipython: Any = import_module("IPython")
        if ipython.get_ipython() is None:
            raise LearnerError(
                "NotebookRenderer: there is no notebook here\n"
                "  without .renderer(...) a run shows itself as suits the place"
            )
        self._handle = None

    def draw(self) -> None:
        ipython: Any = import_module("IPython.display")
        html = ipython.HTML(page(self.view))
        if self._handle is None:
            self._handle = ipython.display(html, display_id=True)
        else:
            self._handle.update(html)


def page(view: RunView) -> str:
    """The run as HTML that needs nothing else."""
    first, *others = [*view.where, *view.how_far]
    words = " &#160; ".join([f"<b>{first}</b>", *others])
    bar = (
        '<div style="width:100%;max-width:640px;height:6px;background:#8884">'
        f'<div style="width:{view.done:.1%};height:6px;background:#2ca02c"></div></div>'
    )
    curves = "".join(_curve(view, name) for name in view.curves[:CURVES])
    return f"<div><div>{words}</div>{bar}{_table(view)}<div>{curves}</div></div>"


def _table(view: RunView) -> str:
    readings = view.readings()
    if not readings:
        return "<div>waiting for the first batch</div>"
    rows = [_row("th", HEAD)]
    for reading in readings:
        numbers = [reading.batch, reading.epoch, reading.last, reading.best, reading.best_epoch]
        rows.append(_row("td", [reading.name, reading.split.value, *numbers]))
    return f"<table>{''.join(rows)}</table>"


def _row(tag: str, cells: Iterable[str]) -> str:
    sides = ["left", "left"] + ["right"] * (len(HEAD) - 2)
    return (
        "<tr>" + "".join(f'<{tag} style="text-align:{s}">{escape(c)}</{tag}>' for c, s in zip(cells, sides)) + "</tr>"
    )


def _curve(view: RunView, name: str) -> str:
    """An SVG picture: training and validation over the epochs, or over the batches of the first."""
    x, series = view.curve(name)
    left, right, low, high = extent(series)
    if low > high:
        return ""
    lines, legend = [], []
    for split, colour, points in zip(Split, COLOURS, series):
        if points:
            path = _path(points, (left, right), (low, high))
            lines.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.5"/>')
            legend.append(f'<tspan fill="{colour}">{split.value}</tspan>')
    marks = [
        (0, -8, "start", f"{escape(name)} {' '.join(legend)}"),
        (-4, 10, "end", label(high)),
        (-4, HEIGHT, "end", label(low) if low < high else ""),
        (0, HEIGHT + 16, "start", str(left)),
        (WIDTH / 2, HEIGHT + 16, "middle", x),
        (WIDTH, HEIGHT + 16, "end", str(right) if left < right else ""),
    ]
    text = "".join(f'<text x="{x}" y="{y}" text-anchor="{side}">{words}</text>' for x, y, side, words in marks)
    axes = f'<path d="M0 0V{HEIGHT}H{WIDTH}" fill="none" stroke="currentColor" opacity="0.4"/>'
    size = f'width="{MARGIN + WIDTH + 10}" height="{HEIGHT + 44}"'
    return (
        f'<svg {size} font-family="sans-serif" font-size="11" fill="currentColor">'
        f'<g transform="translate({MARGIN} 20)">{text}{axes}{"".join(lines)}</g></svg>'
    )


def _path(points: dict[int, float], keys: tuple[int, int], values: tuple[float, float]) -> str:
    """Lines through the points, which are few where a pixel holds many; a gap is a jump, a lone point a dot."""
    steps: list[str] = []
    before = None
    for column, first, last, least, largest, gaps in spans(points, keys, values, (WIDTH + 1, HEIGHT + 1)):
        steps.append(f"{'L' if gaps == before else 'M'}{column} {first}")
        if least < largest:
            steps.append(f"V{least}V{largest}V{last}")
        elif gaps != before:
            steps.append("h1")
        before = gaps
    return "".join(steps)
