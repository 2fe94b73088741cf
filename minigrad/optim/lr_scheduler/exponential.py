"""The exponential schedule: each rate is the last one times a constant."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..checks import numbers
from .base import LrSchedulerConfig
from .record import refuse

__all__ = ["ExponentialLrScheduler", "ExponentialLrSchedulerConfig"]


class ExponentialLrSchedulerConfig(LrSchedulerConfig):
    """`initial_lr * gamma**n` at iteration n, from 0. Raises `ConfigError` unless both are in (0, 1].

    >>> scheduler = ExponentialLrSchedulerConfig(1.0, gamma=0.5).init()
    >>> [scheduler.step() for _ in range(3)]
    [1.0, 0.5, 0.25]
    """

    initial_lr: float
    gamma: float

    def __post_init__(self) -> None:
        numbers(self, initial_lr="(0, 1]", gamma="(0, 1]")

    def init(self) -> ExponentialLrScheduler:
        return ExponentialLrScheduler(self, self.initial_lr / self.gamma)


@dataclass
class ExponentialLrScheduler:
    """Its record is the last rate, `initial_lr / gamma` before the first, as Burn's."""

    config: ExponentialLrSchedulerConfig
    previous_lr: float

    def step(self) -> float:
        self.previous_lr *= self.config.gamma
        return self.previous_lr

    def to_record(self) -> float:
        return self.previous_lr

    def load_record(self, record: Any) -> ExponentialLrScheduler:
        most = self.config.initial_lr / self.config.gamma
        if type(record) is not float or not 0 <= record <= most:
            refuse(self, record, f"a float from 0 to {most}")
        return replace(self, previous_lr=record)
