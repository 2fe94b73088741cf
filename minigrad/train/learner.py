"""The training loop: fit, one epoch, its two passes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..backend import Device
from ..module import Module
from .checkpoint.best import best_checkpoint
from .event import StateReady
from .finite import has_finite_loss, needs_numbers, tell_not_finite
from .meter import Meter, needs_loader
from .metric.history import Split
from .session import Session
from .state import TrainState
from .trainer import Trainer

if TYPE_CHECKING:
    from ..data.dataloader import DataLoader
    from ..optim import Optimizer
    from ..optim.lr_scheduler import LrScheduler
    from .settings import Settings

__all__ = ["Learner", "validate"]

M = TypeVar("M", bound=Module)


class Learner(Generic[M]):
    """Trains a model on a loader and validates it on another; `LearnerBuilder.build` makes one."""

    def __init__(self, settings: Settings, model: M, device: Device, optim: Optimizer, scheduler: LrScheduler) -> None:
        self.settings = settings
        self.model = model.with_own_states()  # copies: what was given is left alone
        self.device = device
        self.optim = optim.load_record(optim.to_record())
        self.scheduler = scheduler.load_record(scheduler.to_record())
        self._trainer: Trainer[M] | None = None  # of the iterations by hand

    def fit(self, train_loader: DataLoader[Any], valid_loader: DataLoader[Any] | None = None) -> M:
        """Trains to the last epoch and returns the last model; `best()` gives the best.

        The learning rate takes a step at every batch, before the forward pass. Ctrl-C is raised as `KeyboardInterrupt`
        when the write under way is over, and what is on disk can be resumed. Raises `NonFiniteError` for a loss that is
        NaN or infinite and for an epoch that leaves NaN in a parameter, `LearnerError` for a folder that cannot be
        written, a loader without a batch, a step that returns something else than a `TrainOutput` or early stopping
        that watches a validation which there is none of, and whatever the steps raise.
        """
        needs_loader("fit", "training", train_loader)
        if valid_loader is None:
            self.settings.check_without_validation()
        else:
            needs_loader("fit", "validation", valid_loader)
            valid_loader = valid_loader.to_device(self.device.inner)
        session: Session[M] = Session(self.settings)
        with session:
            state = session.begin(
                TrainState(
                    model=self.model.with_own_states(),  # copies: another fit starts as this one
                    optim=self.optim.load_record(self.optim.to_record()),
                    scheduler=self.scheduler.load_record(self.scheduler.to_record()),
                    train_loader=train_loader.to_device(self.device),
                    valid_loader=valid_loader,
                    device=self.device,
                    accumulation=self.settings.accumulation,
                )
            )
            while session.goes_on(state):
                state = self._epoch(session, state)
        session.summarise(state)
        return state.model

    def _epoch(self, session: Session[M], state: TrainState[M]) -> TrainState[M]:
        """A pass of training, and one of validation. A stop before its end leaves the epoch undone and unlogged."""
        training = session.meter(Split.Train, state)
        state = self._train(training, state)
        if not training.whole:
            return state
        done = [session.done(Split.Train, training)]
        if state.valid_loader is not None:
            validation = session.meter(Split.Valid, state)
            validate(state.model.valid(), validation)
            if not validation.whole:
                return state
            done.append(session.done(Split.Valid, validation))
        state = state.after(done)
        session.commit(StateReady(state))
        return state

    def _train(self, meter: Meter, state: TrainState[M]) -> TrainState[M]:
        trainer = Trainer(state.model, state.optim, state.scheduler, self.settings, meter.not_finite)
        for batch in meter:
            item, lr = trainer.step(batch)
            meter.add(item, lr)
        model = trainer.finish()
        if not self.settings.non_finite_allowed:
            needs_numbers(model, meter.epoch)
        return state.with_model(model)

    def step(self, batch: Any) -> Any:
        """One iteration of training by hand, for those who want to walk; what the model's `train_step` measured.

        It is an iteration of `fit`: a learning rate, the step, the look at its loss, the optimizer or its window of
        gradients. `learner.model` is the newest model then. Nothing is measured, logged or saved, and no validation is
        run; `batch` is to be on the Learner's device: `for batch in loader.to_device(learner.device)`. A later `fit`
        starts from where this came, without the gradients of a window that is not full.
        """
        if self._trainer is None:
            self._trainer = Trainer(self.model, self.optim, self.scheduler, self.settings, _not_finite)
        self._trainer.model = self.model
        item, _ = self._trainer.step(batch)
        self.model = self._trainer.model
        return item

    def best(self) -> M:
        """The model of the best checkpoint on disk, by the metric of the checkpointing strategy.

        Unless told, that is the loss of validation, or of training where validation measures nothing. Raises
        `CheckpointError` when there is none.
        """
        best: M = self.model.load_record(best_checkpoint(self.settings).parts["model"])
        return best


def validate(model: Any, meter: Meter) -> None:
    """One pass of `valid_step`. A loss that is not finite is said, and the pass goes on."""
    for batch in meter:
        item = model.valid_step(batch)
        if not has_finite_loss(item):
            meter.not_finite(item, model, stop=False)
        meter.add(item)


def _not_finite(item: Any, model: Any, stop: bool) -> None:
    tell_not_finite(item, model, "training", "", stop)
