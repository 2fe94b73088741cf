"""The same rate at every iteration."""

from __future__ import annotations

import math
from typing import Any

from ...errors import ConfigError
from .record import refuse

__all__ = ["ConstantLr"]


class ConstantLr:
    """Its record is empty, as Burn's. Raises `ConfigError` unless the rate is finite and >= 0."""

    def __init__(self, lr: float) -> None:
        if not (math.isfinite(lr) and lr >= 0):
            raise ConfigError(f"the learning rate is {lr}, and must be a finite number >= 0, such as 0.02")
        self.lr = lr

    def step(self) -> float:
        return self.lr

    def to_record(self) -> Any:
        return None

    def load_record(self, record: Any) -> ConstantLr:
        if record is not None:
            refuse(self, record, "None")
        return self

    def __repr__(self) -> str:
        return f"ConstantLr({self.lr})"
