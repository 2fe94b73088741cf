"""Weight decay: a penalty on the size of parameters, added to the gradient (L2)."""

from __future__ import annotations

from math import inf

import numpy as np

from ..config import Config
from ..errors import ConfigError

__all__ = ["WeightDecayConfig"]


class WeightDecayConfig(Config):
    """`gradient + penalty * parameter`."""

    penalty: float

    @staticmethod
    def penalty_of(decay: float | WeightDecayConfig | None) -> float:
        """The number, for a number, a config or None. Raises `ConfigError` unless >= 0."""
        penalty = decay.penalty if isinstance(decay, WeightDecayConfig) else 0.0 if decay is None else decay
        number = isinstance(penalty, (int, float, np.integer, np.floating)) and not isinstance(penalty, bool)
        if not number or not 0 <= penalty < inf:
            raise ConfigError(f"weight_decay is {penalty!r}, and must be a number >= 0, such as 0.01")
        return float(penalty)
