"""Batch strategies: what makes the batches as items come, at any number of workers, and one that breaks its word."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.backend import Device
from minigrad.data.dataloader import Batcher, BatchStrategy, DataLoader, DataLoaderBuilder, FixBatchStrategy, Items
from minigrad.data.dataloader import Progress as P
from minigrad.data.dataset import Dataset, InMemDataset
from minigrad.errors import DatasetError, LengthError, LoaderError, RecordError

from .loading import ByItem, ByParity, Lists, Sorted, joined, loader, numbers

PARITIES = [[0, 2, 4], [1, 3, 5], [6, 8], [7, 9]]


class Odd(BatchStrategy[Any]):
    """Does what is given."""

    def __init__(self, batch: Callable[[list[Any], bool], Any], clone: Callable[[], Any] | None = None) -> None:
        self.do, self.clone = batch, clone
        self.held: list[Any] = []

    def add(self, item: Any) -> None:
        self.held.append(item)

    def batch(self, force: bool) -> list[Any] | None:
        return self.do(self.held, force)  # type: ignore[no-any-return]

    def clone_dyn(self) -> BatchStrategy[Any]:
        return Odd(self.do, self.clone) if self.clone is None else self.clone()  # type: ignore[no-any-return]


def pairs(held: list[Any], force: bool) -> list[Any] | None:
    """As a fixed size of two."""
    if len(held) < (1 if force else 2):
        return None
    batch = held[:2]
    del held[:2]
    return batch


def by_hand(strategy: BatchStrategy[int], items: list[int], flush: bool = True) -> list[list[int]]:
    """As Burn's loop does it, but asks until there is no batch."""
    batches: list[list[int]] = []
    for item in items:
        strategy.add(item)
        while (batch := strategy.batch(False)) is not None:
            batches.append(batch)
    while flush and (batch := strategy.batch(True)) is not None:
        batches.append(batch)
    return batches


# the fixed one


def test_a_fixed_size_as_burns_strategy() -> None:
    strategy = FixBatchStrategy[int](3)
    assert by_hand(strategy, [1, 2, 3, 4, 5]) == [[1, 2, 3], [4, 5]]
    assert strategy.batch(True) is None
    strategy.add(6)
    other = strategy.clone_dyn()
    assert (other.batch_size, other.batch(True), strategy.batch(True)) == (3, None, [6])


def test_a_fixed_strategy_is_a_batch_size_also_by_column() -> None:
    builder = DataLoaderBuilder(Lists()).batch_strategy(FixBatchStrategy(3)).shuffle(1)
    sized = DataLoaderBuilder(Lists()).batch_size(3).shuffle(1).build(numbers(10))
    made = builder.build(numbers(10))
    assert (made.num_batches(), made.to_record(), repr(made)) == (4, sized.to_record(), repr(sized))
    assert list(made) == list(sized)

    class Sums(Batcher[Any, float]):
        def batch(self, items: Items[Any], device: Device) -> float:
            return float(items.column("x").sum())

    class OnlyColumns(ByItem):
        def get_batch(self, indices: np.ndarray) -> Items[Any]:
            return Items.from_columns({"x": 1.0 * indices}, dict)

    def get(index: int) -> Any:
        raise AssertionError("it has columns")

    columns = DataLoaderBuilder(Sums()).batch_strategy(FixBatchStrategy(4)).build(OnlyColumns(get, 6))
    assert list(columns) == [6.0, 9.0]


def test_a_subclass_of_the_fixed_strategy_is_one_of_its_own() -> None:
    class Reversed(FixBatchStrategy[int]):
        def batch(self, force: bool) -> list[int] | None:
            batch = super().batch(force)
            return None if batch is None else batch[::-1]

    assert list(loader(5, batch_strategy=Reversed(2))) == [[1, 0], [3, 2], [4]]


def test_the_last_of_batch_size_and_strategy_counts() -> None:
    base = DataLoaderBuilder(Lists()).batch_size(4).batch_strategy(ByParity(3))
    assert list(base.build(numbers(10))) == PARITIES
    assert list(base.batch_size(9).build(numbers(10))) == [[*range(9)], [9]]


# custom ones


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("workers", [0, 1, 2, 8])
def test_any_number_of_workers_gives_the_same_batches(workers: int, persistent: bool) -> None:
    made = loader(10, batch_strategy=ByParity(3), num_workers=workers, persistent_workers=persistent)
    assert list(made) == list(made) == PARITIES


strategies = st.builds(ByParity, st.integers(1, 9)) | st.builds(Sorted, st.integers(1, 30))


@given(strategies, st.integers(1, 40), st.none() | st.integers(0, 5), st.booleans(), st.sampled_from([0, 1, 3]))
def test_the_loader_does_what_the_strategy_does_by_hand(
    strategy: BatchStrategy[int], length: int, seed: int | None, drop: bool, workers: int
) -> None:
    shuffle = {} if seed is None else {"shuffle": seed}
    ones = loader(length, 1, **shuffle)
    made = loader(length, batch_strategy=strategy, drop_last=drop, num_workers=workers, **shuffle)
    for _ in range(2):  # two epochs, two orders
        assert list(made) == by_hand(strategy.clone_dyn(), joined(ones), flush=not drop)


def test_columns_of_a_strategys_batch_are_those_of_its_items() -> None:
    class ByLength(BatchStrategy[dict[str, Any]]):
        def __init__(self) -> None:
            self.held: dict[int, list[dict[str, Any]]] = {}

        def add(self, item: dict[str, Any]) -> None:
            self.held.setdefault(len(item["x"]), []).append(item)

        def batch(self, force: bool) -> list[dict[str, Any]] | None:
            for length, items in self.held.items():
                if force or len(items) == 2:
                    return self.held.pop(length)
            return None

        def clone_dyn(self) -> ByLength:
            return ByLength()

    class Columns(Batcher[Any, Any]):
        def batch(self, items: Items[Any], device: Device) -> Any:
            return items.column("x").tolist()

    words = InMemDataset([{"x": [0.5]}, {"x": [1.0, 2.0]}, {"x": [3.0, 4.0]}, {"x": [6.0]}, {"x": [7.0]}])
    made = DataLoaderBuilder(Columns()).batch_strategy(ByLength()).build(words)
    assert list(made) == [[[1.0, 2.0], [3.0, 4.0]], [[0.5], [6.0]], [[7.0]]]


def test_each_pass_begins_with_an_empty_one_and_the_users_own_is_left_alone() -> None:
    mine = ByParity(3)
    mine.add(1_000)
    made = loader(10, batch_strategy=mine)
    one, other = iter(made), iter(made)
    assert [next(one), next(other), next(one)] == [[0, 2, 4], [0, 2, 4], [1, 3, 5]]
    assert list(made) == PARITIES
    assert mine.held == ([1_000], [])


def test_items_are_known_by_identity() -> None:
    same = (1, 2)
    equal = [(1, 2), same, same, (*same[:1], 2), (3,)]  # equal ones that are not the same
    made = DataLoaderBuilder(Lists()).batch_strategy(Odd(pairs)).build(InMemDataset(equal))
    assert [[id(item) for item in batch] for batch in made] == [
        [id(equal[0]), id(same)], [id(same), id(equal[3])], [id(equal[4])]
    ]  # fmt: skip


def test_items_that_live_only_in_the_strategy_keep_their_identity() -> None:
    made = DataLoaderBuilder(Lists()).batch_strategy(Odd(pairs)).build(ByItem(lambda index: [index], 500))
    assert joined(made) == [[index] for index in range(500)]


def test_the_memory_of_a_lost_item_is_no_other_item() -> None:
    def loses_the_first(held: list[Any], force: bool) -> list[Any] | None:
        if held == [[0]]:
            held.clear()
        return pairs(held, force)

    made = DataLoaderBuilder(Lists()).batch_strategy(Odd(loses_the_first)).build(ByItem(lambda index: [index], 9))
    with pytest.raises(LoaderError, match=r"^Odd kept 1 of the items at the end of the epoch: 0\n"):
        list(made)


def test_the_same_item_twice_has_its_numbers_in_order() -> None:
    class Fails(Batcher[Any, Any]):
        def batch(self, items: Items[Any], device: Device) -> Any:
            raise ValueError

    same = (1, 2)
    made = DataLoaderBuilder(Fails()).batch_strategy(Odd(pairs)).build(InMemDataset([same, same]))
    with pytest.raises(LoaderError, match="in batch 1 of epoch 1, of items 0, 1\n"):
        list(made)


def test_dropping_the_last_leaves_what_the_strategy_would_not_yet_hand_out() -> None:
    made = loader(10, batch_strategy=ByParity(3), drop_last=True)
    assert list(made) == PARITIES[:2]
    assert list(loader(2, batch_strategy=ByParity(3), drop_last=True)) == []


def test_workers_run_only_so_far_ahead_of_a_strategy() -> None:
    asked = Counter[int]()

    def get(index: int) -> int:
        asked[index] += 1
        return index

    batches = iter(DataLoaderBuilder(Lists()).batch_strategy(FixedOfMine(2)).num_workers(2).build(ByItem(get, 1_000)))
    assert next(batches) == [0, 1]
    assert sum(asked.values()) <= 2 + 2 * 16
    batches.close()


class FixedOfMine(FixBatchStrategy[int]):
    pass


# what is known beforehand


def test_the_number_of_batches_is_not_known_and_that_of_items_is() -> None:
    made = loader(10, batch_strategy=ByParity(3))
    for ask in (made.num_batches, made.__len__):
        with pytest.raises(LengthError, match="nobody knows beforehand how many batches ByParity makes"):
            ask()
    with pytest.raises(TypeError):
        len(made)
    assert (made.num_items(), bool(made), bool(made.slice(3, 3))) == (10, True, False)
    assert repr(made) == "DataLoader(10 items in batches by ByParity)"


@pytest.mark.parametrize("workers", [0, 2])
def test_progress_counts_the_items_handed_out(workers: int) -> None:
    batches = iter(loader(10, batch_strategy=ByParity(3), num_workers=workers))
    seen = [batches.progress(), *(batches.progress() for _ in batches)]
    assert seen == [P(done, 10) for done in (0, 3, 6, 8, 10)]


def test_slices_and_devices_keep_the_strategy() -> None:
    made = loader(20, batch_strategy=ByParity(3))
    assert list(made.slice(4, 12).slice(1, None)) == [[5, 7, 9], [6, 8, 10], [11]]
    assert [list(part) for part in made.split(2)] == [PARITIES, [[n + 10 for n in batch] for batch in PARITIES]]


# positions


def test_a_record_says_how_many_items_were_handed_out() -> None:
    made = loader(10, batch_strategy=ByParity(3))
    batches = iter(made)
    assert [next(batches), next(batches), next(batches)] == PARITIES[:3]
    record = json.loads(json.dumps(made.to_record()))
    assert (record["items_processed"], record["batch_size"]) == (8, "ByParity")
    restored = loader(10, batch_strategy=ByParity(3), num_workers=3).load_record(record)
    rest = iter(restored)
    assert rest.progress() == P(8, 10)
    assert list(rest) == PARITIES[3:]
    assert list(restored) == PARITIES


def test_batches_handed_out_before_are_not_made_again() -> None:
    made_of: list[list[int]] = []

    class Notes(Batcher[int, int]):
        def batch(self, items: Items[int], device: Device) -> int:
            made_of.append(list(items))
            return 0

    builder = DataLoaderBuilder(Notes()).batch_strategy(ByParity(3))
    made = builder.build(numbers(10))
    next(iter(made))
    list(builder.build(numbers(10)).load_record(made.to_record()))
    assert made_of == PARITIES


def test_a_strategy_that_makes_other_batches_than_in_the_record() -> None:
    made = loader(10, batch_strategy=ByParity(3))
    next(iter(made))
    other = loader(10, batch_strategy=ByParity(2)).load_record(made.to_record())
    with pytest.raises(RecordError, match="ByParity makes a batch of items 3 to 4, and the record is of a loader that"):
        list(other)


@pytest.mark.parametrize("other", [{"size": 3}, {"batch_strategy": Sorted(3)}])
def test_a_record_of_another_strategy_is_refused(other: dict[str, Any]) -> None:
    made = loader(10, batch_strategy=ByParity(3))
    next(iter(made))
    with pytest.raises(RecordError, match="the loader of the record has batch_size ByParity, this one "):
        loader(10, **other).load_record(made.to_record())


# what fails


def failing_at(bad: int) -> Callable[[int], int]:
    def get(index: int) -> int:
        if index == bad:
            raise KeyError("lost")
        return index

    return get


def of(strategy: Any, dataset: Dataset[Any], workers: int = 0, persistent: bool = False) -> DataLoader[list[Any]]:
    builder = DataLoaderBuilder(Lists()).batch_strategy(strategy).num_workers(workers)
    return builder.persistent_workers(persistent).build(dataset)


@pytest.mark.parametrize("persistent", [False, True])
@pytest.mark.parametrize("workers", [0, 1, 8])
def test_an_error_in_get_arrives_after_the_good_batches_with_the_items_index(workers: int, persistent: bool) -> None:
    made = of(ByParity(3), ByItem(failing_at(7), 40), workers, persistent)
    for epoch in (1, 2):
        batches = iter(made)
        assert [next(batches), next(batches)] == PARITIES[:2]
        with pytest.raises(LoaderError) as caught:
            next(batches)
        assert str(caught.value) == f"ByItem.get(7) raised KeyError at item 8 of 40 of epoch {epoch}\n  'lost'"
        assert isinstance(caught.value.__cause__, KeyError)
        assert batches.progress() == P(6, 40)
        assert list(batches) == []


@pytest.mark.parametrize("workers", [0, 2])
def test_a_dataset_that_lies_about_its_length(workers: int) -> None:
    batches = iter(of(ByParity(3), ByItem(lambda index: index if index < 7 else None, 9), workers))
    assert [next(batches), next(batches)] == PARITIES[:2]
    with pytest.raises(DatasetError, match=r"ByItem.get\(7\) returned None, but its len\(\) promised 9 items\n"):
        next(batches)


def test_an_error_in_batch_names_the_items_of_the_batch() -> None:
    class Picky(Batcher[int, int]):
        def batch(self, items: Items[int], device: Device) -> int:
            if 5 in items:
                raise ValueError("no five")
            return 0

    batches = iter(DataLoaderBuilder(Picky()).batch_strategy(ByParity(3)).build(numbers(10)))
    next(batches)
    says = "^Picky.batch raised ValueError in batch 2 of epoch 1, of items 1, 3, 5\n  no five$"
    with pytest.raises(LoaderError, match=says):
        next(batches)


def lazy(held: list[Any], force: bool) -> list[Any] | None:
    return pairs(held, False)  # forgets what is left


def loses(held: list[Any], force: bool) -> list[Any] | None:
    batch = pairs(held, force)
    return batch[:1] if batch and len(batch) == 2 and batch[0] == 2 else batch


def repeats(held: list[Any], force: bool) -> list[Any] | None:
    return [*held[-1:], *held[-1:]] or None


def keeps(held: list[Any], force: bool) -> list[Any] | None:
    return held[:2] if len(held) >= 2 else None


def copies(held: list[Any], force: bool) -> list[Any] | None:
    batch = pairs(held, force)
    return batch and [item + 1_000 for item in batch]


def never(held: list[Any], force: bool) -> list[Any] | None:
    return None


def raises(held: list[Any], force: bool) -> list[Any] | None:
    raise ZeroDivisionError("oh")


BROKEN = [
    (Odd(lazy), 2, "Odd kept 1 of the items at the end of the epoch: 4\n"),
    (Odd(loses), 3, "Odd kept 1 of the items at the end of the epoch: 3\n"),
    (Odd(never), 0, "Odd kept 5 of the items at the end of the epoch: 0, 1, 2, 3, 4\n"),
    (Odd(repeats), 0, "Odd.batch(force=False) handed out 0 after item 0, which it did not hold\n"),
    (Odd(keeps), 1, "Odd.batch(force=False) handed out 0 after item 1, which it did not hold\n"),
    (Odd(copies), 0, "Odd.batch(force=False) handed out 1000 after item 1, which it did not hold\n"),
    (Odd(lambda held, force: []), 0, "Odd.batch(force=False) returned an empty list after item 0\n"),
    (Odd(lambda held, force: (1,)), 0, "Odd.batch(force=False) returned (1,) after item 0\n"),
    (Odd(lambda held, force: force and []), 0, "Odd.batch(force=False) returned False after item 0\n"),
    (Odd(raises), 0, "Odd.batch(force=False) raised ZeroDivisionError after item 0\n  oh"),
    (Odd(pairs, lambda: None), 0, "Odd.clone_dyn returned None\n"),
    (Odd(pairs, lambda: 1 // 0), 0, "Odd.clone_dyn raised ZeroDivisionError\n"),
]


@pytest.mark.parametrize(("strategy", "good", "says"), BROKEN)
@pytest.mark.parametrize("workers", [0, 2])
def test_a_strategy_that_breaks_its_word(strategy: Odd, good: int, says: str, workers: int) -> None:
    batches = iter(of(strategy, numbers(5), workers))
    for _ in range(good):
        next(batches)
    with pytest.raises(LoaderError, match="^" + re.escape(says)):
        next(batches)


def test_a_strategy_that_clones_itself() -> None:
    itself = Odd(pairs, lambda: itself)
    with pytest.raises(LoaderError, match=r"^Odd.clone_dyn returned itself\n"):
        list(of(itself, numbers(5)))


def test_an_error_in_add_names_the_item() -> None:
    says = "^ByParity.add raised TypeError for item 1\n  not all arguments converted"
    with pytest.raises(LoaderError, match=says):
        list(of(ByParity(2), InMemDataset([1, "a"])))


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (ByParity, r"^batch_strategy\(ByParity\) got the class\n  write batch_strategy\(ByParity\(\)\)$"),
        (
            3,
            r"^batch_strategy\(3\) got no BatchStrategy\n  make it a subclass of BatchStrategy with methods ",
        ),
    ],
)
def test_what_is_no_strategy(wrong: Any, says: str) -> None:
    with pytest.raises(LoaderError, match=says):
        DataLoaderBuilder(Lists()).batch_strategy(wrong)


@pytest.mark.parametrize("size", [0, -1, 2.0, True, None])
def test_a_fixed_size_that_cannot_be(size: Any) -> None:
    with pytest.raises(LoaderError, match=r"^FixBatchStrategy\(.*\): give an integer >= 1, such as "):
        FixBatchStrategy(size)
