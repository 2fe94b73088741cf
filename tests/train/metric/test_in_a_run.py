"""Metrics in a run: the Learner's epochs, the logs, and what is left after `fit`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor
from minigrad.backend import Autodiff, Device, NdArray
from minigrad.data.dataloader import Batcher, DataLoaderBuilder, Items
from minigrad.data.dataset import InMemDataset
from minigrad.errors import MinigradWarning
from minigrad.nn import Linear, LinearConfig
from minigrad.nn.loss import BinaryCrossEntropyLossConfig
from minigrad.optim import AdamConfig
from minigrad.train import ClassificationOutput, LearnerBuilder, LearnerSummary, TrainOutput
from minigrad.train.metric import (
    AccuracyMetric,
    AurocMetric,
    AveragePrecisionMetric,
    BinaryAccuracyMetric,
    ConfusionMatrixMetric,
    FBetaScoreMetric,
    IterationSpeedMetric,
    LearningRateMetric,
    LossMetric,
    NumericMetric,
    PrecisionMetric,
    RecallMetric,
)
from minigrad.train.renderer import SilentRenderer


@dataclass(frozen=True)
class Point:
    at: tuple[float, float]
    above: int


@dataclass(frozen=True, eq=False)
class Points:
    at: Tensor
    above: Tensor


class PointBatcher(Batcher[Point, Points]):
    def batch(self, items: Items[Point], device: Device) -> Points:
        return Points(*(Tensor.from_data(items.column(name), device) for name in ("at", "above")))


class Line(Module):
    linear: Linear

    def forward(self, at: Tensor) -> Tensor:
        return self.linear(at)

    def train_step(self, batch: Points) -> TrainOutput[ClassificationOutput]:
        item = self.valid_step(batch)
        return TrainOutput(self, item.loss.backward(), item)

    def valid_step(self, batch: Points) -> ClassificationOutput:
        output = self(batch.at)
        loss = BinaryCrossEntropyLossConfig(logits=True).init()(output.squeeze(1), batch.above)
        return ClassificationOutput(loss, output, batch.above)


def points(n: int, seed: int, one_class: bool = False) -> InMemDataset[Point]:
    rng = np.random.default_rng(seed)
    at = rng.normal(size=(n, 2)).astype(np.float32)
    above = np.ones(n, int) if one_class else at.sum(1) + rng.normal(size=n) > 0.5
    return InMemDataset([Point((float(x), float(y)), int(a)) for (x, y), a in zip(at, above)])


def numeric() -> list[NumericMetric]:
    return [
        LossMetric(),
        BinaryAccuracyMetric(),
        PrecisionMetric.binary(0.5, sigmoid=True),
        RecallMetric.binary(0.5, sigmoid=True),
        FBetaScoreMetric.binary(2.0, 0.5, sigmoid=True),
        AurocMetric(),
        AveragePrecisionMetric(),
        LearningRateMetric(),
        IterationSpeedMetric(),
    ]


def fit(root: Path, valid_items: InMemDataset[Point], valid: list[NumericMetric], matrix: ConfusionMatrixMetric) -> Any:
    device = Autodiff(NdArray(seed=1))
    builder = LearnerBuilder(root).devices([device]).num_epochs(2).renderer(SilentRenderer())
    for metric in numeric():
        builder = builder.metric_train_numeric(metric)
    for metric in valid:
        builder = builder.metric_valid_numeric(metric)
    builder = builder.metric_valid(matrix)
    loaders = [
        DataLoaderBuilder(PointBatcher()).batch_size(7).build(dataset) for dataset in (points(50, 0), valid_items)
    ]
    return builder.build(Line(LinearConfig(2, 1).init(device)), AdamConfig().init(), 0.05).fit(*loaders)


def test_the_epoch_is_that_of_all_items_at_once(tmp_path: Path, feed: Any) -> None:
    valid, matrix, dataset = numeric(), ConfusionMatrixMetric.binary(sigmoid=True), points(40, 1)
    model = fit(tmp_path, dataset, valid, matrix)
    item = model.valid().valid_step(PointBatcher().batch(Items(list(dataset)), NdArray()))
    for kept, once in zip(valid[1:7], numeric()[1:7]):
        feed(once, (item.output.numpy(), item.targets.numpy()))
        assert kept.running_value() == pytest.approx(once.running_value(), rel=1e-6), kept.name()
    said = item.output.numpy()[:, 0] > 0
    meant = item.targets.numpy() == 1
    assert matrix.matrix().tolist() == [
        [sum(~meant & ~said), sum(~meant & said)],
        [sum(meant & ~said), sum(meant & said)],
    ]


def test_the_logs(tmp_path: Path) -> None:
    fit(tmp_path, points(40, 1), numeric(), ConfusionMatrixMetric.binary(sigmoid=True))
    logs = sorted(path.name for path in (tmp_path / "valid" / "epoch-2").iterdir())
    assert logs == [
        "AUROC.log",
        "Average_Precision.log",
        "Binary_Accuracy.log",
        "Confusion_Matrix.log",
        "FBetaScore_(2)_@_Threshold(0.5)_[Macro].log",
        "Iteration_Speed.log",
        "Learning_Rate.log",
        "Loss.log",
        "Precision_@_Threshold(0.5)_[Macro].log",
        "Recall_@_Threshold(0.5)_[Macro].log",
    ]
    matrices = (tmp_path / "valid" / "epoch-2" / "Confusion_Matrix.log").read_text().splitlines()
    assert len(matrices) == 6
    assert sum(np.array(json.loads(line)).sum() for line in matrices) == 40
    summary = LearnerSummary(tmp_path, ["Loss", "AUROC", "Learning Rate"])
    assert [metric.name for metric in summary.train] == ["Loss", "AUROC", "Learning Rate"]
    assert all(0 <= metric.lowest[1] <= 100 for metric in summary.train)


def test_a_run_whose_validation_has_one_class_warns_once(tmp_path: Path) -> None:
    with pytest.warns(MinigradWarning) as told:
        fit(tmp_path, points(20, 1, one_class=True), [AurocMetric()], ConfusionMatrixMetric.binary(sigmoid=True))
    assert [str(warning.message) for warning in told] == [
        "AUROC of the epoch is NaN: no class has both items that are of it and items that are not"
    ]
    assert "WARN" in (tmp_path / "experiment.log").read_text()


def test_two_metrics_of_one_name_are_told_apart_by_reading(tmp_path: Path) -> None:
    builder = LearnerBuilder(tmp_path).metric_train_numeric(AccuracyMetric())
    with pytest.raises(Exception, match="train measures Accuracy already"):
        builder.metric_train_numeric(AccuracyMetric().with_pad_token(0))
    builder.metric_train_numeric(AccuracyMetric().with_pad_token(0).reading("Accuracy of Words"))
