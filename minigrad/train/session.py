"""What surrounds the loop: the folder, the diary, the display, resuming, and the last words."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from types import TracebackType
from typing import Generic, TypeVar

from ..errors import CheckpointError, LearnerError
from ..module import Module
from .artifacts import Artifacts
from .checkpoint.resume import announce_earlier, replace_run, resumed, take_over
from .checkpoint.strategy import kept
from .early_stopping import stops
from .event import EpochDone, EpochStarted, Events, FitEnded, FitStarted, StateReady
from .interrupter import CtrlC
from .lock import locked
from .logger.application import attached, put, say, warn
from .logger.metric import FileMetricLogger
from .meter import Meter
from .metric.history import Split
from .renderer.base import default_renderer, subscribe
from .settings import Settings
from .state import TrainState
from .summary import LearnerSummary

__all__ = ["Session"]

LOG = logging.getLogger("minigrad.train.learner")  # what it says is the Learner's
M = TypeVar("M", bound=Module)
KINDS = {Split.Train: "training", Split.Valid: "validation"}


class Session(Generic[M]):
    """One `fit`, open while it runs: every file is written from here, by subscribers to its events."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.artifacts = Artifacts(settings.root)
        self.checkpointer = settings.checkpointer
        self.events = Events()
        self._files = {split: FileMetricLogger(settings.root / split.value) for split in Split}
        self._meter: Meter | None = None  # of the pass under way
        self._finished = 0  # epochs
        self._started_at: int | None = None  # the epoch, as long as the folder is still the earlier run's
        self._replaces = False  # an earlier run, whose checkpoints stay until there is one of this run
        self._unlogged: list[EpochDone] = []
        self._early = ""  # why the run stops before its last epoch, by the answer
        self._asked = 0  # after this epoch
        self._told: set[str] = set()  # of which kind of pass it was said that a loss is not finite
        self._ctrl_c = CtrlC()
        self._stack = ExitStack()

    def __enter__(self) -> Session[M]:
        self.artifacts.make()
        with self.artifacts.writing():
            self._stack.enter_context(locked(self.settings.root))
        self._stack.enter_context(attached(self.settings.diary))
        self._stack.enter_context(self._ctrl_c)
        return self

    def begin(self, state: TrainState[M]) -> TrainState[M]:
        """The state to start from: `state`, or what a checkpoint makes of it. From here on the events are heard."""
        settings = self.settings
        LOG.info("Fitting the model:\n %s", state.model)
        if settings.resume_from is not None:
            state = resumed(state, settings)
            if state.epoch >= settings.num_epochs:
                done = f"epoch {state.epoch} is done, and num_epochs is {settings.num_epochs}"
                say(LOG, f"Nothing to train in {settings.root}: {done}; a larger one would train on")
        self._finished = state.epoch
        self._started_at = state.epoch
        earlier = 0 if state.epoch else announce_earlier(settings)
        self._replaces = earlier > 0 and settings.recorder is not None
        if state.valid_loader is None:
            LOG.info("There is no validation: where the loss chooses the best checkpoint, it is that of training")
        self.events.subscribe(StateReady, self._save)
        subscribe(settings.renderer or default_renderer(), self.events)
        self.events.emit(
            FitStarted(
                state.epoch + 1, settings.num_epochs, settings.interrupter, state.history, self.events.next_batch
            )
        )
        return state

    def goes_on(self, state: TrainState[M]) -> bool:
        """Whether there is another epoch to train."""
        if state.epoch >= self.settings.num_epochs:
            return False
        if state.epoch != self._asked:
            self._early, self._asked = self._stops_early(state), state.epoch
        return not self._early and not self.settings.interrupter.should_stop()

    def meter(self, split: Split, state: TrainState[M]) -> Meter:
        """A pass over one of the state's loaders begins."""
        settings, epoch = self.settings, state.epoch + 1
        loader = state.train_loader if split is Split.Train else state.valid_loader
        assert loader is not None
        kind = KINDS[split]
        LOG.info("Executing %s step for epoch %d", kind, epoch)
        self.events.emit(EpochStarted(split, epoch, settings.num_epochs, loader.num_items()))
        meter = Meter(
            kind,
            f"epoch {epoch}",
            loader,
            settings.metrics[split],
            epoch,
            settings.num_epochs,
            self._told,
            settings.interrupter.should_stop,
        )
        meter.show_to(self.events, split)
        self._meter = meter
        return meter

    def done(self, split: Split, meter: Meter) -> EpochDone:
        """The pass is over. Raises `LearnerError` if there was no batch in it."""
        values = meter.values(self.settings.numeric[split])
        done = EpochDone(split, meter.epoch, meter.epoch_total, meter.iteration, meter.entries, values, meter.seconds)
        self._unlogged.append(done)
        self.events.emit(done)
        return done

    def commit(self, event: StateReady) -> None:
        """The epoch is over: what is known of it is written, and a Ctrl-C waits for that."""
        with self._ctrl_c.waits():
            self.events.emit(event)

    def _save(self, event: StateReady) -> None:
        """Logs, then the checkpoint. The first of the writes to the folder makes it this run's."""
        state, settings = event.state, self.settings
        # The user's own code first: an error of the system's in it is not one of the folder.
        keep = kept(settings.strategy, state.epoch, state.history) if settings.recorder is not None else set()
        saves = state.epoch in keep
        takes_over = self._replaces and (saves or not self.goes_on(state))
        with self.artifacts.writing():
            if not self._replaces:
                if self._started_at is not None:
                    take_over(self._started_at, settings, self.artifacts)
                    self._started_at = None
                self._log()
                if settings.recorder is not None:
                    if saves:
                        self.checkpointer.save(state.epoch, state.parts(), state.rest())
                    self.checkpointer.retain(keep)
            elif takes_over:
                replace_run(state, settings, self.artifacts, self._log, saves)
                self._replaces, self._started_at = False, None
        self._finished = state.epoch

    def _log(self) -> None:
        for done in self._unlogged:
            if self.settings.loggers[done.split]:
                self._log_elsewhere(done)
            else:
                self._files[done.split].log_epoch(done)
        self._unlogged = []

    def _log_elsewhere(self, done: EpochDone) -> None:
        for logger in self.settings.loggers[done.split]:
            try:
                logger.log_epoch(done)
            except OSError as error:  # not the folder's
                what = f"{type(logger).__name__} cannot log epoch {done.epoch} of {done.split.value}"
                raise LearnerError(f"{what}: {type(error).__name__}: {error}") from error

    def _stops_early(self, state: TrainState[M]) -> str:
        """Why there is no epoch after this one; empty if there is."""
        strategy = self.settings.early_stopping
        if strategy is None or not stops(strategy, state.epoch, state.history):
            return ""
        return str(strategy) if type(strategy).__str__ is not object.__str__ else type(strategy).__name__

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack, self._ctrl_c.waits():  # for the last words: a second Ctrl-C often follows the first
            if isinstance(error, KeyboardInterrupt) and self._meter is not None:
                self._meter.interrupted()
            settings, finished = self.settings, self._finished >= self.settings.num_epochs
            reason = "" if finished else self._early or settings.interrupter.reason or ""
            self.events.emit(FitEnded(self._finished, finished, reason))
            after = f"after epoch {self._finished} of {settings.num_epochs}"
            if isinstance(error, KeyboardInterrupt):
                say(LOG, f"Training interrupted {after}. {self._way_on()}")
            elif error is not None:
                LOG.error("%s: %s", type(error).__name__, error)
            elif finished:
                pass
            elif self._early:
                say(LOG, f"Training stopped early {after}: {reason}.{self._not_trained_on()}")
            else:
                LOG.info("Training interrupted%s. %s", f": {reason}" if reason else "", self._way_on())

    def _not_trained_on(self) -> str:
        """For a run that was stopped early before it was resumed."""
        if self._finished != self._started_at:
            return ""
        return " It was so when it was resumed: without early_stopping(...), or with more patience, it would go on."

    def _way_on(self) -> str:
        """How to go on where a run stopped."""
        if self.settings.recorder is None:
            return "Nothing to go on from was saved: with_file_checkpointer(recorder) saves every epoch."
        # Until the first write the checkpoints of a run from the start are another run's.
        try:
            saved = self.checkpointer.epochs() if self._started_at != 0 else []
        except (CheckpointError, OSError) as error:  # it must not take the place of the Ctrl-C
            return f"Whether there is a checkpoint to go on from cannot be told: {error}"
        if not saved:
            return "No checkpoint is complete yet: run it again from the start."
        return (
            f"The last checkpoint is epoch {saved[-1]}; go on with LearnerBuilder({str(self.settings.root)!r}).resume()"
        )

    def summarise(self, state: TrainState[M]) -> None:
        """Prints the table, if it is asked for. A warning where that fails: `fit` has a model to return."""
        if self.settings.summary:
            try:
                put(str(LearnerSummary.of_run(state.history, self.settings.names, state.epoch, str(state.model))))
            except (OSError, ValueError) as error:
                warn(LOG, f"the summary cannot be printed: {type(error).__name__}: {error}")
