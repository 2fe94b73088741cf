"""Plan: the laws of which items make which batch."""

from __future__ import annotations

from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from minigrad.data.dataloader import FixBatchStrategy
from minigrad.data.dataloader.plan import Plan

plans = st.builds(
    Plan,
    st.builds(range, st.integers(0, 60)),
    strategy=st.builds(FixBatchStrategy, st.integers(1, 70)),
    seed=st.none() | st.integers(0, 2**70),
    drop_last=st.booleans(),
)


def batches(plan: Plan, epoch: int = 0) -> list[list[int]]:
    order = plan.order(epoch).tolist()
    return [order[slice(*plan.edges(batch))] for batch in range(plan.num_batches)]


@given(plans, st.integers(0, 2**40))
def test_every_item_is_in_one_batch_of_each_epoch(plan: Plan, epoch: int) -> None:
    drawn = [index for batch in batches(plan, epoch) for index in batch]
    assert len(drawn) == plan.num_items == len(set(drawn))
    assert set(drawn) <= set(plan.indices)
    left = len(plan.indices) - plan.num_items
    assert left < plan.batch_size if plan.drop_last else left == 0


@given(plans)
def test_every_batch_is_full_but_the_last(plan: Plan) -> None:
    sizes = [len(batch) for batch in batches(plan)]
    assert all(size == plan.batch_size for size in (sizes if plan.drop_last else sizes[:-1]))
    assert all(0 < size <= plan.batch_size for size in sizes)


@given(plans, st.data())
def test_edges_of_many_batches_are_those_of_each(plan: Plan, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, plan.num_batches))
    count = data.draw(st.integers(0, plan.num_batches - first))
    edges = plan.edges(first, count)
    assert [edges[i : i + 2] for i in range(count)] == [plan.edges(first + i) for i in range(count)]
    assert len(edges) == count + 1


@given(plans, *[st.none() | st.integers(-70, 70)] * 4)
def test_slices_count_as_those_of_a_list(
    plan: Plan, a: int | None, b: int | None, c: int | None, d: int | None
) -> None:
    items = list(plan.indices)
    assert list(plan.slice(a, b).indices) == items[a:b]
    assert list(plan.slice(a, b).slice(c, d).indices) == items[a:b][c:d]
    assert sorted(plan.slice(a, b).order(3).tolist()) == sorted(items[a:b])


def test_the_order_is_of_seed_and_epoch() -> None:
    def order(seed: int | None, epoch: int) -> list[int]:
        return Plan(range(50), FixBatchStrategy(7), seed).order(epoch).tolist()

    orders = [order(seed, epoch) for seed in (0, 1, 2**32, 2**32 + 1) for epoch in range(3)]
    assert len({tuple(o) for o in orders}) == 12
    assert order(1, 2) == order(1, 2)
    assert order(None, 0) == order(None, 5) == list(range(50))


def test_the_random_module_loads_when_a_shuffle_needs_it(run_python: Callable[..., str]) -> None:
    code = """
import sys, warnings
import numpy
early = "numpy.random" in sys.modules  # as in some versions of NumPy
from minigrad.data.dataset import InMemDataset
from minigrad.data.dataloader import Batcher, DataLoaderBuilder
class Lists(Batcher):
    def batch(self, items, device):
        return list(items)
loader = DataLoaderBuilder(Lists()).build(InMemDataset(range(3)))
list(loader)
print(early or "numpy.random" not in sys.modules)
list(DataLoaderBuilder(Lists()).shuffle(1).build(InMemDataset(range(3))))
print("numpy.random" in sys.modules)
"""
    assert run_python(code) == "True\nTrue\n"
