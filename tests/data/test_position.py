"""Where a loader is: left at any batch, it goes on with exactly the rest, whatever makes the batches, and how many."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.data.dataloader import BatchStrategy, DataLoader, DataLoaderBuilder, FixBatchStrategy
from minigrad.data.dataset import Dataset, InMemDataset, MapperDataset

from .loading import ByItem, ByParity, Lists, Sorted


class Drawing(Dataset[Any]):
    """Draws each item anew in each epoch: by hand, from the epoch and the index."""

    def __init__(self, length: int, epoch: int = 0) -> None:
        self.length, self.epoch = length, epoch

    def at_epoch(self, epoch: int) -> Drawing:
        return Drawing(self.length, epoch)

    def get(self, index: int) -> int:
        return int(np.random.default_rng((self.epoch, index)).integers(1 << 40)) * 1_000 + index

    def __len__(self) -> int:
        return self.length


@dataclass(frozen=True)
class Setting:
    """How a loader is made; `make` makes one with so many workers."""

    dataset: Dataset[Any]
    strategy: BatchStrategy[Any]
    order: str
    seed: int
    drop_last: bool
    cut: tuple[int | None, int | None]

    def make(self, workers: int, persistent: bool) -> DataLoader[list[Any]]:
        builder = DataLoaderBuilder(Lists()).batch_strategy(self.strategy).num_workers(workers)
        builder = builder.persistent_workers(persistent).drop_last(self.drop_last)
        if self.order == "shuffle":
            builder = builder.shuffle(self.seed)
        elif self.order == "weights":
            length = len(self.dataset)
            builder = builder.weights(np.arange(1, length + 1), self.seed, 1 + 3 * length // 2)
        return builder.build(self.dataset).slice(*self.cut)


def noisy(item: int, rng: np.random.Generator) -> int:
    return item + 1_000 * int(rng.integers(1 << 40))


lengths = st.integers(9, 30)
datasets = (
    lengths.map(Drawing)
    | lengths.map(lambda length: ByItem(int, length))
    | lengths.map(lambda length: MapperDataset(InMemDataset(range(length)), noisy, seed=length))
)
SETTINGS = st.builds(
    Setting,
    datasets,
    st.builds(FixBatchStrategy, st.integers(1, 9))
    | st.builds(ByParity, st.integers(1, 9))
    | st.builds(Sorted, st.integers(1, 9)),
    st.sampled_from(["given", "shuffle", "weights"]),
    st.integers(0, 5),
    st.booleans(),
    st.sampled_from([(None, None), (2, None), (1, -3)]),
)
WORKERS = st.sampled_from([0, 1, 2, 5])


@settings(max_examples=60)
@given(SETTINGS, WORKERS, WORKERS, st.booleans(), st.booleans(), st.integers(0, 3), st.data())
def test_what_is_left_is_what_comes(
    setting: Setting, before: int, after: int, stay: bool, stays: bool, epoch: int, data: st.DataObject
) -> None:
    plain = setting.make(0, False)
    epochs = [list(plain) for _ in range(epoch + 2)]
    stop = data.draw(st.integers(0, len(epochs[epoch])))

    run = setting.make(before, stay)
    for done in range(epoch):
        assert list(run) == epochs[done]
    batches = iter(run)
    assert [next(batches) for _ in range(stop)] == epochs[epoch][:stop]
    progress = batches.progress()
    assert progress.items_processed == sum(map(len, epochs[epoch][:stop]))
    record = json.loads(json.dumps(run.to_record()))
    batches.close()

    restored = setting.make(after, stays).load_record(record)
    assert restored.to_record() == record
    rest = iter(restored)
    assert rest.progress() == progress
    assert list(rest) == epochs[epoch][stop:]
    assert list(restored) == epochs[epoch + 1]


def test_a_record_in_the_middle_of_a_restored_pass() -> None:
    setting = Setting(Drawing(20), ByParity(3), "shuffle", 1, False, (None, None))
    whole = list(setting.make(0, False))
    record = setting.make(0, False).to_record()
    seen = []
    for workers in range(len(whole)):  # one batch by each of many runs
        run = setting.make(workers % 3, False).load_record(json.loads(json.dumps(record)))
        batches = iter(run)
        seen.append(next(batches))
        record = run.to_record()
    assert seen == whole


def test_an_epoch_is_asked_for_once_a_pass() -> None:
    asked: list[int] = []

    class Asked(Drawing):
        def at_epoch(self, epoch: int) -> Drawing:
            asked.append(epoch)
            return super().at_epoch(epoch)

    loader = DataLoaderBuilder(Lists()).batch_size(4).num_workers(2).build(Asked(20))
    list(loader), list(loader.slice(1, 9)), list(loader)
    assert asked == [0, 1, 1]
    record = loader.to_record()
    list(loader.load_record(record))
    assert asked[3:] == [2]
