"""Warm-up: up to a scheduler's first rate in a straight line."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from ..checks import integers, numbers
from .base import LrScheduler, LrSchedulerConfig, rate_or_config, scheduler_of
from .record import count_in, parts_in, record_of_parts, refuse

__all__ = ["WarmupLrScheduler", "WarmupLrSchedulerConfig"]


class WarmupLrSchedulerConfig(LrSchedulerConfig):
    """From `start` in a straight line for `steps` iterations, then `scheduler` (or a number) from its first rate on.

    `start` is by default the first of `steps` equal rises from, but not at, 0. Raises `ConfigError`.

    >>> from minigrad.optim.lr_scheduler import CosineAnnealingLrSchedulerConfig
    >>> scheduler = WarmupLrSchedulerConfig(CosineAnnealingLrSchedulerConfig(0.5, num_iters=2), steps=3).init()
    >>> [scheduler.step() for _ in range(6)]
    [0.125, 0.25, 0.375, 0.5, 0.25, 0.0]
    """

    scheduler: float | LrSchedulerConfig
    steps: int
    start: float | None = None

    def __post_init__(self) -> None:
        rate = rate_or_config(type(self).__name__, "scheduler", self.scheduler)
        object.__setattr__(self, "scheduler", rate)
        integers(self, steps=1)
        if self.start is not None:
            numbers(self, start="[0, inf)")

    def init(self) -> WarmupLrScheduler:
        peak = scheduler_of(self.scheduler).step()
        start = peak / (self.steps + 1) if self.start is None else self.start
        return WarmupLrScheduler(self, scheduler_of(self.scheduler), start, (peak - start) / self.steps)


@dataclass
class WarmupLrScheduler:
    """Its record is the number of iterations made, and the record of the scheduler."""

    config: WarmupLrSchedulerConfig
    scheduler: LrScheduler
    start: float
    slope: float
    iteration: int = 0

    def step(self) -> float:
        self.iteration += 1
        if self.iteration > self.config.steps:
            return self.scheduler.step()
        return self.start + self.slope * (self.iteration - 1)

    def to_record(self) -> dict[str, Any]:
        return {"step": self.iteration, "schedulers": record_of_parts([self.scheduler])}

    def load_record(self, record: Any) -> WarmupLrScheduler:
        if not isinstance(record, dict) or record.keys() != {"step", "schedulers"}:
            refuse(self, record, "{'step': ..., 'schedulers': [...]}")
        [scheduler] = parts_in(self, [self.scheduler], record["schedulers"])
        return replace(self, scheduler=scheduler, iteration=count_in(self, record["step"]))
