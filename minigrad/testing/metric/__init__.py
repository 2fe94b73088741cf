"""`check_metric`, and the laws that it tries."""

from .check import check_metric
from .laws import LAWS
from .subject import Subject

__all__ = ["LAWS", "Subject", "check_metric"]
