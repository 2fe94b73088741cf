"""The metrics for programs: a JSON object a line, in one file."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from ...atomic import atomic_write
from ...errors import LearnerError, MetricError
from ..fault import advice, shortened
from ..metric.base import NumericEntry
from ..metric.history import Split

if TYPE_CHECKING:
    from ..event import EpochDone

__all__ = ["JsonLinesMetricLogger"]

KEYS = ("split", "epoch", "iteration")  # of every line, beside the metrics
ORDER = {split.value: place for place, split in enumerate(Split)}
BEGINNING = b'{"split": "'  # of every line


class JsonLinesMetricLogger:
    """Adds a line to `path` after every pass: `{"split": "valid", "epoch": 3, "Loss": 0.647, "Accuracy": 98.2}`.

    The values are the epoch's own, as in the summary; with `batches` there is a line a batch instead, with its
    `iteration`, the values of that batch and the words of text metrics. It is strict JSON, so NaN and infinity are
    null: `pandas.read_json(path, lines=True)` reads it. One logger serves both splits:

    >>> from minigrad.train import LearnerBuilder
    >>> log = JsonLinesMetricLogger("artifacts/circle/metrics.jsonl")
    >>> builder = LearnerBuilder("artifacts/circle").metric_loggers(log, log)

    A file is one run's. A run that resumes removes the lines of the epochs that it does again, one from the start all
    of them; both remove a line that a killed process has left unfinished. Raises `LearnerError` for a file that cannot
    be written or holds something else, `MetricError` for a metric called `split`, `epoch` or `iteration`.
    """

    def __init__(self, path: str | os.PathLike[str], *, batches: bool = False) -> None:
        if not isinstance(path, (str, os.PathLike)):
            raise LearnerError(
                f"JsonLinesMetricLogger({path!r}): it takes the file to write\n"
                '  JsonLinesMetricLogger("artifacts/circle/metrics.jsonl")'
            )
        self.path = os.fspath(path)
        self.batches = batches
        self._reached: tuple[int, int] | None = None  # epoch and split of the last lines

    def log_epoch(self, done: EpochDone) -> None:
        lines = self._batch_lines(done) if self.batches else self._epoch_line(done)
        data = "".join([json.dumps(line, ensure_ascii=False, allow_nan=False) + "\n" for line in lines]).encode()
        if not data:
            return
        position = done.epoch, ORDER[done.split.value]
        try:
            if self._reached is not None and self._reached < position:
                _append(self.path, data)
            else:
                self._go_on(position, data)
        except OSError as error:
            raise LearnerError(
                f"{shortened(self.path)} cannot be written: {error.strerror}\n  {advice(error)}"
            ) from error
        self._reached = position

    @staticmethod
    def _epoch_line(done: EpochDone) -> Iterator[dict[str, Any]]:
        if done.values:
            yield _line(done, {}, {name: _number(value) for name, value in done.values.items()})

    @staticmethod
    def _batch_lines(done: EpochDone) -> Iterator[dict[str, Any]]:
        for iteration, batch in enumerate(zip(*done.entries.values()), 1):
            said = [_number(entry.value) if isinstance(entry, NumericEntry) else entry.serialize for entry in batch]
            yield _line(done, {"iteration": iteration}, dict(zip(done.entries, said)))

    def _go_on(self, position: tuple[int, int], data: bytes) -> None:
        """The first lines of a run, after those of what is done and in place of those of what is done again."""
        try:
            with open(self.path, "rb") as file:
                old = file.read()
        except FileNotFoundError:
            if folder := os.path.dirname(self.path):
                os.makedirs(folder, exist_ok=True)
            old = b""
        *lines, rest = old.split(b"\n")
        kept = [line + b"\n" for number, line in enumerate(lines, 1) if self._position(number, line) < position]
        if rest and not rest.startswith(BEGINNING[: len(rest)]):
            raise self._foreign(len(lines) + 1, rest)
        if rest or len(kept) < len(lines):
            atomic_write(os.path.realpath(self.path), b"".join(kept) + data, sync=False)
        else:
            _append(self.path, data)

    def _position(self, number: int, line: bytes) -> tuple[int, int]:
        try:
            found = json.loads(line)
            return int(found["epoch"]), ORDER[found["split"]]
        except (ValueError, KeyError, TypeError):
            raise self._foreign(number, line) from None

    def _foreign(self, number: int, line: bytes) -> LearnerError:
        return LearnerError(
            f"{shortened(self.path)}, line {number} is not of a JsonLinesMetricLogger: "
            f"{line[:60].decode(errors='replace')!r}\n  nothing was written to it; give the logger a file of its own"
        )


def _line(done: EpochDone, where: dict[str, int], metrics: dict[str, Any]) -> dict[str, Any]:
    if taken := [name for name in KEYS if name in metrics]:
        raise MetricError(
            f"a metric is called {taken[0]}, and so is what every line of JsonLinesMetricLogger begins with\n"
            "  give the metric another name()"
        )
    return {"split": done.split.value, "epoch": done.epoch, **where, **metrics}


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _append(path: str, data: bytes) -> None:
    """Adds `data` to a file, in one write; of a write that fails nothing stays."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        size = os.fstat(file).st_size
        try:
            rest = memoryview(data)
            while rest:  # a write may be short: on a nearly full disk it is
                rest = rest[os.write(file, rest) :]
        except BaseException:
            with suppress(OSError):
                os.ftruncate(file, size)
            raise
    finally:
        os.close(file)
