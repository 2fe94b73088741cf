"""DataLoader and its builder: epochs, columns, progress, slices, positions, bad input."""

from __future__ import annotations

import gc
import json
import weakref
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import Autodiff, Device, NdArray
from minigrad.data.dataloader import Batcher, DataLoader, DataLoaderBuilder, Items, Progress
from minigrad.data.dataset import ComposedDataset, Dataset, InMemDataset, SequenceDataset
from minigrad.data.dataset.source import CircleDataset, CircleItem
from minigrad.errors import DatasetError, DeviceError, LoaderError, RecordError

from .loading import ByItem, Lists, joined, loader, numbers


class Columns(Batcher[CircleItem, tuple[np.ndarray, np.ndarray]]):
    def batch(self, items: Items[CircleItem], device: Device) -> tuple[np.ndarray, np.ndarray]:
        return items.column("input"), items.column("target", np.int64)


# epochs


def test_batches_in_order_and_the_short_one_last() -> None:
    assert list(loader()) == [[0, 1, 2], [3, 4, 5], [6, 7, 8], [9]]
    assert list(loader(drop_last=True)) == [[0, 1, 2], [3, 4, 5], [6, 7, 8]]
    assert list(DataLoaderBuilder(Lists()).build(numbers(2))) == [[0], [1]]


def test_each_pass_is_the_next_epoch_also_after_one_left_early() -> None:
    one, other = loader(shuffle=5), loader(shuffle=5)
    first, second, third = list(one), list(one), list(one)
    assert first != second != third != first
    for epoch in (first, second, third):
        assert sorted(joined(epoch)) == list(range(10))
    assert list(other) == first
    next(iter(other))  # the second, left early
    assert list(other) == third
    assert list(loader(shuffle=6)) != first


def test_builders_copy() -> None:
    base = DataLoaderBuilder(Lists()).batch_size(2)
    changed = base.shuffle(1).batch_size(3).drop_last().num_workers(2)
    assert list(base.build(numbers(3))) == [[0, 1], [2]]
    assert len(list(changed.build(numbers(5)))) == 1
    assert len(list(changed.drop_last(False).build(numbers(5)))) == 2


def test_the_batcher_gets_the_device() -> None:
    class Devices(Batcher[Any, Device]):
        def batch(self, items: Items[Any], device: Device) -> Device:
            return device

    builder = DataLoaderBuilder(Devices())
    mine = Autodiff(NdArray(seed=3))
    assert next(iter(builder.set_device(mine).build(numbers(1)))) is mine
    assert next(iter(builder.build(numbers(1)).to_device(mine))) is mine
    assert isinstance(next(iter(builder.build(numbers(1)))), NdArray)


@pytest.mark.parametrize("workers", [0, 2])
def test_what_get_returns_is_never_kept(workers: int) -> None:
    asked: Counter[int] = Counter()

    def get(index: int) -> tuple[int, int]:
        asked[index] += 1
        return index, asked[index]

    augmenting = DataLoaderBuilder(Lists()).batch_size(4).num_workers(workers).build(ByItem(get, 10))
    for epoch in (1, 2, 3):
        assert joined(augmenting) == [(index, epoch) for index in range(10)]


def test_indices_are_ints_of_python() -> None:
    assert {type(index) for index in joined(loader(shuffle=1))} == {int}


# columns


def test_columns_and_items_make_the_same_batches_bit_for_bit() -> None:
    data = CircleDataset(1_000, seed=1)
    plain = ByItem(data.get, len(data))
    builder = DataLoaderBuilder(Columns()).batch_size(7).shuffle(42)  # 143 batches: several windows
    by_column, by_item = builder.build(data), builder.num_workers(2).build(plain)
    for _ in range(2):
        for (x, t), (y, u) in zip(by_column, by_item, strict=True):
            assert (x.dtype, x.shape, t.dtype) == (y.dtype, y.shape, u.dtype) == (np.float32, (len(t), 2), np.int64)
            assert x.tobytes() + t.tobytes() == y.tobytes() + u.tobytes()


def test_a_batcher_of_items_gets_the_datasets_own_also_by_column() -> None:
    data = InMemDataset(list(CircleDataset(100, seed=1)))
    batches = DataLoaderBuilder(Lists()).batch_size(9).shuffle(3).build(data)
    assert {id(item) for batch in batches for item in batch} == {id(item) for item in data}


def test_a_window_is_never_written_again() -> None:
    data = CircleDataset(300, seed=1)
    batches = DataLoaderBuilder(Columns()).batch_size(2).shuffle(42).build(data)
    kept = list(batches)
    copies = [(x.copy(), t.copy()) for x, t in kept]
    for _ in range(3):
        list(batches)
    assert all((x == y).all() and (t == u).all() for (x, t), (y, u) in zip(kept, copies, strict=True))
    for x, _ in kept:
        with pytest.raises(ValueError, match="read-only"):
            x += 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            x.setflags(write=True)


@pytest.mark.parametrize("columns", [True, False])
def test_a_tensor_of_a_column_needs_no_copy(columns: bool) -> None:
    class Tensors(Batcher[CircleItem, tuple[np.ndarray, Tensor]]):
        def batch(self, items: Items[CircleItem], device: Device) -> tuple[np.ndarray, Tensor]:
            return items.column("input"), Tensor.from_data(items.column("input"), device)

    data: Dataset[CircleItem] = CircleDataset(20, seed=1)
    if not columns:
        data = ByItem(data.get, len(data))
    for array, tensor in DataLoaderBuilder(Tensors()).batch_size(8).build(data):
        assert np.shares_memory(array, tensor.numpy())


class Arrays(Dataset[Any]):
    """Keeps its data in arrays, as a user's dataset may; notes how it is asked."""

    def __init__(self, x: np.ndarray) -> None:
        self.x = x
        self.asked: list[int] = []

    def get(self, index: int) -> Any:
        raise AssertionError("it has columns")

    def __len__(self) -> int:
        return len(self.x)

    def get_batch(self, indices: np.ndarray) -> Items[Any]:
        self.asked.append(len(indices))
        return Items.from_columns({"x": self.x[indices]}, dict)


class Sums(Batcher[Any, float]):
    def batch(self, items: Items[Any], device: Device) -> float:
        return float(items.column("x").sum())


def test_many_batches_are_gathered_at_once_as_long_as_they_are_small() -> None:
    small = Arrays(np.arange(300.0, dtype=np.float32))
    loader = DataLoaderBuilder(Sums()).batch_size(2).build(small)
    assert list(loader) == list(loader) == [4 * i + 1 for i in range(150)]
    assert small.asked == [2, 298, 300]  # how many fit is known when the first batch is made
    large = Arrays(np.broadcast_to(np.float32(1), (20, 1 << 20)))  # 4 MB an item
    assert list(DataLoaderBuilder(Sums()).batch_size(1).build(large)) == [1 << 20] * 20
    assert max(large.asked) == 4


class Shapes(Batcher[Any, tuple[str, tuple[int, ...]]]):
    def batch(self, items: Items[Any], device: Device) -> tuple[str, tuple[int, ...]]:
        column = items.column("x")
        return str(column.dtype), column.shape


def test_each_batch_may_have_a_shape_of_its_own_whatever_is_gathered_with_it() -> None:
    words = [{"x": [1.0] * (2 + index // 4)} for index in range(16)]
    by_column, by_item = (
        DataLoaderBuilder(Shapes()).batch_size(4).build(kind(words)) for kind in (InMemDataset, SequenceDataset)
    )
    assert list(by_column) == list(by_item) == [("float32", (4, length)) for length in (2, 3, 4, 5)]


def test_the_good_batches_arrive_before_a_bad_one_that_is_gathered_with_them() -> None:
    made = DataLoaderBuilder(Shapes()).batch_size(4).build(InMemDataset([{"x": 1.0}] * 13 + [{"x": "bad"}] * 3))
    for _ in range(2):
        batches = iter(made)
        assert [next(batches) for _ in range(3)] == [("float32", (4,))] * 3
        with pytest.raises(LoaderError, match=r"batch 4 of 4 .*\n.*item 13 has 'bad'"):
            next(batches)


def test_the_dtype_of_a_batch_does_not_depend_on_what_is_gathered_with_it() -> None:
    parts = [InMemDataset([{"x": index} for index in range(8)]), InMemDataset([{"x": 0.5}] * 8)]
    made = DataLoaderBuilder(Shapes()).batch_size(4).build(ComposedDataset(parts))
    assert list(made) == list(made) == [("float32", (4,))] * 4


# what fails in the user's code


def failing_at(bad: int) -> Callable[[int], int]:
    def get(index: int) -> int:
        if index == bad:
            raise KeyError("lost")
        return index

    return get


@pytest.mark.parametrize("workers", [0, 1, 3, 8])
def test_an_error_in_get_arrives_after_the_good_batches_with_the_items_index(workers: int) -> None:
    batches = iter(DataLoaderBuilder(Lists()).batch_size(2).num_workers(workers).build(ByItem(failing_at(7), 40)))
    assert [next(batches), next(batches), next(batches)] == [[0, 1], [2, 3], [4, 5]]
    with pytest.raises(LoaderError) as caught:
        next(batches)
    assert str(caught.value) == "ByItem.get(7) raised KeyError in batch 4 of 20 of epoch 1, of items 6, 7\n  'lost'"
    assert isinstance(caught.value.__cause__, KeyError)
    assert batches.progress() == Progress(6, 40)
    assert list(batches) == []  # the epoch is over


@pytest.mark.parametrize(("workers", "columns"), [(0, True), (0, False), (3, False)])
def test_an_error_in_batch_arrives_after_the_good_batches(workers: int, columns: bool) -> None:
    class Picky(Batcher[Any, int]):
        def batch(self, items: Items[Any], device: Device) -> int:
            if items[0]["x"] == 6:
                raise ValueError("no six\n  please")
            return int(items[0]["x"])

    data: Dataset[Any] = InMemDataset([{"x": index} for index in range(40)])
    if not columns:
        data = ByItem(data.get, 40)
    batches = iter(DataLoaderBuilder(Picky()).batch_size(2).num_workers(workers).build(data))
    assert [next(batches), next(batches), next(batches)] == [0, 2, 4]
    with pytest.raises(LoaderError) as caught:
        next(batches)
    says = "Picky.batch raised ValueError in batch 4 of 20 of epoch 1, of items 6, 7\n  no six\n  please"
    assert str(caught.value) == says
    assert isinstance(caught.value.__cause__, ValueError)


@pytest.mark.parametrize("workers", [0, 2])
def test_what_is_no_exception_to_catch_passes_as_it_is(workers: int) -> None:
    def get(index: int) -> int:
        raise SystemExit(3)

    with pytest.raises(SystemExit):
        list(DataLoaderBuilder(Lists()).num_workers(workers).build(ByItem(get, 4)))


@pytest.mark.parametrize("workers", [0, 2])
def test_a_dataset_that_lies_about_its_length(workers: int) -> None:
    short = ByItem(lambda index: index if index < 5 else None, 9)
    batches = iter(DataLoaderBuilder(Lists()).batch_size(2).num_workers(workers).build(short))
    assert [next(batches), next(batches)] == [[0, 1], [2, 3]]
    with pytest.raises(DatasetError, match=r"ByItem.get\(5\) returned None, but its len\(\) promised 9 items\n"):
        next(batches)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_batcher_that_returns_nothing(workers: int) -> None:
    class Forgets(Batcher[int, Any]):
        def batch(self, items: Items[int], device: Device) -> Any:
            list(items)

    says = "Forgets.batch returned None in batch 1 of 2 of epoch 1, of items 0, 1, 2, 3, 4, 5, 6, 7, ..."
    with pytest.raises(LoaderError, match=says):
        list(DataLoaderBuilder(Forgets()).batch_size(9).num_workers(workers).build(numbers(10)))


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (lambda indices: [0], DatasetError, r"get_batch returned list\n  return Items.from_columns"),
        (lambda indices: Items([0]), DatasetError, "get_batch returned 1 items for 2 indices"),
        (
            lambda indices: indices[5],
            LoaderError,
            "get_batch raised IndexError in batch 1 of 3 of epoch 1, of items 0, 1",
        ),
        (lambda indices: Items(indices) if indices[0] == 0 else None, DatasetError, "items, then None in one epoch"),
    ],
)
def test_a_get_batch_that_breaks_its_word(answer: Callable[[Any], Any], error: type[Exception], says: str) -> None:
    class Answers(Arrays):
        def get_batch(self, indices: np.ndarray) -> Any:
            return answer(indices)

    with pytest.raises(error, match=says):
        list(DataLoaderBuilder(Lists()).batch_size(2).build(Answers(np.zeros(5))))


def test_nobody_writes_to_the_order() -> None:
    class Scrambles(Arrays):
        def get_batch(self, indices: np.ndarray) -> Any:
            indices[:] = 0

    with pytest.raises(LoaderError, match="read-only"):
        list(DataLoaderBuilder(Lists()).build(Scrambles(np.zeros(5))))


def test_an_uneven_item_is_named_by_its_number_in_the_dataset() -> None:
    items = [CircleItem((0.0, 0.0), 0.0)] * 9
    items[4] = CircleItem((0.0, 0.0, 0.0), 0.0)  # type: ignore[arg-type]
    uneven = InMemDataset(items)
    for data in (uneven, ByItem(uneven.get, 9)):
        with pytest.raises(LoaderError, match=r"column\('input'\): item 4 has shape \(3,\), item \d has \(2,\)"):
            list(DataLoaderBuilder(Columns()).batch_size(3).build(data))


def test_an_error_keeps_nothing_alive() -> None:
    gc.collect()
    gc.disable()
    try:
        for workers in (0, 2):
            data = ByItem(failing_at(3), 8)
            gone = weakref.ref(data)
            batches = iter(DataLoaderBuilder(Lists()).num_workers(workers).build(data))
            with suppress(LoaderError):
                list(batches)
            del batches, data
            assert gone() is None
    finally:
        gc.enable()


# progress and slices


@pytest.mark.parametrize("workers", [0, 2])
def test_progress_counts_the_items_handed_out(workers: int) -> None:
    batches = iter(loader(num_workers=workers, shuffle=1))
    seen = [batches.progress()]
    for _ in batches:
        seen.append(batches.progress())
    assert seen == [Progress(done, 10) for done in (0, 3, 6, 9, 10)]
    assert batches.progress() == Progress(10, 10)


def test_an_epoch_without_its_short_batch_is_whole() -> None:
    short = loader(drop_last=True)
    batches = iter(short)
    list(batches)
    assert batches.progress() == Progress(9, 9)
    assert (short.num_items(), short.num_batches(), len(short)) == (9, 3, 3)
    assert repr(short) == "DataLoader(9 items in 3 batches of 3)"
    assert (loader().num_items(), loader().num_batches(), len(loader())) == (10, 4, 4)


def test_a_slice_is_a_loader_of_those_items() -> None:
    assert list(loader().slice(2, 7)) == [[2, 3, 4], [5, 6]]
    assert list(loader().slice(-4, None)) == [[6, 7, 8], [9]]
    assert list(loader().slice(2, 9).slice(1, -1)) == [[3, 4, 5], [6, 7]]
    assert list(loader().slice(4, 4)) == []
    shuffled = loader(shuffle=3, num_workers=2).slice(2, 7)
    first, second = list(shuffled), list(shuffled)
    assert first != second
    assert sorted(joined(first)) == sorted(joined(second)) == [2, 3, 4, 5, 6]
    assert list(loader(shuffle=3).slice(2, 7)) == first
    assert (shuffled.num_items(), shuffled.num_batches()) == (5, 2)


def test_a_loader_for_another_device_goes_on_with_the_epochs() -> None:
    one = loader(shuffle=3)
    epochs = [list(one) for _ in range(3)]
    other = loader(shuffle=3)
    list(other)
    moved = other.to_device(NdArray())
    assert [list(moved), list(moved)] == epochs[1:]
    assert list(other) == epochs[1]


# positions


@pytest.mark.parametrize("columns", [True, False])
@pytest.mark.parametrize("workers", [0, 1, 3])
def test_a_restored_loader_goes_on_with_exactly_what_is_left(workers: int, columns: bool) -> None:
    data: Dataset[Any] = CircleDataset(23, seed=1)
    if not columns:
        data = ByItem(data.get, 23)

    def fresh(workers: int) -> DataLoader[list[CircleItem]]:
        return DataLoaderBuilder(Lists()).batch_size(4).shuffle(42).num_workers(workers).build(data)

    reference = fresh(0)
    epochs = [list(reference) for _ in range(3)]
    for stop in range(7):
        run = fresh(workers)
        list(run)
        batches = iter(run)
        assert [next(batches) for _ in range(stop)] == epochs[1][:stop]
        record = json.loads(json.dumps(run.to_record()))
        batches.close()
        assert run.to_record() == record
        for others in (0, 2):
            restored = fresh(others).load_record(record)
            assert restored.to_record() == record
            rest = iter(restored)
            assert rest.progress() == Progress(min(23, 4 * stop), 23)
            assert list(rest) == epochs[1][stop:]
            assert list(restored) == epochs[2]


def test_a_finished_epoch_is_the_beginning_of_the_next() -> None:
    one = loader(shuffle=3)
    start = {"epoch": 0, "items_processed": 0}
    assert one.to_record() == {**start, "seed": 3, "batch_size": 3, "items": [0, 10], "weights": None}
    list(one)
    record = one.to_record()
    assert (record["epoch"], record["items_processed"]) == (1, 0)
    fresh = loader(shuffle=3)
    restored = fresh.load_record(record)
    assert list(restored) == list(one)
    assert fresh.to_record()["epoch"] == 0  # it was left alone


def test_a_restored_loader_keeps_its_place_on_another_device() -> None:
    one = loader(shuffle=3)
    batches = iter(one)
    next(batches)
    rest = list(loader(shuffle=3).load_record(one.to_record()).to_device(NdArray()))
    assert rest == list(batches)


def test_between_epochs_the_batch_size_and_the_dataset_may_change() -> None:
    one = loader(shuffle=3)
    list(one)
    assert len(list(loader(12, 5, shuffle=3).load_record(one.to_record()))) == 3


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"seed": 4}, "the loader of the record has seed 4, this one 3\n  build it as the run"),
        ({"seed": None}, "has seed None, this one 3"),
        ({"items_processed": 6, "batch_size": 4}, "has batch_size 4, this one 3"),
        ({"items_processed": 6, "items": [0, 11]}, r"has items \[0, 11\], this one \[0, 10\]"),
        ({"items_processed": 6, "weights": "12345678"}, "has weights 12345678, this one None"),
        ({"items_processed": -1}, "epoch 0, item -1 is no place in an epoch of 10 items in batches of 3"),
        ({"items_processed": 4}, "epoch 0, item 4 is no place in an epoch of 10 items in batches of 3"),
        ({"items_processed": 12}, "epoch 0, item 12 is no place in an epoch of 10 items in batches of 3"),
        ({"epoch": "1"}, "epoch '1', item 0 is no place"),
        ({"epoch": True}, "epoch True, item 0 is no place"),
        ({"more": 1}, "is no record of a loader"),
    ],
)
def test_a_record_of_something_else_is_refused(change: dict[str, Any], says: str) -> None:
    record = {**loader(shuffle=3).to_record(), **change}
    with pytest.raises(RecordError, match=says):
        loader(shuffle=3).load_record(record)


# bad input


def build(dataset: Any) -> object:
    return DataLoaderBuilder(Lists()).build(dataset)


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda b: b.batch_size(0), LoaderError, r"batch_size\(0\): give an integer >= 1, such as batch_size\(32\)"),
        (lambda b: b.batch_size(-3), LoaderError, r"batch_size\(-3\)"),
        (lambda b: b.batch_size(True), LoaderError, r"batch_size\(True\)"),
        (lambda b: b.batch_size(2.0), LoaderError, r"batch_size\(2.0\)"),
        (lambda b: b.shuffle(-1), LoaderError, r"shuffle\(-1\): give an integer >= 0, the seed of the order"),
        (lambda b: b.shuffle(None), LoaderError, r"shuffle\(None\)"),
        (lambda b: b.shuffle(0.5), LoaderError, r"shuffle\(0.5\)"),
        (lambda b: b.num_workers(-1), LoaderError, r"num_workers\(-1\): give an integer >= 0, 0 for none"),
        (lambda b: b.set_device("cpu"), DeviceError, r"set_device\('cpu'\): give a device"),
        (lambda b: b.batch_size(5).drop_last().build(numbers(4)), DatasetError, "ByItem has 4 items, a batch 5"),
        (lambda b: DataLoaderBuilder(Lists), LoaderError, r"got the class\n  write DataLoaderBuilder\(Lists\(\)\)"),
        (lambda b: DataLoaderBuilder(len), LoaderError, "make it a subclass of Batcher"),
        (
            lambda b: build([1, 2]),
            DatasetError,
            r"list, which is no Dataset\n  write InMemDataset\(...\) around a list",
        ),
        (lambda b: build(3), DatasetError, "int, which is no Dataset\n  make it a subclass of Dataset"),
        (lambda b: build(InMemDataset([])), DatasetError, "empty InMemDataset: there is nothing to make batches of"),
        (lambda b: build(numbers(-1)), DatasetError, r"len\(ByItem\) failed: __len__\(\) should return >= 0"),
        (lambda b: build(ByItem(int, 2.5)), DatasetError, r"len\(ByItem\) failed: 'float'"),
        (lambda b: build(ByItem(int, None)), DatasetError, r"len\(ByItem\) failed: 'NoneType'"),
        (lambda b: loader().to_device("cpu"), DeviceError, r"to_device\('cpu'\)"),
        (lambda b: loader().slice(0.5, 2), LoaderError, r"slice\(0.5, 2\): both are integers, or None"),
        (lambda b: loader().load_record(None), RecordError, "None is no record of a loader"),
    ],
)
def test_bad_input_is_answered_with_what_to_write(
    wrong: Callable[[Any], Any], error: type[Exception], says: str
) -> None:
    with pytest.raises(error, match=says):
        wrong(DataLoaderBuilder(Lists()))


def test_a_batcher_without_batch_cannot_be_made() -> None:
    class Nothing(Batcher[Any, Any]):
        pass

    with pytest.raises(TypeError, match="abstract method"):
        Nothing()  # type: ignore[abstract]


def test_numpys_integers_are_integers() -> None:
    made = DataLoaderBuilder(Lists()).batch_size(np.int64(3)).shuffle(np.uint8(4)).num_workers(np.int32(0))  # type: ignore
    record = made.build(numbers(5)).to_record()
    assert json.loads(json.dumps(record)) == record


# a dataclass as in the seed of the project, typed


@dataclass(frozen=True, eq=False)
class CircleBatch:
    inputs: Tensor
    targets: Tensor


class CircleBatcher(Batcher[CircleItem, CircleBatch]):
    def batch(self, items: Items[CircleItem], device: Device) -> CircleBatch:
        return CircleBatch(
            Tensor.from_data(items.column("input"), device), Tensor.from_data(items.column("target", np.int64), device)
        )


def test_the_circle_in_tensors() -> None:
    def shapes(batches: DataLoader[CircleBatch]) -> Iterator[tuple[tuple[int, ...], ...]]:
        for batch in batches:
            yield batch.inputs.shape, batch.targets.shape

    batches = (
        DataLoaderBuilder(CircleBatcher()).batch_size(150).shuffle(42).num_workers(1).build(CircleDataset(400, seed=2))
    )
    assert list(shapes(batches)) == [((150, 2), (150,)), ((150, 2), (150,)), ((100, 2), (100,))]
