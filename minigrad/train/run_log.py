"""What a folder of artifacts tells of a run, Burn's folder as well as ours."""

from __future__ import annotations

import os
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ..errors import CheckpointError, LearnerError, MetricError
from ..record import DefaultRecorder
from .checkpoint.file import FileCheckpointer
from .fault import reading, shortened
from .logger.metric import epochs_logged, is_numeric, log_name, read_entries, read_history
from .metric.history import History, Split

__all__ = ["RunLog", "read_run"]


@dataclass(frozen=True)
class RunLog:
    """`history` has the values of the numeric metrics, of which `words` are the others; `epochs` is the last one's
    number, `model` its display tree, empty where no checkpoint tells it."""

    root: Path
    history: History
    epochs: int
    model: str
    words: list[str]

    @property
    def names(self) -> list[str]:
        """The numeric metrics of both splits, each once."""
        return list(dict.fromkeys(name for split in Split for name in self.history.values[split]))

    def batches(self, split: Split, metric: str) -> list[float]:
        """The values of the batches of the last epoch that has a log of `metric`; empty when none has."""
        for epoch in reversed(epochs_logged(self.root / split.value)):
            path = self.root / split.value / f"epoch-{epoch}" / log_name(metric)
            if path.is_file():
                return [value for value, _ in read_entries(path)]
        return []


def read_run(
    directory: str | os.PathLike[str], metrics: Iterable[str] | None = None, passing_over: bool = False
) -> RunLog:
    """The run in a folder, with these metrics or with all that it logged.

    An epoch's values are those that the newest checkpoint has noted, or else the means of the batches in the logs; the
    two differ for a metric that is no mean over batches, such as AUROC. Raises `LearnerError` for a folder without
    metric logs and `MetricError` for a damaged one; also for a metric that is not in it, and for one of words, unless
    `passing_over` these.
    """
    root = Path(directory)
    if not os.path.isdir(root):
        file = f"{shortened(root)} is a file" if os.path.exists(root) else ""
        raise LearnerError(
            f"{file or f'there is no artifact folder {shortened(root)}'}\n"
            "  give the folder that LearnerBuilder was given"
        )
    with reading("artifact folder", root, LearnerError):
        return _read(root, metrics, passing_over)


def _read(root: Path, metrics: Iterable[str] | None, passing_over: bool) -> RunLog:
    noted, model = _checkpoint(root)
    names = {log_name(name): name for split in Split for name in noted.values[split]}  # as they are called
    logged, epochs = _logged(root)
    numeric = logged | dict.fromkeys(names, True)
    for file in sorted(numeric, key=lambda file: (file != log_name("Loss"), file)):
        names.setdefault(file, file.removesuffix(".log").replace("_", " "))
    epochs |= {epoch for split in Split for series in noted.values[split].values() for epoch in series}
    if not epochs:
        raise LearnerError(f"artifact folder {shortened(root)} has no metric logs: no train/epoch-1, no valid/epoch-1")
    words = [name for file, name in names.items() if not numeric[file]]
    if metrics is None:
        wanted = [name for file, name in names.items() if numeric[file]]
    else:
        given = [metrics] if isinstance(metrics, str) else metrics
        if passing_over:
            given = [metric for metric in given if numeric.get(log_name(metric))]
        wanted = [_found(root, metric, names, words) for metric in given]
    return RunLog(root, read_history(root, wanted, noted), max(epochs), model, words)


def _checkpoint(root: Path) -> tuple[History, str]:
    """What the newest checkpoint says of all epochs up to its own, and of the model."""
    checkpointer = FileCheckpointer(DefaultRecorder(), root / "checkpoint")
    with suppress(CheckpointError):  # damaged, or of a newer version: then the logs have to do
        if state := checkpointer.newest_state():
            return History.from_record(state["history"]), state["model"]
    return History(), ""


def _logged(root: Path) -> tuple[dict[str, bool], set[int]]:
    """The files of the metrics, and whether their first line is a number's; the epochs that have any."""
    found: dict[str, bool] = {}
    epochs = set()
    os.listdir(root)  # raises for a folder that may not be read: `train` would seem not to be there
    for split in Split:
        for epoch in epochs_logged(root / split.value):
            for path in (root / split.value / f"epoch-{epoch}").iterdir():
                if path.suffix == ".log" and path.is_file():
                    epochs.add(epoch)
                    if path.name not in found and (kind := is_numeric(path)) is not None:
                        found[path.name] = kind
    return found, epochs


def _found(root: Path, metric: str, names: dict[str, str], words: list[str]) -> str:
    name = names.get(log_name(metric))
    if name is None:
        others = ", ".join(name for name in names.values() if name not in words) or "none with numbers"
        raise MetricError(f"artifact folder {shortened(root)} has no metric {metric!r}\n  it has {others}")
    if name in words:
        raise MetricError(f"{name} is a metric of words, and has no value in an epoch")
    return name
