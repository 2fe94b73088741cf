"""LearnerBuilder: how a run is set up, one choice a method."""

from __future__ import annotations

import logging
import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from .. import record as records
from ..backend import Device
from ..errors import LearnerError
from ..module import Module
from ..optim.lr_scheduler import LrScheduler, scheduler_of
from ..record import Recorder
from .artifacts import folder_of
from .checkpoint.strategy import CheckpointingStrategy
from .early_stopping import EarlyStoppingStrategy
from .interrupter import TrainingInterrupter
from .learner import Learner
from .logger.application import FileApplicationLogger, needs_handler
from .logger.metric import MetricLogger, needs_log, needs_two_places
from .metric.base import Metric, NumericMetric, needs_metric
from .metric.history import Split
from .renderer import Renderer
from .settings import NEWEST, Settings
from .step import needs_method
from .trainer import needs_optimize

if TYPE_CHECKING:
    from ..optim import Optimizer

__all__ = ["LearnerBuilder"]

M = TypeVar("M", bound=Module)


class LearnerBuilder:
    """Sets up a run whose artifacts go to `directory`: metric logs, checkpoints, `experiment.log`.

    Each method returns a new builder and leaves this one as it was.

    >>> base = LearnerBuilder("artifacts/circle")
    >>> longer = base.num_epochs(100)
    >>> longer is base
    False
    """

    def __init__(self, directory: str | os.PathLike[str]) -> None:
        root = folder_of("LearnerBuilder", directory)
        self._settings = Settings(root, diary=FileApplicationLogger(root / "experiment.log"))

    def _with(self, **changes: Any) -> LearnerBuilder:
        builder = object.__new__(LearnerBuilder)
        builder._settings = replace(self._settings, **changes)
        return builder

    # What is measured

    def metric_train_numeric(self, metric: NumericMetric) -> LearnerBuilder:
        """Measures training by a number: logged, shown, summarised."""
        return self._measuring(Split.Train, metric, numeric=True)

    def metric_valid_numeric(self, metric: NumericMetric) -> LearnerBuilder:
        """Measures validation by a number: logged, shown, summarised."""
        return self._measuring(Split.Valid, metric, numeric=True)

    def metric_train(self, metric: Metric) -> LearnerBuilder:
        """Measures training for the logs and the display only."""
        return self._measuring(Split.Train, metric, numeric=False)

    def metric_valid(self, metric: Metric) -> LearnerBuilder:
        """Measures validation for the logs and the display only."""
        return self._measuring(Split.Valid, metric, numeric=False)

    def _measuring(self, split: Split, metric: Any, numeric: bool) -> LearnerBuilder:
        method = f"metric_{split.value}{'_numeric' if numeric else ''}"
        needs_metric(method, metric, NumericMetric if numeric else Metric)
        settings = self._settings
        needs_log(method, f"{split.value} measures {{}}", metric, settings.metrics[split])
        changes: dict[str, Any] = {"metrics": settings.metrics | {split: (*settings.metrics[split], metric)}}
        if numeric:
            changes["numeric"] = settings.numeric | {split: (*settings.numeric[split], metric.name())}
        return self._with(**changes)

    # What is kept

    def with_file_checkpointer(self, recorder: Recorder) -> LearnerBuilder:
        """Saves model, optimizer and learning rate after every epoch: `checkpoint/{model,optim,scheduler}-N`."""
        given: object = recorder
        if not isinstance(given, Recorder):
            name = next((name for name in records.__all__ if getattr(records, name) is given), None)
            raise LearnerError(
                f"with_file_checkpointer({name or repr(recorder)}): it takes a recorder"
                + (", and this makes one when it is called" if name else "")
                + f"\n  with_file_checkpointer({name if name and name != 'Recorder' else 'DefaultRecorder'}())"
            )
        return self._with(recorder=recorder)

    def with_checkpointing_strategy(self, strategy: CheckpointingStrategy) -> LearnerBuilder:
        """Which checkpoints stay, instead of the last two and the best by the loss of validation."""
        needs_method("with_checkpointing_strategy", strategy, "keep", "KeepLastNCheckpoints(2)")
        return self._with(strategy=strategy)

    def checkpoint(self, epoch: int) -> LearnerBuilder:
        """Resumes from the checkpoint of `epoch`; what came after it is removed when training goes on."""
        if not _counts(epoch):
            raise LearnerError(f"checkpoint({epoch!r}): epochs count from 1\n  resume() finds the newest by itself")
        return self._with(resume_from=int(epoch))

    def resume(self) -> LearnerBuilder:
        """Resumes from the newest complete checkpoint; starts from the beginning when there is none."""
        return self._with(resume_from=NEWEST)

    def metric_loggers(self, train: MetricLogger, valid: MetricLogger) -> LearnerBuilder:
        """Logs metrics there instead of in files; called again, there as well."""
        for logger in train, valid:
            example = "InMemoryMetricLogger(), InMemoryMetricLogger()"
            needs_method("metric_loggers", logger, "log_epoch", example, "a logger for each split")
        needs_two_places(train, valid)
        loggers = self._settings.loggers
        return self._with(
            loggers={Split.Train: (*loggers[Split.Train], train), Split.Valid: (*loggers[Split.Valid], valid)}
        )

    def with_application_logger(self, handler: logging.Handler | None) -> LearnerBuilder:
        """A handler that hears minigrad's log during `fit`, instead of `experiment.log`; None for neither."""
        needs_handler(handler)
        return self._with(diary=handler)

    # How it runs

    def devices(self, devices: list[Device]) -> LearnerBuilder:
        """The device to train on; the model's own unless told. NumPy has one CPU, so the list has one."""
        if not isinstance(devices, (list, tuple)) or not all(isinstance(device, Device) for device in devices):
            raise LearnerError(
                f"devices({devices!r}): it takes a list of one device\n  devices([Autodiff(NdArray(seed=42))])"
            )
        if len(devices) != 1:
            raise LearnerError(
                f"devices({devices!r}): it takes exactly one device, and NumPy has no more than one CPU\n"
                "  devices([Autodiff(NdArray(seed=42))])"
            )
        return self._with(devices=tuple(devices))

    def num_epochs(self, num_epochs: int) -> LearnerBuilder:
        """The number of the last epoch; 1 unless told."""
        if not _counts(num_epochs):
            raise LearnerError(f"num_epochs({num_epochs!r}): it takes a whole number of at least 1")
        return self._with(num_epochs=int(num_epochs))

    def grads_accumulation(self, batches: int) -> LearnerBuilder:
        """The optimizer takes its step at every so many batches, with the sum of their gradients.

        It does so with the learning rate of the last of them: divide that by `batches` for the step of a mean. What is
        left over at the end of an epoch is a step too.
        """
        if not _counts(batches):
            raise LearnerError(f"grads_accumulation({batches!r}): it takes a whole number of at least 1")
        return self._with(accumulation=int(batches))

    def early_stopping(self, strategy: EarlyStoppingStrategy) -> LearnerBuilder:
        """What ends the run before its last epoch. A run that ended so is not trained on when it is resumed."""
        example = "MetricEarlyStoppingStrategy(LossMetric(), ...)"
        needs_method("early_stopping", strategy, "should_stop", example)
        return self._with(early_stopping=strategy)

    def renderer(self, renderer: Renderer) -> LearnerBuilder:
        """What shows the run, instead of a live display in a terminal or a line an epoch elsewhere."""
        needs_method("renderer", renderer, "__call__", "PlainRenderer()", "a renderer")
        return self._with(renderer=renderer)

    def summary(self) -> LearnerBuilder:
        """Prints the table of all numeric metrics after `fit`."""
        return self._with(summary=True)

    def allow_non_finite(self) -> LearnerBuilder:
        """A training loss that is NaN or infinite is a warning, and the optimizer takes its step."""
        return self._with(non_finite_allowed=True)

    def interrupter(self) -> TrainingInterrupter:
        """What stops the run from elsewhere: of this builder and all made from it."""
        return self._settings.interrupter

    def build(self, model: M, optim: Optimizer, lr: float | LrScheduler) -> Learner[M]:
        """The Learner. `lr` is a number, or a scheduler that takes a step at every batch.

        Raises `LearnerError` for a model that lacks `train_step`, `valid_step` or parameters that track gradients, for
        a strategy that watches what nobody measures, and when there is nothing to resume from; `ConfigError` for a
        learning rate that is none; `MissingExtraError` when the recorder lacks its library.
        """
        settings = self._settings
        kind = type(model).__name__
        if not isinstance(model, Module):
            raise LearnerError(f"build: the model is no Module but {kind}: {model!r}\n  class Model(Module): ...")
        for step, returns in ("train_step", "TrainOutput(self, loss.backward(), item)"), ("valid_step", "item"):
            if not callable(getattr(model, step, None)):
                raise LearnerError(f"build: {kind} has no {step}\n  def {step}(self, batch): ... return {returns}")
        if lacks := [name for name in ("step", "to_record", "load_record") if not callable(getattr(optim, name, None))]:
            why = "" if "step" in lacks else f": it has no {' and no '.join(lacks)}, which checkpoints need"
            raise LearnerError(
                f"build: {type(optim).__name__} is no optimizer{why}\n"
                "  AdamConfig().init() makes an optimizer of a config"
            )
        if settings.devices is not None:
            model = model.fork(settings.devices[0])
        device = model.device
        if device is None:
            raise LearnerError(
                f"build: {kind} has no parameters, and there is nothing to train\n"
                "  make a layer a field of it, such as LinearConfig(2, 1).init(device)"
            )
        if not device.tracks:
            raise LearnerError(
                f"build: {kind} is on {device}, which tracks no gradients\n"
                "  .devices([Autodiff(NdArray())]) trains it on a device that does"
            )
        if not any(param.birth for param in model.params()):
            raise LearnerError(
                f"build: every parameter of {kind} is frozen, and nothing is left to train\n"
                "  no_grad() on a part of the model freezes that part: model.replace(encoder=model.encoder.no_grad())"
            )
        needs_optimize(model)
        settings.check_watched()
        if settings.resume_from is not None and settings.recorder is None:
            raise LearnerError("build: there is nothing to resume from without with_file_checkpointer(recorder)")
        if settings.recorder is not None:
            settings.recorder.to_bytes({})  # a library that it lacks is missed now, and not after the first epoch
        return Learner(settings, model, device, optim, scheduler_of(lr))


def _counts(value: Any) -> bool:
    """Whether it is a whole number of at least 1."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool) and bool(value >= 1)
