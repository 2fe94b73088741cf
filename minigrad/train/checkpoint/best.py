"""Which checkpoint is the best."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...errors import CheckpointError
from ..fault import reading
from ..logger.metric import read_history
from ..metric.history import History
from .file import Checkpoint
from .strategy import LeastLoss, MetricCheckpointingStrategy, parts

if TYPE_CHECKING:
    from ..settings import Settings

__all__ = ["best_checkpoint"]


def best_checkpoint(settings: Settings) -> Checkpoint:
    """The best of the complete checkpoints on disk, by the metric of the strategy. Raises `CheckpointError`."""
    with reading("the checkpoints in", settings.checkpointer.folder, CheckpointError):
        return _best(settings)


def _best(settings: Settings) -> Checkpoint:
    checkpointer = settings.checkpointer
    newest = checkpointer.newest() if settings.recorder else None
    if newest is None:
        raise CheckpointError(
            f"there is no checkpoint in {checkpointer.folder}\n"
            "  LearnerBuilder(...).with_file_checkpointer(recorder) saves them while fit runs"
        )
    measures = (part for part in parts(settings.strategy) if isinstance(part, MetricCheckpointingStrategy))
    by = next(measures, LeastLoss())
    if newest.state is None:
        history = read_history(settings.root, [by.metric])
    else:
        history = History.from_record(newest.state["history"])
    best = by.best(history, among=checkpointer.epochs())
    if best is None and history.values[by.split].get(by.metric):
        raise CheckpointError(
            f"no checkpoint is the best: {by.metric} of {by.split.value} is NaN in each of them\n"
            "  a smaller learning rate or grad_clipping may help; .checkpoint(epoch) goes on from any of them"
        )
    if best is None:
        raise CheckpointError(
            f"which checkpoint is the best cannot be told: {by.metric} has no value in {by.split.value}\n"
            f"  LearnerBuilder(...).metric_{by.split.value}_numeric({by.metric}Metric()) measures it"
        )
    return checkpointer.load(best)
