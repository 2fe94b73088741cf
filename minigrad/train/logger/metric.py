"""The metric logs: `{train|valid}/epoch-N/Name.log`, one line a batch, `value,items`, as Burn writes them."""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from ...atomic import atomic_write
from ...errors import LearnerError, MetricError
from ..metric.base import Metric, MetricEntry, NumericEntry
from ..metric.history import History, Split

if TYPE_CHECKING:
    from ..event import EpochDone

__all__ = [
    "FileMetricLogger",
    "InMemoryMetricLogger",
    "MetricLogger",
    "epochs_logged",
    "is_numeric",
    "log_name",
    "needs_log",
    "needs_two_places",
    "read_entries",
    "read_history",
    "write_logs",
]

Entries = dict[str, list[MetricEntry | NumericEntry]]
LONGEST = 200  # bytes of a metric's name: a file's has 255 on most systems, and atomic_write adds to it


class MetricLogger(Protocol):
    """Gets a whole pass at a time, its split, epoch, entries and values: an epoch cut short is not logged.

    A resumed run logs the epochs again that came after its checkpoint: the later word counts.
    """

    def log_epoch(self, done: EpochDone) -> None: ...


class InMemoryMetricLogger:
    """Keeps what it is given: `logger.epochs[3]["Loss"]` is the list of entries of epoch 3."""

    def __init__(self) -> None:
        self.epochs: dict[int, Entries] = {}

    def log_epoch(self, done: EpochDone) -> None:
        self.epochs[done.epoch] = done.entries


class FileMetricLogger:
    """Writes `directory/epoch-N/Name.log`; each file is there whole or not at all.

    Not synced to the disk: after a power failure a log may be missing, but never a checkpoint.
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        self.directory = os.fspath(directory)

    def log_epoch(self, done: EpochDone) -> None:
        if not done.entries:
            return
        folder = os.path.join(self.directory, f"epoch-{done.epoch}")
        try:
            os.mkdir(folder)
        except FileNotFoundError:
            os.makedirs(folder)
        except FileExistsError:
            pass
        write_logs(folder, done.entries)


def write_logs(folder: str, entries: Entries) -> None:
    """Writes `folder/Name.log` for each metric."""
    for name, column in entries.items():
        atomic_write(os.path.join(folder, log_name(name)), _lines(column).encode(), sync=False)


def _lines(column: list[MetricEntry | NumericEntry]) -> str:
    """The entries of one metric, `entry.serialize` a line: of numbers that are short as they are, all at once."""
    if {*map(type, column)} == {NumericEntry}:
        text = "".join([f"{value!r},{items}\n" for _, value, items in column])
        if "e" not in text and "n" not in text:  # no exponent, no NaN, no infinity
            return text.replace(".0,", ",")
    return "".join([entry.serialize + "\n" for entry in column])


@functools.cache
def log_name(metric: str) -> str:
    """The file's name for a metric's.

    >>> log_name("Top-K Accuracy @ TopK(3)")
    'Top-K_Accuracy_@_TopK(3).log'
    """
    return re.sub(r"[ /\\]", "_", metric) + ".log"


def needs_two_places(train: object, valid: object) -> None:
    """Raises `LearnerError` for loggers of the two splits of which one would write over what the other has written."""
    if isinstance(train, FileMetricLogger) and isinstance(valid, FileMetricLogger):
        same, example = os.path.abspath(train.directory) == os.path.abspath(valid.directory), '("runs/{}")'
    else:
        same, example = train is valid and isinstance(train, InMemoryMetricLogger), "()"
    if same:
        name = type(train).__name__
        one, other = (f"{name}{example.format(split.value)}" for split in Split)
        raise LearnerError(
            f"metric_loggers: in one {name} validation would be logged over training\n  metric_loggers({one}, {other})"
        )


def needs_log(method: str, measured: str, metric: Metric, others: Iterable[Metric]) -> None:
    """Raises `MetricError` for a metric whose log has no file of its own beside those of the `others`."""
    name: object = metric.name()
    if not isinstance(name, str) or not name or not name.isprintable() or len(name.encode()) > LONGEST:
        raise MetricError(
            f"{method}: name() of {type(metric).__name__} is {name!r:.80}, and its log needs a file of that name\n"
            f"  return printable text of at most {LONGEST} bytes, such as 'Largest output'"
        )
    for other in others:
        if other.name() == name:
            raise MetricError(
                f"{method}: {measured.format(name)} already, and its log would be written twice\n"
                "  leave one out, or give a metric of your own another name()"
            )
        if log_name(other.name()).casefold() == log_name(name).casefold():  # one file to macOS and Windows
            raise MetricError(
                f"{method}: {name!r} and {other.name()!r} would both be logged to {log_name(name)}\n"
                "  give one of them another name()"
            )


def epochs_logged(directory: str | os.PathLike[str]) -> list[int]:
    """The epochs that have a folder in `train` or `valid`, in order."""
    if not os.path.isdir(directory):
        return []
    with os.scandir(directory) as entries:
        found = [re.fullmatch(r"epoch-([1-9]\d*)", entry.name) for entry in entries if entry.is_dir()]
    return sorted(int(match[1]) for match in found if match)


def read_history(root: str | os.PathLike[str], metrics: list[str], noted: History | None = None) -> History:
    """The history of `metrics` as the logs under `root` tell it, Burn's as well as ours: batches weigh by their items.

    What is `noted` is taken as it is. Raises `MetricError` for a line that is not `value` or `value,items`.
    """
    values: dict[Split, dict[str, dict[int, float]]] = {split: {} for split in Split}
    for split in Split:
        folders = {epoch: Path(root, split.value, f"epoch-{epoch}") for epoch in epochs_logged(Path(root, split.value))}
        for name in metrics:
            series = dict(noted.values[split].get(name, {})) if noted else {}
            logs = {epoch: folder / log_name(name) for epoch, folder in folders.items() if epoch not in series}
            series |= {epoch: _mean(read_entries(log)) for epoch, log in logs.items() if log.is_file()}
            if series:
                values[split][name] = dict(sorted(series.items()))
    return History(values)


def read_entries(log: Path) -> list[tuple[float, float]]:
    """Value and items of every batch in the log of a numeric metric. Raises `MetricError`."""
    entries = [(number, line, _entry(line)) for number, line in enumerate(_text(log).splitlines(), 1)]
    for number, line, entry in entries:
        if entry is None:
            raise MetricError(f"{log}, line {number}: {line!r} is no entry of a numeric metric (value,items)")
    return [entry for _, _, entry in entries if entry is not None]


def is_numeric(log: Path) -> bool | None:
    """Whether a log's first line is of a numeric metric; None for a log without a line."""
    first = next(iter(_text(log).splitlines()), None)
    return None if first is None else _entry(first) is not None


def _text(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")  # a damaged log is not read as another one


def _entry(line: str) -> tuple[float, float] | None:
    try:
        value, items = [float(part) for part in (line if "," in line else line + ",1").split(",")]
    except ValueError:
        return None
    return value, items


def _mean(entries: list[tuple[float, float]]) -> float:
    count = sum(items for _, items in entries)
    return sum(value * items for value, items in entries if items) / count if count else float("nan")
