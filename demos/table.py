"""What the demos of tables share: rows as items, batches of them, a seeded split, columns on one scale."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from minigrad import Tensor
from minigrad.backend import Device
from minigrad.data.dataloader import Batcher, DataLoader, DataLoaderBuilder, Items
from minigrad.data.dataset import Dataset, InMemDataset, Mapper
from minigrad.train import MetricEarlyStoppingStrategy, StoppingCondition
from minigrad.train.metric import Aggregate, Direction, LossMetric, Split

Array = np.ndarray[Any, Any]


@dataclass(frozen=True)
class Row:
    features: tuple[float, ...]
    target: float  # the number of a class, or what a regression is after


@dataclass(frozen=True, eq=False)
class Batch:
    inputs: Tensor  # [batch, features]
    targets: Tensor  # [batch], Int for classes


class RowBatcher(Batcher[Row, Batch]):
    def batch(self, items: Items[Row], device: Device) -> Batch:
        inputs = Tensor.from_data(items.column("features"), device)
        return Batch(inputs, Tensor.from_data(items.column("target"), device))


def table(features: Array, targets: Array) -> InMemDataset[Row]:
    """The rows of two arrays; a `Row` is made when one is asked for, a batch is a slice."""
    return InMemDataset(Items.from_columns({"features": features, "target": targets}, Row))


def loader(rows: Dataset[Row], shuffle: int | None = None) -> DataLoader[Batch]:
    """Batches of 32, in a new order each epoch where there is a seed for it."""
    builder = DataLoaderBuilder(RowBatcher()).batch_size(32)
    return (builder if shuffle is None else builder.shuffle(shuffle)).build(rows)


def no_better_for(epochs: int) -> MetricEarlyStoppingStrategy:
    """Ends a run when the loss of validation has not fallen for so many epochs."""
    condition = StoppingCondition.NoImprovementSince(epochs)
    return MetricEarlyStoppingStrategy(
        LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid, condition, min_delta=1e-4
    )


def split(classes: Array, seed: int) -> tuple[Array, Array, Array]:
    """The numbers of the rows to train with, three fifths, to validate, a fifth, and to test.

    The rows are shuffled, sorted by class and dealt out like cards: so each part has its share of every class, which
    chance alone would not give it in a small table.
    """
    mixed = np.random.default_rng(seed).permutation(len(classes))
    order = mixed[classes[mixed].argsort(kind="stable")]
    hand = np.arange(len(order)) % 5
    return order[hand < 3], order[hand == 3], order[hand == 4]


class Standardise(Mapper[Row, Row]):
    """(x - mean) / deviation of each feature, by the training rows alone.

    Statistics of all rows would tell the model about those that it is judged by.
    """

    def __init__(self, training: Dataset[Row]) -> None:
        features = Items(training).column("features", np.float64)
        self.mean, deviation = features.mean(0), features.std(0)
        self.deviation = np.where(deviation > 0, deviation, 1)  # a constant column becomes 0

    def map(self, item: Row) -> Row:
        return Row(tuple(self._scaled(np.array(item.features)).tolist()), item.target)

    def map_batch(self, items: Items[Row]) -> Items[Row]:
        """The same by column: with this a loader makes a batch in a few NumPy calls."""
        features = self._scaled(items.column("features", np.float64))
        return Items.from_columns({"features": features, "target": items.column("target")}, Row)

    def _scaled(self, features: Array) -> Array:
        scaled: Array = (features - self.mean) / self.deviation
        return scaled
