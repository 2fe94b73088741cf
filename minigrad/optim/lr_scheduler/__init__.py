"""Learning-rate schedulers: `step()` gives the rate of the next iteration. A float stands for the constant one.

Each is made by its config, `CosineAnnealingLrSchedulerConfig(0.02, num_iters=1000).init()`, and goes on from a record,
`scheduler.load_record(record)`.
"""

from typing import TYPE_CHECKING

from ...later import later as _later
from .base import LrScheduler, LrSchedulerConfig, scheduler_of
from .constant import ConstantLr

if TYPE_CHECKING:
    from .composed import ComposedLrScheduler, ComposedLrSchedulerConfig, SchedulerReduction
    from .cosine import CosineAnnealingLrScheduler, CosineAnnealingLrSchedulerConfig
    from .exponential import ExponentialLrScheduler, ExponentialLrSchedulerConfig
    from .linear import LinearLrScheduler, LinearLrSchedulerConfig
    from .noam import NoamLrScheduler, NoamLrSchedulerConfig
    from .sequential import SequentialLrScheduler, SequentialLrSchedulerConfig
    from .step import StepLrScheduler, StepLrSchedulerConfig
    from .warmup import WarmupLrScheduler, WarmupLrSchedulerConfig

__all__ = [
    "ComposedLrScheduler", "ComposedLrSchedulerConfig", "ConstantLr", "CosineAnnealingLrScheduler",
    "CosineAnnealingLrSchedulerConfig", "ExponentialLrScheduler", "ExponentialLrSchedulerConfig", "LinearLrScheduler",
    "LinearLrSchedulerConfig", "LrScheduler", "LrSchedulerConfig", "NoamLrScheduler", "NoamLrSchedulerConfig",
    "SchedulerReduction", "SequentialLrScheduler", "SequentialLrSchedulerConfig", "StepLrScheduler",
    "StepLrSchedulerConfig", "WarmupLrScheduler", "WarmupLrSchedulerConfig", "scheduler_of",
]  # fmt: skip

# A millisecond each, of which a program needs one or none.
__getattr__ = _later(
    __name__,
    {
        "composed": "ComposedLrScheduler ComposedLrSchedulerConfig SchedulerReduction",
        "cosine": "CosineAnnealingLrScheduler CosineAnnealingLrSchedulerConfig",
        "exponential": "ExponentialLrScheduler ExponentialLrSchedulerConfig",
        "linear": "LinearLrScheduler LinearLrSchedulerConfig",
        "noam": "NoamLrScheduler NoamLrSchedulerConfig",
        "sequential": "SequentialLrScheduler SequentialLrSchedulerConfig",
        "step": "StepLrScheduler StepLrSchedulerConfig",
        "warmup": "WarmupLrScheduler WarmupLrSchedulerConfig",
    },
)
