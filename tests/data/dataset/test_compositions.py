"""Transforms upon transforms against plain lists, drawn by Hypothesis; and their loaders at any number of workers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.data.dataloader import Batcher, DataLoaderBuilder, Items
from minigrad.data.dataset import (
    ComposedDataset,
    Dataset,
    InMemDataset,
    MapperDataset,
    PartialDataset,
    SamplerDataset,
    SelectionDataset,
    ShuffledDataset,
    WindowsDataset,
)
from minigrad.testing import check_dataset


class Item(NamedTuple):
    x: float
    n: int


class Arrays(Dataset[Item]):
    """Keeps its data in arrays, as a user's dataset may."""

    def __init__(self, length: int) -> None:
        self.n = np.arange(100, 100 + length)

    def get(self, index: int) -> Item | None:
        return Item(self.n[index].item() / 2, self.n[index].item()) if 0 <= index < len(self) else None

    def __len__(self) -> int:
        return len(self.n)

    def get_batch(self, indices: np.ndarray) -> Items[Item]:
        return Items.from_columns({"x": self.n[indices] / 2, "n": self.n[indices]}, Item)


class ByItem(Arrays):
    def get_batch(self, indices: np.ndarray) -> Any:
        return None


def in_memory(length: int) -> Dataset[Item]:
    return InMemDataset([Item(i * 0.5, i) for i in range(length)])


class Case(NamedTuple):
    dataset: Dataset[Any]
    model: list[Any]
    has_columns: bool
    steps: str


def increased(item: Any) -> Any:
    """Of an item, or of a window of whatever."""
    return Item(item.x + 1, item.n) if isinstance(item, Item) else tuple(map(increased, item))


def moved(item: Any, rng: np.random.Generator) -> Any:
    return Item(item.x + rng.random(), item.n) if isinstance(item, Item) else tuple(moved(each, rng) for each in item)


Step = Callable[[st.DataObject, Case], Case]


def mapped(data: st.DataObject, case: Case) -> Case:
    model = [increased(item) for item in case.model]
    return Case(MapperDataset(case.dataset, increased), model, False, f"{case.steps} mapped")


def augmented(data: st.DataObject, case: Case) -> Case:
    dataset = MapperDataset(case.dataset, moved, seed=data.draw(st.integers(0, 3)))
    model = list(dataset)
    assert len(model) == len(case.model)
    return Case(dataset, model, False, f"{case.steps} augmented")


def shuffled(data: st.DataObject, case: Case) -> Case:
    dataset = ShuffledDataset.with_seed(case.dataset, data.draw(st.integers(0, 3)))
    assert Counter(dataset) == Counter(case.model)
    return Case(dataset, list(dataset), case.has_columns, f"{case.steps} shuffled")


def partial(data: st.DataObject, case: Case) -> Case:
    start = data.draw(st.integers(0, len(case.model)))
    end = data.draw(st.integers(start, len(case.model) + 3))
    dataset = PartialDataset(case.dataset, start, end)
    return Case(dataset, case.model[start:end], case.has_columns, f"{case.steps} [{start}:{end}]")


def part(data: st.DataObject, case: Case) -> Case:
    if not case.model:
        return case
    n = data.draw(st.integers(1, len(case.model)))
    parts = PartialDataset.split(case.dataset, n)
    assert [item for each in parts for item in each] == case.model
    number = data.draw(st.integers(0, n - 1))
    start = sum(map(len, parts[:number]))
    model = case.model[start : start + len(parts[number])]
    return Case(parts[number], model, case.has_columns, f"{case.steps} part {number} of {n}")


def sampled(data: st.DataObject, case: Case) -> Case:
    size = data.draw(st.integers(0, 12 if case.model else 0))
    replacement, weighed = data.draw(st.tuples(st.booleans(), st.booleans()))
    weights = range(1, len(case.model) + 1) if weighed and case.model else None
    dataset = SamplerDataset(
        case.dataset, size, replacement=replacement, weights=weights, seed=data.draw(st.integers(0, 3))
    )
    assert set(dataset) <= set(case.model) and len(dataset) == size
    return Case(dataset, list(dataset), case.has_columns, f"{case.steps} sampled {size}")


def selected(data: st.DataObject, case: Case) -> Case:
    places = st.integers(0, len(case.model) - 1)
    indices = data.draw(st.lists(places, max_size=10)) if case.model else []
    dataset = SelectionDataset.from_indices_checked(case.dataset, indices)
    return Case(dataset, [case.model[index] for index in indices], case.has_columns, f"{case.steps} {indices}")


def composed(data: st.DataObject, case: Case) -> Case:
    """With itself in another order, and nothing."""
    other = selected(data, case)
    order = data.draw(st.permutations([case, other, Case(InMemDataset([]), [], False, "")]))
    dataset = ComposedDataset([each.dataset for each in order])
    model = [item for each in order for item in each.model]
    return Case(dataset, model, case.has_columns and bool(model), f"({case.steps} composed)")


def windows(data: st.DataObject, case: Case) -> Case:
    size = data.draw(st.integers(1, 3))
    model = [tuple(case.model[i : i + size]) for i in range(len(case.model) - size + 1)]
    return Case(WindowsDataset(case.dataset, size), model, case.has_columns, f"{case.steps} windows of {size}")


STEPS: list[Step] = [mapped, augmented, shuffled, partial, part, sampled, selected, composed, windows]


def cases(least: int = 0) -> st.SearchStrategy[Case]:
    def make(data: Any) -> Case:
        length = data(st.integers(max(least, 1), 9))
        kind = data(st.sampled_from([in_memory, Arrays, ByItem]))
        case = Case(kind(length), list(kind(length)), kind is not ByItem, f"{kind.__name__}({length})")
        drawn = type("Data", (), {"draw": staticmethod(data)})
        for step in data(st.lists(st.sampled_from(STEPS), max_size=4)):
            case = step(drawn, case)  # type: ignore[arg-type]
        return case

    return st.composite(make)()


@settings(max_examples=200, deadline=None)
@given(cases())
def test_a_transform_of_a_transform_is_what_a_list_says(case: Case) -> None:
    assert list(case.dataset) == case.model
    assert len(case.dataset) == len(case.model)
    assert [case.dataset.get(index) for index in range(-2, len(case.model) + 2)] == [
        None,
        None,
        *case.model,
        None,
        None,
    ]
    assert (case.dataset.get_batch(np.arange(len(case.model))) is not None) == case.has_columns


@settings(max_examples=60, deadline=None)
@given(cases())
def test_it_keeps_the_laws(case: Case) -> None:
    assert check_dataset(case.dataset, pickles=True, samples=12)["items"] == min(len(case.model), 12)


@settings(max_examples=60, deadline=None)
@given(cases(), st.integers(0, 3), st.integers(0, 3))
def test_an_epoch_is_counted_from_the_first_whatever_it_is_asked_of(case: Case, epoch: int, other: int) -> None:
    later = case.dataset.at_epoch(other)
    assert list(case.dataset.at_epoch(0)) == case.model
    assert list(later.at_epoch(epoch)) == list(case.dataset.at_epoch(epoch))
    assert list(case.dataset) == case.model


class Both(Batcher[Any, tuple[bytes, str]]):
    """The bits of a column, and the items."""

    def batch(self, items: Items[Any], device: Any) -> tuple[bytes, str]:
        column = items.column("x")
        return column.tobytes(), f"{column.dtype} {column.shape} {list(items)}"


@settings(max_examples=25, deadline=None)
@given(cases(least=4), st.integers(1, 5), st.booleans())
def test_a_loader_gives_the_same_bits_at_any_number_of_workers(case: Case, size: int, shuffle: bool) -> None:
    if not case.model:
        return
    builder = DataLoaderBuilder(Both()).batch_size(size)
    builder = builder.shuffle(3) if shuffle else builder
    alone = builder.build(case.dataset)
    epochs = [list(alone), list(alone)]
    for workers in (1, 4):
        loader = builder.num_workers(workers).build(case.dataset)
        assert [list(loader), list(loader)] == epochs
    by_item = builder.build(MapperDataset(case.dataset, lambda item: item))
    assert [[bits for bits, _ in by_item], [bits for bits, _ in by_item]] == [[bits for bits, _ in e] for e in epochs]
