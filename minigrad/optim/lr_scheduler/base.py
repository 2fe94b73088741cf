"""What a learning-rate scheduler is, and the base of their configs."""

from __future__ import annotations

from abc import ABC, abstractmethod
from typing import Any, Protocol, Self, runtime_checkable

import numpy as np

from ...config import Config
from ...errors import ConfigError
from ..checks import number
from .constant import ConstantLr

__all__ = ["LrScheduler", "LrSchedulerConfig", "rate_or_config", "scheduler_of"]


@runtime_checkable
class LrScheduler(Protocol):
    """Called once for each training iteration."""

    def step(self) -> float:
        """The rate of the next iteration."""

    def to_record(self) -> Any:
        """What it needs to go on."""

    def load_record(self, record: Any) -> Self:
        """A scheduler of the same settings that goes on where `record` stopped; this one stays as it is."""


class LrSchedulerConfig(Config, ABC):
    """Base of the configs of schedulers; one of your own can be a part of a composed or a sequential one too.

    As the annotation of a field it means any scheduler.
    """

    @abstractmethod
    def init(self) -> LrScheduler:
        """A fresh scheduler. It counts, so that each loop needs one of its own."""

    @classmethod
    def from_json(cls, data: Any, where: str = "") -> Self:
        if cls is LrSchedulerConfig:
            from .. import lr_scheduler

            for name in lr_scheduler.__all__:  # imported, so that each is known by its name
                getattr(lr_scheduler, name)
        return super().from_json(data, where)


def scheduler_of(value: float | LrSchedulerConfig | LrScheduler) -> LrScheduler:
    """The scheduler itself, a fresh one of a config, or the constant one of a number. Raises `ConfigError`.

    >>> scheduler_of(0.02).step()
    0.02
    """
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        return ConstantLr(float(value))
    if isinstance(value, LrSchedulerConfig):
        return value.init()
    if isinstance(value, LrScheduler) and not isinstance(value, type):
        return value
    raise ConfigError(f"a learning rate is a number such as 0.02, or a scheduler (config.init()), not {value!r}")


def rate_or_config(owner: str, name: str, value: Any) -> float | LrSchedulerConfig:
    """What a config that is made of others takes as one of them. Raises `ConfigError`."""
    if isinstance(value, LrSchedulerConfig):
        return value
    if isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool):
        return number(owner, name, value, "[0, inf)")
    given = f"the class {value.__name__}" if isinstance(value, type) else repr(value)
    if isinstance(value, LrScheduler) and not isinstance(value, type):
        given = f"a {type(value).__name__}, which counts already"
    raise ConfigError(
        f"{owner}: {name} is {given}, and must be a number or a scheduler's config\n"
        "  such as 0.02, or LinearLrSchedulerConfig(0.02, 0.001, num_iters=1000), without .init()"
    )
