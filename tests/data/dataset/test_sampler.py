"""SamplerDataset: what it draws, how often, and what that depends on."""

from __future__ import annotations

from collections import Counter
from itertools import permutations
from math import sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from minigrad.data.dataset import InMemDataset, SamplerDataset

LETTERS = InMemDataset("abcd")


def far(count: int, n: int, p: float) -> bool:
    """Whether a count of `n` draws is more than 4.5 standard deviations from what it should be: one in 150,000."""
    return abs(count - n * p) > 4.5 * sqrt(n * p * (1 - p)) + 1e-9


@pytest.mark.parametrize(
    "weights", [None, [1, 2, 3, 4], [0, 0, 7, 0], [0, 1e-300, 0, 3e-300], [1e308, 1e308, 0, 1e308]]
)
def test_with_replacement_each_draw_is_by_weight(weights: list[float] | None) -> None:
    n = 20_000
    counts = Counter(SamplerDataset.with_replacement(LETTERS, n, weights, seed=3))
    shares = (
        np.ones(4) / 4 if weights is None else np.array(weights) / max(weights) / sum(w / max(weights) for w in weights)
    )
    assert [letter for letter, share in zip("abcd", shares) if far(counts[letter], n, share)] == []


def test_draws_with_replacement_are_independent() -> None:
    drawn = list(SamplerDataset.with_replacement(LETTERS, 16_001, [1, 2, 3, 4], seed=1))
    pairs = Counter(zip(drawn[::2], drawn[1::2]))
    share = dict(zip("abcd", (0.1, 0.2, 0.3, 0.4)))
    assert [(a, b) for a in "abcd" for b in "abcd" if far(pairs[a, b], 8000, share[a] * share[b])] == []


@pytest.mark.parametrize("weights", [(1, 1, 1, 1), (1, 2, 3, 4), (0, 5, 1, 1)])
def test_without_replacement_each_draw_chooses_among_those_left(weights: tuple[float, ...]) -> None:
    n = 4000
    given = None if len(set(weights)) == 1 else weights
    rounds = Counter(
        "".join(SamplerDataset.without_replacement(LETTERS, 4, given, seed=seed).at_epoch(epoch))[
            : sum(w > 0 for w in weights)
        ]
        for seed in range(n // 40)
        for epoch in range(40)
    )
    weight = dict(zip("abcd", weights))
    alive = [letter for letter in "abcd" if weight[letter]]
    for order in permutations(alive):
        chance, left = 1.0, sum(weights)
        for letter in order:
            chance *= weight[letter] / left
            left -= weight[letter]
        assert not far(rounds.pop("".join(order), 0), n, chance), order
    assert not rounds


@given(st.integers(1, 9), st.integers(0, 40), st.integers(0, 5), st.booleans())
def test_without_replacement_none_comes_again_before_all_have_come(n: int, size: int, seed: int, weighed: bool) -> None:
    weights = np.arange(1, n + 1) if weighed else None
    drawn = list(SamplerDataset.without_replacement(InMemDataset(range(n)), size, weights, seed))
    assert len(drawn) == size
    for start in range(0, size, n):
        part = drawn[start : start + n]
        assert len(set(part)) == len(part)


def test_in_k_rounds_each_comes_k_times() -> None:
    assert set(Counter(SamplerDataset.without_replacement(LETTERS, 12, seed=1)).values()) == {3}
    heavy = SamplerDataset.without_replacement(LETTERS, 12, [1e-300, 1, 1e300, 2e-320], seed=1)
    assert set(Counter(heavy).values()) == {3}


@settings(max_examples=50)
@given(st.integers(1, 9), st.integers(0, 30), st.integers(0, 30), st.booleans(), st.booleans(), st.integers(0, 3))
def test_an_item_depends_on_its_number_the_seed_and_the_epoch_alone(
    n: int, size: int, more: int, replacement: bool, weighed: bool, epoch: int
) -> None:
    weights = np.arange(1, n + 1) if weighed else None
    source = InMemDataset(range(n))

    def make(size: int) -> SamplerDataset[int]:
        return SamplerDataset(source, size, replacement=replacement, weights=weights, seed=7)

    small, large = make(size).at_epoch(epoch), make(size + more).at_epoch(1).at_epoch(epoch)
    assert list(small) == list(large)[:size]
    assert [small.get(index) for index in reversed(range(size))] == list(small)[::-1]


def test_each_round_is_in_an_order_of_its_own() -> None:
    drawn = list(SamplerDataset.without_replacement(InMemDataset(range(20)), 60, seed=1))
    assert len({tuple(drawn[start : start + 20]) for start in (0, 20, 40)}) == 3


def test_seeds_and_epochs_differ() -> None:
    source = InMemDataset(range(1000))
    for replacement in (True, False):
        one = SamplerDataset(source, 20, replacement=replacement, seed=1)
        drawn = [one, one.at_epoch(1), SamplerDataset(source, 20, replacement=replacement, seed=2)]
        assert len({tuple(dataset) for dataset in drawn}) == 3
        assert list(one.at_epoch(0)) == list(one)
    assert list(SamplerDataset(source, 20)) == list(SamplerDataset.with_replacement(source, 20, seed=0))


def test_weights_are_copied() -> None:
    weights = np.array([1.0, 0.0, 0.0, 0.0])
    sampler = SamplerDataset.with_replacement(LETTERS, 5, weights)
    weights[:] = [0, 0, 0, 1]
    assert "".join(sampler.at_epoch(1)) == "aaaaa"
