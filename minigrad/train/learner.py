"""The training loop: fit, one epoch, one batch."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from ..backend import Device
from ..errors import LearnerError
from ..module import Module
from .checkpoint.best import best_checkpoint
from .event import StateReady
from .meter import Meter
from .metric import Split
from .metric.loss import loss_value
from .session import Session
from .state import TrainState
from .step import TrainOutput

if TYPE_CHECKING:
    from ..data.dataloader import DataLoader
    from ..optim import Optimizer
    from ..optim.lr_scheduler import LrScheduler
    from .settings import Settings

__all__ = ["Learner"]

M = TypeVar("M", bound=Module)


class Learner(Generic[M]):
    """Trains a model on a loader and validates it on another; `LearnerBuilder.build` makes one."""

    def __init__(self, settings: Settings, model: M, device: Device, optim: Optimizer, scheduler: LrScheduler) -> None:
        self.settings = settings
        self.model = model
        self.device = device
        self.optim = optim
        self.scheduler = scheduler
        self._stopped: Callable[[], bool] = settings.interrupter.should_stop

    def fit(self, train_loader: DataLoader[Any], valid_loader: DataLoader[Any]) -> M:
        """Trains to the last epoch and returns the last model; `best()` gives the best.

        The learning rate takes a step at every batch, before the forward pass. Ctrl-C is raised as `KeyboardInterrupt`
        when the write under way is over, and what is on disk can be resumed. Raises `NonFiniteError` for a loss that is
        NaN or infinite, `LearnerError` for a folder that cannot be written, a loader without a batch or a step that
        returns something else than a `TrainOutput`, and whatever the steps raise.
        """
        session: Session[M] = Session(self.settings)
        with session:
            state = session.begin(
                TrainState(
                    model=self.model,
                    optim=self.optim.load_record(self.optim.to_record()),  # copies: another fit starts as this one
                    scheduler=self.scheduler.load_record(self.scheduler.to_record()),
                    train_loader=_loader("training", train_loader).to_device(self.device),
                    valid_loader=_loader("validation", valid_loader).to_device(self.device.inner),
                    device=self.device,
                )
            )
            while state.epoch < self.settings.num_epochs and not self._stopped():
                state = self._epoch(session, state)
        session.summarise(state)
        return state.model

    def _epoch(self, session: Session[M], state: TrainState[M]) -> TrainState[M]:
        """One pass of training and one of validation. A stop in the middle leaves the epoch undone and unlogged."""
        training = session.meter(Split.Train, state)
        state = self._train(training, state)
        if self._stopped():
            return state
        trained = training.done()
        session.commit(trained)

        validation = session.meter(Split.Valid, state)
        self._validate(validation, state)
        if self._stopped():
            return state
        validated = validation.done()
        state = state.after(trained, validated)
        session.commit(validated, StateReady(state))
        return state

    def _train(self, meter: Meter, state: TrainState[M]) -> TrainState[M]:
        model, optim, scheduler = state.model, state.optim, state.scheduler
        for batch in meter:
            lr = scheduler.step()
            output = self._train_batch(meter, model, batch)
            model = optim.step(lr, model, output.gradients)
            meter.add(output.item, lr)
            if self._stopped():
                break
        return state.with_model(model)

    def _train_batch(self, meter: Meter, model: Any, batch: Any) -> TrainOutput[Any]:
        """The user's step. The loss is looked at before the optimizer is: a NaN must not reach the model."""
        output = model.train_step(batch)
        if not isinstance(output, TrainOutput):
            raise LearnerError(
                f"{type(model).__name__}.train_step returned {_a(output)}, not a TrainOutput\n"
                "  return TrainOutput(self, loss.backward(), item)"
            )
        if not self._finite(output.item):
            meter.not_finite(output.item, model, stop=not self.settings.non_finite_allowed)
        return output

    def _validate(self, meter: Meter, state: TrainState[M]) -> None:
        model: Any = state.model.valid()
        for batch in meter:
            item = model.valid_step(batch)
            if not self._finite(item):
                meter.not_finite(item, model, stop=False)
            meter.add(item, None)
            if self._stopped():
                break

    @staticmethod
    def _finite(item: Any) -> bool:
        return getattr(item, "loss", None) is None or math.isfinite(loss_value(item))

    def best(self) -> M:
        """The model of the best checkpoint on disk, by the strategy's metric (the loss of validation by default).

        Raises `CheckpointError` when there is none.
        """
        best: M = self.model.load_record(best_checkpoint(self.settings).parts["model"])
        return best


def _loader(kind: str, loader: DataLoader[Any]) -> DataLoader[Any]:
    if not hasattr(loader, "to_device"):
        raise LearnerError(
            f"fit: the {kind} loader is {_a(loader)}, not a DataLoader\n"
            "  DataLoaderBuilder(batcher).batch_size(150).build(dataset) makes one"
        )
    return loader


def _a(value: object) -> str:
    name = type(value).__name__
    return "None" if value is None else f"{'an' if name[0].lower() in 'aeiou' else 'a'} {name}"
