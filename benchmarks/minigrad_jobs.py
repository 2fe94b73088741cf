"""The circle job in minigrad: as loops by hand, and through the Learner on two kinds of dataset."""

from __future__ import annotations

import contextlib
import os
import tempfile
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np

import circle
from circle import BATCH, LR
from minigrad import Module, Param, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.data.dataloader import Batcher, DataLoaderBuilder
from minigrad.data.dataset import Dataset, InMemDataset
from minigrad.nn import Linear
from minigrad.nn.loss import BinaryCrossEntropyLossConfig
from minigrad.optim import AdamConfig
from minigrad.train import ClassificationOutput, LearnerBuilder, TrainOutput
from minigrad.train.logger import InMemoryMetricLogger
from minigrad.train.metric import LossMetric


@dataclass(frozen=True)
class CircleItem:
    input: tuple[float, float]
    target: float


class CircleDataset(Dataset[CircleItem]):
    """As short as a dataset can be: items and `get`; it hands out no columns."""

    def __init__(self, items):
        self.items = items

    def get(self, index):
        return self.items[index] if index < len(self.items) else None

    def __len__(self):
        return len(self.items)


@dataclass(frozen=True, eq=False)
class CircleBatch:
    inputs: Tensor
    targets: Tensor


class CircleBatcher(Batcher[CircleItem, CircleBatch]):
    def batch(self, items, device):
        inputs = Tensor.from_data(items.column("input"), device)
        targets = Tensor.from_data(items.column("target", np.int64), device)
        return CircleBatch(inputs, targets)


class Model(Module):
    linear1: Linear
    linear2: Linear

    def forward(self, input):
        return self.linear2(self.linear1(input))

    def classify(self, batch):
        logits = self(batch.inputs)
        loss = BinaryCrossEntropyLossConfig(logits=True).init(logits.device)(logits.squeeze(1), batch.targets)
        return ClassificationOutput(loss, logits, batch.targets)

    def train_step(self, batch):
        item = self.classify(batch)
        return TrainOutput(self, item.loss.backward(), item)

    def valid_step(self, batch):
        return self.classify(batch)


def make_model(device):
    w1, b1, w2, b2 = (Param.from_tensor(Tensor.from_data(w, device)) for w in circle.start_weights())
    return Model(Linear(w1, b1), Linear(w2, b2))


@cache  # what the points are is no part of the job; what is made of them, columns too, is
def items(points):
    return [CircleItem((float(a), float(b)), float(t)) for (a, b), t in zip(*points(), strict=True)]


def make_loaders(make_dataset, shuffled):
    """Loaders of the training and of the validation points."""
    builder = DataLoaderBuilder(CircleBatcher()).batch_size(BATCH)
    train, valid = make_dataset(items(circle.train_points)), make_dataset(items(circle.valid_points))
    return (builder.shuffle(42) if shuffled else builder).build(train), builder.build(valid)


def loop(epochs, shuffled):
    device = Autodiff(NdArray(seed=42))
    train, valid = make_loaders(InMemDataset, shuffled)
    train, valid = train.to_device(device), valid.to_device(device.inner)
    model, optim = make_model(device), AdamConfig().init()
    loss_of = BinaryCrossEntropyLossConfig(logits=True).init(device)
    history = []
    for _ in range(epochs):
        train_loss = valid_loss = 0.0
        for batch in train:
            loss = loss_of(model(batch.inputs).squeeze(1), batch.targets)
            model = optim.step(LR, model, loss.backward())
            train_loss += loss.item() * len(batch.targets)
        twin = model.valid()
        for batch in valid:
            loss = loss_of(twin(batch.inputs).squeeze(1), batch.targets)
            valid_loss += loss.item() * len(batch.targets)
        history.append((train_loss / circle.TRAIN, valid_loss / circle.VALID))
    return history


def steps(epochs, shuffled):
    """The loop by hand of a model's own steps, with a metric of each pass: what a Learner is at heart."""
    device = Autodiff(NdArray(seed=42))
    train, valid = make_loaders(InMemDataset, shuffled)
    train, valid = train.to_device(device), valid.to_device(device.inner)
    model, optim, train_loss, valid_loss = make_model(device), AdamConfig().init(), LossMetric(), LossMetric()
    history = []
    for _ in range(epochs):
        train_loss.clear()
        for batch in train:
            output = model.train_step(batch)
            model = optim.step(LR, model, output.gradients)
            train_loss.record(output.item.loss.item(), len(batch.targets))
        valid_loss.clear()
        twin = model.valid()
        for batch in valid:
            valid_loss.record(twin.valid_step(batch).loss.item(), len(batch.targets))
        history.append((train_loss.running_value(), valid_loss.running_value()))
    return history


def fit(make_dataset, epochs, shuffled, *loggers):
    """Metrics are logged to the folder that it returns, or to loggers; what is printed goes nowhere; no checkpoints."""
    device = Autodiff(NdArray(seed=42))
    train, valid = make_loaders(make_dataset, shuffled)
    folder = tempfile.mkdtemp()  # left to whoever made the folder for temporary files
    builder = (
        LearnerBuilder(folder)
        .metric_train_numeric(LossMetric())
        .metric_valid_numeric(LossMetric())
        .devices([device])
        .num_epochs(epochs)
        .summary()
    )
    builder = builder.metric_loggers(*loggers) if loggers else builder
    job = builder.build(make_model(device), AdamConfig().init(), LR)
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
        job.fit(train, valid)
    return folder


def learner(make_dataset, epochs, shuffled):
    folder = fit(make_dataset, epochs, shuffled)
    return lambda: read_logs(folder, epochs)


def learner_in_memory(epochs, shuffled):
    train, valid = InMemoryMetricLogger(), InMemoryMetricLogger()
    fit(InMemDataset, epochs, shuffled, train, valid)

    def mean(entries):
        return float(np.average([entry.value for entry in entries], weights=[entry.items for entry in entries]))

    return [tuple(mean(log.epochs[epoch]["Loss"]) for log in (train, valid)) for epoch in range(1, epochs + 1)]


def read_logs(folder, epochs):
    """The history out of the metric logs, a line `value,items` for each batch."""

    def mean(split, epoch):
        values, items = np.loadtxt(Path(folder, split, f"epoch-{epoch}", "Loss.log"), delimiter=",", unpack=True)
        return float(np.average(values, weights=items))

    return [(mean("train", epoch), mean("valid", epoch)) for epoch in range(1, epochs + 1)]


JOBS = {
    "loop": loop,
    "steps": steps,
    "learner": lambda epochs, shuffled: learner(InMemDataset, epochs, shuffled),
    "learner_in_memory": learner_in_memory,
    "learner_get": lambda epochs, shuffled: learner(CircleDataset, epochs, shuffled),
}

if __name__ == "__main__":
    circle.main(JOBS)
