"""The wording of what transforms, toy shapes and `check_dataset` refuse."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad.data.dataset import (
    BlobsDataset,
    CircleDataset,
    ComposedDataset,
    Dataset,
    InMemDataset,
    Mapper,
    MapperDataset,
    MoonsDataset,
    PartialDataset,
    SamplerDataset,
    SelectionDataset,
    ShuffledDataset,
    SpiralsDataset,
    WindowsDataset,
    XorDataset,
)
from minigrad.errors import DatasetError
from minigrad.testing import check_dataset

L: Any = InMemDataset("abcde")
EMPTY: Any = InMemDataset("")


class Upper(Mapper[str, str]):
    def map(self, item: str) -> str:
        return item.upper()


class Lengthless(Dataset[str]):
    def get(self, index: int) -> str | None:
        return None

    def __len__(self) -> int:
        return -3


def upper(item: str) -> str:
    return item.upper()


def jitter(item: str, rng: np.random.Generator) -> str:
    return item


def forgets(item: str) -> Any:
    item.upper()


CASES: list[tuple[Callable[[], Any], str]] = [
    # --- what is no dataset ---
    (
        lambda: ShuffledDataset([1, 2], 3),  # type: ignore[arg-type]
        "ShuffledDataset got list, which is no Dataset\n  write InMemDataset(...) around a list of items",
    ),
    (
        lambda: PartialDataset(np.zeros(3), 0, 1),  # type: ignore[arg-type]
        "PartialDataset got ndarray, which is no Dataset\n"
        "  make it a subclass of Dataset with get(self, index) and __len__(self)",
    ),
    (
        lambda: WindowsDataset(Lengthless, 2),  # type: ignore[arg-type]
        "WindowsDataset got the class Lengthless for a dataset\n  give what Lengthless(...) makes",
    ),
    (
        lambda: MapperDataset(Lengthless(), upper),
        "len(Lengthless) failed: __len__() should return >= 0\n  __len__ returns the number of items, an int >= 0",
    ),
    (
        lambda: ComposedDataset(L),
        "ComposedDataset got InMemDataset, no list\n  write ComposedDataset([first, second])",
    ),
    (
        lambda: ComposedDataset([]),
        "ComposedDataset got no datasets\n  write ComposedDataset([first, second])",
    ),
    (
        lambda: ComposedDataset([L, "abc"]),  # type: ignore[list-item]
        "ComposedDataset got str, which is no Dataset\n"
        "  make it a subclass of Dataset with get(self, index) and __len__(self)",
    ),
    # --- numbers that cannot be ---
    (
        lambda: ShuffledDataset.with_seed(L, -1),
        "ShuffledDataset: seed is -1, and must be an integer of at least 0",
    ),
    (
        lambda: SelectionDataset.new_shuffled(L, 1.5),  # type: ignore[arg-type]
        "SelectionDataset.shuffle: seed is 1.5, and must be an integer of at least 0",
    ),
    (
        lambda: WindowsDataset(L, 0),
        "WindowsDataset: size is 0, and must be an integer of at least 1",
    ),
    (
        lambda: PartialDataset(L, -2, 3),
        "PartialDataset: start is -2, and must be an integer of at least 0",
    ),
    (
        lambda: PartialDataset(L, 4, 2),
        "PartialDataset: items 4 to 2 of 5 are none\n  give 0 <= start <= end, and a start of at most 5",
    ),
    (
        lambda: PartialDataset(L, 6, 9),
        "PartialDataset: items 6 to 9 of 5 are none\n  give 0 <= start <= end, and a start of at most 5",
    ),
    (
        lambda: PartialDataset.split(L, 6),
        "PartialDataset.split: 6 parts of 5 items: some would be empty\n  ask for 5 at most",
    ),
    (
        lambda: PartialDataset.split(EMPTY, 1),
        "PartialDataset.split: 1 parts of 0 items: some would be empty",
    ),
    (
        lambda: SelectionDataset.new_select_all(L).split(0),
        "SelectionDataset.split: the number of parts is 0, and must be an integer of at least 1",
    ),
    (
        lambda: SamplerDataset(L, -1),
        "SamplerDataset: size is -1, and must be an integer of at least 0",
    ),
    (
        lambda: SamplerDataset(L, True),
        "SamplerDataset: size is True, and must be an integer of at least 0",
    ),
    (
        lambda: SamplerDataset(EMPTY, 3),
        "SamplerDataset: 3 items of an empty InMemDataset",
    ),
    (
        lambda: SamplerDataset.with_replacement(L, 3, [1, 2]),
        "SamplerDataset: weights are an array of int64 of shape (2,), and must be 5 numbers, one for each item",
    ),
    (
        lambda: SamplerDataset.with_replacement(L, 3, [1, 2, np.nan, 4, 5]),
        "SamplerDataset: the weight of item 2 is nan, and must be finite and >= 0",
    ),
    (
        lambda: SamplerDataset.without_replacement(L, 3, [1, 2, 3, -4, 5]),
        "SamplerDataset: the weight of item 3 is -4.0, and must be finite and >= 0",
    ),
    (
        lambda: SamplerDataset.with_replacement(L, 3, [0] * 5),
        "SamplerDataset: the weights of all 5 items are 0: none can be drawn",
    ),
    (
        lambda: ShuffledDataset(L, 1).at_epoch(-1),
        "ShuffledDataset.at_epoch: epoch is -1, and must be an integer of at least 0",
    ),
    (
        lambda: PartialDataset(L, 1, 3).get_batch([0, 2]),  # type: ignore[arg-type]
        "PartialDataset.get_batch: there is no item 2 among 2",
    ),
    # --- selections ---
    (
        lambda: SelectionDataset.from_indices_checked(L, [0, 5, 1]),
        "SelectionDataset: index 5 at position 1 is none of a dataset of 5 items\n  give integers from 0 to 4",
    ),
    (
        lambda: SelectionDataset(L, [-1]),
        "SelectionDataset: index -1 at position 0 is none of a dataset of 5 items\n  give integers from 0 to 4",
    ),
    (
        lambda: SelectionDataset(EMPTY, [0]),
        "SelectionDataset: index 0 at position 0 is none of a dataset of 0 items",
    ),
    (
        lambda: SelectionDataset(L, np.array([True, False, True, False, True])),
        "SelectionDataset: the indices are a mask of 5 bools\n  write np.flatnonzero(mask)",
    ),
    (
        lambda: SelectionDataset(L, [0.5, 1.0]),  # type: ignore[list-item]
        "SelectionDataset: the indices are an array of float64 of shape (2,), and must be a list of integers",
    ),
    (
        lambda: SelectionDataset(L, 3),  # type: ignore[arg-type]
        "SelectionDataset: the indices are 3, and must be a list of integers",
    ),
    (
        lambda: SelectionDataset(L, [[0, 1], [2]]),  # type: ignore[list-item]
        "SelectionDataset: the indices are a ragged list, and must be a list of integers",
    ),
    # --- mappers ---
    (
        lambda: MapperDataset(L, Upper),  # type: ignore[arg-type]
        "MapperDataset got the class Upper\n  write MapperDataset(dataset, Upper())",
    ),
    (
        lambda: MapperDataset(L, "upper"),  # type: ignore[call-overload]
        "MapperDataset got 'upper' for a function\n  give one that takes an item, or a Mapper with map(self, item)",
    ),
    (
        lambda: MapperDataset(L, jitter),  # type: ignore[call-overload]
        "MapperDataset calls jitter(item), but it is jitter(item, rng)\n"
        "  with seed=... it is called with a generator too: jitter(item, rng)",
    ),
    (
        lambda: MapperDataset(L, upper, seed=3),  # type: ignore[arg-type]
        "MapperDataset calls upper(item, rng), but it is upper(item)\n"
        "  without a seed it is called with the item alone: upper(item)",
    ),
    (
        lambda: MapperDataset(L, jitter, seed="a"),  # type: ignore[call-overload]
        "MapperDataset: seed is 'a', and must be an integer of at least 0",
    ),
    (
        lambda: MapperDataset(L, forgets).get(3),
        "MapperDataset: forgets returned None for item 3\n  end it with a return of the new item",
    ),
    # --- toy shapes ---
    (
        lambda: CircleDataset(0, seed=1),
        "CircleDataset: n is 0, and must be an integer of at least 1",
    ),
    (
        lambda: XorDataset(10, seed=-1),
        "XorDataset: seed is -1, and must be an integer of at least 0",
    ),
    (
        lambda: MoonsDataset(10, seed=1, noise=-0.1),
        "MoonsDataset: noise is -0.1, and must be a finite number >= 0",
    ),
    (
        lambda: SpiralsDataset(10, seed=1, turns=float("inf")),
        "SpiralsDataset: turns is inf, and must be a finite number >= 0",
    ),
    (
        lambda: BlobsDataset(10, seed=1, classes=0),
        "BlobsDataset: classes is 0, and must be an integer of at least 1",
    ),
    (
        lambda: BlobsDataset(10, seed=1, noise="much"),  # type: ignore[arg-type]
        "BlobsDataset: noise is 'much', and must be a finite number >= 0",
    ),
    # --- check_dataset ---
    (
        lambda: check_dataset(InMemDataset),  # type: ignore[arg-type]
        "check_dataset got the class InMemDataset for a dataset\n  give what InMemDataset(...) makes",
    ),
]


@pytest.mark.parametrize(("call", "message"), CASES, ids=[message[:60] for _, message in CASES])
def test_the_wording(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(DatasetError) as caught:
        call()
    assert str(caught.value) == message
