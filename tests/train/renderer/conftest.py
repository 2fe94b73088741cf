"""A terminal's window, and a run whose events and clock are made by hand."""

from __future__ import annotations

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from minigrad.data.dataloader import Progress
from minigrad.train.event import BatchDone, EpochDone, EpochStarted, FitEnded, FitStarted, StateReady
from minigrad.train.interrupter import TrainingInterrupter
from minigrad.train.metric import History, LossMetric, MetricEntry, MetricMetadata, NumericEntry, NumericMetric, Split
from minigrad.train.renderer.view import RunView


class Window:
    """What is to be seen of what was written: the control codes that a display may use, and no others."""

    def __init__(self, columns: int = 80, rows: int = 24) -> None:
        self.columns, self.rows = columns, rows
        self.lines: list[str] = [""]  # all, also those that have left the window at its top
        self.row = self.column = 0
        self.cursor = True
        self.colours: set[str] = set()

    def write(self, text: str) -> int:
        for piece in re.findall(r"\x1b\[[\d;?]*[A-Za-z]|[\x00-\x1f]|[^\x00-\x1f]", text):
            if piece[0] == "\x1b":
                self._control(piece[2:-1], piece[-1])
            elif piece == "\r":
                self.column = 0
            elif piece == "\n":
                self.row, self.column = self.row + 1, 0
            else:
                assert piece >= " ", repr(piece)
                if self.column == self.columns:
                    self.row, self.column = self.row + 1, 0
                self._line()
                line = f"{self.lines[self.row]:<{self.column}}"
                self.lines[self.row] = line[: self.column] + piece + line[self.column + 1 :]
                self.column += 1
            self._line()
        return len(text)

    def _line(self) -> None:
        self.lines += [""] * (self.row + 1 - len(self.lines))

    def _control(self, number: str, letter: str) -> None:
        if letter == "A":
            self.row = max(self.row - int(number), len(self.lines) - self.rows, 0)
        elif letter in "KJ":
            assert number == ""
            self.lines[self.row] = self.lines[self.row][: self.column]
            if letter == "J":
                del self.lines[self.row + 1 :]
        elif number == "?25":
            self.cursor = letter == "h"
        else:
            assert letter == "m", letter
            self.colours.add(number)

    def flush(self) -> None:
        pass

    def isatty(self) -> bool:
        return True

    encoding = "utf-8"

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self.lines)


@pytest.fixture(scope="session")
def window() -> type[Window]:
    return Window


class Run:
    """Tells a view of a run, step by step; `time` is what its clock says."""

    def __init__(self, epochs: int = 10, first: int = 1, history: History | None = None) -> None:
        self.time = 0.0
        self.epochs, self.epoch, self.items, self.iteration = epochs, first, 0, 0
        self.split = Split.Train
        self.metrics: dict[Split, list[NumericMetric]] = {split: [LossMetric()] for split in Split}
        self.texts: list[MetricEntry] = []
        self.interrupter = TrainingInterrupter()
        self.asked: list[Callable[[BatchDone], object]] = []
        self.history = history or History()
        self.started = FitStarted(first, epochs, self.interrupter, self.history, self.asked.append)
        self.view = RunView(self.started, lambda: self.time)

    def begin(self, split: Split, items_total: int = 100) -> Run:
        self.split, self.items, self.items_total, self.iteration = split, 0, items_total, 0
        for metric in self.metrics[split]:
            metric.clear()
        self.view.hear(EpochStarted(split, self.epoch, self.epochs, items_total))
        return self

    def batch(self, value: float, items: int = 50, seconds: float = 0.0) -> Run:
        """One batch, which the view looks at."""
        self.time += seconds
        self.items += items
        self.iteration += 1
        progress = Progress(self.items, self.items_total)
        lr = 0.02 if self.split is Split.Train else None
        metadata = MetricMetadata(progress, self.epoch, self.epochs, self.iteration, lr, items)
        self.entries: list[Any] = [metric.record(value, items) for metric in self.metrics[self.split]] + self.texts
        look = self.asked.pop() if self.asked else self.view._look
        look(BatchDone(self.split, metadata, self.entries))
        return self

    def done(self) -> Run:
        entries = {entry.name: [entry] for entry in self.entries}
        values = {e.name: e.metric.running_value() for e in self.entries if isinstance(e, NumericEntry)}
        self.history = self.history.with_epoch(self.split, self.epoch, values)
        self.view.hear(EpochDone(self.split, self.epoch, self.epochs, self.iteration, entries, values, 0.0))
        return self

    def ready(self) -> Run:
        state: Any = SimpleNamespace(epoch=self.epoch, history=self.history)
        self.view.hear(StateReady(state))
        self.epoch += 1
        return self

    def whole_epoch(self, train: float, valid: float, seconds: float = 1.0) -> Run:
        self.begin(Split.Train).batch(train).batch(train, seconds=0.75 * seconds).done()
        return self.begin(Split.Valid).batch(valid, 100, seconds=0.25 * seconds).done().ready()

    def end(self, finished: bool = True) -> Run:
        self.view.hear(FitEnded(self.epoch - 1, finished))
        return self


@pytest.fixture(scope="session")
def run() -> type[Run]:
    return Run
