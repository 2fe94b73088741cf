"""What a learning-rate scheduler is."""

from __future__ import annotations

from typing import Any, Protocol, Self, runtime_checkable

import numpy as np

from ...errors import ConfigError
from .constant import ConstantLr

__all__ = ["LrScheduler", "scheduler_of"]


@runtime_checkable
class LrScheduler(Protocol):
    """Called once for each training iteration."""

    def step(self) -> float:
        """The rate of the next iteration."""

    def to_record(self) -> Any:
        """What it needs to go on."""

    def load_record(self, record: Any) -> Self:
        """A scheduler of the same settings that goes on where `record` stopped."""


def scheduler_of(value: float | LrScheduler) -> LrScheduler:
    """The scheduler itself, or the constant one of a number. Raises `ConfigError`.

    >>> scheduler_of(0.02).step()
    0.02
    """
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        return ConstantLr(float(value))
    if isinstance(value, LrScheduler):
        return value
    raise ConfigError(f"a learning rate is a number such as 0.02, or a scheduler (config.init()), not {value!r}")
