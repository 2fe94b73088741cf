"""Learning-rate schedulers: `step()` gives the rate of the next iteration. A float stands for the constant one."""

from .base import LrScheduler, scheduler_of
from .constant import ConstantLr

__all__ = ["ConstantLr", "LrScheduler", "scheduler_of"]
