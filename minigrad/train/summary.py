"""The table at the end: each metric's least and largest value of an epoch, and when."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable
from dataclasses import dataclass

from .metric.format import format_float
from .metric.history import History, Split
from .run_log import read_run

__all__ = ["LearnerSummary", "MetricSummary"]

CELL = 9  # the width of a number's column, without its leading space


@dataclass(frozen=True)
class MetricSummary:
    """A metric's value in every epoch that has one; its least and its largest, the first and the last of equals."""

    name: str
    values: dict[int, float]

    @property
    def lowest(self) -> tuple[int, float]:
        """Epoch and value; NaN counts as larger than anything, as in Burn."""
        return min(self.values.items(), key=lambda entry: _order(entry[1]))

    @property
    def highest(self) -> tuple[int, float]:
        """Epoch and value."""
        return max(reversed(self.values.items()), key=lambda entry: _order(entry[1]))


class LearnerSummary:
    """What a folder of artifacts says of `metrics`, of all that it has unless told; Burn's as well. `print` it.

    `epochs` is the number of the last epoch, `train` and `valid` are lists of `MetricSummary`. A metric that has no
    numbers in the folder is passed over, as in Burn. Raises `LearnerError` for a folder without metric logs.
    """

    def __init__(self, directory: str | os.PathLike[str], metrics: Iterable[str] | None = None) -> None:
        run = read_run(directory, metrics, passing_over=True)
        self._fill(run.history, run.names, run.epochs, run.model)

    @classmethod
    def of_run(cls, history: History, metrics: Iterable[str], epochs: int, model: str) -> LearnerSummary:
        """The summary of a run that has just ended, from its own memory."""
        summary = cls.__new__(cls)
        summary._fill(history, list(dict.fromkeys(metrics)), epochs, model)
        return summary

    def _fill(self, history: History, names: list[str], epochs: int, model: str) -> None:
        self.epochs = epochs
        self.model = model
        self.train, self.valid = (
            [MetricSummary(name, history.values[split][name]) for name in names if history.values[split].get(name)]
            for split in Split
        )

    def __str__(self) -> str:
        rows = [("Train", metric) for metric in self.train] + [("Valid", metric) for metric in self.valid]
        width = max([len("Metric"), *(len(metric.name) for _, metric in rows)])
        line = f"| {{:<5}} | {{:<{width}}} | " + " | ".join([f"{{:<{CELL - 1}}}"] * 4) + " |"
        table = [line.format("Split", "Metric", "Min.", "Epoch", "Max.", "Epoch")]
        table.append("|".join(["", "-" * 7, "-" * (width + 2), *["-" * (CELL + 1)] * 4, ""]))
        for split, metric in rows:
            (low_epoch, low), (high_epoch, high) = metric.lowest, metric.highest
            cells = format_float(low, 3), low_epoch, format_float(high, 3), high_epoch
            table.append(line.format(split, metric.name, *cells))
        model = ["Model:", self.model] if self.model else []
        head = [f"{'=' * 24} Learner Summary {'=' * 24}", *model, f"Total Epochs: {self.epochs}", "", ""]
        return "\n".join([*head, *table, ""])


def _order(value: float) -> float:
    return math.inf if math.isnan(value) else value
