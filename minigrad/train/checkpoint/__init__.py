"""Checkpoints: their files, and which of them stay."""

from .file import Checkpoint, FileCheckpointer
from .strategy import (
    CheckpointingStrategy,
    ComposedCheckpointingStrategy,
    KeepLastNCheckpoints,
    MetricCheckpointingStrategy,
    default_strategy,
)

__all__ = [
    "Checkpoint",
    "CheckpointingStrategy",
    "ComposedCheckpointingStrategy",
    "FileCheckpointer",
    "KeepLastNCheckpoints",
    "MetricCheckpointingStrategy",
    "default_strategy",
]
