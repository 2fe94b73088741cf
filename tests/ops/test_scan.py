"""Running sums, products and extremes, and differences, beside NumPy's; gradients beside zeros, ties and NaN."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Tensor, grad
from minigrad.backend import Autodiff
from minigrad.errors import ShapeError
from minigrad.rules.scan import _recurrence
from minigrad.testing import check_gradients

from .samples import WIDE, along, arrays, close, tensor

X = np.array([[0.3, -1.2, 2.0, 0.0], [1.1, 0.0, -0.4, 0.6], [-0.7, 1.5, 0.9, 1.3]])


# --- values -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["sum", "prod"])
def test_running_sums_and_products(name: str) -> None:
    function, full = getattr(np, f"cum{name}"), getattr(np, f"cumulative_{name}")

    @given(along(span=(-2, 2)))
    def check(case: Any) -> None:
        x, axis = case
        for ours in (getattr(Tensor, f"cum{name}"), getattr(Tensor, f"cumulative_{name}")):
            close(ours(tensor(x), axis=axis), function(x, axis=axis))
        with_initial = getattr(tensor(x), f"cumulative_{name}")(axis=axis, include_initial=True)
        close(with_initial, full(x, axis=axis, include_initial=True))

    check()


@given(arrays(span=(-2, 2)))
def test_without_an_axis_all_elements_in_order(x: Any) -> None:
    close(tensor(x).cumsum(), np.cumsum(x))
    close(tensor(x).cumprod(), np.cumprod(x))
    if x.ndim == 1:
        close(tensor(x).cumulative_sum(), np.cumsum(x))


def test_the_dtype_may_be_another() -> None:
    x = Tensor([100, 100], dtype=np.int8)
    close(x.cumsum(dtype=np.int64), np.array([100, 200]))
    close(x.cumulative_sum(dtype=np.float64, include_initial=True), np.array([0.0, 100.0, 200.0]))
    close(Tensor([True, True]).cumprod(dtype=np.int8), np.array([1, 1], np.int8))
    t = Tensor([1.0, 2.0]).require_grad()
    assert t.grad(t.cumsum(dtype=np.float64).sum().backward()).numpy().tolist() == [2.0, 1.0]


@pytest.mark.parametrize("name", ["cummax", "cummin"])
def test_running_extremes(name: str) -> None:
    ufunc = np.maximum if name == "cummax" else np.minimum

    @given(along(), st.booleans())
    def check(case: Any, broken: bool) -> None:
        x, axis = case
        if broken and x.dtype.kind == "f" and x.size:
            x = np.array(x)
            x.flat[x.size // 2] = math.nan
        close(getattr(tensor(x), name)(axis), ufunc.accumulate(x, axis))

    check()


@given(along(), st.integers(0, 3), st.sampled_from(["none", "number", "array"]))
def test_diff(case: Any, n: int, beside: str) -> None:
    x, axis = case
    one = x.dtype.type(1)
    shape = tuple(2 if i == axis % x.ndim else m for i, m in enumerate(x.shape))
    ends = {"none": {}, "number": {"prepend": one}, "array": {"append": np.full(shape, one), "prepend": one}}[beside]
    ours = {key: end if end is one else tensor(end) for key, end in ends.items()}
    close(tensor(x).diff(n, axis, **ours), np.diff(x, n, axis, **ends))


def test_bools_differ_or_not() -> None:
    x = Tensor([True, True, False])
    assert x.diff().numpy().tolist() == [False, True]
    assert x.diff(prepend=False).numpy().tolist() == [True, False, True]


def test_a_running_sum_of_many_small_numbers_is_exact_to_float32() -> None:
    """In float32 all along, a million times 0.1 comes out 1 in 100 off."""
    y = Tensor(np.full(1_000_000, 0.1, np.float32)).cumsum()
    assert y.dtype == np.float32
    assert y[-1].item() == pytest.approx(1e6 * float(np.float32(0.1)), rel=1e-6)


# --- gradients --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1, -1, None])
@pytest.mark.parametrize("name", ["cumsum", "cumprod"])
def test_gradients_beside_zeros(name: str, axis: int | None) -> None:
    check_gradients(lambda x: getattr(x, name)(axis), X, order=3 if axis == 0 else 2)


@pytest.mark.parametrize("axis", [0, -1])
@pytest.mark.parametrize("name", ["cumulative_sum", "cumulative_prod"])
def test_gradients_with_the_initial_value(name: str, axis: int) -> None:
    check_gradients(lambda x: getattr(x, name)(axis=axis, include_initial=True), X)


@pytest.mark.parametrize("axis", [0, -1])
def test_gradients_of_extremes_and_differences(axis: int) -> None:
    check_gradients(lambda x: x.cummax(axis) * x.cummin(axis), X)
    check_gradients(lambda x, y: x.diff(2, axis, prepend=y, append=1.0), X, X[:1] if axis == 0 else X[:, :1])


def test_of_equal_elements_the_first_has_the_gradient() -> None:
    x = Tensor([2.0, 5.0, 5.0, 1.0, 5.0]).require_grad()
    assert x.grad(x.cummax(0).sum().backward()).numpy().tolist() == [1.0, 4.0, 0.0, 0.0, 0.0]
    assert x.grad(x.cummin(0).sum().backward()).numpy().tolist() == [3.0, 0.0, 0.0, 2.0, 0.0]


@pytest.mark.parametrize(
    "values", [[0.0, 2.0, 3.0], [2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [5.0], [-1.0, 2.0]]
)
def test_the_gradient_of_a_running_product_is_exact(values: list[float]) -> None:
    """Dividing the product by an element, the usual way, gives NaN at a zero."""
    x = np.array(values)
    got = grad(lambda t: t.cumprod().sum())(Tensor(x, WIDE)).numpy()
    expected = [sum(math.prod(np.delete(x[: k + 1], i)) for k in range(i, x.size)) for i in range(x.size)]
    np.testing.assert_allclose(got, expected, rtol=1e-14)


@pytest.mark.parametrize("n", [1, 2, 3, 4, 5, 7, 8, 9, 31, 33, 100])
def test_a_recurrence_by_doubling_is_the_one_step_by_step(n: int) -> None:
    rng = np.random.default_rng(n)
    a, b = rng.normal(size=(2, n - 1)), rng.normal(size=(2, n))
    before = a.copy(), b.copy()
    y = b.copy()
    for k in range(1, n):
        y[:, k] += a[:, k - 1] * y[:, k - 1]
    np.testing.assert_allclose(_recurrence(a, b, 1), y, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(_recurrence(a.T, b.T, 0), y.T, rtol=1e-10, atol=1e-12)
    assert np.array_equal(a, before[0]) and np.array_equal(b, before[1])


def test_a_long_product_takes_logarithmically_many_steps() -> None:
    x = Tensor(np.linspace(0.99999, 1.00001, 100_000), WIDE).require_grad()
    g = x.grad(x.cumprod()[-1].backward()).numpy()
    np.testing.assert_allclose(g, np.prod(x.numpy()) / x.numpy(), rtol=1e-9)


# --- edges ------------------------------------------------------------------------------------------------------------


def test_nothing_and_one() -> None:
    for name in ("cumsum", "cumprod"):
        x = Tensor.zeros((0,)).require_grad()
        assert x.grad(getattr(x, name)().sum().backward()).shape == (0,)
        assert getattr(Tensor(2.0), name)().numpy().tolist() == [2.0]
    assert Tensor.zeros((2, 0)).cummax(1).shape == (2, 0)
    assert Tensor.zeros((2, 0)).cumulative_prod(axis=1, include_initial=True).numpy().tolist() == [[1.0], [1.0]]
    assert Tensor([1.0]).diff().shape == Tensor([1.0]).diff(n=5).shape == (0,)
    assert Tensor([1.0, 3.0]).diff(n=0).numpy().tolist() == [1.0, 3.0]


def test_devices_and_dtypes_are_kept() -> None:
    x = Tensor([1.0, 2.0], Autodiff(WIDE))
    for y in (x.cumsum(), x.cumulative_sum(include_initial=True), x.cummax(0), x.diff(prepend=0.0)):
        assert y.device.tracks
        assert y.dtype == np.float64
    assert Tensor([1.0], dtype=np.float16).cumsum().dtype == np.float16


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.cumsum(x),
        lambda x: np.cumsum(x, 0),
        lambda x: np.cumsum(x, axis=-1, dtype=np.float32),
        lambda x: np.cumprod(x, axis=1),
        lambda x: np.cumulative_sum(x, axis=0, include_initial=True),
        lambda x: np.cumulative_prod(x, axis=1),
        lambda x: np.diff(x),
        lambda x: np.diff(x, 2, 0),
        lambda x: np.diff(x, axis=0, prepend=1.0),
    ],
)
def test_functions(call: Callable[[Any], Any]) -> None:
    close(call(Tensor(X, WIDE)), call(X))
    assert call(Tensor(X, WIDE).require_grad()).is_require_grad


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x.cumsum(2),
        lambda x: x.cummax(-3),
        lambda x: x.cumulative_sum(),
        lambda x: Tensor(1.0).cumulative_prod(),
        lambda x: x.diff(-1),
        lambda x: x.diff(axis=5),
        lambda x: x.diff(prepend=[[1.0, 2.0]]),
    ],
)
def test_misuse(call: Callable[[Tensor], Any]) -> None:
    with pytest.raises(ShapeError):
        call(Tensor(X))
