"""Checks that users run on their own code: gradients of any function; the laws of rules, datasets and metrics.

`check_gradients`, `check_dataset` and `check_metric` need NumPy alone; `check_rule` draws its examples with Hypothesis,
unless it is told which to take.
"""

from . import strategies
from .dataset import check_dataset
from .gradients import Report, check_gradients
from .laws import LAWS
from .metric import check_metric
from .rules import check_law, check_rule
from .trial import Call, Trial

__all__ = [
    "LAWS",
    "Call",
    "Report",
    "Trial",
    "check_dataset",
    "check_gradients",
    "check_law",
    "check_metric",
    "check_rule",
    "strategies",
]
