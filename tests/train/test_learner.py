"""The loop: what fit does in which order, and what it says when something is wrong."""

from __future__ import annotations

import math
import sys
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import (
    CheckpointError,
    ConfigError,
    LearnerError,
    MetricError,
    MinigradError,
    MinigradWarning,
    MissingExtraError,
    NonFiniteError,
)
from minigrad.nn.loss import BinaryCrossEntropyLossConfig
from minigrad.optim import AdamConfig
from minigrad.optim.lr_scheduler import ConstantLr
from minigrad.record import CompactRecorder, DefaultRecorder
from minigrad.train import ClassificationOutput, EvaluatorBuilder, LearnerBuilder, TrainOutput
from minigrad.train.event import BatchDone, EpochDone, EpochStarted, Event, FitEnded, FitStarted, StateReady
from minigrad.train.logger import InMemoryMetricLogger
from minigrad.train.metric import BinaryAccuracyMetric, History, LossMetric, Split
from minigrad.train.renderer import SilentRenderer


@pytest.fixture
def builder(job: ModuleType, tmp_path: Path) -> LearnerBuilder:
    """Without checkpoints."""
    return (
        LearnerBuilder(tmp_path)
        .metric_train_numeric(LossMetric())
        .metric_valid_numeric(LossMetric())
        .renderer(job.SilentRenderer())
    )


def weights(model: Any) -> list[bytes]:
    return [param.numpy().tobytes() for param in model.params()]


# What fit does


def test_fit_is_the_loop_by_hand(job: ModuleType, builder: LearnerBuilder) -> None:
    fitted = job.learner(builder.num_epochs(3), job.model()).fit(*job.loaders())
    device = Autodiff(NdArray(seed=42))
    train = job.loaders()[0].to_device(device)
    model, optim = job.model(device), AdamConfig().init()
    for _ in range(3):
        for batch in train:
            output = model.train_step(batch)
            model = optim.step(0.05, model, output.grads)
    assert weights(fitted) == weights(model)


def test_the_order_of_events(job: ModuleType, builder: LearnerBuilder) -> None:
    events: list[Event] = []
    job.learner(builder.num_epochs(2).renderer(events.append), job.model()).fit(*job.loaders())
    kinds = [type(event).__name__ for event in events]
    epoch = [
        "EpochStarted",
        *["BatchDone"] * 3,
        "EpochDone",
        "EpochStarted",
        *["BatchDone"] * 2,
        "EpochDone",
        "StateReady",
    ]
    assert kinds == ["FitStarted", *epoch, *epoch, "FitEnded"]
    first = events[0]
    assert isinstance(first, FitStarted)
    assert (first.epoch, first.epoch_total, first.interrupter) == (1, 2, builder.interrupter())
    assert first.history == History()
    assert events[-1] == FitEnded(2, True)
    started = [event for event in events if isinstance(event, EpochStarted)]
    assert started[2:] == [EpochStarted(Split.Train, 2, 2, 20), EpochStarted(Split.Valid, 2, 2, 9)]
    batches = [event for event in events if isinstance(event, BatchDone)][5:]
    assert [(b.split, b.metadata.iteration, b.metadata.items, b.metadata.lr) for b in batches] == [
        (Split.Train, 1, 7, 0.05),
        (Split.Train, 2, 7, 0.05),
        (Split.Train, 3, 6, 0.05),
        (Split.Valid, 1, 5, None),
        (Split.Valid, 2, 4, None),
    ]
    assert [tuple(b.metadata.progress) for b in batches] == [(7, 20), (14, 20), (20, 20), (5, 9), (9, 9)]
    states = [event.state for event in events if isinstance(event, StateReady)]
    assert [(state.epoch, state.iterations) for state in states] == [(1, 3), (2, 6)]


def test_an_epochs_value_weighs_batches_by_their_items(job: ModuleType, builder: LearnerBuilder) -> None:
    log = InMemoryMetricLogger()
    events: list[Event] = []
    run = builder.metric_loggers(log, InMemoryMetricLogger()).renderer(events.append)
    job.learner(run, job.model()).fit(*job.loaders())
    values = [entry.value for entry in log.epochs[1]["Loss"]]
    done = next(event for event in events if isinstance(event, EpochDone))
    assert done.values["Loss"] == pytest.approx((7 * values[0] + 7 * values[1] + 6 * values[2]) / 20, rel=1e-12)
    assert len(set(values)) == 3


def test_the_scheduler_steps_at_every_batch_before_the_forward_pass(job: ModuleType, builder: LearnerBuilder) -> None:
    trace: list[str] = []

    class Halving:
        def __init__(self, lr: float = 0.04) -> None:
            self.lr = lr

        def step(self) -> float:
            trace.append("rate")
            self.lr /= 2
            return self.lr

        def to_record(self) -> float:
            return self.lr

        def load_record(self, record: float) -> Halving:
            return Halving(record)

    class Traced(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            trace.append("step")
            return super().train_step(batch)

    events: list[Event] = []
    learner = (
        builder.num_epochs(2).renderer(events.append).build(job.model(kind=Traced), AdamConfig().init(), Halving())
    )
    learner.fit(*job.loaders())
    assert trace == ["rate", "step"] * 6
    rates = [event.metadata.lr for event in events if isinstance(event, BatchDone) and event.split is Split.Train]
    assert rates == [0.02, 0.01, 0.005, 0.0025, 0.00125, 0.000625]


def test_training_runs_on_the_device_and_validation_on_its_inner_one(job: ModuleType, builder: LearnerBuilder) -> None:
    device = Autodiff(NdArray(seed=1))
    seen: list[tuple[str, Any, bool]] = []

    class Looking(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            seen.append(("train", batch.inputs.device, self.linear1.weight.is_require_grad))
            return super().train_step(batch)

        def valid_step(self, batch: Any) -> Any:
            seen.append(("valid", batch.inputs.device, self.linear1.weight.is_require_grad))
            return super().valid_step(batch)

    fitted = job.learner(builder.devices([device]), job.model(kind=Looking)).fit(*job.loaders())
    assert seen == [("train", device, True)] * 3 + [("valid", device.inner, False)] * 2
    assert fitted.device is device
    assert fitted.linear1.weight.is_require_grad


def test_a_model_of_inference_is_moved_to_a_device_that_trains(job: ModuleType, builder: LearnerBuilder) -> None:
    inferring = job.model(NdArray(seed=5))
    fitted = job.learner(builder.devices([Autodiff(NdArray(seed=5))]), inferring).fit(*job.loaders())
    assert weights(fitted) != weights(inferring)
    assert not inferring.linear1.weight.is_require_grad


def test_the_model_and_the_loaders_given_stay_as_they_were(job: ModuleType, builder: LearnerBuilder) -> None:
    model, (train, valid) = job.model(), job.loaders()
    before, records = weights(model), (train.to_record(), valid.to_record())
    optim = AdamConfig().init()
    builder.build(model, optim, 0.05).fit(train, valid)
    assert weights(model) == before
    assert (train.to_record(), valid.to_record()) == records
    assert optim.to_record() == {}


def test_a_users_own_item_and_metric_work(job: ModuleType, builder: LearnerBuilder) -> None:
    @dataclass(frozen=True, eq=False)
    class Item:
        loss: Tensor
        output: Tensor
        targets: Tensor

    class Own(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            item = super().train_step(batch).item
            return TrainOutput(self, item.loss.backward(), Item(item.loss, item.output, item.targets))

    events: list[Event] = []
    run = builder.metric_train_numeric(BinaryAccuracyMetric()).renderer(events.append)
    job.learner(run, job.model(kind=Own)).fit(*job.loaders())
    done = next(event for event in events if isinstance(event, EpochDone))
    assert list(done.values) == ["Loss", "Binary Accuracy"]


def test_a_loss_is_not_needed(job: ModuleType, tmp_path: Path) -> None:
    @dataclass(frozen=True, eq=False)
    class Item:
        output: Tensor
        targets: Tensor

    class Lossless(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            item = super().train_step(batch).item
            return TrainOutput(self, item.loss.backward(), Item(item.output, item.targets))

    builder = LearnerBuilder(tmp_path).metric_train_numeric(BinaryAccuracyMetric()).renderer(job.SilentRenderer())
    job.learner(builder, job.model(kind=Lossless)).fit(*job.loaders())
    with pytest.raises(MetricError) as error:
        job.learner(builder.metric_train_numeric(LossMetric()), job.model(kind=Lossless)).fit(*job.loaders())
    assert str(error.value) == (
        "the loss cannot be read: Item has no tensor in a field `loss`\n"
        "  return ClassificationOutput(loss, output, targets), or a dataclass of yours with a field `loss`"
    )


@pytest.mark.parametrize("loss", [np.float32(0.5), np.array([0.5]), 0.5, "low"])
def test_a_loss_is_a_tensor(job: ModuleType, tmp_path: Path, loss: Any) -> None:
    class Numbers(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            output = super().train_step(batch)
            return TrainOutput(self, output.gradients, SimpleNamespace(loss=loss))

    builder = LearnerBuilder(tmp_path).renderer(job.SilentRenderer())
    with pytest.raises(MetricError, match="SimpleNamespace has no tensor in a field `loss`"):
        job.learner(builder, job.model(kind=Numbers)).fit(*job.loaders())


def test_the_gradients_of_a_step_by_id(job: ModuleType) -> None:
    model = job.model()
    output = model.train_step(next(iter(job.loaders()[0].to_device(model.device))))
    assert sorted(output.grads) == sorted(param.id for param in model.params())
    again = TrainOutput(model, output.grads, output.item)
    assert again.grads is again.gradients


def test_the_interrupter_stops_after_the_batch(job: ModuleType, builder: LearnerBuilder) -> None:
    steps = []
    interrupter = builder.num_epochs(1).interrupter()  # every builder made from the first has the same

    class Stopping(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            steps.append(1)
            if len(steps) == 2:
                interrupter.stop()
            return super().train_step(batch)

    model = job.model(kind=Stopping)
    events: list[Event] = []
    fitted = job.learner(builder.num_epochs(5).renderer(events.append), model).fit(*job.loaders())
    assert len(steps) == 2
    assert weights(fitted) != weights(model)
    assert events[-1] == FitEnded(0, False)


def test_builders_are_values(job: ModuleType, tmp_path: Path) -> None:
    base = LearnerBuilder(tmp_path)
    base.num_epochs(7).metric_train_numeric(LossMetric()).summary().with_file_checkpointer(DefaultRecorder())
    learner = base.build(job.model(), AdamConfig().init(), 0.1)
    assert learner.settings == replace(learner.settings, num_epochs=1, recorder=None, summary=False)
    assert learner.settings.metrics == {Split.Train: (), Split.Valid: ()}


def test_without_metrics_nothing_is_logged(job: ModuleType, tmp_path: Path) -> None:
    builder = LearnerBuilder(tmp_path).renderer(job.SilentRenderer()).with_application_logger(None)
    job.learner(builder, job.model()).fit(*job.loaders())
    assert list(tmp_path.iterdir()) == []


# Losses that are no number


class Bad:
    """A loss of NaN from a given training or validation batch on."""

    def __init__(self, job: ModuleType, step: str, at: int, value: float = math.nan) -> None:
        seen = []

        class Model(job.Model):  # type: ignore[name-defined, misc]
            def classify(self, batch: Any) -> Any:
                item = super().classify(batch)
                if batch.inputs.device.tracks is (step == "train"):
                    seen.append(1)
                    if len(seen) >= at:
                        return ClassificationOutput(item.loss * value, item.output, item.targets)
                return item

        self.model = Model


def test_a_loss_of_nan_stops_before_the_optimizer(job: ModuleType, builder: LearnerBuilder) -> None:
    with pytest.raises(NonFiniteError) as error:
        job.learner(builder.num_epochs(5), job.model(kind=Bad(job, "train", 5).model)).fit(*job.loaders())
    assert str(error.value) == (
        "the training loss is NaN in epoch 2, iteration 2\n"
        "  born in the data: 1 NaN of 1 value in y of mul, of shape ()\n"
        "    for the line: debug.where_nan(f, *args), or `with debug.lines():` around the program\n"
        "  fill it in the dataset, or leave the item out; allow_non_finite() lets the run go on"
    )


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy, of weights that are no numbers
def test_a_parameter_of_nan_is_named(job: ModuleType, builder: LearnerBuilder) -> None:
    broken = job.model().map(lambda path, p: p * math.nan if path == "linear2.bias" else p)
    with pytest.raises(
        NonFiniteError, match=r"\n  born in the parameter linear2\.bias of shape \(1,\): 1 NaN of 1 value\n"
    ):
        job.learner(builder, broken).fit(*job.loaders())


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy, of inf - inf in the backward pass
def test_an_infinite_loss_stops_too(job: ModuleType, builder: LearnerBuilder) -> None:
    with pytest.raises(NonFiniteError, match="the training loss is -inf in epoch 1, iteration 1"):
        job.learner(builder, job.model(kind=Bad(job, "train", 1, -math.inf).model)).fit(*job.loaders())


class Rooted:
    """Whose loss is finite at its last step, and the gradient of it is not."""

    def __init__(self, job: ModuleType, last: int) -> None:
        class Model(job.Model):  # type: ignore[misc, name-defined]
            def train_step(self, batch: Any) -> TrainOutput[Any]:
                counted.steps += 1
                output = super().train_step(batch)
                if counted.steps < last:
                    return output  # type: ignore[no-any-return]
                zero = (self.linear2.bias - self.linear2.bias.detach()).sum()
                return TrainOutput(self, (self.classify(batch).loss + zero.sqrt()).backward(), output.item)

        counted = self
        self.steps, self.model = 0, Model


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy, of the root's gradient
def test_a_gradient_of_nan_at_the_end_of_an_epoch(job: ModuleType, builder: LearnerBuilder, tmp_path: Path) -> None:
    """Nothing looks at a loss after it: the model would be returned, and saved over the good ones."""
    run = builder.num_epochs(2).with_file_checkpointer(DefaultRecorder())
    with pytest.raises(NonFiniteError) as error:
        job.learner(run, job.model(kind=Rooted(job, 6).model)).fit(job.loaders()[0])
    assert str(error.value) == (
        "epoch 2 left NaN in the parameter linear2.bias of shape (1,): 1 NaN of 1 value\n"
        "  the losses were finite, and the gradient of the last was not, as that of a square root at zero\n"
        "  allow_non_finite() lets the run go on"
    )
    assert sorted(path.name for path in (tmp_path / "checkpoint").glob("model-*")) == ["model-1.mpk"]
    allowed = job.learner(builder.num_epochs(2).allow_non_finite(), job.model(kind=Rooted(job, 6).model))
    assert np.isnan(allowed.fit(job.loaders()[0]).linear2.bias.item())


def test_a_loss_of_nan_is_allowed_and_said_once(job: ModuleType, builder: LearnerBuilder) -> None:
    learner = job.learner(builder.num_epochs(2).allow_non_finite(), job.model(kind=Bad(job, "train", 2).model))
    with pytest.warns(MinigradWarning) as warned:
        fitted = learner.fit(*job.loaders())
    messages = [str(warning.message).splitlines()[0] for warning in warned]
    # the model is NaN now, and so is the loss of validation
    assert messages == [
        "the training loss is NaN in epoch 1, iteration 2",
        "the validation loss is NaN in epoch 1, iteration 1",
    ]
    assert np.isnan(fitted.linear1.weight.numpy()).all()


def test_a_validation_loss_of_nan_is_never_the_best(job: ModuleType, builder: LearnerBuilder, tmp_path: Path) -> None:
    run = builder.num_epochs(3).with_file_checkpointer(DefaultRecorder())
    learner = job.learner(run, job.model(kind=Bad(job, "valid", 3).model))  # from epoch 2 on
    with pytest.warns(MinigradWarning, match="the validation loss is NaN in epoch 2, iteration 1"):
        learner.fit(*job.loaders())
    assert sorted(path.name for path in (tmp_path / "checkpoint").glob("model-*")) == [
        "model-1.mpk",
        "model-2.mpk",
        "model-3.mpk",
    ]
    first = DefaultRecorder().load(tmp_path / "checkpoint/model-1")
    assert weights(learner.best()) == weights(job.model().load_record(first))


def test_a_loss_of_nan_in_every_epoch_leaves_no_best(job: ModuleType, builder: LearnerBuilder) -> None:
    run = builder.num_epochs(3).with_file_checkpointer(DefaultRecorder())
    learner = job.learner(run, job.model(kind=Bad(job, "valid", 1).model))
    with pytest.warns(MinigradWarning, match="the validation loss is NaN in epoch 1, iteration 1"):
        learner.fit(*job.loaders())
    with pytest.raises(CheckpointError) as error:
        learner.best()
    assert str(error.value) == (
        "no checkpoint is the best: Loss of valid is NaN in each of them\n"
        "  a smaller learning rate or grad_clipping may help; .checkpoint(epoch) goes on from any of them"
    )


# best()


def test_best_is_the_model_of_the_least_validation_loss(job: ModuleType, builder: LearnerBuilder) -> None:
    models: list[Any] = []
    losses: list[float] = []

    def watch(event: Event) -> None:
        if isinstance(event, StateReady):
            models.append(event.state.model)
            losses.append(event.state.history.values[Split.Valid]["Loss"][event.state.epoch])

    learner = job.learner(builder.num_epochs(6).with_file_checkpointer(DefaultRecorder()).renderer(watch), job.model())
    learner.fit(*job.loaders())
    assert weights(learner.best()) == weights(models[losses.index(min(losses))])
    assert min(losses) not in losses[-1:]  # or the last would do
    assert learner.best().linear1.weight.is_require_grad


def test_best_needs_checkpoints(job: ModuleType, builder: LearnerBuilder, tmp_path: Path) -> None:
    learner = job.learner(builder, job.model())
    learner.fit(*job.loaders())
    with pytest.raises(CheckpointError) as error:
        learner.best()
    assert str(error.value) == (
        f"there is no checkpoint in {tmp_path}/checkpoint\n"
        "  LearnerBuilder(...).with_file_checkpointer(recorder) saves them while fit runs"
    )


def test_best_needs_a_measure(job: ModuleType, tmp_path: Path) -> None:
    builder = LearnerBuilder(tmp_path).with_file_checkpointer(DefaultRecorder()).renderer(job.SilentRenderer())
    learner = job.learner(builder, job.model())
    learner.fit(*job.loaders())
    with pytest.raises(CheckpointError) as error:
        learner.best()
    assert str(error.value) == (
        "which checkpoint is the best cannot be told: Loss has no value in valid\n"
        "  LearnerBuilder(...).metric_valid_numeric(LossMetric()) measures it"
    )


# What cannot be


def said(call: Callable[[], Any]) -> str:
    with pytest.raises(MinigradError) as error:
        call()
    return f"{type(error.value).__name__}: {error.value}"


class Stepless(Module):
    def forward(self, input: Tensor) -> Tensor:
        return input


class Bare(Module):
    def train_step(self, batch: Any) -> Any: ...

    def valid_step(self, batch: Any) -> Any: ...


class Steps:
    def step(self, lr: float, model: Any, grads: Any) -> Any:
        return model


def test_what_a_builder_refuses(job: ModuleType, builder: LearnerBuilder) -> None:
    model, optim = job.model(), AdamConfig().init()
    device = Autodiff(NdArray(seed=1))
    assert said(lambda: builder.num_epochs(0)) == ("LearnerError: num_epochs(0): it takes a whole number of at least 1")
    assert said(lambda: builder.num_epochs(1.5)) == (  # type: ignore[arg-type]
        "LearnerError: num_epochs(1.5): it takes a whole number of at least 1"
    )
    assert said(lambda: builder.devices([])) == (
        "LearnerError: devices([]): it takes exactly one device, and NumPy has no more than one CPU\n"
        "  devices([Autodiff(NdArray(seed=42))])"
    )
    assert said(lambda: builder.devices([device, device])) == (
        "LearnerError: devices([Autodiff(NdArray(seed=1)), Autodiff(NdArray(seed=1))]): it takes exactly one device, "
        "and NumPy has no more than one CPU\n"
        "  devices([Autodiff(NdArray(seed=42))])"
    )
    assert said(lambda: builder.checkpoint(0)) == (
        "LearnerError: checkpoint(0): epochs count from 1\n  resume() finds the newest by itself"
    )
    assert said(lambda: builder.metric_train_numeric(LossMetric())) == (
        "MetricError: metric_train_numeric: train measures Loss already, and its log would be written twice\n"
        "  leave one out, or give a metric of your own another name()"
    )
    assert said(lambda: builder.metric_valid_numeric(LossMetric)) == (  # type: ignore[arg-type]
        "MetricError: metric_valid_numeric(LossMetric, a class): it takes a metric\n"
        "  metric_valid_numeric(LossMetric())"
    )
    assert said(lambda: builder.with_file_checkpointer(CompactRecorder)) == (  # type: ignore[arg-type]
        "LearnerError: with_file_checkpointer(CompactRecorder): it takes a recorder, and this makes one when it is "
        "called\n"
        "  with_file_checkpointer(CompactRecorder())"
    )
    assert said(lambda: builder.with_file_checkpointer("mpk")) == (  # type: ignore[arg-type]
        "LearnerError: with_file_checkpointer('mpk'): it takes a recorder\n  with_file_checkpointer(DefaultRecorder())"
    )
    assert said(lambda: builder.devices(device)) == (  # type: ignore[arg-type]
        "LearnerError: devices(Autodiff(NdArray(seed=1))): it takes a list of one device\n"
        "  devices([Autodiff(NdArray(seed=42))])"
    )
    assert said(lambda: builder.devices(["cpu"])) == (  # type: ignore[list-item]
        "LearnerError: devices(['cpu']): it takes a list of one device\n  devices([Autodiff(NdArray(seed=42))])"
    )
    assert said(lambda: LearnerBuilder(None)) == (  # type: ignore[arg-type]
        'LearnerError: LearnerBuilder(None): it takes the folder of a run\n  LearnerBuilder("artifacts/circle")'
    )
    assert said(lambda: builder.resume().build(model, optim, 0.1)) == (
        "LearnerError: build: there is nothing to resume from without with_file_checkpointer(recorder)"
    )
    assert said(lambda: builder.build(Stepless(), optim, 0.1)) == (
        "LearnerError: build: Stepless has no train_step\n"
        "  def train_step(self, batch): ... return TrainOutput(self, loss.backward(), item)"
    )
    assert said(lambda: builder.build(model, AdamConfig(), 0.1)) == (  # type: ignore[arg-type]
        "LearnerError: build: AdamConfig is no optimizer\n  AdamConfig().init() makes an optimizer of a config"
    )
    assert said(lambda: builder.build(model, Steps(), 0.1)) == (  # type: ignore[arg-type]
        "LearnerError: build: Steps is no optimizer: it has no to_record and no load_record, which checkpoints need\n"
        "  AdamConfig().init() makes an optimizer of a config"
    )
    assert said(lambda: builder.devices([device]).build(Bare(), optim, 0.1)) == (
        "LearnerError: build: Bare has no parameters, and there is nothing to train\n"
        "  make a layer a field of it, such as LinearConfig(2, 1).init(device)"
    )
    assert said(lambda: builder.renderer(SilentRenderer)) == (  # type: ignore[arg-type]
        "LearnerError: renderer(SilentRenderer, a class): it takes a renderer, with a method __call__\n"
        "  renderer(PlainRenderer())"
    )
    assert said(lambda: builder.renderer("plain")) == (  # type: ignore[arg-type]
        "LearnerError: renderer(a str): it takes a renderer, with a method __call__\n  renderer(PlainRenderer())"
    )
    for taken in builder, EvaluatorBuilder("a"):
        assert said(lambda: taken.with_application_logger("run.log")) == (  # type: ignore[arg-type] # noqa: B023
            "LearnerError: with_application_logger('run.log'): it takes a handler of logging, or None\n"
            '  with_application_logger(logging.FileHandler("run.log"))'
        )
    assert said(lambda: LearnerBuilder("a\0b")) == (
        "LearnerError: LearnerBuilder('a\\x00b'): it takes the folder of a run\n  LearnerBuilder(\"artifacts/circle\")"
    )
    assert said(lambda: builder.build(job.model(NdArray(seed=1)), optim, 0.1)) == (
        "LearnerError: build: Model is on NdArray(seed=1), which tracks no gradients\n"
        "  .devices([Autodiff(NdArray())]) trains it on a device that does"
    )
    with pytest.raises(ConfigError):
        builder.build(model, optim, math.nan)
    with pytest.raises(ConfigError):
        builder.build(model, optim, "0.1")  # type: ignore[arg-type]
    assert builder.build(model, optim, ConstantLr(0.1)).scheduler.step() == 0.1


def test_numbers_of_numpy_are_numbers(job: ModuleType, builder: LearnerBuilder) -> None:
    learner = builder.num_epochs(np.int64(3)).build(job.model(), AdamConfig().init(), np.float32(0.5))  # type: ignore[arg-type]
    assert (type(learner.settings.num_epochs), learner.settings.num_epochs) == (int, 3)
    assert (type(learner.scheduler.step()), learner.scheduler.step()) == (float, 0.5)
    assert type(builder.with_file_checkpointer(DefaultRecorder()).checkpoint(np.int64(2))._settings.resume_from) is int  # type: ignore[arg-type]
    with pytest.raises(LearnerError, match=r"num_epochs\(np.True_\)"):
        builder.num_epochs(np.True_)  # type: ignore[arg-type]


def test_a_library_that_the_recorder_lacks_is_missed_at_once(
    job: ModuleType, builder: LearnerBuilder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "msgpack", None)  # as if it were not installed
    with pytest.raises(MissingExtraError, match="pip install msgpack"):
        builder.with_file_checkpointer(DefaultRecorder()).build(job.model(), AdamConfig().init(), 0.1)
    builder.build(job.model(), AdamConfig().init(), 0.1)


def test_a_loss_in_place_of_its_gradients(job: ModuleType, builder: LearnerBuilder) -> None:
    class Forgetful(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            item = self.classify(batch)
            return TrainOutput(self, item.loss, item)

    with pytest.raises(LearnerError) as error:
        job.learner(builder, job.model(kind=Forgetful)).fit(*job.loaders())
    assert str(error.value) == (
        "TrainOutput: Tensor in place of gradients\n  TrainOutput(self, item.loss.backward(), item)"
    )


def test_a_model_of_probabilities_is_measured_with_their_threshold(job: ModuleType, builder: LearnerBuilder) -> None:
    class Sigmoid(job.Model):  # type: ignore[name-defined, misc]
        def classify(self, batch: Any) -> ClassificationOutput:
            output = self.forward(batch.inputs).sigmoid()
            loss = BinaryCrossEntropyLossConfig().init(output.device)(output.squeeze(1), batch.targets)
            return ClassificationOutput(loss, output, batch.targets)

    with pytest.raises(MetricError, match=r"\n  BinaryAccuracyMetric\(threshold=0.5\)"):
        job.learner(builder.metric_valid_numeric(BinaryAccuracyMetric()), job.model(kind=Sigmoid)).fit(*job.loaders())
    right = builder.metric_valid_numeric(BinaryAccuracyMetric(threshold=0.5))
    job.learner(right, job.model(kind=Sigmoid)).fit(*job.loaders())


@pytest.mark.parametrize(("given", "named"), [(None, "None"), (1.5, "a float"), ((1, 2), "a tuple")])
def test_a_step_that_returns_something_else(job: ModuleType, builder: LearnerBuilder, given: Any, named: str) -> None:
    class Wrong(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            return given

    with pytest.raises(LearnerError) as error:
        job.learner(builder, job.model(kind=Wrong)).fit(*job.loaders())
    assert str(error.value) == (
        f"Wrong.train_step returned {named}, not a TrainOutput\n  return TrainOutput(self, loss.backward(), item)"
    )


def test_a_loader_without_a_batch(job: ModuleType, builder: LearnerBuilder) -> None:
    train, valid = job.loaders()
    with pytest.raises(LearnerError) as error:
        job.learner(builder, job.model()).fit(train.slice(0, 0), valid)
    assert str(error.value) == (
        "the training loader gave no batch in epoch 1\n"
        "  is its dataset empty, or smaller than one batch with drop_last?"
    )
    with pytest.raises(LearnerError, match="the validation loader gave no batch in epoch 1"):
        job.learner(builder, job.model()).fit(train, valid.slice(0, 0))


def test_something_that_is_no_loader(job: ModuleType, builder: LearnerBuilder) -> None:
    with pytest.raises(LearnerError) as error:
        job.learner(builder, job.model()).fit([1, 2], job.loaders()[1])
    assert str(error.value) == (
        "fit: the training loader is a list, not a DataLoader\n"
        "  DataLoaderBuilder(batcher).batch_size(150).build(dataset) makes one"
    )


class Around:
    """A loader of the user's own, around another."""

    def __init__(self, loader: Any, counting: bool) -> None:
        self.loader, self.counting = loader, counting

    def __iter__(self) -> Any:
        return iter(self.loader) if self.counting else (batch for batch in self.loader)

    def to_device(self, device: Any) -> Around:
        return Around(self.loader.to_device(device), self.counting)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.loader, name)


def test_a_loader_of_ones_own(job: ModuleType, builder: LearnerBuilder) -> None:
    train = job.loaders()[0]
    fitted = job.learner(builder, job.model()).fit(Around(train, counting=True))
    assert weights(fitted) == weights(job.learner(builder, job.model()).fit(train))
    with pytest.raises(LearnerError) as error:
        job.learner(builder, job.model()).fit(Around(train, counting=False))
    assert str(error.value) == (
        "the training loader gave a generator to iterate over, which has no progress()\n"
        "  return iter(loader) of a DataLoader: it counts the items of each batch"
    )
    with pytest.raises(LearnerError) as error:
        job.learner(builder, job.model()).fit(job.model())
    assert str(error.value).splitlines()[0] == (
        "fit: the training loader is a Model, not a DataLoader (it has no num_items, no to_record)"
    )


# Burn's builder, method by method

BURNS = """
num_epochs devices grads_accumulation checkpoint with_file_checkpointer with_checkpointing_strategy early_stopping
metric_train metric_valid metric_train_numeric metric_valid_numeric metric_loggers renderer interrupter
with_application_logger summary build
"""
OURS = "resume allow_non_finite"


def test_the_builder_has_every_method_of_burns() -> None:
    public = {name for name in vars(LearnerBuilder) if not name.startswith("_")}
    assert public == {*BURNS.split(), *OURS.split()}
    assert len(BURNS.split()) + 1 == 18  # and new
