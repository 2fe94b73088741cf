"""Cosine annealing with restarts (Loshchilov and Hutter, 2017)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, pi
from typing import Any

from ..checks import integers, numbers
from .base import LrSchedulerConfig
from .record import count_in

__all__ = ["CosineAnnealingLrScheduler", "CosineAnnealingLrSchedulerConfig"]

BEFORE_THE_FIRST = 2**64 - 1  # how Burn records it: its count wraps to 0


class CosineAnnealingLrSchedulerConfig(LrSchedulerConfig):
    """From `initial_lr` at the first iteration down half a cosine to `min_lr` after `num_iters` more; then anew.

    It restarts, as in Burn 0.17: the iteration after `min_lr` has `initial_lr` again. So for one descent over a whole
    run `num_iters` is the number of iterations. Raises `ConfigError` unless `initial_lr` is in (0, 1], `min_lr` in [0,
    `initial_lr`] and `num_iters` at least 1.

    >>> scheduler = CosineAnnealingLrSchedulerConfig(0.5, num_iters=2).init()
    >>> [scheduler.step() for _ in range(4)]
    [0.5, 0.25, 0.0, 0.5]
    """

    initial_lr: float
    num_iters: int
    min_lr: float = 0.0

    def __post_init__(self) -> None:
        numbers(self, initial_lr="(0, 1]")
        numbers(self, min_lr=f"[0, {self.initial_lr}]")
        integers(self, num_iters=1)

    def init(self) -> CosineAnnealingLrScheduler:
        return CosineAnnealingLrScheduler(self, -1)


@dataclass
class CosineAnnealingLrScheduler:
    """Its record is the number of the last iteration since a restart, from 0, and 2**64 - 1 before the first."""

    config: CosineAnnealingLrSchedulerConfig
    current_iter: int

    def step(self) -> float:
        config = self.config
        self.current_iter = (self.current_iter + 1) % (config.num_iters + 1)
        half = 0.5 * (config.initial_lr - config.min_lr)
        return config.min_lr + half * (1.0 + cos(self.current_iter / config.num_iters * pi))

    def to_record(self) -> int:
        return self.current_iter if self.current_iter >= 0 else BEFORE_THE_FIRST

    def load_record(self, record: Any) -> CosineAnnealingLrScheduler:
        if record == BEFORE_THE_FIRST:
            return replace(self, current_iter=-1)
        return replace(self, current_iter=count_in(self, record, 0, self.config.num_iters))
