"""Order along any axis beside NumPy's, with ties and NaN; gradients follow the elements."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import DtypeError, ShapeError
from minigrad.testing import check_gradients

from .samples import WIDE, along, arrays, close, tensor

X = np.array([[[0.3, -1.2, 2.0], [1.1, 0.7, -0.4]], [[-0.9, 1.7, 0.2], [0.5, -2.1, 1.4]]])


def backwards(x: Any, axis: int) -> Any:
    """Positions from the greatest to the least, equal ones in their order: by the negative of their ranks."""
    ranks = np.unique(x, return_inverse=True)[1].reshape(x.shape)
    return np.argsort(-ranks, axis, stable=True)


# --- order ------------------------------------------------------------------------------------------------------------


@given(along())
def test_sort_and_argsort(case: Any) -> None:
    x, axis = case
    t = tensor(x)
    close(t.sort(axis), np.sort(x, axis))
    close(t.argsort(axis), np.argsort(x, axis, stable=True))
    order = backwards(x, axis)
    close(t.argsort(axis, descending=True), order)
    close(t.sort(axis, descending=True), np.take_along_axis(x, order, axis))
    close(t.sort(axis, stable=False), np.sort(x, axis))
    values, places = t.sort_with_indices(axis, descending=True)
    close(values, np.take_along_axis(x, order, axis))
    close(places, order)


@given(along(), st.integers(0, 3), st.booleans())
def test_topk(case: Any, k: int, largest: bool) -> None:
    x, axis = case
    k = min(k, x.shape[axis])
    order = backwards(x, axis) if largest else np.argsort(x, axis, stable=True)
    order = np.take(order, range(k), axis)
    values, places = tensor(x).topk(k, axis, largest)
    close(values, np.take_along_axis(x, order, axis))
    close(places, order)


@pytest.mark.parametrize("largest", [True, False])
@pytest.mark.parametrize("axis", [0, 1])
@pytest.mark.parametrize("levels", [2, 7, 60, 10_000])
def test_topk_of_many(levels: int, axis: int, largest: bool) -> None:
    """Where sorting all would be a waste: with ties at the edge, inside, and none; with NaN among the best or not."""
    rng = np.random.default_rng(levels)
    x = rng.integers(0, levels, (48, 48)) / 4
    for broken in (0, 1, 5):
        x.flat[rng.choice(x.size, broken * 48)] = math.nan
        for k in (1, 3, 6):
            filled = np.where(np.isnan(x), math.inf, x)
            order = backwards(filled, axis) if largest else np.argsort(filled, axis, stable=True)
            order = np.take(order, range(k), axis)
            values, places = tensor(x).topk(k, axis, largest)
            close(places, order)
            np.testing.assert_array_equal(values.numpy(), np.take_along_axis(x, order, axis))


def test_sorting_what_is_tracked_gives_the_same() -> None:
    for descending in (False, True):
        close(Tensor(X, WIDE).require_grad().sort(1, descending).detach(), Tensor(X, WIDE).sort(1, descending).numpy())


def test_the_last_axis_is_meant() -> None:
    x = Tensor([[3, 1, 2], [1, 3, 2]])
    assert x.sort().numpy().tolist() == [[1, 2, 3], [1, 2, 3]]
    assert x.argsort().numpy().tolist() == [[1, 2, 0], [0, 2, 1]]
    assert x.topk(1)[0].numpy().tolist() == [[3], [3]]


def test_nan_counts_as_the_greatest() -> None:
    x = Tensor([math.nan, 1.0, math.inf, -math.inf])
    np.testing.assert_array_equal(x.sort().numpy(), [-math.inf, 1, math.inf, math.nan])
    np.testing.assert_array_equal(x.sort(descending=True).numpy(), [math.nan, math.inf, 1, -math.inf])
    assert x.topk(2)[1].numpy().tolist() == [0, 2]


@pytest.mark.parametrize("side", ["left", "right"])
def test_searchsorted(side: str) -> None:
    @given(arrays(min_dims=1).filter(lambda x: x.ndim == 1), arrays(dtypes=(np.float32,)))
    def check(x: Any, values: Any) -> None:
        ordered = np.sort(x)
        close(tensor(ordered).searchsorted(tensor(values), side), np.searchsorted(ordered, values, side))
        sorter = np.argsort(x)
        close(tensor(x).searchsorted(tensor(values), side, sorter), np.searchsorted(x, values, side, sorter))

    check()
    assert Tensor([1.0, 2.0]).searchsorted(1.5).item() == 1
    assert np.searchsorted(Tensor([1, 2, 2]), [2, 3], side=side).numpy().tolist() == [1 if side == "left" else 3, 3]


# --- what occurs ------------------------------------------------------------------------------------------------------


@given(arrays())
def test_unique(x: Any) -> None:
    t, expected = tensor(x), np.unique_all(x)
    for got, want in zip(t.unique_all(), expected):
        close(got, want)
    close(t.unique_values(), expected.values)
    close(t.unique_counts().counts, expected.counts)
    close(t.unique_inverse().inverse_indices, expected.inverse_indices)
    assert np.all(t.unique_all().values.numpy()[t.unique_all().inverse_indices.numpy()] == x)
    assert t.unique_all()._fields == expected._fields
    assert t.unique_counts()._fields == np.unique_counts(x)._fields
    assert t.unique_inverse()._fields == np.unique_inverse(x)._fields


def test_unique_of_one_number() -> None:
    found, expected = Tensor(3).unique_all(), np.unique_all(3)
    for got, want in zip(found, expected):
        close(got, want)


def test_each_nan_is_one_of_its_own() -> None:
    found = Tensor([math.nan, 1.0, math.nan]).unique_counts()
    assert found.counts.numpy().tolist() == [1, 1, 1]


# --- gradients --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -2])
@pytest.mark.parametrize(
    "f",
    [
        lambda x, axis: x.sort(axis),
        lambda x, axis: x.sort(axis, descending=True),
        lambda x, axis: x.sort_with_indices(axis)[0] ** 2,
        lambda x, axis: x.topk(1, axis)[0],
        lambda x, axis: x.topk(2, axis, largest=False)[0],
    ],
)
def test_gradients_on_any_axis(f: Callable[..., Tensor], axis: int) -> None:
    check_gradients(lambda x: f(x, axis), X)


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_the_gradient_goes_back_where_the_element_stood(axis: int) -> None:
    """Burn 0.17 puts it back along the wrong axis when that is not the last one."""
    x = Tensor(X, WIDE).require_grad()
    weights = np.arange(1.0, 13).reshape(X.shape)
    for descending in (False, True):
        y, places = x.sort_with_indices(axis, descending)
        g = x.grad(y.backward(weights)).numpy()
        expected = np.zeros(X.shape)
        np.put_along_axis(expected, places.numpy(), weights, axis)
        np.testing.assert_array_equal(g, expected)


def test_of_equal_elements_the_first_is_the_first() -> None:
    x = Tensor([1.0, 2.0, 2.0, 2.0]).require_grad()
    for largest, expected in ((True, [0, 1, 1, 0]), (False, [1, 1, 0, 0])):
        values, _ = x.topk(2, largest=largest)
        assert x.grad(values.sum().backward()).numpy().tolist() == expected


def test_positions_have_no_gradient_and_values_live_where_x_does() -> None:
    x = Tensor([2.0, 1.0], Autodiff(NdArray())).require_grad()
    for values, places in (x.topk(1), x.sort_with_indices()):
        assert values.is_require_grad and values.device.tracks
        assert not places.is_require_grad and places.dtype == np.int64
    assert not x.unique_values().is_require_grad


# --- NumPy's functions, misuse ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.sort(x),
        lambda x: np.sort(x, 0),
        lambda x: np.sort(x, axis=1, stable=True),
        lambda x: np.argsort(x),
        lambda x: np.argsort(x, axis=0, stable=True),
        lambda x: np.unique_values(x),
        lambda x: np.unique_counts(x).counts,
        lambda x: np.unique_inverse(x).inverse_indices,
        lambda x: np.unique_all(x).indices,
    ],
)
def test_functions(call: Callable[[Any], Any]) -> None:
    close(call(Tensor(X, WIDE)), call(X))


def test_a_kind_of_algorithm_is_refused() -> None:
    """As a third argument it would be taken for `descending`."""
    with pytest.raises(TypeError):
        np.sort(Tensor([1.0]), 0, "stable")
    assert np.sort(Tensor([2.0, 1.0]).require_grad()).is_require_grad


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda x: x.sort(3), ShapeError),
        (lambda x: Tensor(1.0).sort(), ShapeError),
        (lambda x: x.argsort(-4), ShapeError),
        (lambda x: x.topk(4), ShapeError),
        (lambda x: x.topk(-1), ShapeError),
        (lambda x: x.searchsorted(1.0), ShapeError),
        (lambda x: x[0, 0].searchsorted(1.0, side="middle"), ShapeError),
        (lambda x: x[0, 0].searchsorted("a"), DtypeError),
    ],
)
def test_misuse(call: Callable[[Tensor], Any], kind: type[Exception]) -> None:
    with pytest.raises(kind):
        call(Tensor(X))
