"""Batch norm in a run: what `forward` writes to is never the model that somebody else holds, and is in a checkpoint."""

from __future__ import annotations

from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad import Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.nn import BatchNorm, BatchNormConfig, LinearConfig
from minigrad.optim import AdamConfig
from minigrad.train import Learner, LearnerBuilder


def values(model: Any) -> dict[str, bytes]:
    found = {}
    model.visit(lambda path, param: found.update({path: param.numpy().tobytes()}))
    return found


@pytest.fixture
def normed(job: ModuleType) -> Any:
    class Normed(job.Model):  # type: ignore[misc, name-defined]
        norm: BatchNorm

        def forward(self, input: Tensor) -> Tensor:
            return self.linear2(self.norm(self.linear1(input)).relu())  # type: ignore[no-any-return]

    device = Autodiff(NdArray(seed=42))
    layers = LinearConfig(2, 4).init(device), LinearConfig(4, 1).init(device)
    return Normed(*layers, BatchNormConfig(4).init(device))


def learner(builder: LearnerBuilder, model: Any) -> Learner[Any]:
    return builder.build(model, AdamConfig().init(), 0.05)


def test_the_model_given_stays_as_it_was(job: ModuleType, tmp_path: Path, normed: Any) -> None:
    before = values(normed)
    walking = learner(job.builder(tmp_path), normed)
    walking.fit(*job.loaders())
    assert values(normed) == before
    walking.step(next(iter(job.loaders()[0].to_device(walking.device))))
    assert values(normed) == before
    assert values(walking.model)["norm.running_mean"] != before["norm.running_mean"]


def test_fit_again_does_the_same_again(job: ModuleType, tmp_path: Path, normed: Any) -> None:
    again = learner(job.builder(tmp_path), normed)
    draws = again.device.draws
    first = values(again.fit(*job.loaders()))
    again.device.draws = draws
    assert values(again.fit(*job.loaders())) == first


@pytest.mark.parametrize("window", [1, 2])
def test_a_resumed_run_has_the_same_statistics(job: ModuleType, tmp_path: Path, normed: Any, window: int) -> None:
    start = normed.device.draws
    whole = learner(job.builder(tmp_path / "a", 5).grads_accumulation(window), normed).fit(*job.loaders())
    normed.device.draws = start
    learner(job.builder(tmp_path / "b", 2).grads_accumulation(window), normed).fit(*job.loaders())
    normed.device.draws = 10**6  # as after anything else
    resumed = learner(job.builder(tmp_path / "b", 5).grads_accumulation(window).resume(), normed).fit(*job.loaders())
    assert values(resumed) == values(whole)
    for epoch in range(1, 6):
        logs = [(tmp_path / run / f"valid/epoch-{epoch}/Loss.log").read_text() for run in "ab"]
        assert logs[0] == logs[1]
