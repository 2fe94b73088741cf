"""A live display in the terminal, drawn by rich on its own clock."""

from __future__ import annotations

import time
from importlib.util import find_spec
from typing import TYPE_CHECKING

from ...errors import MissingExtraError
from ..event import BatchDone, EpochDone, EpochStarted, Event, FitEnded, FitStarted
from ..metric.base import NumericEntry
from ..metric.format import format_float
from ..metric.history import Split

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.live import Live

__all__ = ["TerminalRenderer"]

REDRAWS = 8  # a second


class TerminalRenderer:
    """The run's progress and time left, and for each metric its value now, and its least and largest epoch.

    A batch only leaves its numbers here; rich's thread comes by for them. What a step prints appears above the display.
    Raises `MissingExtraError` without rich.
    """

    def __init__(self, console: Console | None = None) -> None:
        if find_spec("rich") is None:
            raise MissingExtraError("TerminalRenderer draws with the rich library: pip install rich")
        self._console = console
        self._live: Live | None = None
        self._error: Exception | None = None
        self._batch: BatchDone | None = None
        self._epoch = self._first = self._total = 1
        self._began = time.monotonic()
        self._epochs: dict[tuple[str, Split], list[float]] = {}

    def __call__(self, event: Event) -> None:
        if self._error is not None:
            self._close()
            raise self._error
        match event:
            case BatchDone():
                self._batch = event
            case EpochStarted():
                self._epoch = event.epoch
            case EpochDone():
                for name, value in event.values.items():
                    self._epochs.setdefault((name, event.split), []).append(value)
            case FitStarted():
                self._open(event)
            case FitEnded():
                self._close()

    def _open(self, event: FitStarted) -> None:
        from rich.live import Live

        self._first, self._total, self._began = event.epoch, event.epoch_total, time.monotonic()
        self._live = Live(get_renderable=self._draw, console=self._console, refresh_per_second=REDRAWS)
        self._live.start()

    def _close(self) -> None:
        live, self._live = self._live, None
        if live is not None:
            live.stop()

    def _draw(self) -> RenderableType:
        try:
            return self._display()
        except Exception as error:  # in rich's thread nobody would hear of it: the next event raises it
            self._error = error
            return ""

    def _display(self) -> RenderableType:
        from rich.console import Group
        from rich.progress_bar import ProgressBar
        from rich.table import Table

        batch = self._batch
        done = self._epoch - 1.0
        where = f"Epoch {self._epoch}/{self._total}"
        if batch is not None and batch.metadata.epoch == self._epoch:
            progress = batch.metadata.progress
            if batch.split is Split.Train:
                done += progress.items_processed / max(progress.items_total, 1)
            else:
                done += 1
            where += f"  {batch.split.value} {progress.items_processed}/{progress.items_total} items"
        head = Table.grid(padding=(0, 2))
        head.add_row(where, ProgressBar(total=self._total, completed=done, width=30), self._left(done))
        table = Table(box=None, padding=(0, 2, 0, 0))
        for column in ("Metric", "Split", "Now", "Lowest epoch", "Highest epoch"):
            table.add_column(column, justify="left" if column in ("Metric", "Split") else "right")
        now = {(e.name, batch.split): e for e in batch.entries if isinstance(e, NumericEntry)} if batch else {}
        for name, split in sorted({*self._epochs, *now}, key=lambda key: (key[0], key[1].value)):
            values = self._epochs.get((name, split), [])
            current = now[name, split].metric.running_value() if (name, split) in now else values[-1]
            cells = [current, min(values, default=float("nan")), max(values, default=float("nan"))]
            table.add_row(name, split.value, *(format_float(cell, 3) for cell in cells))
        return Group(head, table)

    def _left(self, done: float) -> str:
        """The time left, judged by the epochs of this run."""
        past = done - (self._first - 1)
        if past <= 0:
            return ""
        seconds = (time.monotonic() - self._began) / past * (self._total - done)
        minutes, seconds = divmod(round(seconds), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{seconds:02} left" if hours else f"{minutes}:{seconds:02} left"
