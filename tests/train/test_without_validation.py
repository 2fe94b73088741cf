"""fit(train): no validation, and everything else as ever."""

from __future__ import annotations

import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad import Tensor
from minigrad.errors import CheckpointError, LearnerError, MinigradWarning
from minigrad.record import DefaultRecorder
from minigrad.train import LearnerBuilder, LearnerSummary, TrainOutput
from minigrad.train.event import Event, StateReady
from minigrad.train.metric import BinaryAccuracyMetric
from minigrad.train.renderer import PlainRenderer


def weights(model: Any) -> list[bytes]:
    return [param.numpy().tobytes() for param in model.params()]


def test_everything_but_validation(job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    builder = job.builder(tmp_path, 3).renderer(PlainRenderer()).summary()
    fitted = job.learner(builder, job.model()).fit(job.loaders()[0])
    assert sorted(str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*.log")) == [
        "experiment.log",
        *(f"train/epoch-{n}/{name}.log" for n in (1, 2, 3) for name in ("Binary_Accuracy", "Loss")),
    ]
    assert [path.name for path in sorted((tmp_path / "checkpoint").glob("model-*"))][-2:] == [
        "model-2.mpk",
        "model-3.mpk",
    ]
    lines = capsys.readouterr().out.splitlines()
    number = r"\d+\.\d{3}"
    assert re.fullmatch(rf"Epoch 3/3: train Loss {number}, Binary Accuracy {number} \(\d\.\d\d s\)", lines[2])
    rows = [line for line in lines if line.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows] == ["Split", "Train", "Train"]
    assert [metric.name for metric in LearnerSummary(tmp_path, ["Loss"]).train] == ["Loss"]
    assert LearnerSummary(tmp_path, ["Loss"]).valid == []
    assert "There is no validation" in (tmp_path / "experiment.log").read_text()

    with_validation = job.learner(job.builder(tmp_path / "b", 3), job.model()).fit(*job.loaders())
    assert weights(fitted) == weights(with_validation)  # which draws nothing here


def test_the_best_is_that_of_training(job: ModuleType, tmp_path: Path) -> None:
    script = iter([loss for loss in (0.5, 0.25, 0.75, 0.625) for _ in range(3)])  # three batches
    models: list[Any] = []

    class Scripted(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            output = super().train_step(batch)
            item = job.ClassificationOutput(Tensor(next(script)), output.item.output, output.item.targets)
            return TrainOutput(self, output.gradients, item)

    def watch(event: Event) -> None:
        if isinstance(event, StateReady):
            models.append(event.state.model)

    learner = job.learner(job.builder(tmp_path, 4).renderer(watch), job.model(kind=Scripted))
    learner.fit(job.loaders()[0])
    assert weights(learner.best()) == weights(models[1])
    assert sorted(path.stem for path in (tmp_path / "checkpoint").glob("model-*")) == ["model-2", "model-3", "model-4"]


def test_a_loss_that_nobody_measures(job: ModuleType, tmp_path: Path) -> None:
    builder = LearnerBuilder(tmp_path).metric_train_numeric(BinaryAccuracyMetric()).renderer(job.SilentRenderer())
    learner = job.learner(builder.with_file_checkpointer(DefaultRecorder()).num_epochs(3), job.model())
    learner.fit(job.loaders()[0])
    assert len(list((tmp_path / "checkpoint").glob("model-*"))) == 2
    with pytest.raises(CheckpointError, match="which checkpoint is the best cannot be told"):
        learner.best()


def test_a_resumed_run_is_the_same(job: ModuleType, tmp_path: Path) -> None:
    whole = job.learner(job.builder(tmp_path / "whole", 4), job.model()).fit(job.loaders()[0])
    job.learner(job.builder(tmp_path / "parts", 2), job.model()).fit(job.loaders()[0])
    parts = job.learner(job.builder(tmp_path / "parts", 4).resume(), job.model()).fit(job.loaders()[0])
    assert weights(parts) == weights(whole)
    state = json.loads((tmp_path / "parts/checkpoint/state-4.json").read_text())
    assert state["loaders"]["valid"] is None
    assert state["history"]["valid"] == {}


def test_validation_that_comes_or_goes_is_said(job: ModuleType, tmp_path: Path) -> None:
    train, valid = job.loaders()
    job.learner(job.builder(tmp_path, 1), job.model()).fit(train)
    with pytest.warns(MinigradWarning) as warned:
        job.learner(job.builder(tmp_path, 2).resume(), job.model()).fit(train, valid)
    assert [str(warning.message) for warning in warned] == [
        "checkpoint 1 was trained without validation; this run has one\n"
        "  training goes on, but not as the run that was stopped"
    ]
    assert (tmp_path / "valid/epoch-2/Loss.log").exists()
    learner = job.learner(job.builder(tmp_path, 3).resume(), job.model())
    with pytest.warns(MinigradWarning, match="checkpoint 2 was trained with validation; this run has none"):
        learner.fit(train)
    learner.best()  # by the loss of validation, where there is one


def test_none_is_no_training_loader(job: ModuleType, tmp_path: Path) -> None:
    with pytest.raises(LearnerError, match="fit: the training loader is None, not a DataLoader"):
        job.learner(job.builder(tmp_path), job.model()).fit(None)
