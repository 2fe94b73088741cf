"""Weighted sampling: how often each item is drawn, which epoch draws what, and weights that cannot be."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data.dataloader import DataLoader, DataLoaderBuilder, Progress
from minigrad.data.dataset import InMemDataset
from minigrad.data.dataset.source import CircleDataset
from minigrad.data.weights import draw
from minigrad.errors import DatasetError, LoaderError, RecordError

from .loading import ByParity, Lists, joined, numbers


def weighted(weights: Any, seed: int = 1, num_items: int | None = None, size: int = 3) -> DataLoader[list[int]]:
    builder = DataLoaderBuilder(Lists()).batch_size(size).weights(weights, seed, num_items)
    return builder.build(numbers(len(weights)))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("first", [0, 3])
def test_items_are_drawn_in_proportion_to_their_weights(seed: int, first: int) -> None:
    stats = pytest.importorskip("scipy.stats")
    weights = np.array([1, 4, 0.5, 2, 2, 7, 0, 0.25, 3])
    loader = weighted(weights, seed, 9_000, 500).slice(first, None)
    drawn = np.array(joined(loader))
    expected = weights[first:] / weights[first:].sum() * len(drawn)
    counts = np.bincount(drawn - first, minlength=len(weights) - first)
    possible = expected > 0
    assert stats.chisquare(counts[possible], expected[possible]).pvalue > 0.01
    assert counts[~possible].sum() == 0
    # One draw says nothing of the next: pairs of neighbours are as rare as their product says.
    pairs = np.histogram2d(drawn[:-1:2] == 5, drawn[1::2] == 5, bins=2)[0]
    assert stats.chi2_contingency(pairs).pvalue > 0.01


@given(
    st.lists(st.sampled_from([0.0, 5e-324, 1e-300, 1.0, 1e300, 1.7e308]), min_size=1, max_size=30), st.integers(0, 9)
)
def test_an_item_of_weight_zero_is_never_drawn(weights: list[float], seed: int) -> None:
    weights.append(1.0)
    drawn = joined(weighted(weights, seed, 200))
    assert len(drawn) == 200
    assert all(weights[index] > 0 for index in drawn)
    assert set(joined(weighted([0] * len(weights) + [1] + [0] * len(weights), seed))) == {len(weights)}


class Told:
    """A generator that gives these numbers."""

    def __init__(self, *numbers: float) -> None:
        self.numbers = numbers

    def random(self, count: int) -> np.ndarray:
        return np.array(self.numbers[:count])


def test_a_draw_at_the_edge_of_a_weight_is_the_next_items() -> None:
    weights = np.array([0, 1, 0, 1, 0.0])
    told: Any = Told(0.0, 0.5, np.nextafter(0.5, 0), np.nextafter(1, 0))
    assert draw(weights, 4, told).tolist() == [1, 3, 1, 3]


def test_the_largest_weights_are_as_good_as_any() -> None:
    told: Any = Told(0.1, 0.3, 0.6, 0.9)
    for weight in (5e-324, 1.0, 1.7e308):
        assert draw(np.full(4, weight), 4, told).tolist() == [0, 1, 2, 3]


def test_an_epoch_is_of_seed_and_epoch() -> None:
    weights = [1, 2, 3, 4] * 5
    one, other = weighted(weights), weighted(weights)
    epochs = [list(one) for _ in range(3)]
    assert [list(other) for _ in range(3)] == epochs
    assert len({str(epoch) for epoch in epochs}) == 3
    assert list(weighted(weights, seed=2)) != epochs[0]
    assert list(weighted([2 * w for w in weights])) == epochs[0]  # what counts is their proportion
    assert len(set(joined(epochs[0]))) < 20  # with replacement


def test_an_epoch_has_as_many_items_as_wanted() -> None:
    assert [len(batch) for batch in weighted([1, 1])] == [2]
    loader = weighted([1, 1], num_items=8)
    assert ([len(batch) for batch in loader], loader.num_batches(), loader.num_items()) == ([3, 3, 2], 3, 8)
    dropping = DataLoaderBuilder(Lists()).batch_size(3).weights([1, 1], 1, 8).drop_last().build(numbers(2))
    batches = iter(dropping)
    assert (joined(batches), batches.progress()) == (
        joined(loader.load_record(weighted([1, 1]).to_record()))[:6],
        (6, 6),
    )


def test_columns_are_drawn_as_items_are() -> None:
    data = CircleDataset(50, seed=1)
    builder = DataLoaderBuilder(Lists()).batch_size(4).weights(np.arange(50), seed=3)
    assert list(builder.build(data)) == list(builder.num_workers(2).build(InMemDataset(data)))


@given(st.integers(1, 40), st.integers(1, 100), st.lists(st.integers(0, 40), max_size=4))
def test_the_draws_of_parts_add_up(length: int, num_items: int, cuts: list[int]) -> None:
    loader = weighted(range(1, length + 1), num_items=num_items)
    edges = [0, *sorted(min(cut, length) for cut in cuts), length]
    parts = [loader.slice(start, end) for start, end in pairwise(edges)]
    assert sum(part.num_items() for part in parts) == num_items
    for part, (start, end) in zip(parts, pairwise(edges), strict=True):
        again = loader.slice(start, None).slice(0, end - start)
        drawn = joined(part)
        assert drawn == joined(again)
        assert len(drawn) == part.num_items()
        assert set(drawn) <= set(range(start, end))


def test_a_slice_draws_its_share() -> None:
    loader = weighted([1, 0, 1, 5], num_items=40)
    assert [part.num_items() for part in loader.split(2)] == [20, 20]
    assert set(joined(loader.slice(0, 2))) == {0}
    assert loader.slice(5, 2).num_items() == 0
    assert list(loader.slice(3, 1)) == []
    with pytest.raises(LoaderError, match=r"^slice\(1, 2\): the weights of items 1 to 1 are 0: none can be drawn\n"):
        loader.slice(1, 2)


def test_strategies_get_what_was_drawn() -> None:
    builder = DataLoaderBuilder(Lists()).weights([1, 2, 3, 0, 5], 4, 50)
    made = list(builder.batch_strategy(ByParity(4)).build(numbers(5)))
    assert sorted(joined(made)) == sorted(joined(builder.batch_size(50).build(numbers(5))))
    assert all(len({item % 2 for item in batch}) == 1 for batch in made)


def test_weights_are_the_builders_own() -> None:
    weights = np.array([1.0, 0.0, 0.0])
    builder = DataLoaderBuilder(Lists()).weights(weights, seed=1)
    weights[:] = [0, 0, 1]
    assert joined(builder.build(numbers(3))) == [0, 0, 0]


@pytest.mark.parametrize("workers", [0, 2])
def test_a_pass_left_in_the_middle_goes_on(workers: int) -> None:
    loader = weighted([1, 2, 3], num_items=20)
    list(loader)
    batches = iter(loader)
    next(batches), next(batches)
    builder = DataLoaderBuilder(Lists()).batch_size(3).weights([1, 2, 3], 1, 20).num_workers(workers)
    rest = iter(builder.build(numbers(3)).load_record(loader.to_record()))
    assert rest.progress() == Progress(6, 20)
    assert list(rest) == list(batches)


@pytest.mark.parametrize(
    ("other", "says"),
    [
        (weighted([1, 2, 4], num_items=20), "weights"),
        (weighted([1, 2, 3], num_items=21), "weights"),
        (weighted([1, 2, 3], seed=2, num_items=20), "seed 1, this one 2"),
        (DataLoaderBuilder(Lists()).batch_size(3).shuffle(1).build(numbers(3)), "weights"),
    ],
)
def test_a_record_of_other_weights_is_refused(other: DataLoader[Any], says: str) -> None:
    loader = weighted([1, 2, 3], num_items=20)
    next(iter(loader))
    with pytest.raises(RecordError, match=f"the loader of the record has {says}"):
        other.load_record(loader.to_record())


@pytest.mark.parametrize(
    ("weights", "error", "says"),
    [
        ([1, -1, 1], DatasetError, "^weights: the weight of item 1 is -1.0, and must be finite and >= 0$"),
        ([1, 2, np.nan], DatasetError, "^weights: the weight of item 2 is nan, and must be finite and >= 0$"),
        ([np.inf, 1, 2], DatasetError, "^weights: the weight of item 0 is inf, and must be finite and >= 0$"),
        ([0, 0, 0], DatasetError, "^weights: the weights of all 3 items are 0: none can be drawn$"),
        ([], DatasetError, "weights: the weights of all 0 items are 0"),
        ([1, 2], DatasetError, "^there are 2 weights for the 3 items of ByItem\n  give one for each item$"),
        (
            "abc",
            DatasetError,
            r"^weights: weights are an array of <U3 of shape \(\), and must be numbers, one for each",
        ),
        ([[1, 2, 3]], DatasetError, r"^weights: weights are an array of int64 of shape \(1, 3\), and must be numbers"),
        ([1, [2], 3], DatasetError, "^weights: weights are no array: "),
        ([1, 2j, 3], DatasetError, "^weights: weights are an array of complex128"),
        (None, DatasetError, "^weights: weights are an array of object"),
    ],
)
def test_weights_that_cannot_be(weights: Any, error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        DataLoaderBuilder(Lists()).weights(weights, seed=1).build(numbers(3))


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ({"seed": -1}, r"^weights\(seed=-1\): give an integer >= 0, such as weights\(w, seed=42\)$"),
        ({"seed": None}, r"^weights\(seed=None\)"),
        ({"seed": 1, "num_items": 0}, r"^weights\(num_items=0\): give an integer >= 1, the items of an epoch$"),
        ({"seed": 1, "num_items": 2.5}, r"^weights\(num_items=2.5\)"),
    ],
)
def test_settings_that_cannot_be(arguments: Any, says: str) -> None:
    with pytest.raises(LoaderError, match=says):
        DataLoaderBuilder(Lists()).weights([1, 2], **arguments)


def test_shuffling_what_is_drawn() -> None:
    builder = DataLoaderBuilder(Lists())
    for both in (builder.shuffle(1).weights([1, 2], 1), builder.weights([1, 2], 1).shuffle(1)):
        with pytest.raises(LoaderError, match=r"^weights and shuffle both decide the order of the items\n  leave"):
            both.build(numbers(2))
