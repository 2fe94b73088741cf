"""Weight decay: a penalty on the size of parameters, added to the gradient (L2)."""

from __future__ import annotations

from ..config import Config
from ..errors import ConfigError

__all__ = ["WeightDecayConfig"]


class WeightDecayConfig(Config):
    """`gradient + penalty * parameter`."""

    penalty: float

    @staticmethod
    def penalty_of(decay: float | WeightDecayConfig | None) -> float:
        """The number, for a number, a config or None. Raises `ConfigError` unless >= 0."""
        penalty = decay.penalty if isinstance(decay, WeightDecayConfig) else decay or 0.0
        if not penalty >= 0:
            raise ConfigError(f"weight_decay is {penalty}, and must be >= 0")
        return penalty
