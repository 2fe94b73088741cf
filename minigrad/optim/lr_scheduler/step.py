"""The step schedule: a rate that changes after every so many iterations."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..checks import integers, numbers
from .base import LrSchedulerConfig
from .record import count_in

__all__ = ["StepLrScheduler", "StepLrSchedulerConfig"]


class StepLrSchedulerConfig(LrSchedulerConfig):
    """`initial_lr` for `step_size` iterations, `gamma` times that for the next `step_size`, and so on.

    A `gamma` above 1 lets it grow. Raises `ConfigError` unless `initial_lr` is >= 0, `step_size` at least 1 and `gamma`
    > 0.

    >>> scheduler = StepLrSchedulerConfig(1.0, step_size=2, gamma=0.5).init()
    >>> [scheduler.step() for _ in range(5)]
    [1.0, 1.0, 0.5, 0.5, 0.25]
    """

    initial_lr: float
    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        numbers(self, initial_lr="[0, inf)", gamma="(0, inf)")
        integers(self, step_size=1)

    def init(self) -> StepLrScheduler:
        return StepLrScheduler(self, -1)


@dataclass
class StepLrScheduler:
    """Its record is the number of the last iteration, from 0, and -1 before the first, as Burn's."""

    config: StepLrSchedulerConfig
    iter_idx: int

    def step(self) -> float:
        self.iter_idx += 1
        return self.config.initial_lr * self.config.gamma ** (self.iter_idx // self.config.step_size)

    def to_record(self) -> int:
        return self.iter_idx

    def load_record(self, record: Any) -> StepLrScheduler:
        return replace(self, iter_idx=count_in(self, record, -1))
