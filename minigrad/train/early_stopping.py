"""When a run ends before its last epoch, by what its history tells."""

from __future__ import annotations

import logging
import math
from dataclasses import dataclass
from numbers import Integral, Real
from typing import Any, Protocol

import numpy as np

from ..errors import LearnerError
from .logger.application import warn
from .metric.base import Metric, needs_metric
from .metric.format import shortest
from .metric.history import Aggregate, Direction, History, Split, needs_one_of
from .step import named

__all__ = ["EarlyStoppingStrategy", "MetricEarlyStoppingStrategy", "StoppingCondition", "stops"]

LOG = logging.getLogger(__name__)


class EarlyStoppingStrategy(Protocol):
    """Asked after every epoch. It answers from the history alone, so there is nothing to restore in a resumed run.

    Its `__str__` is given as the reason.
    """

    def should_stop(self, epoch: int, history: History) -> bool:
        """Whether `epoch`, which is over, is the last."""
        ...


class StoppingCondition:
    """Burn's conditions; there is one."""

    @dataclass(frozen=True)
    class NoImprovementSince:
        """The best epoch lies `n_epochs` back. Raises `LearnerError` unless that is a whole number of at least 1."""

        n_epochs: int

        def __post_init__(self) -> None:
            n: Any = self.n_epochs
            if isinstance(n, bool) or not isinstance(n, Integral) or n < 1:
                raise LearnerError(
                    f"NoImprovementSince: n_epochs is {n!r}, and must be a whole number of at least 1\n"
                    "  NoImprovementSince(5) stops when five epochs in a row were no better than the best before them"
                )


class MetricEarlyStoppingStrategy:
    """Stops when no epoch's value of a metric has been better than the best, by more than `min_delta`, for so long.

    An equal value is no improvement, and neither is NaN, of which there is a warning. Raises `MetricError` for what is
    no metric, `LearnerError` for what the other arguments cannot be.

    >>> from minigrad.train.metric import LossMetric
    >>> patience = StoppingCondition.NoImprovementSince(2)
    >>> stopping = MetricEarlyStoppingStrategy(LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid, patience)
    >>> history, answers = History(), []
    >>> for epoch, loss in enumerate([0.75, 0.4, 2.0, 1.5], 1):
    ...     history = history.with_epoch(Split.Valid, epoch, {"Loss": loss})
    ...     answers.append(stopping.should_stop(epoch, history))
    >>> answers
    [False, False, False, True]
    """

    def __init__(
        self,
        metric: Metric,
        aggregate: Aggregate,
        direction: Direction,
        split: Split,
        condition: StoppingCondition.NoImprovementSince,
        min_delta: float = 0.0,
    ) -> None:
        needs_metric("MetricEarlyStoppingStrategy", metric)
        needs_one_of("MetricEarlyStoppingStrategy", "aggregate", aggregate, Aggregate)
        needs_one_of("MetricEarlyStoppingStrategy", "direction", direction, Direction)
        needs_one_of("MetricEarlyStoppingStrategy", "split", split, Split)
        if not isinstance(condition, StoppingCondition.NoImprovementSince):
            raise LearnerError(
                f"MetricEarlyStoppingStrategy: condition is {condition!r}, and must be a StoppingCondition\n"
                "  StoppingCondition.NoImprovementSince(5)"
            )
        given: Any = min_delta
        if isinstance(given, bool) or not isinstance(given, Real) or not 0 <= min_delta < math.inf:
            raise LearnerError(
                f"MetricEarlyStoppingStrategy: min_delta is {given!r}, and must be a finite number >= 0\n"
                "  it is how much better than the best an epoch must be to count, such as 0.001"
            )
        self.metric = metric.name()
        self.aggregate = aggregate
        self.direction = direction
        self.split = split
        self.condition = condition
        self.min_delta = float(min_delta)

    def should_stop(self, epoch: int, history: History) -> bool:
        values = {e: v for e, v in sorted(history.values[self.split].get(self.metric, {}).items()) if e <= epoch}
        what = f"{self.split.value} {self.metric}"
        if epoch not in values:
            warn(LOG, f"early stopping: {what} has no value in epoch {epoch}, and the run goes on")
            return False
        if math.isnan(values[epoch]) and sum(map(math.isnan, values.values())) == 1:  # said once
            warn(LOG, f"early stopping: {what} is NaN in epoch {epoch}, which is no improvement")
        sign = 1 if self.direction is Direction.Lowest else -1
        best, best_epoch = math.inf, next(iter(values))
        for e, value in values.items():
            if sign * value < best - self.min_delta:
                best, best_epoch = sign * value, e
        if best_epoch == epoch and not math.isnan(values[epoch]):
            LOG.info("New best epoch found %d %s: %s", epoch, what, shortest(values[epoch]))
        return epoch - best_epoch >= self.condition.n_epochs

    def __str__(self) -> str:
        n = self.condition.n_epochs
        better = f" by more than {self.min_delta:g}" if self.min_delta else ""
        return f"{self.split.value} {self.metric} has not improved{better} in {n} epoch{'s' * (n > 1)}"


def stops(strategy: EarlyStoppingStrategy, epoch: int, history: History) -> bool:
    """What a strategy answers. Raises `LearnerError` for another answer than yes or no: without one it never stops."""
    answer: object = strategy.should_stop(epoch, history)
    if isinstance(answer, (bool, np.bool_)):
        return bool(answer)
    raise LearnerError(
        f"{type(strategy).__name__}.should_stop({epoch}, history) returned {named(answer)}, and must return a bool\n"
        "  return True ends the run after this epoch"
    )
