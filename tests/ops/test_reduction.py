"""Reductions beside NumPy's over any axes, of all kinds and shapes; their gradients beside zeros, ties and NaN."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Tensor, grad
from minigrad.errors import ShapeError
from minigrad.testing import check_gradients

from .samples import FLOATS, KINDS, NUMBERS, WIDE, along, arrays, close, floating, over, tensor

X = np.array([[[0.3, -1.2, 2.0], [1.1, 0.7, -0.4]], [[-0.9, 1.7, 0.2], [0.5, -2.1, 1.4]]])
AXES = [None, 0, -1, (0, 2), (-1, 0), ()]


# --- values -----------------------------------------------------------------------------------------------------------


@given(over())
def test_prod(case: Any) -> None:
    x, axis, keepdims = case
    close(tensor(x).prod(axis, keepdims), np.prod(x, axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("correction", [0, 1, 0.5])
@pytest.mark.parametrize("name", ["var", "std"])
def test_spread(name: str, correction: float) -> None:
    @given(over(min_side=1))
    def check(case: Any) -> None:
        x, axis, keepdims = case
        axes = tuple(range(x.ndim)) if axis is None else (axis,) if isinstance(axis, int) else axis
        if math.prod(np.shape(x)[i] for i in axes) <= correction:
            with pytest.raises(ShapeError, match="nothing to divide by"):
                getattr(tensor(x), name)(axis, keepdims, correction)
            return
        x = floating(x)
        expected = getattr(np, name)(x, axis=axis, keepdims=keepdims, ddof=correction)
        close(getattr(tensor(x), name)(axis, keepdims, correction), expected, 1e-4 if name == "std" else None)

    check()


@given(over(min_side=1))
def test_var_mean(case: Any) -> None:
    x, axis, keepdims = case
    var, mean = tensor(x).var_mean(axis, keepdims)
    close(var, np.var(floating(x), axis=axis, keepdims=keepdims))
    close(mean, np.mean(floating(x), axis=axis, keepdims=keepdims))


@given(over(min_side=1))
def test_median_and_quantile(case: Any) -> None:
    x, axis, keepdims = case
    t, x = tensor(x), floating(x)
    close(t.median(axis, keepdims), np.median(x, axis=axis, keepdims=keepdims))
    for q in (0, 0.3, 1):
        close(t.quantile(q, axis, keepdims), np.quantile(x, q, axis=axis, keepdims=keepdims).astype(x.dtype))
    several = np.quantile(x, [0.25, 0.5], axis=axis, keepdims=keepdims).astype(x.dtype)
    close(t.quantile([0.25, 0.5], axis, keepdims), several)


@given(over(min_side=1))
def test_extremes(case: Any) -> None:
    x, axis, keepdims = case
    close(tensor(x).max(axis, keepdims), np.max(x, axis=axis, keepdims=keepdims))
    close(tensor(x).min(axis, keepdims), np.min(x, axis=axis, keepdims=keepdims))
    close(tensor(x).max_abs(axis, keepdims), np.max(np.abs(x), axis=axis, keepdims=keepdims))


@given(along(min_side=1), st.booleans())
def test_extremes_and_their_positions(case: Any, keepdims: bool) -> None:
    x, axis = case
    for found, value, position in (
        (tensor(x).max_with_indices(axis, keepdims), np.max, np.argmax),
        (tensor(x).min_with_indices(axis, keepdims), np.min, np.argmin),
    ):
        close(found[0], value(x, axis, keepdims=keepdims))
        close(found[1], position(x, axis, keepdims=keepdims))


@given(over())
def test_counts_and_truth(case: Any) -> None:
    x, axis, keepdims = case
    close(tensor(x).count_nonzero(axis, keepdims), np.asarray(np.count_nonzero(x, axis=axis, keepdims=keepdims)))
    close(tensor(x).all(axis, keepdims), np.all(x, axis=axis, keepdims=keepdims))
    close(tensor(x).any(axis, keepdims), np.any(x, axis=axis, keepdims=keepdims))


@pytest.mark.parametrize("correction", [0, 1])
def test_cov_is_numpys(correction: int) -> None:
    @given(arrays(dtypes=KINDS, min_dims=2, min_side=1))
    def check(x: Any) -> None:
        if x.ndim > 2:
            return
        t, x = tensor(x), floating(x)
        for axis in (0, 1, -1):
            if x.shape[axis] <= correction:
                continue
            expected = np.cov(x if axis else x.T, ddof=correction, dtype=x.dtype)
            close(t.cov(axis, correction), np.reshape(expected, (x.shape[axis == 0],) * 2), 1e-4)

    check()


def test_cov_of_a_batch() -> None:
    t = Tensor(X, WIDE)
    close(t.cov(axis=1), np.stack([np.cov(each, rowvar=False) for each in X]))
    close(t.cov(axis=2, correction=0), np.stack([np.cov(each, ddof=0) for each in X]))


# --- gradients --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", AXES)
@pytest.mark.parametrize(
    "f",
    [
        lambda x, axis: x.prod(axis),
        lambda x, axis: x.var(axis),
        lambda x, axis: x.median(axis),
        lambda x, axis: x.quantile([0.2, 0.9], axis),
        lambda x, axis: x.max(axis) * x.min(axis),
        lambda x, axis: x.max_abs(axis, keepdims=True),
    ],
)
def test_gradients_over_any_axes(f: Callable[..., Tensor], axis: Any) -> None:
    check_gradients(lambda x: f(x, axis), X)


@pytest.mark.parametrize("axis", [None, 0, -1, (0, 2)])
def test_gradients_of_std(axis: Any) -> None:
    check_gradients(lambda x: x.std(axis, correction=1), X)


@pytest.mark.parametrize("axis", [1, 2])
def test_gradients_of_cov(axis: int) -> None:
    check_gradients(lambda x: x.cov(axis), X)
    check_gradients(lambda x: x.max_with_indices(axis)[0], X)


@pytest.mark.parametrize(
    "values", [[2.0, 0.0, 3.0], [0.0, 0.0, 3.0], [0.0, 0.0, 0.0], [-2.0, -0.0, 5.0], [2.0, -3.0, 4.0], [7.0], [0.0]]
)
def test_prod_beside_zeros_to_third_order(values: list[float]) -> None:
    """exp(sum(log(x))), as Burn 0.17 has it, is wrong for all of these but the first signs."""
    x = np.array(values)
    got = grad(lambda t: t.prod())(Tensor(x, WIDE))
    expected = [math.prod(np.delete(x, i)) for i in range(x.size)]
    assert got.numpy().tolist() == expected
    check_gradients(lambda t: t.prod(), x, order=3)
    check_gradients(lambda t: t.prod(axis=1), np.stack([x, x + 1]), order=2)


def test_prod_of_ints_bools_and_nothing() -> None:
    assert Tensor([2, -3]).prod().item() == -6
    assert Tensor([True, True]).prod().item() == 1
    assert Tensor.zeros((0,)).prod().item() == 1.0
    assert Tensor.zeros((0, 2)).prod(axis=0).numpy().tolist() == [1.0, 1.0]
    x = Tensor.zeros((0,)).require_grad()
    assert x.grad(x.prod().backward()).shape == (0,)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [0, 1, -1, None, (0, 1), (1, 0)])
def test_of_equal_elements_the_first_has_the_gradient(axis: Any, keepdims: bool) -> None:
    x = Tensor.full((2, 3), 7.0).require_grad()
    for method in (Tensor.max, Tensor.min, Tensor.max_abs):
        grads = method(x, axis, keepdims).sum().backward()
        first = {0: [[1, 1, 1], [0, 0, 0]], 1: [[1, 0, 0], [1, 0, 0]], -1: [[1, 0, 0], [1, 0, 0]]}
        assert x.grad(grads).numpy().tolist() == first.get(axis, [[1, 0, 0], [0, 0, 0]])


def test_the_first_is_the_first_in_order_of_rows() -> None:
    x = Tensor([[1.0, 5.0], [5.0, 1.0]]).require_grad()
    for axes in (None, (0, 1), (1, 0), (-1, 0)):
        assert x.grad(x.max(axes).backward()).numpy().tolist() == [[0.0, 1.0], [0.0, 0.0]]


def test_gradients_on_inner_axes_stay_in_their_rows() -> None:
    """Burn 0.17 gathers max along an inner axis by the positions of the last one."""
    x = Tensor(X, WIDE).require_grad()
    for axis in range(3):
        grads = x.max(axis).sum().backward()
        np.testing.assert_array_equal(x.grad(grads).numpy(), np.float64(np.max(X, axis, keepdims=True) == X))


# --- precision and edges ----------------------------------------------------------------------------------------------


def test_var_of_large_numbers() -> None:
    """The mean square less the square of the mean is all rounding here, and one pass about the mean loses digits."""
    x = (1e6 + np.random.default_rng(0).normal(size=10_000)).astype(np.float32)
    exact = np.var(x.astype(np.float64))
    assert Tensor(x).var().item() == pytest.approx(exact, rel=1e-5)
    assert Tensor(x).std(correction=1).item() == pytest.approx(np.std(x.astype(np.float64), ddof=1), rel=1e-5)
    g = grad(lambda t: t.var())(Tensor(x)).numpy()
    np.testing.assert_allclose(g, 2 * (x - np.mean(x, dtype=np.float64)) / x.size, atol=1e-9)


@pytest.mark.parametrize("dtype", FLOATS)
def test_equal_elements_have_no_spread_and_no_slope(dtype: Any) -> None:
    """NumPy says 1.4e-17 for ten times 0.1; the slope of that would be rounding divided by itself."""
    for n in (1, 2, 3, 7, 10, 1000, 4097):
        for value in (0.1, 1 / 3, 1e-3, 1e6 + 0.7):
            x = Tensor(np.full((2, n), value)).require_grad()
            y = x.std(axis=1)
            assert y.numpy().tolist() == [0, 0]
            assert not np.any(x.grad(y.sum().backward()).numpy())
    second = grad(lambda t: (grad(lambda u: u.std())(t) * [1.0, 2.0]).sum())(Tensor([1.0, 1.0]))
    assert not np.any(second.numpy())


def test_a_row_without_spread_leaves_the_others_alone() -> None:
    x = Tensor([[1.0, 1.0], [1.0, 3.0]]).require_grad()
    g = x.grad(x.std(axis=1).backward([0.0, 1.0]))
    assert g.numpy().tolist() == [[0.0, 0.0], [-0.5, 0.5]]


@pytest.mark.parametrize("name", ["max", "min", "median", "argmax", "argmin"])
def test_nan_wins(name: str) -> None:
    x = np.array([[1.0, math.nan, 3.0], [1.0, 2.0, 3.0]])
    got = getattr(Tensor(x), name)(axis=1).numpy()
    np.testing.assert_array_equal(got, getattr(np, name)(x, axis=1))


def test_quantiles_beside_infinity() -> None:
    x = Tensor([-math.inf, 1.0, math.inf])
    assert x.median().item() == 1.0
    assert x.quantile(1).item() == math.inf
    assert x.quantile(0).item() == -math.inf
    assert Tensor([1.0, math.inf]).quantile(0.0).item() == 1.0
    assert Tensor([1, 2]).median().dtype == np.float32


def test_of_two_middle_elements_each_has_half_the_gradient() -> None:
    x = Tensor([3.0, 1.0, 2.0, 9.0]).require_grad()
    assert x.grad(x.median().backward()).numpy().tolist() == [0.5, 0.0, 0.5, 0.0]
    assert x.grad(x[:3].median().backward()).numpy().tolist() == [0.0, 0.0, 1.0, 0.0]


@pytest.mark.parametrize(
    ("f", "message"),
    [
        (lambda x: x.var(), "nothing to divide by"),
        (lambda x: x.std(0), "nothing to divide by"),
        (lambda x: x.median(axis=0), "there is no element to choose"),
        (lambda x: x.max_with_indices(0), "there is no element to choose"),
    ],
)
def test_nothing_to_reduce(f: Callable[[Tensor], Any], message: str) -> None:
    with pytest.raises(ShapeError, match=message):
        f(Tensor.zeros((0, 2)))
    assert Tensor.zeros((0, 2)).var(axis=1).shape == (0,)
    assert Tensor.zeros((0, 2)).median(axis=1).shape == (0,)


# --- NumPy's functions ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.prod(x, axis=0),
        lambda x: np.prod(x, 1, keepdims=True),
        lambda x: np.var(x),
        lambda x: np.var(x, 0, ddof=1),
        lambda x: np.var(x, axis=(0, 2), correction=1, keepdims=True),
        lambda x: np.std(x, axis=1),
        lambda x: np.std(x, ddof=1),
        lambda x: np.median(x),
        lambda x: np.median(x, axis=1, keepdims=True),
        lambda x: np.quantile(x, 0.3),
        lambda x: np.quantile(x, 0.3, 1, keepdims=True),
        lambda x: np.count_nonzero(x, axis=0),
        lambda x: np.count_nonzero(x, axis=(0, 1), keepdims=True),
        lambda x: np.max(x, 0),
        lambda x: np.amax(x, axis=1),
    ],
)
def test_functions(call: Callable[[Any], Any]) -> None:
    got = call(Tensor(X, WIDE))
    close(got, call(X))
    if got.dtype.kind == "f":
        assert call(Tensor(X, WIDE).require_grad()).is_require_grad


@pytest.mark.parametrize("call", [lambda x: np.max(x, 0, None), lambda x: np.mean(x, 0, np.float64)])
def test_what_stands_elsewhere_in_numpys_order_is_not_taken_for_something_else(call: Callable[[Any], Any]) -> None:
    """The third argument of `np.mean` is a dtype, and would be `keepdims` of ours."""
    with pytest.raises(TypeError):
        call(Tensor(X))


def test_all_kinds_are_tried() -> None:
    assert set(FLOATS) < set(NUMBERS) < set(KINDS)
