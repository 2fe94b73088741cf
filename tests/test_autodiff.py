"""The engine: the order of the walk, what is kept alive, what may be shared, and what a wrong rule is told."""

from __future__ import annotations

import contextlib
import gc
import os
import sys
import threading
import tracemalloc
import weakref
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Tensor, grad
from minigrad.autodiff import Gradients, fit
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import GradientError, ShapeError
from minigrad.lifting import lift
from minigrad.rules import RULES, rule
from minigrad.testing.gradients import compare

deep = pytest.mark.skipif(os.environ.get("HYPOTHESIS_PROFILE") != "deep", reason="long: make deep")


def leaf(data: object) -> Tensor:
    return Tensor(data).require_grad()


def gradient(result: Tensor, x: Tensor) -> object:
    g = x.grad(result.backward())
    assert g is not None
    return g.numpy().tolist()


# --- the order --------------------------------------------------------------------------------------------------------


def test_the_lesson() -> None:
    """A walk that follows each edge as it meets it says 6."""
    a = leaf(1.0)
    b = a + a
    c = b + b
    assert gradient(c, a) == 4.0


def test_newest_first_waits_for_all_of_a_gradient() -> None:
    x = leaf(2.0)
    a = x * x  # 4
    b = a * x  # 8: a is used by b, and again by c, which is born later
    c = a * b  # 32 = x^5
    assert gradient(c, x) == 5 * 2.0**4


def test_long_and_short_ways_to_one_leaf() -> None:
    x = leaf(1.5)
    long = x
    for _ in range(50):
        long = long + 0.0
    assert gradient(long * x, x) == 3.0


def test_an_argument_used_three_times() -> None:
    x = leaf([1.0, 2.0, 3.0])
    assert gradient((x * x * x).sum(), x) == [3.0, 12.0, 27.0]


def test_a_million_additions_need_no_recursion() -> None:
    x = leaf(1.0)
    y = x
    for _ in range(1_000_000):
        y = y + x
    assert gradient(y, x) == 1_000_001.0
    del y  # nor does forgetting them


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda x, y: x + y,
    "-": lambda x, y: x - y,
    "*": lambda x, y: x * y * 0.5,
    "scale": lambda x, y: x * 0.3,
}
EDGES = st.tuples(st.sampled_from(sorted(OPERATIONS)), st.integers(0, 99), st.integers(0, 99))


@given(st.lists(EDGES, min_size=1, max_size=12))
def test_any_graph_agrees_with_finite_differences(edges: list[tuple[str, int, int]]) -> None:
    """Random programs of two leaves: nodes used many times, by ways of different lengths, some without effect."""

    def program(nodes: list[Any]) -> Any:
        for kind, i, j in edges:
            nodes.append(OPERATIONS[kind](nodes[i % len(nodes)], nodes[j % len(nodes)]))
        return nodes[-1]

    starts = [np.array([0.5, -0.7]), np.array([1.1])]
    leaves = [Tensor(x, dtype=np.float64).require_grad() for x in starts]
    root = program(list(leaves))
    weights = np.array([0.8, -0.3])[: root.size]
    grads = root.backward(weights)
    found = [np.zeros(x.shape) if x.grad(grads) is None else x.grad(grads).numpy() for x in leaves]

    def f(arrays: Sequence[Any]) -> tuple[float, float]:
        terms = np.asarray(program(list(arrays))) * weights
        return float(terms.sum()), float(np.abs(terms).sum())

    assert compare(f, starts, found, lambda i, index: f"{i}{index}", np.random.default_rng(0), 10).skipped == 0


# --- what is kept alive -----------------------------------------------------------------------------------------------


@contextlib.contextmanager
def no_collector() -> Iterator[None]:
    gc.collect()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def small_step(w: Tensor, b: Tensor, x: Tensor) -> Gradients:
    hidden = (x @ w + b).relu().tanh()
    loss = (hidden[:, 0] * hidden.max(axis=1)).mean() + Tensor.cat([w, w]).sum()
    return loss.backward()


def train(steps: int) -> None:
    """What a step of training does, and derivatives of derivatives."""
    w, b, x = leaf(np.ones((2, 3))), leaf(np.zeros(3)), Tensor(np.ones((4, 2)))
    for _ in range(steps):
        grads = small_step(w, b, x)
        w, b = ((p - 0.01 * p.grad(grads)).detach().require_grad() for p in (w, b))
        grad(lambda p, x=x: (x @ p).sum())(w)
        grad(grad(lambda t: t * t * t))(1.0)


def assert_flat(steps: int) -> None:
    with no_collector():
        train(20)  # caches fill up
        tracemalloc.start()
        try:
            train(20)
            objects, (memory, _) = len(gc.get_objects()), tracemalloc.get_traced_memory()
            train(steps)
            assert len(gc.get_objects()) <= objects + 5
            # CPython itself keeps up to 2,000 freed tuples of a size; one node a step would be 1 MB
            assert tracemalloc.get_traced_memory()[0] <= memory + 400_000
        finally:
            tracemalloc.stop()
        assert gc.collect() == 0, "a reference cycle"


def test_a_graph_is_freed_as_soon_as_its_result_goes() -> None:
    with no_collector():
        w = leaf([1.0, 2.0])
        middle = (w * 2).exp()
        loss = middle.sum()
        watched = [weakref.ref(middle), weakref.ref(loss)]
        grads = loss.backward()
        del middle
        assert watched[0]() is not None, "the loss holds its graph"
        del loss
        assert [ref() for ref in watched] == [None, None]
        assert w.grad(grads) is not None


def test_nothing_of_a_higher_derivative_is_left() -> None:
    with no_collector():
        x = leaf([1.0, 2.0])
        kept = weakref.ref(x)
        grad(lambda v, x=x: grad(lambda u: (u * u * x).sum())(v).sum())(x)
        del x
        assert kept() is None


def test_without_the_collector_memory_is_flat_over_2_000_steps() -> None:
    assert_flat(2_000)


@deep
def test_without_the_collector_memory_is_flat_over_100_000_steps() -> None:
    assert_flat(100_000)


def test_a_failing_operation_leaves_no_cycle() -> None:
    with no_collector():
        x = leaf([1.0, 2.0])
        for _ in range(3):
            with contextlib.suppress(ShapeError):
                x + Tensor([1.0, 2.0, 3.0])
        assert gc.collect() == 0


# --- threads ----------------------------------------------------------------------------------------------------------


def together(count: int, work: Callable[[int], object]) -> list[object]:
    results: list[object] = [None] * count
    start = threading.Barrier(count)

    def run(i: int) -> None:
        start.wait()
        results[i] = work(i)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.parametrize("same_graph", [True, False])
def test_threads_that_share_leaves_get_the_same_bits(same_graph: bool) -> None:
    rng = np.random.default_rng(3)
    w = leaf(rng.normal(size=(8, 8)))
    x = leaf(rng.normal(size=(5, 8)))

    def loss() -> Tensor:
        y = x
        for _ in range(10):
            y = (y @ w + y * 0.1).tanh() + y
        return (y * y).mean()

    shared = loss()
    reference = shared.backward()
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        all_grads = together(8, lambda i: [(shared if same_graph else loss()).backward() for _ in range(5)])
    finally:
        sys.setswitchinterval(interval)
    for grads in (g for each in all_grads for g in each):
        for p in (w, x):
            assert p.grad(grads).numpy().tobytes() == p.grad(reference).numpy().tobytes()


def test_births_are_unique_among_threads() -> None:
    made = together(8, lambda i: [leaf(1.0) + leaf(2.0) for _ in range(300)])
    births = [t.birth for each in made for t in each]
    assert len(set(births)) == len(births)


# --- gradients are values ---------------------------------------------------------------------------------------------


def test_backward_may_run_again_and_says_the_same() -> None:
    x = leaf([1.0, -2.0])
    y = (x * x).sum() + x.exp().sum()
    first, second = y.backward(), y.backward()
    assert x.grad(first).numpy().tobytes() == x.grad(second).numpy().tobytes()


def test_adding_up_does_not_reach_a_gradient_that_somebody_holds() -> None:
    """add hands the same array to both of its arguments: the second arrival must not be added into it."""
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    total = x + y  # one array is the gradient of x and of y
    more = total + x * 10 + x * 100 + x * 1000
    cotangent = np.array([1.0, 2.0], np.float32)
    grads = more.backward(cotangent)
    assert x.grad(grads).numpy().tolist() == [1111.0, 2222.0]
    assert y.grad(grads).numpy().tolist() == [1.0, 2.0]
    assert cotangent.tolist() == [1.0, 2.0]


def test_gradients_taken_before_are_not_changed_by_another_walk() -> None:
    x = leaf([1.0, 2.0])
    y = x + x + x
    g = x.grad(y.sum().backward()).numpy()
    x.grad(y.sum().backward())
    (y + x).sum().backward()
    assert g.tolist() == [3.0, 3.0]
    with pytest.raises(ValueError, match="read-only"):
        g[0] = 9


def test_the_first_tensor_of_a_process_has_a_gradient(run_python: Callable[..., str]) -> None:
    code = "from minigrad import Tensor\nx = Tensor(3.0).require_grad()\nprint(x.grad((x * x).backward()).item())"
    assert run_python(code) == "6.0\n"


def test_only_leaves_that_had_a_part_have_a_gradient() -> None:
    x, y, z = leaf(1.0), leaf(2.0), Tensor(3.0)
    grads = (x * z).backward()
    assert x.grad(grads).item() == 3.0
    assert y.grad(grads) is None
    assert len(grads) == 1
    assert repr(grads) == "Gradients(of 1 leaves)"


def test_a_leaf_is_its_own_gradient() -> None:
    x = leaf([5.0])
    assert gradient(x, x) == [1.0]


def test_a_weighed_root() -> None:
    x = leaf([[1.0, 2.0], [3.0, 4.0]])
    y = x * x
    assert x.grad(y.backward([[1, 0], [0, 10]])).numpy().tolist() == [[2.0, 0.0], [0.0, 80.0]]
    assert x.grad(y.backward(Tensor.ones((2, 2)))).numpy().tolist() == [[2.0, 4.0], [6.0, 8.0]]


def test_the_gradient_has_the_leafs_type_and_lives_on_the_inner_device() -> None:
    x = Tensor([1.0, 2.0], Autodiff(NdArray(seed=1))).require_grad()
    y = Tensor([3.0, 4.0], dtype=np.float64).require_grad()
    grads = (x * y).sum().backward()
    assert x.grad(grads).dtype == np.float32
    assert y.grad(grads).dtype == np.float64
    assert x.grad(grads).device is x.device.inner
    assert not x.grad(grads).is_require_grad


def test_broadcasting_is_summed_back() -> None:
    x, row, number = leaf(np.ones((2, 3))), leaf([1.0, 2.0, 3.0]), leaf(2.0)
    grads = (x * row * number + row).sum().backward()
    assert x.grad(grads).numpy().tolist() == [[2.0, 4.0, 6.0]] * 2
    assert row.grad(grads).numpy().tolist() == [6.0, 6.0, 6.0]
    assert number.grad(grads).item() == 12.0
    column = leaf([[1.0], [2.0]])
    assert gradient((column * Tensor(np.ones((2, 3)))).sum(), column) == [[3.0], [3.0]]


def test_untracked_operands_cost_no_walk() -> None:
    """A vjp that nobody needs never runs: the first layer's input gradient is a whole matmul."""

    @rule(broadcasts=True)
    def product(K, x, y):
        def never(g):
            raise AssertionError("nobody needs this gradient")

        return x * y, never, lambda g: g * x

    x, y = Tensor([1.0, 2.0]), leaf([3.0, 4.0])
    assert gradient(lift(product)(x, y).sum(), y) == [1.0, 2.0]


# --- strictness -------------------------------------------------------------------------------------------------------


def wrong(vjp: Callable[[object], object], **declared: bool) -> Callable[..., Tensor]:
    @rule(**declared)
    def wrong(K, x, y):
        return x + y, lambda g: g, vjp

    return lift(wrong)


def test_a_gradient_that_would_have_to_be_stretched_is_an_error() -> None:
    x, y = leaf([1.0, 2.0]), leaf([3.0, 4.0])
    total = wrong(lambda g: g.sum(), broadcasts=True)(x, y).sum()
    with pytest.raises(
        GradientError, match=r"rule wrong: the gradient of argument 1 has shape \(\), the argument \(2,\)"
    ):
        total.backward()


def test_a_gradient_is_summed_for_rules_that_broadcast_only() -> None:
    x, y = leaf([[1.0, 2.0]]), leaf([3.0, 4.0])
    assert gradient(wrong(lambda g: g, broadcasts=True)(x, y).sum(), y) == [1.0, 1.0]
    with pytest.raises(GradientError, match=r"the vjp must return \(2,\), or the rule say broadcasts=True"):
        wrong(lambda g: g)(x, y).sum().backward()


def test_a_transposed_gradient_is_an_error_and_not_summed_away() -> None:
    x, y = leaf(np.ones((2, 3))), leaf(np.ones((2, 3)))
    with pytest.raises(GradientError, match=r"has shape \(3, 2\), the argument \(2, 3\)"):
        wrong(lambda g: g.T, broadcasts=True)(x, y).sum().backward()


@pytest.mark.parametrize("got", [(), (3,), (1, 3), (2,), (3, 2), (2, 3, 1)])
def test_what_does_not_fit_does_not_fit(got: tuple[int, ...]) -> None:
    with pytest.raises(GradientError):
        fit(RULES["add"], 0, np.ones(got), (2, 3))


@pytest.mark.parametrize(
    ("got", "wanted"),
    [((2, 3), (3,)), ((2, 3), (1, 3)), ((2, 3), (2, 1)), ((2, 3), ()), ((4, 2, 3), (2, 1)), ((0, 3), (3,))],
)
def test_what_broadcasting_explains_is_summed(got: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    g = np.arange(float(np.prod(got))).reshape(got)
    summed = fit(RULES["add"], 0, g, wanted)
    assert summed.shape == wanted
    assert np.sum(summed) == np.sum(g)


def test_one_function_may_give_all_gradients() -> None:
    @rule(broadcasts=True)
    def product(K, x, y):
        return x * y, lambda g: (g * y, g * x)

    x, y = leaf([[1.0, 2.0]]), leaf([3.0, 4.0])
    grads = lift(product)(x, y).sum().backward()
    assert x.grad(grads).numpy().tolist() == [[3.0, 4.0]]
    assert y.grad(grads).numpy().tolist() == [1.0, 2.0]
    assert grad(grad(lambda x: lift(product)(x, x)))(3.0).item() == 2.0


# --- misuse -----------------------------------------------------------------------------------------------------------


def test_backward_wants_one_number() -> None:
    x = leaf([1.0, 2.0])
    with pytest.raises(GradientError, match=r"of a tensor of shape \(2,\): it wants one number"):
        (x * 2).backward()
    with pytest.raises(GradientError, match=r"a cotangent of shape \(3,\) for a result of shape \(2,\)"):
        (x * 2).backward([1.0, 2.0, 3.0])


def test_backward_of_what_is_not_tracked() -> None:
    with pytest.raises(GradientError, match="depends on nothing tracked"):
        (Tensor([1.0]) * 2).sum().backward()
    with pytest.raises(GradientError, match="depends on nothing tracked"):
        (leaf([1.0]) * 2).detach().sum().backward()


def test_grad_of_what_is_no_tracked_leaf() -> None:
    x = leaf([1.0])
    y = x * 2
    grads = y.backward()
    with pytest.raises(GradientError, match="grad\\(\\) of a result of operations"):
        y.grad(grads)
    with pytest.raises(GradientError, match="grad\\(\\) of an untracked tensor"):
        Tensor([1.0]).grad(grads)


def test_require_grad() -> None:
    x = leaf([1.0])
    with pytest.raises(GradientError, match="tracked already"):
        (x * 2).require_grad()
    with pytest.raises(TypeError, match="only Float has a gradient"):
        Tensor([1]).require_grad()
    again = x.require_grad()
    assert again is not x
    assert gradient(again * 3, again) == [3.0]
    assert x.grad((again * 3).backward()) is None


def test_detach_and_casts_to_int_leave_the_graph() -> None:
    x = leaf([1.0, 2.0])
    assert gradient((x.detach() * x).sum(), x) == [1.0, 2.0]
    assert not x.int().is_require_grad
    assert not (x > 1).is_require_grad
    assert not x.sign().is_require_grad
    assert not x.argmax().is_require_grad


# --- parts of a whole -------------------------------------------------------------------------------------------------


def test_slices_are_added_where_they_belong() -> None:
    x = Tensor(np.arange(12.0).reshape(3, 4)).require_grad()
    y = x * 2
    loss = (y[0] * y[1]).sum() + (y[:, 1:3] * 3).sum() + y[..., ::-2].sum() + y[2, 3] + (y * y).sum() + y.mean()
    got = x.grad(loss.backward())
    assert got is not None

    def by_hand(a: Any) -> Any:
        y = a * 2
        return (y[0] * y[1]).sum() + 3 * y[:, 1:3].sum() + y[:, ::-2].sum() + y[2, 3] + (y * y).sum() + y.mean()

    a = np.arange(12.0).reshape(3, 4)
    for place in np.ndindex(3, 4):
        step = np.zeros((3, 4))
        step[place] = 1e-4
        np.testing.assert_allclose(got.numpy()[place], (by_hand(a + step) - by_hand(a - step)) / 2e-4, rtol=1e-5)


@pytest.mark.parametrize("first", [True, False])
def test_a_part_never_writes_into_what_others_hold(first: bool) -> None:
    x, z = (Tensor([1.0, 2.0]).require_grad() for _ in range(2))
    whole = (x + z) * Tensor([5.0, 7.0])  # add hands one array to both
    loss = x[0] * 3 + whole.sum() if first else whole.sum() + x[0] * 3
    grads = loss.backward()
    got_x, got_z = x.grad(grads), z.grad(grads)
    assert got_x is not None
    assert got_z is not None
    assert got_x.numpy().tolist() == [8.0, 7.0]
    assert got_z.numpy().tolist() == [5.0, 7.0]


def test_reading_row_by_row_costs_what_it_reads() -> None:
    x = Tensor(np.ones((500, 1000))).require_grad()
    loss = Tensor.stack([row.sum() for row in x]).sum()
    tracemalloc.start()
    try:
        got = x.grad(loss.backward())
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert got is not None
    assert np.all(got.numpy() == 1)
    assert peak < 3 * x.size * 4, "zeros of the whole for each row"
