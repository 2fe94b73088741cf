"""The Evaluator: values, logs, and what it leaves alone."""

from __future__ import annotations

import math
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

from minigrad.backend import Autodiff, NdArray
from minigrad.errors import MinigradError, MinigradWarning
from minigrad.train import EvaluatorBuilder
from minigrad.train.metric import BinaryAccuracyMetric, LossMetric, Metric, MetricEntry, MetricMetadata


def evaluator(folder: Path, model: Any) -> Any:
    builder = EvaluatorBuilder(folder).metric_numeric(LossMetric()).metric_numeric(BinaryAccuracyMetric())
    return builder.build(model)


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


class Sizes(Metric):
    def name(self) -> str:
        return "Batch size"

    def update(self, item: Any, metadata: MetricMetadata) -> MetricEntry:
        return MetricEntry(self.name(), f"{metadata.items} items", f"{metadata.iteration}:{metadata.items}")

    def clear(self) -> None:
        pass


def test_values_are_of_the_whole_set(job: ModuleType, tmp_path: Path) -> None:
    """Batches of 5 and 4; the oracle reads all 9 at once, in NumPy."""
    model, loader = job.model(), job.loaders()[1]
    values = evaluator(tmp_path, model).eval("held out", loader)
    assert list(values) == ["Loss", "Binary Accuracy"]
    points = list(job.points(9, seed=2))
    x = np.array([point.input for point in points], np.float32)
    t = np.array([point.target for point in points])
    w1, b1, w2, b2 = (param.numpy() for param in model.params())
    logits = (np.maximum(x @ w1 + b1, 0) @ w2 + b2)[:, 0].astype(np.float64)
    losses = np.maximum(logits, 0) - logits * t + np.log1p(np.exp(-abs(logits)))
    assert values["Loss"] == pytest.approx(losses.mean(), rel=1e-6)
    assert values["Binary Accuracy"] == pytest.approx(100 * ((logits > 0) == (t == 1)).mean())
    lines = (tmp_path / "test/held out/Loss.log").read_text().splitlines()
    assert [int(line.split(",")[1]) for line in lines] == [5, 4]
    assert float(lines[0].split(",")[0]) == pytest.approx(losses[:5].mean(), rel=1e-6)
    assert sorted(files(tmp_path)) == [
        "evaluation.log",
        "test/held out/Binary_Accuracy.log",
        "test/held out/Loss.log",
    ]
    log = (tmp_path / "evaluation.log").read_text()
    assert "Evaluating held out: 9 items" in log
    assert f"Evaluated held out: Loss {values['Loss']:.3f}, Binary Accuracy {values['Binary Accuracy']:.3f}" in log


def test_it_agrees_with_the_last_validation(job: ModuleType, tmp_path: Path) -> None:
    fitted = job.learner(job.builder(tmp_path, 2), job.model()).fit(*job.loaders())
    evaluator(tmp_path, fitted).eval("again", job.loaders()[1])
    again, last = (tmp_path / name for name in ("test/again/Loss.log", "valid/epoch-2/Loss.log"))
    assert again.read_bytes() == last.read_bytes()


def test_the_run_is_left_alone(job: ModuleType, tmp_path: Path) -> None:
    fitted = job.learner(job.builder(tmp_path, 2), job.model()).fit(*job.loaders())
    before = files(tmp_path)
    evaluator(tmp_path, fitted).eval("epoch-1", job.loaders()[1])
    after = files(tmp_path)
    assert {name: after[name] for name in before} == before
    resumed = job.learner(job.builder(tmp_path, 3).resume(), job.model()).fit(*job.loaders())  # and leaves it alone
    assert files(tmp_path)["test/epoch-1/Loss.log"] == after["test/epoch-1/Loss.log"]
    whole = job.learner(job.builder(tmp_path / "whole", 3), job.model()).fit(*job.loaders())
    assert [p.numpy().tobytes() for p in resumed.params()] == [p.numpy().tobytes() for p in whole.params()]


def test_it_runs_the_twin_on_the_inner_device(job: ModuleType, tmp_path: Path) -> None:
    seen = []

    class Looking(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            seen.append((batch.inputs.device, self.linear1.weight.device, self.linear1.weight.is_require_grad))
            return super().valid_step(batch)

    device = Autodiff(NdArray(seed=3))
    evaluator(tmp_path, job.model(device, kind=Looking)).eval("a", job.loaders()[1])
    plain = NdArray(seed=3)
    evaluator(tmp_path, job.model(plain, kind=Looking)).eval("a", job.loaders()[1])
    assert seen == [(device.inner, device.inner, False)] * 2 + [(plain, plain, False)] * 2


def test_again_is_the_same_and_replaces_it(job: ModuleType, tmp_path: Path) -> None:
    tester, loader = evaluator(tmp_path, job.model()), job.loaders()[0]  # which is shuffled
    record = loader.to_record()
    first = tester.eval("train set", loader)
    logged = files(tmp_path / "test")
    assert tester.eval("train set", loader) == first
    assert files(tmp_path / "test") == logged
    assert loader.to_record() == record
    (tmp_path / "test/train set/notes.txt").write_text("mine")
    EvaluatorBuilder(tmp_path).metric_numeric(LossMetric()).build(job.model()).eval("train set", loader)
    assert sorted(path.name for path in (tmp_path / "test/train set").iterdir()) == ["Loss.log", "notes.txt"]


def test_a_text_metric_is_logged_and_not_given_back(job: ModuleType, tmp_path: Path) -> None:
    builder = EvaluatorBuilder(tmp_path).metric(Sizes()).metric(LossMetric())
    assert builder.with_application_logger(None).build(job.model()).eval("a", job.loaders()[1]) == {}
    assert (tmp_path / "test/a/Batch_size.log").read_text() == "1:5\n2:4\n"
    assert sorted(files(tmp_path)) == ["test/a/Batch_size.log", "test/a/Loss.log"]


def test_builders_are_values(job: ModuleType, tmp_path: Path) -> None:
    base = EvaluatorBuilder(tmp_path).metric_numeric(LossMetric())
    base.metric_numeric(BinaryAccuracyMetric())
    base.with_application_logger(None)
    assert list(base.build(job.model()).eval("a", job.loaders()[1])) == ["Loss"]
    assert (tmp_path / "evaluation.log").exists()


def test_a_loss_of_nan_is_a_warning(job: ModuleType, tmp_path: Path) -> None:
    class Bad(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            item = super().valid_step(batch)
            return job.ClassificationOutput(item.loss * math.nan, item.output, item.targets)

    with pytest.warns(MinigradWarning) as warned:
        values = evaluator(tmp_path, job.model(kind=Bad)).eval("a", job.loaders()[1])
    assert math.isnan(values["Loss"])
    assert [str(warning.message) for warning in warned] == ["the test loss is NaN in the evaluation of a, iteration 1"]
    assert (tmp_path / "test/a/Loss.log").read_text() == "NaN,5\nNaN,4\n"


def test_a_step_that_raises_leaves_the_earlier_evaluation(job: ModuleType, tmp_path: Path) -> None:
    evaluator(tmp_path, job.model()).eval("a", job.loaders()[1])
    before = files(tmp_path / "test")

    class Failing(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        evaluator(tmp_path, job.model(kind=Failing)).eval("a", job.loaders()[1])
    assert files(tmp_path / "test") == before


# What cannot be


def said(call: Any) -> str:
    with pytest.raises(MinigradError) as error:
        call()
    return f"{type(error.value).__name__}: {error.value}"


@pytest.mark.parametrize(
    "name", ["", ".", "..", "a/b", "/a", "../train", "a\\b", "a\0", "a\n", " a", "a ", "a.", "c:", "what?", None, 3]
)
def test_names_that_no_folder_can_have(job: ModuleType, tmp_path: Path, name: Any) -> None:
    tester = evaluator(tmp_path / "run", job.model())
    assert said(lambda: tester.eval(name, job.loaders()[1])) == (
        f"LearnerError: eval: the name is {name!r}, and must be one that a folder can have: its logs go to test/NAME\n"
        '  eval("held out", loader)'
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("name", ["a", "held out", "épreuve", "v1.2", "epoch-3", "a+b (c)"])
def test_names_that_a_folder_can_have(job: ModuleType, tmp_path: Path, name: str) -> None:
    evaluator(tmp_path, job.model()).eval(name, job.loaders()[1])
    assert (tmp_path / "test" / name / "Loss.log").exists()


def test_what_an_evaluation_refuses(job: ModuleType, tmp_path: Path) -> None:
    builder = EvaluatorBuilder(tmp_path).metric_numeric(LossMetric())
    assert said(lambda: EvaluatorBuilder(None)) == (  # type: ignore[arg-type]
        'LearnerError: EvaluatorBuilder(None): it takes the folder of a run\n  EvaluatorBuilder("artifacts/circle")'
    )
    assert said(lambda: builder.metric_numeric(LossMetric)) == (  # type: ignore[arg-type]
        "MetricError: metric_numeric(LossMetric, a class): it takes a metric\n  metric_numeric(LossMetric())"
    )
    assert said(lambda: builder.metric_numeric(Sizes())).startswith("MetricError: metric_numeric(")  # type: ignore[arg-type]
    assert said(lambda: builder.metric(LossMetric())) == (
        "MetricError: metric: Loss is measured already, and its log would be written twice\n"
        "  leave one out, or give a metric of your own another name()"
    )
    assert said(lambda: EvaluatorBuilder(tmp_path).build(job.model())) == (
        "LearnerError: build: there is nothing to measure\n  .metric_numeric(LossMetric())"
    )
    assert said(lambda: builder.build(job.Model)).startswith("LearnerError: build: the model is no Module but")
    assert said(lambda: builder.build(job.model().linear1)) == (
        "LearnerError: build: Linear has no valid_step\n  def valid_step(self, batch): ... return item"
    )
    tester = builder.build(job.model())
    assert said(lambda: tester.eval("a", [1, 2])) == (  # type: ignore[arg-type]
        "LearnerError: eval: the test loader is a list, not a DataLoader\n"
        "  DataLoaderBuilder(batcher).batch_size(150).build(dataset) makes one"
    )
    assert said(lambda: tester.eval("a", job.loaders()[1].slice(0, 0))) == (
        "LearnerError: the test loader gave no batch in the evaluation of a\n"
        "  is its dataset empty, or smaller than one batch with drop_last?"
    )
    assert not (tmp_path / "test").exists()


def test_a_folder_that_cannot_be(job: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    assert said(lambda: evaluator(tmp_path / "run", job.model()).eval("a", job.loaders()[1])) == (
        f"LearnerError: artifact folder {tmp_path}/run: a file stands in its way\n"
        "  give EvaluatorBuilder another folder"
    )
    (tmp_path / "test").write_text("mine")
    words = said(lambda: evaluator(tmp_path, job.model()).eval("a", job.loaders()[1]))
    assert words == (
        f"LearnerError: artifact folder {tmp_path} cannot be written: Not a directory (test/a)\n"
        "  move away what stands there, or give EvaluatorBuilder another folder"
    )
