"""Dataset and InMemDataset; the toy shapes."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, pi

import numpy as np
import pytest

from minigrad.data.dataset import Dataset, InMemDataset
from minigrad.data.dataset.source import CircleDataset
from minigrad.errors import DatasetError


class Letters(Dataset[str]):
    def __init__(self, text: str, length: int | None = None) -> None:
        self.text = text
        self.length = len(text) if length is None else length

    def get(self, index: int) -> str | None:
        return self.text[index] if index < len(self.text) else None

    def __len__(self) -> int:
        return self.length


@dataclass
class Named:
    name: str
    size: float


def test_a_dataset_is_get_and_len() -> None:
    assert list(Letters("abc")) == ["a", "b", "c"]
    assert (Letters("").is_empty(), Letters("a").is_empty()) == (True, False)
    assert Letters("abc").get_batch(np.array([0])) is None
    with pytest.raises(TypeError, match="abstract"):
        Dataset()  # type: ignore[abstract]


def test_a_dataset_that_promises_too_much_says_so() -> None:
    with pytest.raises(DatasetError, match=r"Letters.get\(2\) returned None, but its len\(\) promised 5 items\n"):
        list(Letters("ab", length=5))


def test_in_memory_items_are_the_ones_given() -> None:
    items = [Named("a", 1.0), Named("b", 2.0)]
    dataset = InMemDataset(items)
    assert dataset.get(1) is items[1]
    assert [dataset.get(-1), dataset.get(2)] == [None, None]
    items.append(Named("c", 3.0))
    assert len(dataset) == 2
    assert list(InMemDataset(Letters("xyz"))) == ["x", "y", "z"]


@pytest.mark.parametrize(
    ("items", "columns"),
    [
        ([{"x": 1.0, "y": (1, 2)}], True),
        ([{"x": 1.0, "y": "text"}], False),
        ([{"x": 1.0}, {"x": 1.0}], True),
        ([Named("a", 1.0)], False),
        ([1, 2, 3], False),
        ([(1.0, 2.0)], False),
        ([np.zeros(3)], False),
        ([{"x": 1.0}, Named("a", 1.0)], False),
        ([{}], False),
        ([{0: 1.0, 1: 2.0}], False),
        ([], False),
    ],
)
def test_items_of_numbers_alone_come_as_columns(items: list[object], columns: bool) -> None:
    assert (InMemDataset(items).get_batch(np.array([0])) is not None) == columns


def test_a_get_of_ones_own_is_asked_every_time() -> None:
    class Jittered(InMemDataset[dict[str, int]]):
        asked = 0

        def get(self, index: int) -> dict[str, int] | None:
            item = super().get(index)
            self.asked += 1
            return None if item is None else {"x": item["x"] + self.asked}

    dataset = Jittered([{"x": 0}, {"x": 10}])
    assert dataset.get_batch(np.array([0, 1])) is None
    assert list(dataset) == [{"x": 1}, {"x": 12}]
    assert list(dataset) == [{"x": 3}, {"x": 14}]


def test_the_circle() -> None:
    dataset = CircleDataset(9_000, seed=3)
    points = np.array([item.input for item in dataset])
    assert all(item.target == (1.0 if hypot(*item.input) < 1 else 0.0) for item in dataset)
    assert -1.5 <= points.min() < -1.499
    assert 1.499 < points.max() < 1.5
    assert abs(sum(item.target for item in dataset) / 9_000 - pi / 9) < 0.02  # four standard deviations
    assert list(CircleDataset(20, seed=3)) == list(CircleDataset(20, seed=3)) != list(CircleDataset(20, seed=4))
    with pytest.raises(DatasetError, match="CircleDataset: n is 0, and must be an integer of at least 1"):
        CircleDataset(0, seed=1)


def test_a_subclass_may_have_fewer_items_than_it_was_given() -> None:
    class First(InMemDataset[str]):
        def __len__(self) -> int:
            return 2

    assert list(First("abc")) == ["a", "b"]
