"""What a LearnerBuilder has been told, and what follows from it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from ..backend import Device
from ..errors import LearnerError
from ..record import DefaultRecorder, Recorder
from .checkpoint.file import FileCheckpointer
from .checkpoint.strategy import CheckpointingStrategy, LeastLoss, MetricCheckpointingStrategy, default_strategy, parts
from .early_stopping import EarlyStoppingStrategy, MetricEarlyStoppingStrategy
from .interrupter import TrainingInterrupter
from .logger.metric import MetricLogger
from .metric.base import Metric
from .metric.history import Split
from .renderer import Renderer

__all__ = ["NEWEST", "Settings"]

NEWEST = 0  # in `resume_from`: no epoch has this number


@dataclass(frozen=True)
class Settings:
    """The fields of a builder. `numeric` names the metrics that are summarised; empty `loggers` mean files."""

    root: Path
    num_epochs: int = 1
    metrics: dict[Split, tuple[Metric, ...]] = field(default_factory=lambda: dict.fromkeys(Split, ()))
    numeric: dict[Split, tuple[str, ...]] = field(default_factory=lambda: dict.fromkeys(Split, ()))
    loggers: dict[Split, tuple[MetricLogger, ...]] = field(default_factory=lambda: dict.fromkeys(Split, ()))
    recorder: Recorder | None = None
    strategy: CheckpointingStrategy = field(default_factory=default_strategy)
    early_stopping: EarlyStoppingStrategy | None = None
    accumulation: int = 1
    devices: tuple[Device, ...] | None = None
    resume_from: int | None = None
    renderer: Renderer | None = None
    diary: logging.Handler | None = None
    interrupter: TrainingInterrupter = field(default_factory=TrainingInterrupter)
    non_finite_allowed: bool = False
    summary: bool = False

    @property
    def names(self) -> list[str]:
        """The numeric metrics of both splits, each once, in the order of their registration."""
        return list(dict.fromkeys(name for split in Split for name in self.numeric[split]))

    @property
    def checkpointer(self) -> FileCheckpointer:
        """The folder of the checkpoints; without `with_file_checkpointer` it is looked after, but nothing is saved."""
        return FileCheckpointer(self.recorder or DefaultRecorder(), self.root / "checkpoint")

    def watched(self) -> list[tuple[str, str, Split]]:
        """The metrics that decide something: the builder's method that says so, the metric, and its split."""
        deciding: list[tuple[str, object]] = [("early_stopping", self.early_stopping)]
        deciding += [("with_checkpointing_strategy", part) for part in parts(self.strategy)]
        return [
            (method, strategy.metric, strategy.split)
            for method, strategy in deciding
            if isinstance(strategy, (MetricEarlyStoppingStrategy, MetricCheckpointingStrategy))
            and not isinstance(strategy, LeastLoss)  # which makes do without
        ]

    def check_watched(self) -> None:
        """Raises `LearnerError` for a decision by a metric that nobody measures."""
        for method, metric, split in self.watched():
            if metric not in self.numeric[split]:
                measured = ", ".join(self.numeric[split]) or "nothing"
                raise LearnerError(
                    f"build: {method} watches {metric} of {split.value}, where {measured} is measured\n"
                    f"  give the same metric to metric_{split.value}_numeric(...)"
                )

    def check_without_validation(self) -> None:
        """Raises `LearnerError` for a decision by a metric of validation."""
        for method, metric, split in self.watched():
            if split is Split.Valid:
                raise LearnerError(
                    f"fit: {method} watches {metric} of valid, and there is no validation loader\n"
                    "  fit(train_loader, valid_loader), or watch Split.Train"
                )
