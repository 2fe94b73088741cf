"""Which checkpoint is the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import CheckpointError
from ..logger.metric import read_history
from ..metric.history import History
from .file import Checkpoint
from .strategy import CheckpointingStrategy, ComposedCheckpointingStrategy, MetricCheckpointingStrategy, best_loss

if TYPE_CHECKING:
    from ..settings import Settings

__all__ = ["best_checkpoint"]


def best_checkpoint(settings: Settings) -> Checkpoint:
    """The best of the complete checkpoints on disk, by the metric of the strategy. Raises `CheckpointError`."""
    checkpointer = settings.checkpointer
    newest = checkpointer.newest() if settings.recorder else None
    if newest is None:
        raise CheckpointError(
            f"there is no checkpoint in {checkpointer.folder}\n"
            "  LearnerBuilder(...).with_file_checkpointer(recorder) saves them while fit runs"
        )
    by = _metric(settings.strategy) or best_loss()
    if newest.state is None:
        history = read_history(settings.root, [by.metric])
    else:
        history = History.from_record(newest.state["history"])
    best = history.best(by.metric, by.split, by.direction, among=checkpointer.epochs())
    if best is None:
        raise CheckpointError(
            f"which checkpoint is the best cannot be told: {by.metric} has no value in {by.split.value}\n"
            f"  LearnerBuilder(...).metric_{by.split.value}_numeric({by.metric}Metric()) measures it"
        )
    return checkpointer.load(best)


def _metric(strategy: CheckpointingStrategy) -> MetricCheckpointingStrategy | None:
    """The part of a strategy that knows what is best."""
    if isinstance(strategy, MetricCheckpointingStrategy):
        return strategy
    if isinstance(strategy, ComposedCheckpointingStrategy):
        return next(filter(None, map(_metric, strategy.strategies)), None)
    return None
