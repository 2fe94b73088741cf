"""Learner.step, and a model's own `optimize`."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from minigrad.errors import LearnerError, MinigradWarning, NonFiniteError
from minigrad.optim import AdamConfig, GradientsParams
from minigrad.train import LearnerBuilder, TrainOutput


def weights(model: Any) -> list[bytes]:
    return [param.numpy().tobytes() for param in model.params()]


@pytest.fixture
def builder(job: ModuleType, tmp_path: Path) -> LearnerBuilder:
    return LearnerBuilder(tmp_path / "a").renderer(job.SilentRenderer())


# Walking


@pytest.mark.parametrize("window", [1, 3])
def test_steps_by_hand_are_those_of_fit(job: ModuleType, builder: LearnerBuilder, window: int) -> None:
    """Windows of 3 fit the 3 batches of an epoch."""
    builder = builder.grads_accumulation(window)
    fitted = job.learner(builder.num_epochs(2), job.model()).fit(job.loaders()[0])
    learner = job.learner(builder, job.model())
    loader, items = job.loaders()[0].to_device(learner.device), []
    for _ in range(2):
        items += [learner.step(batch) for batch in loader]
    assert weights(learner.model) == weights(fitted)
    assert [type(item).__name__ for item in items] == ["ClassificationOutput"] * 6
    assert items[0].loss.item() > 0


def test_a_walk_writes_nothing_and_leaves_what_was_given(
    job: ModuleType, builder: LearnerBuilder, tmp_path: Path
) -> None:
    model, optim = job.model(), AdamConfig().init()
    before = weights(model)
    learner = builder.build(model, optim, 0.05)
    learner.step(next(iter(job.loaders()[0].to_device(learner.device))))
    assert not (tmp_path / "a").exists()
    assert weights(model) == before
    assert optim.to_record() == {}
    assert weights(learner.model) != before


def test_fit_goes_on_from_a_walk(job: ModuleType, builder: LearnerBuilder) -> None:
    """With its model and its optimizer's moments, as a loop by hand does."""
    learner = job.learner(builder, job.model())
    train = job.loaders()[0].to_device(learner.device)
    for batch in train:
        learner.step(batch)
    fitted = learner.fit(train)  # the loader's second epoch
    assert weights(fitted) == weights(job.learner(builder.num_epochs(2), job.model()).fit(job.loaders()[0]))


def test_a_walk_looks_at_the_loss(job: ModuleType, builder: LearnerBuilder) -> None:
    class Bad(job.Model):  # type: ignore[name-defined, misc]
        def classify(self, batch: Any) -> Any:
            item = super().classify(batch)
            return job.ClassificationOutput(item.loss * np.nan, item.output, item.targets)

    learner = job.learner(builder, job.model(kind=Bad))
    batch = next(iter(job.loaders()[0].to_device(learner.device)))
    before = weights(learner.model)
    with pytest.raises(NonFiniteError) as error:
        learner.step(batch)
    assert str(error.value).startswith("the training loss is NaN\n  born in ")
    assert weights(learner.model) == before
    with pytest.warns(MinigradWarning, match="the training loss is NaN"):
        job.learner(builder.allow_non_finite(), job.model(kind=Bad)).step(batch)


# optimize


def test_a_model_may_clip_its_weights(job: ModuleType, builder: LearnerBuilder) -> None:
    class Clipped(job.Model):  # type: ignore[name-defined, misc]
        def optimize(self, optim: Any, lr: float, grads: GradientsParams) -> Any:
            assert isinstance(grads, GradientsParams)
            return optim.step(lr, self, grads).map(lambda _, p: p.clip(-0.1, 0.1))

    fitted = job.learner(builder.num_epochs(2), job.model(kind=Clipped)).fit(job.loaders()[0])
    assert max(abs(param.numpy()).max() for param in fitted.params()) == np.float32(0.1)
    assert isinstance(fitted, Clipped)


@pytest.mark.parametrize("window", [1, 2])
def test_a_hook_that_does_what_the_learner_does(job: ModuleType, builder: LearnerBuilder, window: int) -> None:
    calls: list[tuple[float, int]] = []

    class Same(job.Model):  # type: ignore[name-defined, misc]
        def optimize(self, optim: Any, lr: float, grads: GradientsParams) -> Any:
            calls.append((lr, len(grads)))
            return optim.step(lr, self, grads)

    builder = builder.num_epochs(2).grads_accumulation(window)
    ours, plain = (
        weights(job.learner(builder, job.model(kind=kind)).fit(job.loaders()[0])) for kind in (Same, job.Model)
    )
    assert ours == plain
    assert calls == [(0.05, 4)] * (6 // window if window == 1 else 4)  # windows of 2 and 1 in each epoch


def test_a_hook_gets_gradients_by_id_whatever_the_step_gave(job: ModuleType, builder: LearnerBuilder) -> None:
    class ById(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            output = super().train_step(batch)
            return TrainOutput(self, output.grads, output.item)

        def optimize(self, optim: Any, lr: float, grads: GradientsParams) -> Any:
            grads.remove(self.linear1.weight)
            return optim.step(lr, self, grads)

    model = job.model(kind=ById)
    fitted = job.learner(builder, model).fit(job.loaders()[0])
    changed = [a != b for a, b in zip(weights(model), weights(fitted), strict=True)]
    assert changed == [False, True, True, True]


@pytest.mark.parametrize(("given", "named"), [(None, "None"), (1.5, "a float"), ("other", "a Linear")])
def test_a_hook_that_returns_something_else(job: ModuleType, builder: LearnerBuilder, given: Any, named: str) -> None:
    class Forgetful(job.Model):  # type: ignore[name-defined, misc]
        def optimize(self, optim: Any, lr: float, grads: GradientsParams) -> Any:
            optim.step(lr, self, grads)
            return self.linear1 if given == "other" else given

    with pytest.raises(LearnerError) as error:
        job.learner(builder, job.model(kind=Forgetful)).fit(job.loaders()[0])
    assert str(error.value) == (
        f"Forgetful.optimize returned {named}, not the new model\n  return optim.step(lr, self, grads)"
    )


def test_a_hook_of_other_arguments_is_refused_at_once(job: ModuleType, builder: LearnerBuilder) -> None:
    class Short(job.Model):  # type: ignore[name-defined, misc]
        def optimize(self, optim: Any, lr: float) -> Any:
            return self

    with pytest.raises(LearnerError) as error:
        job.learner(builder, job.model(kind=Short))
    assert str(error.value) == (
        "build: Short.optimize cannot be called with (optim, lr, grads): too many positional arguments\n"
        "  def optimize(self, optim, lr, grads): return optim.step(lr, self, grads)"
    )


def test_a_field_of_that_name_is_no_hook(job: ModuleType, builder: LearnerBuilder) -> None:
    class Named(job.Model):  # type: ignore[name-defined, misc]
        optimize: bool = True

    job.learner(builder, job.model(kind=Named)).fit(job.loaders()[0])
