"""The schedule of "Attention Is All You Need" (Vaswani et al., 2017)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt
from typing import Any

from ..checks import integers, numbers
from .base import LrSchedulerConfig
from .record import count_in

__all__ = ["NoamLrScheduler", "NoamLrSchedulerConfig"]


class NoamLrSchedulerConfig(LrSchedulerConfig):
    """Up in a straight line for `warmup_steps`, then down as one over the root of the iteration's number.

    `init_lr / sqrt(model_size) * min(1 / sqrt(s), s / warmup_steps**1.5)` at iteration s, from 1: `init_lr` is a factor
    of about 1, no rate. Raises `ConfigError` unless it is > 0, and the others are at least 1.

    >>> scheduler = NoamLrSchedulerConfig(1.0, warmup_steps=4, model_size=16).init()
    >>> [round(scheduler.step(), 4) for _ in range(6)]
    [0.0312, 0.0625, 0.0938, 0.125, 0.1118, 0.1021]
    """

    init_lr: float
    warmup_steps: int = 4000
    model_size: int = 512

    def __post_init__(self) -> None:
        numbers(self, init_lr="(0, inf)")
        integers(self, warmup_steps=1, model_size=1)

    def init(self) -> NoamLrScheduler:
        return NoamLrScheduler(self, 0)


@dataclass
class NoamLrScheduler:
    """Its record is the number of iterations made, as Burn's."""

    config: NoamLrSchedulerConfig
    iteration: int

    def step(self) -> float:
        config = self.config
        self.iteration += 1
        n, top = self.iteration, config.warmup_steps
        shape = min(1 / sqrt(n), n / (top * sqrt(top)))
        return config.init_lr / sqrt(config.model_size) * shape

    def to_record(self) -> int:
        return self.iteration

    def load_record(self, record: Any) -> NoamLrScheduler:
        return replace(self, iteration=count_in(self, record))
