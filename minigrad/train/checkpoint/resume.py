"""Going on from a checkpoint, and taking the folder over from the run before."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from ...errors import CheckpointError
from ...module import Module
from ..fault import reading
from ..logger.application import say, warn
from ..logger.metric import read_history
from .file import new_run

if TYPE_CHECKING:
    from ..artifacts import Artifacts
    from ..settings import Settings
    from ..state import TrainState

__all__ = ["announce_earlier", "replace_run", "resumed", "take_over"]

LOG = logging.getLogger(__name__)
M = TypeVar("M", bound=Module)


def resumed(state: TrainState[M], settings: Settings) -> TrainState[M]:
    """`state` as the checkpoint asked for left it; `state` itself when the newest is asked for and there is none.

    Raises `CheckpointError` for one that is missing or not whole, `RecordError` for one of another model.
    """
    checkpointer = settings.checkpointer
    with reading("the checkpoints in", checkpointer.folder, CheckpointError):
        checkpoint = checkpointer.load(settings.resume_from) if settings.resume_from else checkpointer.newest()
    if checkpoint is None:
        say(LOG, f"No checkpoint to resume from in {checkpointer.folder}: starting afresh")
        return state
    LOG.info("Restoring checkpoint %d from %s", checkpoint.epoch, checkpointer.folder)
    if checkpoint.state is not None:
        return state.restored(checkpoint)
    warn(
        LOG,
        f"{checkpointer.folder} was left by Burn, which saves no position of the loaders and no random state\n"
        f"  model, optimizer and learning rate go on after epoch {checkpoint.epoch}; the order of the items and random "
        "draws begin as in a new run",
    )
    state = state.restored(checkpoint, read_history(settings.root, settings.names))
    if state.epoch < settings.num_epochs:
        checkpointer.adopt({n: state.until(n).rest() for n in checkpointer.epochs() if n <= state.epoch})
    return state.until(state.epoch)


def announce_earlier(settings: Settings) -> int:
    """The last epoch of the run in the folder that a run from the start is about to replace, which is said; or 0."""
    checkpointer = settings.checkpointer
    with reading("the checkpoints in", checkpointer.folder, CheckpointError):
        try:
            epoch = max(checkpointer.epochs(), default=0)
        except CheckpointError:  # of a newer version, or with a damaged run.json: somebody may still read them
            epoch = checkpointer.last_epoch()
    if epoch:
        count = "1 epoch" if epoch == 1 else f"{epoch} epochs"
        say(LOG, f"{settings.root} holds a run of {count}, which this one replaces; .resume() would go on with it")
    return epoch


def take_over(epoch: int, settings: Settings, artifacts: Artifacts) -> None:
    """Makes the folder this run's, just before its first write.

    Whatever is newer than the `epoch` that it started from is removed (everything, for a run from the start), and what
    a killed process left half-written; nothing but files that a Learner writes. Until then, a run that fails or is
    stopped has left all as it was.
    """
    checkpointer = settings.checkpointer
    _note_removal(epoch, settings, artifacts)
    if epoch:
        checkpointer.remove_after(epoch)
    elif settings.recorder is not None or checkpointer.folder.is_dir():
        checkpointer.begin()
    artifacts.remove_logs_after(epoch)


def replace_run(
    state: TrainState[M], settings: Settings, artifacts: Artifacts, write_logs: Callable[[], None], saves: bool
) -> None:
    """Makes the folder of an earlier run with checkpoints this one's, with its first checkpoint if it `saves` one.

    The earlier ones stay until this one is complete: whatever happens on the way, `resume()` finds a checkpoint.
    """
    checkpointer, run = settings.checkpointer, new_run()
    if saves:
        checkpointer.save(state.epoch, state.parts(), state.rest(), run)
    _note_removal(0, settings, artifacts)
    artifacts.remove_logs_after(0)
    write_logs()
    checkpointer.begin(run, state.epoch if saves else 0)


def _note_removal(epoch: int, settings: Settings, artifacts: Artifacts) -> None:
    newest = max(artifacts.last_epoch_logged(), settings.checkpointer.last_epoch())
    if newest > epoch:
        LOG.info("Removing the epochs %d to %d of an earlier run from %s", epoch + 1, newest, settings.root)
