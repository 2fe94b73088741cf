"""Several schedules at once, whose rates make one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Any, ClassVar

from ...config import Variant
from ...errors import ConfigError
from .base import LrScheduler, LrSchedulerConfig, rate_or_config, scheduler_of
from .record import parts_in, record_of_parts, refuse

__all__ = ["ComposedLrScheduler", "ComposedLrSchedulerConfig", "SchedulerReduction"]


class SchedulerReduction(Variant):
    """How rates make one: `Avg`, `Sum` or `Prod`."""

    Avg: ClassVar[Avg]
    Sum: ClassVar[Sum]
    Prod: ClassVar[Prod]

    def of(self, rates: Sequence[float]) -> float:
        """One rate of several."""
        raise ConfigError("SchedulerReduction itself reduces nothing: use .Avg, .Sum or .Prod")


class Avg(SchedulerReduction):
    def of(self, rates: Sequence[float]) -> float:
        return sum(rates) / len(rates)


class Sum(SchedulerReduction):
    def of(self, rates: Sequence[float]) -> float:
        return sum(rates)


class Prod(SchedulerReduction):
    def of(self, rates: Sequence[float]) -> float:
        return prod(rates)


class ComposedLrSchedulerConfig(LrSchedulerConfig):
    """The product, the sum or the mean of the rates of several schedulers; a number stands for a constant one.

    With the product, one of them gives the rate and the others are factors. Raises `ConfigError` for none at all and
    for what is no number and no scheduler's config.

    >>> from minigrad.optim.lr_scheduler import LinearLrSchedulerConfig
    >>> scheduler = ComposedLrSchedulerConfig([0.5, LinearLrSchedulerConfig(0.25, 1.0, num_iters=3)]).init()
    >>> [scheduler.step() for _ in range(5)]
    [0.125, 0.25, 0.375, 0.5, 0.5]
    """

    schedulers: Sequence[float | LrSchedulerConfig]
    reduction: SchedulerReduction = SchedulerReduction.Prod

    def __post_init__(self) -> None:
        owner, given = type(self).__name__, self.schedulers
        if not isinstance(given, (list, tuple)) or not given:
            raise ConfigError(f"{owner}: schedulers is {given!r}, and must be a list of at least one config or number")
        parts = tuple(rate_or_config(owner, f"schedulers[{i}]", each) for i, each in enumerate(given))
        object.__setattr__(self, "schedulers", parts)
        if self.reduction not in SchedulerReduction.variants.values():
            raise ConfigError(
                f"{owner}: reduction is {self.reduction!r}, and must be SchedulerReduction.Prod, .Sum or .Avg"
            )

    def init(self) -> ComposedLrScheduler:
        return ComposedLrScheduler(self, [scheduler_of(each) for each in self.schedulers])


@dataclass
class ComposedLrScheduler:
    """Its record is those of the schedulers, as in Burn 0.19."""

    config: ComposedLrSchedulerConfig
    schedulers: list[LrScheduler]

    def step(self) -> float:
        return self.config.reduction.of([each.step() for each in self.schedulers])

    def to_record(self) -> dict[str, Any]:
        return {"schedulers": record_of_parts(self.schedulers)}

    def load_record(self, record: Any) -> ComposedLrScheduler:
        if not isinstance(record, dict) or record.keys() != {"schedulers"}:
            refuse(self, record, "{'schedulers': [...]}")
        return replace(self, schedulers=parts_in(self, self.schedulers, record["schedulers"]))
