"""Transforms, each by itself: what is in it, what it asks of its source, how it draws."""

from __future__ import annotations

import pickle
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from minigrad.data.dataloader import Batcher, DataLoaderBuilder, Items
from minigrad.data.dataset import (
    CircleDataset,
    ComposedDataset,
    Dataset,
    InMemDataset,
    Mapper,
    MapperDataset,
    PartialDataset,
    SamplerDataset,
    SelectionDataset,
    ShuffledDataset,
    WindowsDataset,
)
from minigrad.errors import DatasetError, LoaderError

LETTERS = InMemDataset("abcdefg")
NUMBERS = InMemDataset([{"x": float(number)} for number in range(7)])


class Watched(Dataset[str]):
    """Notes what is asked of it."""

    def __init__(self, text: str, hole: int = -1) -> None:
        self.text = text
        self.hole = hole
        self.asked: list[int] = []

    def get(self, index: int) -> str | None:
        assert type(index) is int
        self.asked.append(index)
        return self.text[index] if 0 <= index < len(self.text) and index != self.hole else None

    def __len__(self) -> int:
        return len(self.text)


def text(dataset: Dataset[str]) -> str:
    return "".join(dataset)


# --- mapper -----------------------------------------------------------------------------------------------------------


def test_mapped_each_time_it_is_asked() -> None:
    calls: list[str] = []

    def upper(item: str) -> str:
        calls.append(item)
        return item.upper()

    dataset = MapperDataset(LETTERS, upper)
    assert calls == []
    assert (dataset.get(1), dataset.get(1), dataset.get(7), dataset.get(-1), len(dataset)) == ("B", "B", None, None, 7)
    assert calls == ["b", "b"]
    assert text(dataset) == "ABCDEFG"


def test_burns_mapper_has_a_map() -> None:
    class Upper(Mapper[str, str]):
        def map(self, item: str) -> str:
            return item.upper()

    class Plain:
        def map(self, item: str) -> str:
            return item.upper()

    for mapper in (Upper(), Plain(), str.upper, Plain().map):
        assert text(MapperDataset(LETTERS, mapper)) == "ABCDEFG"  # type: ignore[arg-type]
    assert MapperDataset(NUMBERS, Upper()).get_batch(np.array([0])) is None  # type: ignore[arg-type]


def test_an_error_in_the_function_says_of_which_item() -> None:
    def fails(item: str) -> str:
        raise KeyError(item)

    with pytest.raises(KeyError) as caught:
        ShuffledDataset(MapperDataset(LETTERS, fails), 1).get(2)
    name = "test_an_error_in_the_function_says_of_which_item.<locals>.fails"
    number = "abcdefg".index(caught.value.args[0])
    assert caught.value.__notes__ == [f"MapperDataset: {name} was given item {number}"]


def test_a_mapper_may_work_on_columns() -> None:
    class Double(Mapper[dict[str, float], dict[str, float]]):
        def map(self, item: dict[str, float]) -> dict[str, float]:
            return {"x": 2 * item["x"]}

        def map_batch(self, items: Items[dict[str, float]]) -> Items[dict[str, float]]:
            return Items.from_columns({"x": 2 * items.column("x")}, dict)

    batch = MapperDataset(NUMBERS, Double()).get_batch(np.array([3, 1]))
    assert batch is not None and batch.column("x").tolist() == [6.0, 2.0]
    assert MapperDataset(LETTERS, Double()).get_batch(np.array([0])) is None  # type: ignore[arg-type]


def test_a_mapper_with_a_seed_draws_by_seed_epoch_and_index() -> None:
    zeros = InMemDataset([0] * 50)

    def draw(item: int, rng: np.random.Generator) -> int:
        return int(rng.integers(2**62))

    dataset = MapperDataset(zeros, draw, seed=1)
    later = dataset.at_epoch(1)
    drawn = [list(dataset), list(later), list(MapperDataset(zeros, draw, seed=2))]
    assert len({number for numbers in drawn for number in numbers}) == 150
    assert list(reversed([dataset.get(index) for index in reversed(range(50))])) == drawn[0]
    assert list(later.at_epoch(0)) == drawn[0] and list(dataset.at_epoch(1)) == drawn[1]
    assert list(MapperDataset(zeros, draw, seed=1)) == drawn[0]


def test_two_mappers_with_one_seed_draw_different_numbers() -> None:
    def add(item: tuple[float, ...], rng: np.random.Generator) -> tuple[float, ...]:
        return (*item, rng.random())

    dataset: Dataset[tuple[float, ...]] = InMemDataset([()] * 5)
    for between in (lambda x: x, lambda x: ShuffledDataset(x, 1), lambda x: ComposedDataset([LETTERS, x])):
        twice = MapperDataset(between(MapperDataset(dataset, add, seed=3)), add, seed=3)
        last = twice.get(len(twice) - 1)
        assert last is not None and last[-1] != last[-2]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_loader_asks_for_the_dataset_of_its_epoch(workers: int) -> None:
    class Lists(Batcher[Any, list[Any]]):
        def batch(self, items: Items[Any], device: Any) -> list[Any]:
            return list(items)

    def draw(item: str, rng: np.random.Generator) -> str:
        return f"{item}{rng.integers(10**9)}"

    dataset = MapperDataset(SamplerDataset(LETTERS, 9), draw, seed=1)
    loader = DataLoaderBuilder(Lists()).batch_size(4).num_workers(workers).build(dataset)
    epochs = [[item for batch in loader for item in batch] for _ in range(3)]
    assert epochs == [list(dataset.at_epoch(epoch)) for epoch in range(3)]
    assert len({item for items in epochs for item in items}) == 27
    again = DataLoaderBuilder(Lists()).batch_size(4).build(dataset).load_record(loader.to_record())
    assert [item for batch in again for item in batch] == list(dataset.at_epoch(3))


def test_without_a_seed_nothing_depends_on_the_epoch() -> None:
    dataset = WindowsDataset(ShuffledDataset(MapperDataset(LETTERS, str.upper), 1), 2)
    assert dataset.at_epoch(3) is dataset


# --- order ------------------------------------------------------------------------------------------------------------


def test_shuffled_once_and_for_all() -> None:
    dataset = ShuffledDataset.with_seed(LETTERS, 5)
    assert sorted(dataset) == list("abcdefg") != list(dataset)
    assert text(dataset) == text(dataset) == text(ShuffledDataset(LETTERS, 5)) != text(ShuffledDataset(LETTERS, 6))
    assert dataset.at_epoch(7) is dataset
    assert text(SelectionDataset.new_shuffled(LETTERS, 5)) == text(dataset)


def test_every_order_is_equally_likely() -> None:
    seen = Counter(text(ShuffledDataset(InMemDataset("abcd"), seed)) for seed in range(4800))
    assert len(seen) == 24
    assert sum((count - 200) ** 2 / 200 for count in seen.values()) < 54  # chi-square, 23 degrees: one in 4000


def test_a_loader_that_shuffles_with_the_same_seed_draws_another_order() -> None:
    class Lists(Batcher[Any, list[Any]]):
        def batch(self, items: Items[Any], device: Any) -> list[Any]:
            return list(items)

    numbers = InMemDataset(range(100))
    loaded = [item for batch in DataLoaderBuilder(Lists()).batch_size(10).shuffle(5).build(numbers) for item in batch]
    assert loaded != list(ShuffledDataset(numbers, 5))


def test_partial() -> None:
    dataset = PartialDataset(LETTERS, 2, 5)
    assert [dataset.get(index) for index in (-3, -1, 0, 2, 3, 4)] == [None, None, "c", "e", None, None]
    assert text(PartialDataset(LETTERS, 5, 100)) == "fg" and len(PartialDataset(LETTERS, 5, 100)) == 2
    assert text(PartialDataset(LETTERS, 7, 9)) == "" == text(PartialDataset(LETTERS, 3, 3))
    assert text(PartialDataset(PartialDataset(LETTERS, 2, 6), 1, 3)) == "de"


@pytest.mark.parametrize(("length", "n"), [(7, 1), (7, 2), (7, 4), (7, 7), (10, 4), (100, 7)])
def test_parts_make_the_whole_and_the_last_has_the_rest(length: int, n: int) -> None:
    dataset = InMemDataset(range(length))
    for parts in (PartialDataset.split(dataset, n), SelectionDataset.new_select_all(dataset).split(n)):
        sizes = [len(part) for part in parts]
        assert [item for part in parts for item in part] == list(range(length))
        assert len(parts) == n and set(sizes[:-1]) <= {length // n} and sizes[-1] >= length // n


def test_selection() -> None:
    chosen = SelectionDataset.from_indices_checked(LETTERS, [4, 0, 0, 2])
    assert (text(chosen), chosen.indices.tolist()) == ("eaac", [4, 0, 0, 2])
    assert [chosen.get(index) for index in (-1, 3, 4)] == [None, "c", None]
    for indices in ((4, 0, 0, 2), np.array([4, 0, 0, 2], np.uint8), (x for x in (4, 0, 0, 2)), chosen.indices):
        assert text(SelectionDataset(LETTERS, indices)) == "eaac"
    assert text(SelectionDataset(LETTERS, range(6, -1, -2))) == "geca"
    assert text(SelectionDataset(LETTERS, [])) == ""
    assert (text(chosen.slice(1, None)), text(chosen.slice(-2, 100)), text(chosen.slice(2, 1))) == ("aac", "ac", "")
    assert sorted(chosen.shuffle(1)) == sorted("eaac") and text(chosen) == "eaac"
    assert text(SelectionDataset.new_select_all(LETTERS)) == "abcdefg"


def test_a_selection_is_a_value() -> None:
    indices = np.array([1, 2])
    chosen = SelectionDataset(LETTERS, indices)
    indices[0] = 5
    assert text(chosen) == "bc"
    with pytest.raises(ValueError, match="read-only"):
        chosen.indices[0] = 0


# --- several, and windows ---------------------------------------------------------------------------------------------


def test_composed() -> None:
    dataset = ComposedDataset([LETTERS, InMemDataset(""), InMemDataset("xy")])
    assert text(dataset) == "abcdefgxy" and len(dataset) == 9
    assert [dataset.get(index) for index in (-1, -9, 0, 6, 7, 8, 9)] == [None, None, "a", "g", "x", "y", None]
    assert text(ComposedDataset([InMemDataset(""), InMemDataset("")])) == ""
    assert text(ComposedDataset(iter([LETTERS, LETTERS]))) == 2 * "abcdefg"


def test_composed_columns_of_unlike_types() -> None:
    whole, half = InMemDataset([{"x": 1}, {"x": 2}]), InMemDataset([{"x": 0.5}])
    batch = ComposedDataset([whole, half]).get_batch(np.array([2, 0, 2, 1]))
    assert batch is not None
    assert (batch.column("x").tolist(), batch.column("x").dtype) == ([0.5, 1.0, 0.5, 2.0], np.float32)
    assert list(batch) == [{"x": 0.5}, {"x": 1}, {"x": 0.5}, {"x": 2}]
    flat, deep = InMemDataset([{"x": (1.0,)}]), InMemDataset([{"x": (1.0, 2.0)}])
    batch = ComposedDataset([flat, deep]).get_batch(np.array([0, 1]))
    assert batch is not None
    with pytest.raises(DatasetError, match=r"column\('x'\): item 1 has shape \(2,\), item 0 has \(1,\)\n"):
        batch.column("x")
    only = ComposedDataset([flat, deep]).get_batch(np.array([1]))
    assert only is not None and only.column("x").tolist() == [[1.0, 2.0]]


def test_windows() -> None:
    assert list(WindowsDataset(InMemDataset("abcd"), 3)) == [("a", "b", "c"), ("b", "c", "d")]
    assert (len(WindowsDataset(LETTERS, 7)), len(WindowsDataset(LETTERS, 8))) == (1, 0)
    assert WindowsDataset(LETTERS, 8).get(0) is None
    assert text(MapperDataset(WindowsDataset(LETTERS, 1), "".join)) == "abcdefg"


@dataclass(frozen=True)
class Sample:
    at: tuple[float, float]
    label: int


@pytest.mark.parametrize("windows", [[2], [3, 2]])
def test_a_batcher_gets_the_columns_of_windows_by_item_and_by_column(windows: list[int]) -> None:
    by_column: Dataset[Any] = InMemDataset([Sample((i, 0.5), i % 2) for i in range(8)])
    by_item: Dataset[Any] = MapperDataset(by_column, lambda item: item)
    for size in windows:
        by_column, by_item = WindowsDataset(by_column, size), WindowsDataset(by_item, size)
    indices = [3, 0, 3]
    batch = by_column.get_batch(np.array(indices))
    assert batch is not None and by_item.get_batch(np.array(indices)) is None
    items = Items([by_item.get(index) for index in indices], indices)
    for name, width in (("at", 2), ("label", 1)):
        column, same = batch.column(name), items.column(name)
        assert column.shape == (3, *reversed(windows)) + ((2,) if width == 2 else ())
        assert column.dtype == same.dtype and (column == same).all()
        for array in (column, same):
            with pytest.raises(ValueError, match="WRITEABLE"):
                array.setflags(write=True)
    assert list(batch) == list(items)
    assert batch.column("label").dtype == np.int64


def test_windows_of_unlike_lengths_are_no_column() -> None:
    items = Items([({"x": 1.0},), ({"x": 1.0}, {"x": 2.0})], [4, 9])
    with pytest.raises(DatasetError, match=r"column\('x'\): item 9 is of 2 items, item 4 of 1"):
        items.column("x")
    with pytest.raises(DatasetError, match=r"column\('x'\): item 9 has 'a', which no array of numbers can hold"):
        Items([({"x": 1.0},), ({"x": "a"},)], [4, 9]).column("x")


# --- all of them ------------------------------------------------------------------------------------------------------

TRANSFORMS: dict[str, Any] = {
    "mapper": lambda source: MapperDataset(source, str.upper),
    "shuffled": lambda source: ShuffledDataset(source, 1),
    "partial": lambda source: PartialDataset(source, 1, 6),
    "sampler": lambda source: SamplerDataset(source, 9),
    "composed": lambda source: ComposedDataset([InMemDataset("x"), source]),
    "windows": lambda source: WindowsDataset(source, 2),
    "selection": lambda source: SelectionDataset(source, [3, 4, 4]),
}


@pytest.mark.parametrize("name", TRANSFORMS)
def test_lazy(name: str) -> None:
    source = Watched("abcdefg")
    dataset = TRANSFORMS[name](source)
    dataset.get(len(dataset)), dataset.get(-1), len(dataset), dataset.is_empty(), dataset.at_epoch(2)
    assert source.asked == []
    dataset.get(len(dataset) - 1)
    assert len(source.asked) == (2 if name == "windows" else 1)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_what_a_source_breaks_is_said_of_the_source(name: str) -> None:
    class Failing(Watched):
        def get(self, index: int) -> str | None:
            raise OSError(f"no item {index}")

    dataset = TRANSFORMS[name](Failing("abcdefg"))
    with pytest.raises(OSError, match=r"^no item \d$"):
        dataset.get(2)
    hole = TRANSFORMS[name](Watched("abcdefg", hole=3))
    epochs = ComposedDataset([hole.at_epoch(epoch) for epoch in range(20)])  # a sampler's first draws may pass it over
    with pytest.raises(DatasetError, match=r"^Watched.get\(3\) returned None, but its len\(\) promised 7 items"):
        list(epochs)


@pytest.mark.parametrize("name", TRANSFORMS)
def test_an_epoch_goes_down_to_the_source(name: str) -> None:
    class Epochs(Watched):
        epoch = 0

        def get(self, index: int) -> str | None:
            found = super().get(index)
            return found and found + str(self.epoch)

        def at_epoch(self, epoch: int) -> Dataset[str]:
            later = Epochs(self.text)
            later.epoch = epoch
            return later

    dataset = TRANSFORMS[name](Epochs("abcdefg"))
    assert "3" in str(dataset.at_epoch(3).get(1)) and "0" in str(dataset.get(1))
    assert type(dataset.at_epoch(3)) is type(dataset)


@pytest.mark.parametrize("name", [name for name in TRANSFORMS if name != "mapper"])
def test_indices_of_a_batch_are_those_of_get(name: str) -> None:
    dataset = TRANSFORMS[name](NUMBERS if name != "composed" else LETTERS)
    if name == "composed":
        dataset = ComposedDataset([NUMBERS, NUMBERS])
    for wrong in (-1, len(dataset)):
        with pytest.raises(DatasetError, match=rf"{type(dataset).__name__}.get_batch: there is no item {wrong} among"):
            dataset.get_batch(np.array([0, wrong]))


@pytest.mark.parametrize("name", TRANSFORMS)
def test_pickled_and_back(name: str) -> None:
    dataset = TRANSFORMS[name](LETTERS)
    assert list(pickle.loads(pickle.dumps(dataset))) == list(dataset)


def test_an_error_in_a_column_names_the_items_own_number() -> None:
    items: list[Any] = [{"x": float(i)} for i in range(7)]
    items[5] = {"x": float("inf")}

    class Ints(Batcher[Any, Any]):
        def batch(self, items: Items[Any], device: Any) -> Any:
            return items.column("x", np.int64)

    with pytest.raises(LoaderError, match=r"column\('x'\): item 5 has inf, which int64 cannot hold"):
        list(DataLoaderBuilder(Ints()).build(ShuffledDataset(InMemDataset(items), 1)))


def test_columns_of_a_large_dataset_are_gathered_and_not_rebuilt() -> None:
    class Counted(Dataset[Any]):
        def __init__(self) -> None:
            self.asked = 0

        def get(self, index: int) -> Any:
            raise AssertionError("by item")

        def __len__(self) -> int:
            return 10_000

        def get_batch(self, indices: np.ndarray) -> Items[Any]:
            self.asked += 1
            return Items.from_columns({"x": np.asarray(indices, float)}, dict)

        def __iter__(self) -> Iterator[Any]:
            raise AssertionError("by item")

    class Column(Batcher[Any, np.ndarray]):
        def batch(self, items: Items[Any], device: Any) -> np.ndarray:
            return items.column("x")

    source = Counted()
    dataset = PartialDataset(ShuffledDataset(ComposedDataset([source]), 1), 0, 5000)
    batches = list(DataLoaderBuilder(Column()).batch_size(50).build(dataset))
    assert len(batches) == 100 and source.asked < 10
    assert len({value for batch in batches for value in batch.tolist()}) == 5000


def test_a_subclass_of_a_toy_shape_that_augments_is_asked_for_items() -> None:
    class Mirrored(CircleDataset):
        def get(self, index: int) -> Any:
            item = super().get(index)
            return item and (-item.input[0], item.input[1])

    dataset = Mirrored(5, seed=1)
    assert dataset.get_batch(np.array([0])) is None
    assert next(iter(dataset)) == dataset.get(0)


@pytest.mark.parametrize("answer", [lambda indices: [1, 2], lambda indices: Items([{"x": 1}])], ids=["list", "one"])
@pytest.mark.parametrize(
    "make", [lambda ds: ComposedDataset([ds]), lambda ds: WindowsDataset(ds, 1), lambda ds: MapperDataset(ds, Same())]
)
def test_what_a_source_gives_for_a_batch_is_checked(
    make: Callable[[Dataset[Any]], Dataset[Any]], answer: Callable[[Any], Any]
) -> None:
    class Wrong(InMemDataset[Any]):
        def get_batch(self, indices: Any) -> Any:
            return answer(indices)

    with pytest.raises(DatasetError, match=r"Wrong\.get_batch returned (list|1 items for 2 indices)"):
        make(Wrong([{"x": 1}, {"x": 2}])).get_batch(np.array([0, 1]))


class Same(Mapper[Any, Any]):
    def map(self, item: Any) -> Any:
        return item

    def map_batch(self, items: Items[Any]) -> Items[Any]:
        return items
