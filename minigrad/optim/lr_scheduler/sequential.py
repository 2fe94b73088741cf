"""Schedules one after another."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from typing import Any

from ...errors import ConfigError
from ...nn.checks import integer
from .base import LrScheduler, LrSchedulerConfig, rate_or_config, scheduler_of
from .record import count_in, parts_in, record_of_parts, refuse

__all__ = ["SequentialLrScheduler", "SequentialLrSchedulerConfig"]


class SequentialLrSchedulerConfig(LrSchedulerConfig):
    """`[(config, steps), ..., (config, None)]`: each scheduler for its number of iterations, the last to the end.

    Each begins with its own first rate; a number stands for a constant one. Raises `ConfigError`.

    >>> from minigrad.optim.lr_scheduler import ExponentialLrSchedulerConfig
    >>> scheduler = SequentialLrSchedulerConfig([(0.25, 2), (ExponentialLrSchedulerConfig(1.0, 0.5), None)]).init()
    >>> [scheduler.step() for _ in range(5)]
    [0.25, 0.25, 1.0, 0.5, 0.25]
    """

    schedulers: Sequence[tuple[float | LrSchedulerConfig, int | None]]

    def __post_init__(self) -> None:
        owner, given = type(self).__name__, self.schedulers
        pairs = isinstance(given, (list, tuple)) and all(isinstance(p, (list, tuple)) and len(p) == 2 for p in given)
        if not pairs or not given:
            raise ConfigError(
                f"{owner}: schedulers is {given!r}, and must be a list of pairs: [(config, steps), ..., (config, None)]"
            )
        *first, last = given
        if last[1] is not None:
            raise ConfigError(
                f"{owner}: the last scheduler has {last[1]!r} steps, and must have None: it goes on to the end"
            )
        steps = [integer(owner, f"the number of steps of schedulers[{i}]", n) for i, (_, n) in enumerate(first)]
        rates = [rate_or_config(owner, f"schedulers[{i}]", each) for i, (each, _) in enumerate(given)]
        object.__setattr__(self, "schedulers", tuple(zip(rates, [*steps, None], strict=True)))

    def init(self) -> SequentialLrScheduler:
        return SequentialLrScheduler(self, [scheduler_of(each) for each, _ in self.schedulers])


@dataclass
class SequentialLrScheduler:
    """Its record is the number of iterations made, and the records of the schedulers."""

    config: SequentialLrSchedulerConfig
    schedulers: list[LrScheduler]
    iteration: int = 0

    def __post_init__(self) -> None:
        self._ends = list(accumulate(steps for _, steps in self.config.schedulers if steps is not None))

    def step(self) -> float:
        present = self.schedulers[bisect_right(self._ends, self.iteration)]
        self.iteration += 1
        return present.step()

    def to_record(self) -> dict[str, Any]:
        return {"step": self.iteration, "schedulers": record_of_parts(self.schedulers)}

    def load_record(self, record: Any) -> SequentialLrScheduler:
        if not isinstance(record, dict) or record.keys() != {"step", "schedulers"}:
            refuse(self, record, "{'step': ..., 'schedulers': [...]}")
        return replace(
            self,
            schedulers=parts_in(self, self.schedulers, record["schedulers"]),
            iteration=count_in(self, record["step"]),
        )
