"""SequenceDataset: lists, and the datasets of other libraries."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad.backend import Device
from minigrad.data.dataloader import Batcher, DataLoaderBuilder, Items
from minigrad.data.dataset import MapperDataset, SequenceDataset
from minigrad.errors import DatasetError
from minigrad.testing import check_dataset


class MapStyle:
    """As PyTorch's: whatever has these two methods."""

    def __init__(self) -> None:
        self.asked: list[int] = []

    def __len__(self) -> int:
        return 5

    def __getitem__(self, index: int) -> dict[str, float]:
        assert type(index) is int
        self.asked.append(index)
        return {"x": index / 2, "label": index % 2}


class Columns(Batcher[Any, "tuple[Any, Any]"]):
    def batch(self, items: Items[Any], device: Device) -> tuple[Any, Any]:
        return items.column("x"), items.column("label")


def pair(item: dict[str, float]) -> tuple[float, float]:
    return item["x"], item["label"]


def test_items_are_asked_for_when_they_are_needed() -> None:
    sequence = MapStyle()
    dataset = SequenceDataset(sequence)
    assert (sequence.asked, len(dataset)) == ([], 5)
    assert dataset.get(3) == {"x": 1.5, "label": 1}
    assert dataset.get(np.int64(2)) == {"x": 1.0, "label": 0}  # type: ignore[arg-type]
    assert [dataset.get(-1), dataset.get(5)] == [None, None]
    assert sequence.asked == [3, 2]


@pytest.mark.parametrize(
    "sequence", [MapStyle(), ["a", "b"], "abc", range(4), (1.0, 2.0), np.eye(3), [{"x": 1.0}, {"x": 2.0}], []]
)
def test_it_keeps_the_laws(sequence: Any) -> None:
    check_dataset(SequenceDataset(sequence), pickles=True)


def test_mappings_have_columns() -> None:
    (batch,) = DataLoaderBuilder(Columns()).batch_size(9).build(SequenceDataset(MapStyle()))
    assert [column.tolist() for column in batch] == [[0.0, 0.5, 1.0, 1.5, 2.0], [0, 1, 0, 1, 0]]
    assert batch[0].dtype == np.float32
    assert MapperDataset(SequenceDataset(MapStyle()), pair).get(3) == (1.5, 1)


def test_a_dataset_of_hugging_face() -> None:
    datasets = pytest.importorskip("datasets")
    dataset = SequenceDataset(datasets.Dataset.from_dict({"x": [0.5, 1.5, 2.5], "label": [0, 1, 0]}))
    assert list(dataset) == [{"x": 0.5, "label": 0}, {"x": 1.5, "label": 1}, {"x": 2.5, "label": 0}]
    (batch,) = DataLoaderBuilder(Columns()).batch_size(9).num_workers(2).build(dataset)
    assert [column.tolist() for column in batch] == [[0.5, 1.5, 2.5], [0, 1, 0]]


def test_a_dataset_of_torch() -> None:
    torch = pytest.importorskip("torch")
    dataset = SequenceDataset(torch.utils.data.TensorDataset(torch.arange(3), torch.arange(3) * 2))
    assert [tuple(map(int, item)) for item in dataset] == [(0, 0), (1, 2), (2, 4)]


@pytest.mark.parametrize("wrong", [iter([1]), {"a": 1}, {1, 2}, 3, None, (i for i in range(3))])
def test_what_has_no_items_by_number(wrong: Any) -> None:
    with pytest.raises(DatasetError, match=r"has no items by number\n  give (what has|one of its values)"):
        SequenceDataset(wrong)


def test_a_class_is_no_sequence() -> None:
    with pytest.raises(DatasetError, match="SequenceDataset: MapStyle is a class\n  give an instance of it"):
        SequenceDataset(MapStyle)  # type: ignore[arg-type]


@pytest.mark.parametrize("index", [1.5, "1", None])
def test_an_index_is_an_integer(index: Any) -> None:
    with pytest.raises(TypeError):
        SequenceDataset("abc").get(index)
