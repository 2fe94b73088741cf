"""`check_dataset`, and the laws that it tries."""

from .check import check_dataset
from .laws import LAWS
from .subject import Subject

__all__ = ["LAWS", "Subject", "check_dataset"]
