"""What a LearnerBuilder has been told, and what follows from it."""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from pathlib import Path

from ..backend import Device
from ..record import DefaultRecorder, Recorder
from .checkpoint.file import FileCheckpointer
from .checkpoint.strategy import CheckpointingStrategy, default_strategy
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
