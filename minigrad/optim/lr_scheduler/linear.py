"""The linear schedule: from one rate to another in a straight line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..checks import integers, numbers
from .base import LrSchedulerConfig
from .record import count_in

__all__ = ["LinearLrScheduler", "LinearLrSchedulerConfig"]


class LinearLrSchedulerConfig(LrSchedulerConfig):
    """From `initial_lr` at the first iteration to `final_lr` after `num_iters` more, which then stays.

    Raises `ConfigError` unless `initial_lr` is in (0, 1], `final_lr` in [0, 1] and `num_iters` at least 1.

    >>> scheduler = LinearLrSchedulerConfig(1.0, 0.5, num_iters=2).init()
    >>> [scheduler.step() for _ in range(4)]
    [1.0, 0.75, 0.5, 0.5]
    """

    initial_lr: float
    final_lr: float
    num_iters: int

    def __post_init__(self) -> None:
        numbers(self, initial_lr="(0, 1]", final_lr="[0, 1]")
        integers(self, num_iters=1)

    def init(self) -> LinearLrScheduler:
        return LinearLrScheduler(self, self.num_iters + 1)


@dataclass
class LinearLrScheduler:
    """Its record is the number of iterations that are left, `num_iters + 1` before the first, as Burn's."""

    config: LinearLrSchedulerConfig
    remaining_iters: int

    def step(self) -> float:
        config = self.config
        self.remaining_iters = max(self.remaining_iters - 1, 0)
        slope = (config.final_lr - config.initial_lr) / config.num_iters
        return config.final_lr - slope * self.remaining_iters

    def to_record(self) -> int:
        return self.remaining_iters

    def load_record(self, record: Any) -> LinearLrScheduler:
        return replace(self, remaining_iters=count_in(self, record, 0, self.config.num_iters + 1))
