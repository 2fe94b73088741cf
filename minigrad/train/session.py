"""What surrounds the loop: the folder, the diary, the display, resuming, and the last words."""

from __future__ import annotations

import logging
from contextlib import ExitStack
from types import TracebackType
from typing import Generic, TypeVar

from ..module import Module
from .artifacts import Artifacts
from .checkpoint.resume import announce_earlier, replace_run, resumed, take_over
from .event import EpochDone, EpochStarted, Event, Events, FitEnded, FitStarted, StateReady
from .interrupter import CtrlC
from .lock import locked
from .logger.application import attached, say
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
        self._held: list[EpochDone] = []  # until then unlogged
        self._told: set[Split] = set()  # where a loss was not finite: said once
        self._ctrl_c = CtrlC()
        self._stack = ExitStack()

    def __enter__(self) -> Session[M]:
        self.artifacts.make()
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
        self._finished = state.epoch
        self._started_at = state.epoch
        earlier = 0 if state.epoch else announce_earlier(settings)
        self._replaces = earlier > 0 and settings.recorder is not None
        self.events.subscribe(EpochStarted, self._note)
        self.events.subscribe(EpochDone, self._log)
        self.events.subscribe(StateReady, self._save)
        subscribe(settings.renderer or default_renderer(), self.events)
        self.events.emit(FitStarted(state.epoch + 1, settings.num_epochs, settings.interrupter, state.history))
        return state

    def meter(self, split: Split, state: TrainState[M]) -> Meter:
        """A pass over one of the state's loaders."""
        loader = state.train_loader if split is Split.Train else state.valid_loader
        self._meter = Meter(split, state.epoch + 1, loader, self.settings, self.events, self._told)
        return self._meter

    def commit(self, *events: Event) -> None:
        """Emits events on which files are written; a Ctrl-C waits until they are."""
        with self._ctrl_c.waits():
            for event in events:
                self.events.emit(event)

    def _note(self, event: EpochStarted) -> None:
        what = "training" if event.split is Split.Train else "validation"
        LOG.info("Executing %s step for epoch %d", what, event.epoch)

    def _log(self, event: EpochDone) -> None:
        """The first thing that a run writes; until then the folder is still the earlier run's."""
        with self.artifacts.writing():
            if self._replaces:
                self._held.append(event)
            else:
                if self._started_at is not None:
                    take_over(self._started_at, self.settings, self.artifacts)
                    self._started_at = None
                self._log_to_file(event)
        for logger in self.settings.loggers[event.split]:
            logger.log_epoch(event.epoch, event.entries)

    def _log_to_file(self, event: EpochDone) -> None:
        if not self.settings.loggers[event.split]:
            self._files[event.split].log_epoch(event.epoch, event.entries)

    def _log_held(self) -> None:
        for event in self._held:
            self._log_to_file(event)

    def _save(self, event: StateReady) -> None:
        state = event.state
        if self.settings.recorder is not None:
            with self.artifacts.writing():
                keep = self.settings.strategy.keep(state.epoch, state.history)
                if self._replaces:
                    if state.epoch in keep or state.epoch == self.settings.num_epochs:
                        replace_run(state, self.settings, self.artifacts, self._log_held)
                        self._replaces, self._started_at, self._held = False, None, []
                else:
                    if state.epoch in keep:
                        self.checkpointer.save(state.epoch, state.parts(), state.rest())
                    self.checkpointer.retain(keep)
        self._finished = state.epoch

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._stack, self._ctrl_c.waits():  # for the last words: a second Ctrl-C often follows the first
            if isinstance(error, KeyboardInterrupt) and self._meter is not None:
                self._meter.interrupted()
            self.events.emit(FitEnded(self._finished, self._finished >= self.settings.num_epochs))
            if isinstance(error, KeyboardInterrupt):
                done = f"Training interrupted after epoch {self._finished} of {self.settings.num_epochs}."
                say(LOG, f"{done} {self._way_on()}")
            elif error is not None:
                LOG.error("%s: %s", type(error).__name__, error)
            elif self._finished < self.settings.num_epochs:
                LOG.info("Training interrupted. %s", self._way_on())

    def _way_on(self) -> str:
        """How to go on where a run stopped."""
        if self.settings.recorder is None:
            return "Nothing to go on from was saved: with_file_checkpointer(recorder) saves every epoch."
        # Until the first write the checkpoints of a run from the start are another run's.
        saved = self.checkpointer.epochs() if self._started_at != 0 else []
        if not saved:
            return "No checkpoint is complete yet: run it again from the start."
        return (
            f"The last checkpoint is epoch {saved[-1]}; go on with LearnerBuilder({str(self.settings.root)!r}).resume()"
        )

    def summarise(self, state: TrainState[M]) -> None:
        """Prints the table, if it is asked for."""
        if self.settings.summary:
            print(LearnerSummary.of_run(state.history, self.settings.names, state.epoch, str(state.model)))
