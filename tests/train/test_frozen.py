"""A part of a model that no_grad() has frozen, through fit, checkpoint and resume."""

from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad.errors import LearnerError, MinigradWarning
from minigrad.record import DefaultRecorder


def frozen(job: ModuleType) -> Any:
    model = job.model()
    return model.replace(linear1=model.linear1.no_grad())


def test_frozen_bits_do_not_move(job: ModuleType, tmp_path: Path) -> None:
    model = frozen(job)
    learner = job.learner(job.builder(tmp_path, 3), model)
    fitted = learner.fit(*job.loaders())
    best = learner.best()
    on_disk = model.load_file(tmp_path / "checkpoint/model-3", DefaultRecorder())
    for later in fitted, best, on_disk:
        for name in "weight", "bias":
            assert getattr(later.linear1, name).numpy().tobytes() == getattr(model.linear1, name).numpy().tobytes()
            assert not getattr(later.linear1, name).is_require_grad
            assert getattr(later.linear2, name).numpy().tobytes() != getattr(model.linear2, name).numpy().tobytes()
            assert getattr(later.linear2, name).is_require_grad
    optim = DefaultRecorder().load(tmp_path / "checkpoint/optim-3")
    assert len(optim) == 2  # nothing is kept for what does not move
    state = json.loads((tmp_path / "checkpoint/state-3.json").read_text())
    assert state["frozen"] == ["linear1.weight", "linear1.bias"]


def test_a_resumed_run_keeps_them(job: ModuleType, tmp_path: Path) -> None:
    whole = job.learner(job.builder(tmp_path / "whole", 4), frozen(job)).fit(*job.loaders())
    job.learner(job.builder(tmp_path / "parts", 2), frozen(job)).fit(*job.loaders())
    parts = job.learner(job.builder(tmp_path / "parts", 4).resume(), frozen(job)).fit(*job.loaders())
    assert [p.numpy().tobytes() for p in parts.params()] == [p.numpy().tobytes() for p in whole.params()]
    assert parts.linear1.weight.numpy().tobytes() == job.model().linear1.weight.numpy().tobytes()


def test_a_resumed_run_that_thaws_or_freezes_says_so(job: ModuleType, tmp_path: Path) -> None:
    job.learner(job.builder(tmp_path, 1), frozen(job)).fit(*job.loaders())
    with pytest.warns(MinigradWarning) as warned:
        thawed = job.learner(job.builder(tmp_path, 2).resume(), job.model()).fit(*job.loaders())
    assert [str(warning.message) for warning in warned] == [
        "checkpoint 1 trained a model with linear1.weight, linear1.bias frozen; this one has nothing frozen\n"
        "  training goes on, but not as the run that was stopped"
    ]
    assert thawed.linear1.weight.numpy().tobytes() != job.model().linear1.weight.numpy().tobytes()
    with pytest.warns(MinigradWarning, match="with nothing frozen; this one has linear1.weight, linear1.bias frozen"):
        job.learner(job.builder(tmp_path, 3).resume(), frozen(job)).fit(*job.loaders())


def test_nothing_left_to_train(job: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(LearnerError) as error:
        job.learner(job.builder(tmp_path), job.model().no_grad())
    assert str(error.value) == (
        "build: every parameter of Model is frozen, and nothing is left to train\n"
        "  no_grad() on a part of the model freezes that part: model.replace(encoder=model.encoder.no_grad())"
    )
