"""A tiny run with what a resumed run must find again: shuffling, random draws, moments, a best epoch; and a richer one.

python job.py FOLDER [--resume] [--epochs N]
"""

from __future__ import annotations

import argparse
import os
from dataclasses import dataclass

import numpy as np

from minigrad import Module, Tensor
from minigrad.backend import Autodiff, Device, NdArray
from minigrad.data.dataloader import Batcher, DataLoader, DataLoaderBuilder, Items
from minigrad.data.dataset import Dataset, InMemDataset
from minigrad.data.dataset.transform import MapperDataset
from minigrad.nn import Dropout, DropoutConfig, Linear, LinearConfig
from minigrad.nn.loss import BinaryCrossEntropyLossConfig
from minigrad.optim import AdamConfig
from minigrad.optim.lr_scheduler import CosineAnnealingLrSchedulerConfig
from minigrad.record import DefaultRecorder, Recorder
from minigrad.train import (
    ClassificationOutput,
    Learner,
    LearnerBuilder,
    MetricEarlyStoppingStrategy,
    StoppingCondition,
    TrainOutput,
)
from minigrad.train.metric import Aggregate, BinaryAccuracyMetric, Direction, LossMetric, Split
from minigrad.train.renderer import SilentRenderer


@dataclass(frozen=True)
class Point:
    input: tuple[float, float]
    target: float


@dataclass(frozen=True, eq=False)
class Points:
    inputs: Tensor  # [batch, 2] float
    targets: Tensor  # [batch] int


class PointsBatcher(Batcher[Point, Points]):
    def batch(self, items: Items[Point], device: Device) -> Points:
        inputs = Tensor.from_data(items.column("input"), device)
        return Points(inputs, Tensor.from_data(items.column("target", np.int64), device))


class Model(Module):
    linear1: Linear
    linear2: Linear

    def forward(self, input: Tensor) -> Tensor:
        return self.linear2(self.linear1(input).relu())

    def classify(self, batch: Points) -> ClassificationOutput:
        output = self.forward(batch.inputs)
        loss = BinaryCrossEntropyLossConfig(logits=True).init(output.device)
        return ClassificationOutput(loss(output.squeeze(1), batch.targets), output, batch.targets)

    def train_step(self, batch: Points) -> TrainOutput[ClassificationOutput]:
        noise = batch.inputs.device.rng().normal(0, 0.01, batch.inputs.shape)  # a draw at every step, as dropout's
        item = self.classify(Points(batch.inputs + Tensor.from_data(noise, batch.inputs.device), batch.targets))
        return TrainOutput(self, item.loss.backward(), item)

    def valid_step(self, batch: Points) -> ClassificationOutput:
        return self.classify(batch)


def points(count: int, seed: int) -> InMemDataset[Point]:
    inputs = np.random.default_rng(seed).uniform(-1.5, 1.5, (count, 2)).astype(np.float32).tolist()
    return InMemDataset([Point((x, y), float(x * x + y * y < 1)) for x, y in inputs])


def loaders() -> tuple[DataLoader[Points], DataLoader[Points]]:
    """7 + 7 + 6 items to train on, 5 + 4 to validate with."""
    train = DataLoaderBuilder(PointsBatcher()).batch_size(7).shuffle(3).build(points(20, seed=1))
    return train, DataLoaderBuilder(PointsBatcher()).batch_size(5).build(points(9, seed=2))


def model(device: Device | None = None, hidden: int = 4, kind: type[Model] = Model) -> Model:
    device = device or Autodiff(NdArray(seed=42))
    return kind(LinearConfig(2, hidden).init(device), LinearConfig(hidden, 1).init(device))


def builder(folder: str | os.PathLike[str], epochs: int = 3, recorder: Recorder | None = None) -> LearnerBuilder:
    return (
        LearnerBuilder(folder)
        .metric_train_numeric(LossMetric())
        .metric_train_numeric(BinaryAccuracyMetric())
        .metric_valid_numeric(LossMetric())
        .with_file_checkpointer(recorder or DefaultRecorder())
        .renderer(SilentRenderer())
        .num_epochs(epochs)
    )


def learner(builder: LearnerBuilder, model: Model) -> Learner[Model]:
    return builder.build(model, AdamConfig().init(), 0.05)


# The richer run: dropout, a schedule, windows of two batches, early stopping, random items drawn by weights


class Dropping(Model):
    dropout: Dropout = DropoutConfig(0.25).init()

    def forward(self, input: Tensor) -> Tensor:
        return self.linear2(self.dropout(self.linear1(input).relu()))


def moved(point: Point, rng: np.random.Generator) -> Point:
    """Augmentation: another place nearby, each time."""
    x, y = point.input
    return Point((x + rng.normal(0, 0.05), y + rng.normal(0, 0.05)), point.target)


def rich_loaders() -> tuple[DataLoader[Points], DataLoader[Points]]:
    dataset: Dataset[Point] = MapperDataset(points(20, seed=1), moved, seed=5)
    weights = [1 + 2 * point.target for point in points(20, seed=1)]
    train = DataLoaderBuilder(PointsBatcher()).batch_size(7).weights(weights, seed=3).num_workers(1).build(dataset)
    return train, loaders()[1]


def rich_builder(folder: str | os.PathLike[str], epochs: int = 8) -> LearnerBuilder:
    """It stops early, after epoch 4."""
    patience = StoppingCondition.NoImprovementSince(2)
    return (
        builder(folder, epochs)
        .grads_accumulation(2)
        .early_stopping(
            MetricEarlyStoppingStrategy(
                LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid, patience, min_delta=0.005
            )
        )
    )


def rich_learner(builder: LearnerBuilder, model: Model) -> Learner[Model]:
    schedule = CosineAnnealingLrSchedulerConfig(0.2, num_iters=5, min_lr=0.01)
    return builder.build(model, AdamConfig().init(), schedule.init())


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder")
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--resume", action="store_true")
    options = parser.parse_args()
    run = builder(options.folder, options.epochs)
    learner(run.resume() if options.resume else run, model()).fit(*loaders())


if __name__ == "__main__":
    main()
