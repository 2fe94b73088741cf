"""The toy shapes: where the points lie, how many there are of each class, what depends on the seed."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable
from math import atan2, hypot, pi
from typing import Any

import numpy as np
import pytest

from minigrad.data.dataset import (
    BlobsDataset,
    CircleDataset,
    Dataset,
    MoonsDataset,
    PointItem,
    SpiralsDataset,
    XorDataset,
)

SHAPES: list[Callable[..., Dataset[Any]]] = [
    CircleDataset,
    MoonsDataset,
    SpiralsDataset,
    XorDataset,
    BlobsDataset,
]


def arrays(dataset: Dataset[Any]) -> tuple[np.ndarray, np.ndarray]:
    batch = dataset.get_batch(np.arange(len(dataset)))
    assert batch is not None
    return batch.column("input", np.float64), batch.column("target", np.int64)


@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_seed_gives_the_same_points(shape: Callable[..., Dataset[Any]]) -> None:
    one = shape(50, seed=3)
    assert list(one) == list(shape(50, 3)) != list(shape(50, seed=4))
    assert list(pickle.loads(pickle.dumps(one))) == list(one)
    assert len(one) == 50 and one.get(50) is None is one.get(-1)
    item = one.get(7)
    assert item == one.get(7) and len({item, one.get(7), one.get(8)}) == 2
    assert type(item.input) is tuple and {type(x) for x in item.input} == {float}


def test_shapes_of_one_seed_are_of_different_numbers() -> None:
    xs = [arrays(shape(10, seed=1))[0][:, 0] for shape in SHAPES]
    assert len({float(x) for points in xs for x in points}) == 50


def test_moons() -> None:
    points, target = arrays(MoonsDataset(1000, seed=1, noise=0.0))
    assert target.tolist() == [0, 1] * 500
    for (x, y), label in zip(points, target):
        assert abs(hypot(x - label, y - 0.5 * label) - 1) < 1e-12
        assert y >= 0 if label == 0 else y <= 0.5
    noisy, _ = arrays(MoonsDataset(1000, seed=1, noise=0.2))
    assert 0.18 < (noisy - points).std() < 0.22


def test_moons_are_those_of_scikit_learn() -> None:
    datasets = pytest.importorskip("sklearn.datasets")
    neighbors = pytest.importorskip("sklearn.neighbors")
    theirs = datasets.make_moons(2000, noise=0.1, random_state=0)
    model = neighbors.KNeighborsClassifier(5).fit(*theirs)
    assert model.score(*arrays(MoonsDataset(2000, seed=1))) > 0.98


@pytest.mark.parametrize("classes", [1, 2, 5])
def test_spirals(classes: int) -> None:
    points, target = arrays(SpiralsDataset(1000, seed=1, classes=classes, turns=1.5, noise=0.0))
    assert Counter(target.tolist()) == Counter(i % classes for i in range(1000))
    for (x, y), label in zip(points, target):
        radius = hypot(x, y)
        turned = (atan2(y, x) / (2 * pi) - 1.5 * radius - label / classes + 0.5) % 1 - 0.5
        assert 0.1 <= radius <= 1 and abs(turned) < 1e-9
    radii = np.sort(np.hypot(*points.T))
    assert abs((radii**2).mean() - (0.01 + 0.18 * 2 / 3 + 0.81 / 2)) < 0.03  # of 0.1 + 0.9 times the root of a uniform


def test_xor() -> None:
    dataset = XorDataset(2000, seed=1)
    assert all(item.target == int(item.input[0] * item.input[1] < 0) for item in dataset)
    points, target = arrays(dataset)
    assert -1 <= points.min() < -0.99 and 0.99 < points.max() < 1
    assert abs(target.mean() - 0.5) < 0.05
    noisy, labels = arrays(XorDataset(2000, seed=1, noise=0.1))
    assert (labels == target).all() and 0.09 < (noisy - points).std() < 0.11


def test_blobs() -> None:
    points, target = arrays(BlobsDataset(3000, seed=1, classes=5, noise=0.25))
    centres = np.array([points[target == label].mean(0) for label in range(5)])
    spread = np.concatenate([points[target == label] - centres[label] for label in range(5)])
    distances = np.hypot(*(centres - np.roll(centres, 1, 0)).T)
    assert np.allclose(distances, 2, atol=0.06)
    assert np.allclose(spread.std(0), 0.25, atol=0.015)
    assert np.allclose(arrays(BlobsDataset(6, seed=1, classes=1, noise=0.0))[0], 0)


def test_a_million_points_are_no_objects() -> None:
    dataset = SpiralsDataset(1_000_000, seed=1)
    batch = dataset.get_batch(np.array([999_999, 0]))
    assert batch is not None and batch.column("input").shape == (2, 2)
    assert isinstance(batch[0], PointItem) and batch[0] == dataset.get(999_999)
