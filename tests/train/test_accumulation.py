"""Gradients summed over several batches."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import LearnerError
from minigrad.nn import Linear, LinearConfig
from minigrad.optim import AdamConfig, GradientsAccumulator, GradientsParams
from minigrad.train import LearnerBuilder
from minigrad.train.event import BatchDone, Event, StateReady
from minigrad.train.metric import LossMetric


def weights(model: Any) -> list[bytes]:
    return [param.numpy().tobytes() for param in model.params()]


class Halving:
    """Another rate at every iteration."""

    def __init__(self, lr: float = 0.08) -> None:
        self.lr = lr

    def step(self) -> float:
        self.lr /= 2
        return self.lr

    def to_record(self) -> float:
        return self.lr

    def load_record(self, record: float) -> Halving:
        return Halving(record)


@pytest.fixture
def builder(job: ModuleType, tmp_path: Path) -> LearnerBuilder:
    return LearnerBuilder(tmp_path).metric_train_numeric(LossMetric()).renderer(job.SilentRenderer())


@pytest.mark.parametrize("window", [1, 2, 3, 5])
def test_a_window_is_one_step_with_its_sum(job: ModuleType, builder: LearnerBuilder, window: int) -> None:
    """Three batches an epoch: windows of 2 + 1, of 3, and of 3 that were to be 5. Each has its last learning rate."""
    run = builder.num_epochs(2).grads_accumulation(window)
    fitted = run.build(job.model(), AdamConfig().init(), Halving()).fit(job.loaders()[0])

    device = Autodiff(NdArray(seed=42))
    loader, model, optim = job.loaders()[0].to_device(device), job.model(device), AdamConfig().init()
    rate = Halving()
    for _ in range(2):
        batches = list(loader)
        for start in range(0, len(batches), window):
            parts = [
                (rate.step(), GradientsParams.from_grads(model.train_step(batch).item.loss.backward(), model))
                for batch in batches[start : start + window]
            ]
            total = parts[0][1]
            for _, grads in parts[1:]:
                for param in model.params():
                    total.register(param, Tensor(total.get(param).numpy() + grads.get(param).numpy()))
            model = optim.step(parts[-1][0], model, total)
    assert weights(fitted) == weights(model)


def test_one_batch_is_no_accumulation(job: ModuleType, builder: LearnerBuilder) -> None:
    plain, one, two = (
        weights(job.learner(run.num_epochs(2), job.model()).fit(job.loaders()[0]))
        for run in (builder, builder.grads_accumulation(1), builder.grads_accumulation(2))
    )
    assert plain == one
    assert plain != two


def test_halves_of_a_batch_are_the_batch(job: ModuleType, builder: LearnerBuilder) -> None:
    """The gradient of a sum is the sum of the gradients: two batches of 10 as one of 20, whose mean loss is half."""

    class Quiet(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:  # without noise
            item = self.classify(batch)
            return job.TrainOutput(self, item.loss.backward(), item)

    def fit(size: int, window: int, scale: float) -> Any:
        class Scaled(Quiet):
            def classify(self, batch: Any) -> Any:
                item = super().classify(batch)
                return job.ClassificationOutput(item.loss * scale, item.output, item.targets)

        loader = job.DataLoaderBuilder(job.PointsBatcher()).batch_size(size).build(job.points(20, seed=1))
        run = builder.num_epochs(5).grads_accumulation(window)
        return job.learner(run, job.model(kind=Scaled)).fit(loader)

    whole, halves = fit(20, 1, 2.0), fit(10, 2, 1.0)
    for a, b in zip(whole.params(), halves.params(), strict=True):
        np.testing.assert_allclose(a.numpy(), b.numpy(), rtol=1e-4, atol=1e-6)


def test_every_batch_has_its_rate_and_its_metrics(job: ModuleType, builder: LearnerBuilder) -> None:
    events: list[Event] = []
    run = builder.num_epochs(2).grads_accumulation(2).renderer(events.append)
    run.build(job.model(), AdamConfig().init(), Halving()).fit(job.loaders()[0])
    rates = [event.metadata.lr for event in events if isinstance(event, BatchDone)]
    assert rates == [0.08 / 2**n for n in range(1, 7)]
    assert [event.state.iterations for event in events if isinstance(event, StateReady)] == [3, 6]


def test_a_stop_in_a_window_gives_what_was_gathered(job: ModuleType, builder: LearnerBuilder) -> None:
    interrupter = builder.interrupter()

    class Stopping(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            interrupter.stop()
            return super().train_step(batch)

    model = job.model(kind=Stopping)
    fitted = job.learner(builder.grads_accumulation(2), model).fit(job.loaders()[0])
    assert weights(fitted) != weights(model)


@pytest.mark.parametrize("given", [0, -1, 1.5, True, "2", None])
def test_windows_that_cannot_be(builder: LearnerBuilder, given: Any) -> None:
    with pytest.raises(LearnerError) as error:
        builder.grads_accumulation(given)
    assert str(error.value) == f"grads_accumulation({given!r}): it takes a whole number of at least 1"


# The accumulator


def test_the_gradients_given_stay_as_they_were() -> None:
    model = LinearConfig(2, 1).init(Autodiff(NdArray(seed=1)))
    total = GradientsAccumulator()
    parts = [GradientsParams.from_grads(model(Tensor([[1.0, n]])).sum().backward(), model) for n in (2.0, 3.0, 4.0)]
    before = [part.get(model.weight).numpy().copy() for part in parts]  # type: ignore[union-attr]
    for part in parts:
        total.accumulate(model, part)
    first = total.grads()
    assert first.get(model.weight).numpy().tolist() == [[3.0], [9.0]]  # type: ignore[union-attr]
    total.accumulate(model, parts[0])  # anew: what was given away is not added to
    total.accumulate(model, parts[0])
    assert first.get(model.weight).numpy().tolist() == [[3.0], [9.0]]  # type: ignore[union-attr]
    assert total.grads().get(model.bias).numpy().tolist() == [2.0]  # type: ignore[union-attr]
    assert all((part.get(model.weight).numpy() == was).all() for part, was in zip(parts, before, strict=True))  # type: ignore[union-attr]
    assert len(total.grads()) == 0


def test_a_parameter_that_is_used_now_and_then() -> None:
    device = Autodiff(NdArray(seed=1))
    one, other = LinearConfig(1, 1).init(device), LinearConfig(1, 1).init(device)

    class Both(Module):
        one: Linear
        other: Linear

    model, total = Both(one, other), GradientsAccumulator()
    for layer in one, other, one:
        total.accumulate(model, layer(Tensor([[2.0]])).sum().backward())
    sums = total.grads()
    assert [sums.get(p).item() for p in model.params()] == [4.0, 2.0, 2.0, 1.0]  # type: ignore[union-attr]
