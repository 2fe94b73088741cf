"""How fast iterations go by."""

from __future__ import annotations

import math
import time
from typing import Any

from .base import MetricMetadata, NumericEntry, NumericMetric

__all__ = ["IterationSpeedMetric"]


class IterationSpeedMetric(NumericMetric):
    """`Iteration Speed` in iterations a second: of the last one, and of all since the epoch began (or since `clear`).

    A model's step, the loader's wait and whatever else an iteration does all count.
    """

    unit = "iter/sec"
    _last: float

    def name(self) -> str:
        return "Iteration Speed"

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        before, self._last = self._last, time.perf_counter()
        return self.record(_rate(1, self._last - before), 1)

    def running_value(self) -> float:
        return _rate(self._count, self._last - self._began) if self._count else math.nan

    def clear(self) -> None:
        super().clear()
        self._began = self._last = time.perf_counter()


def _rate(iterations: int, seconds: float) -> float:
    return iterations / seconds if seconds > 0 else math.inf  # a coarse clock
