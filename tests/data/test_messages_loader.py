"""The wording of what loaders, strategies and splits say: what was wrong, where, and what to write instead."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad.data.dataloader import BatchStrategy, DataLoaderBuilder
from minigrad.data.dataset import Dataset, InMemDataset
from minigrad.errors import DatasetError, LengthError, LoaderError, MinigradError, RecordError

from .loading import ByItem, ByParity, Lists, loader, numbers


class Epochs(Dataset[int]):
    """Answers with what it is told."""

    def __init__(self, answer: Callable[[int], Any]) -> None:
        self.answer = answer

    def at_epoch(self, epoch: int) -> Any:
        return self.answer(epoch)

    def get(self, index: int) -> int:
        return index

    def __len__(self) -> int:
        return 3


class Odd(BatchStrategy[Any]):
    """Hands out what it is told to."""

    def __init__(self, answer: Any) -> None:
        self.answer = answer

    def add(self, item: Any) -> None:
        pass

    def batch(self, force: bool) -> Any:
        return self.answer

    def clone_dyn(self) -> BatchStrategy[Any]:
        return Odd(self.answer)


def run(dataset: Any = None, strategy: Any = None) -> list[Any]:
    builder = DataLoaderBuilder(Lists())
    builder = builder.batch_size(2) if strategy is None else builder.batch_strategy(strategy)
    return list(builder.build(numbers(20) if dataset is None else dataset))


def build(method: str, *arguments: Any) -> object:
    return getattr(DataLoaderBuilder(Lists()), method)(*arguments).build(numbers(20))


def restored(**changes: Any) -> object:
    made = loader(20, batch_strategy=ByParity(3))
    return list(made.load_record({**made.to_record(), **changes}))


class WithoutMethods:
    def __repr__(self) -> str:
        return "WithoutMethods()"


MESSAGES: list[tuple[Callable[[], object], type[MinigradError], str]] = [
    # strategies
    (
        lambda: loader(20, batch_strategy=ByParity(3)).num_batches(),
        LengthError,
        "nobody knows beforehand how many batches ByParity makes of 20 items\n"
        "  num_items() is known, and progress() counts items: iter(loader).progress()",
    ),
    (
        lambda: build("batch_strategy", ByParity),
        LoaderError,
        "batch_strategy(ByParity) got the class\n  write batch_strategy(ByParity())",
    ),
    (
        lambda: build("batch_strategy", WithoutMethods()),
        LoaderError,
        "batch_strategy(WithoutMethods()) got no BatchStrategy\n"
        "  make it a subclass of BatchStrategy with methods add(self, item), batch(self, force) and clone_dyn(self)",
    ),
    (
        lambda: run(strategy=Odd(None)),
        LoaderError,
        "Odd kept 20 of the items at the end of the epoch: 0, 1, 2, 3, 4, 5, 6, 7, ...\n"
        "  batch(force=True) hands out what is left, and None when nothing is; or drop it: drop_last()",
    ),
    (
        lambda: run(strategy=Odd([])),
        LoaderError,
        "Odd.batch(force=False) returned an empty list after item 0\n  return a list of items, or None for no batch",
    ),
    (
        lambda: run(strategy=Odd(np.zeros(2))),
        LoaderError,
        "Odd.batch(force=False) returned array([0., 0.]) after item 0\n  return a list of items, or None for no batch",
    ),
    (
        lambda: run(strategy=Odd(["a word"])),
        LoaderError,
        "Odd.batch(force=False) handed out 'a word' after item 0, which it did not hold\n"
        "  hand out each item once for each time that it was added: itself, and no copy of it",
    ),
    # epochs
    (
        lambda: run(Epochs(lambda epoch: None)),
        DatasetError,
        "Epochs.at_epoch(0) returned NoneType, which is no Dataset\n"
        "  return the dataset as it is in that epoch, or self",
    ),
    (
        lambda: run(Epochs(lambda epoch: InMemDataset("ab"))),
        DatasetError,
        "Epochs.at_epoch(0) has 2 items, and the dataset 3\n"
        "  an epoch may change the items, but not how many there are",
    ),
    (
        lambda: run(Epochs(lambda epoch: 1 // epoch)),
        LoaderError,
        "Epochs.at_epoch(0) raised ZeroDivisionError in epoch 1\n  integer division or modulo by zero",
    ),
    # items
    (
        lambda: run(ByItem(lambda index: {0: 0}[index], 20)),
        LoaderError,
        "ByItem.get(1) raised KeyError in batch 1 of 10 of epoch 1, of items 0, 1\n  1",
    ),
    (
        lambda: run(ByItem(lambda index: {0: 0}[index], 20), ByParity(3)),
        LoaderError,
        "ByItem.get(1) raised KeyError at item 2 of 20 of epoch 1\n  1",
    ),
    # orders and parts
    (
        lambda: DataLoaderBuilder(Lists()).shuffle(1).weights([1, 2, 3], 1).build(numbers(3)),
        LoaderError,
        "weights and shuffle both decide the order of the items\n"
        "  leave out shuffle: what is drawn by weights comes in a random order",
    ),
    (
        lambda: build("weights", [1, 2], 1),
        DatasetError,
        "there are 2 weights for the 20 items of ByItem\n  give one for each item",
    ),
    (
        lambda: DataLoaderBuilder(Lists()).weights([1, 0, 0], 1).build(numbers(3)).slice(1, None),
        LoaderError,
        "slice(1, None): the weights of items 1 to 2 are 0: none can be drawn\n"
        "  slice where some are larger, or give the loader other weights",
    ),
    (lambda: loader(20).split(21), LoaderError, "split(21): there are 20 items\n  write split(20) or less"),
    (lambda: loader(drop_last="no"), LoaderError, "drop_last('no'): give True or False"),
    (lambda: loader(persistent_workers=4), LoaderError, "persistent_workers(4): give True or False"),
    # records
    (
        lambda: restored(items_processed=1),
        RecordError,
        "ByParity makes a batch of items 1 to 3, and the record is of a loader that had handed out 1\n"
        "  build it as the run that wrote the record did, or start it afresh",
    ),
    (
        lambda: restored(items_processed=21),
        RecordError,
        "epoch 0, item 21 is no place in an epoch of 20 items in batches by ByParity: the record was changed",
    ),
]


@pytest.mark.parametrize(("wrong", "error", "message"), MESSAGES)
def test_a_message_says_what_where_and_what_instead(
    wrong: Callable[[], object], error: type[MinigradError], message: str
) -> None:
    with pytest.raises(error) as caught:
        wrong()
    assert str(caught.value) == message
    assert type(caught.value) is error
