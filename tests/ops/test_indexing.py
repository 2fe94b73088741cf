"""Choosing elements and putting them, beside NumPy, on every kind of tensor, and their derivatives."""

from __future__ import annotations

import array
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from minigrad import Tensor, where
from minigrad.errors import MinigradError, PositionError, ShapeError
from minigrad.testing import check_gradients

from ..strategies import index_of, seeded
from .drawn import DTYPES, WIDE, agree, arrays, axis, numbers, same


@st.composite
def indexed(draw: DrawFn) -> Any:
    x = draw(arrays())
    return x, (index_of(x.shape, seeded(draw)),)


@st.composite
def taken(draw: DrawFn) -> Any:
    x = draw(arrays(min_side=1))
    along = None if draw(st.booleans()) or not x.ndim else draw(axis(x.ndim))
    n = x.size if along is None else x.shape[along]
    picked = draw(st.sampled_from(((3,), (), (2, 2), (0,))))
    return x, (seeded(draw).integers(0, n, picked), along)


@st.composite
def along_axis(draw: DrawFn) -> Any:
    x = draw(arrays(1, min_side=1))
    along = draw(axis(x.ndim))
    rng = seeded(draw)
    sides = [n if rng.random() < 0.7 else 1 for n in x.shape]
    sides[along] = int(rng.integers(0, 4))
    return x, (rng.integers(-x.shape[along], x.shape[along], sides), along)


CASES: dict[str, tuple[Any, Callable[..., Any], Callable[..., Any]]] = {
    "getitem": (indexed(), lambda x, index: x[index], lambda x, index: x[index]),
    "take": (taken(), Tensor.take, np.take),
    "take_along_axis": (along_axis(), Tensor.take_along_axis, np.take_along_axis),
    "nonzero": (arrays(1).map(lambda x: (x, ())), Tensor.nonzero, np.nonzero),
    "argwhere": (arrays().map(lambda x: (x, ())), Tensor.argwhere, np.argwhere),
}


@pytest.mark.parametrize("name", CASES)
def test_as_numpy(name: str) -> None:
    agree(*CASES[name])


@pytest.mark.parametrize("name", [name for name in CASES if hasattr(np, name)])
def test_by_numpys_own_name(name: str) -> None:
    cases, _, numpys = CASES[name]
    agree(cases, numpys, numpys)


def test_positions_may_be_tensors_lists_and_numbers() -> None:
    x = Tensor([[1, 2, 3], [4, 5, 6]])
    expected = np.array([[3, 1], [6, 4]])
    for indices in (Tensor([2, 0]), [2, 0], (2, 0), np.array([2, 0], np.uint8), Tensor([2, 0], dtype=np.int8)):
        same(x.take(indices, 1), expected)
    same(x.take(1, 0), np.array([4, 5, 6]))
    same(x.take(Tensor(1), 0), np.array([4, 5, 6]))
    same(np.take_along_axis(np.array([5, 6, 7]), Tensor([2, 1]), 0), np.array([7, 6]))
    same(x[Tensor([1, -1]), Tensor(2)], np.array([6, 6]))
    same(x[:, Tensor([True, False, True])], np.array([[1, 3], [4, 6]]))
    same(x[: Tensor(1)], np.array([[1, 2, 3]]))
    same(x[array.array("q", [1, 0])], np.array([[4, 5, 6], [1, 2, 3]]))

    class One:
        def __index__(self) -> int:
            return 1

    same(x[One()], np.array([4, 5, 6]))


# --- writing ----------------------------------------------------------------------------------------------------------


@given(arrays(), st.data())
def test_slice_assign_as_numpy_writes(x: Any, data: Any) -> None:
    index = index_of(x.shape, seeded(data.draw))
    region = x[index].shape
    values = numbers(data.draw(st.sampled_from([region, region[1:], ()])), x.dtype, seed=3)
    tensor = Tensor(x, dtype=x.dtype)
    places = np.arange(x.size).reshape(x.shape)[index]
    if np.unique(places).size < places.size:
        with pytest.raises(ShapeError, match="names an element twice"):
            tensor.slice_assign(index, Tensor(values, dtype=x.dtype))
        return
    expected = x.copy()
    expected[index] = values
    same(tensor.slice_assign(index, Tensor(values, dtype=x.dtype)), expected)
    same(tensor, x)


def test_slice_assign_of_numbers_and_kinds() -> None:
    same(Tensor([1, 2, 3]).slice_assign(0, 7), np.array([7, 2, 3]))
    same(Tensor([1.0, 2.0]).slice_assign(slice(1, None), 7), np.array([1, 7], np.float32))
    same(Tensor([1, 2]).slice_assign(0, 0.5), np.array([0.5, 2], np.float32))  # a Float wins over Ints
    same(Tensor([False, False]).slice_assign(1, True), np.array([False, True]))
    same(Tensor(1.0).slice_assign((), 2.0), np.float32(2))
    same(Tensor([1.0, 2.0], WIDE).slice_assign([0], np.array([3.0])), np.array([3.0, 2.0]))
    same(Tensor([[1, 2], [3, 4]]).slice_assign(([0, 1], [1, 0]), [8, 9]), np.array([[1, 8], [9, 4]]))


@given(arrays(1, min_side=1), st.data())
def test_index_add_as_numpy_adds(x: Any, data: Any) -> None:
    along = data.draw(axis(x.ndim))
    n = x.shape[along]
    places = seeded(data.draw).integers(0, n, data.draw(st.integers(0, 5)))
    shape = list(x.shape)
    shape[along] = places.size
    values = numbers(tuple(shape), x.dtype, seed=5)
    expected = (x.astype(np.int64) if x.dtype == bool else x).copy()
    np.add.at(np.moveaxis(expected, along, 0), places, np.moveaxis(values, along, 0))
    same(Tensor(x, dtype=x.dtype).index_add(places, Tensor(values, dtype=x.dtype), along), expected)


@given(along_axis(), st.data())
def test_scatter_add_as_a_loop_adds(case: Any, data: Any) -> None:
    x, (indices, along) = case
    axis = along % x.ndim
    indices = indices % x.shape[axis]
    region = tuple(indices.shape[i] if i == axis else n for i, n in enumerate(x.shape))
    values = numbers(data.draw(st.sampled_from([region, indices.shape, ()])), x.dtype, seed=5)
    expected = (x.astype(np.int64) if x.dtype == bool else x).copy()
    spread, amounts = np.broadcast_to(indices, region), np.broadcast_to(values, region)
    with np.errstate(over="ignore"):
        for place in np.ndindex(*region):
            expected[(*place[:axis], spread[place], *place[axis + 1 :])] += amounts[place]
    same(Tensor(x, dtype=x.dtype).scatter_add(indices, Tensor(values, dtype=x.dtype), along), expected)


def test_what_is_added_may_be_a_number_or_broadcast() -> None:
    x = Tensor.zeros((3, 2))
    same(x.index_add([2, 0, 2], 1.0, 0), np.array([[1, 1], [0, 0], [2, 2]], np.float32))
    same(x.index_add([2, 0], [[1.0], [5.0]], 0), np.array([[5, 5], [0, 0], [1, 1]], np.float32))
    same(x.scatter_add([[1, 1]], 1.0, 1), np.array([[0, 2], [0, 2], [0, 2]], np.float32))


# --- by mask ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
def test_masks_as_numpy(dtype: Any) -> None:
    x, y = numbers((3, 4), dtype), numbers((3, 4), dtype, seed=1)
    mask = numbers((3, 4)) > 0
    a, b, m = Tensor(x, dtype=dtype), Tensor(y, dtype=dtype), Tensor(mask)
    same(a.mask_where(m, b), np.where(mask, y, x))
    same(where(m, a, b), np.where(mask, x, y))
    same(np.where(m, a, b), np.where(mask, x, y))
    one = dtype(1)
    same(a.mask_fill(m, one), np.where(mask, one, x))
    same(a.mask_fill(mask[0], one), np.where(mask[0], one, x))
    same(a[m], x[mask])


def test_where_of_bools_is_bool() -> None:
    mask, x = Tensor([True, False]), Tensor([False, True])
    for got in (where(mask, x, True), x.mask_fill(~mask, np.True_)):
        same(got, np.array([False, True]))
    same(where(mask, False, x), np.array([False, True]))
    same(where(mask, True, False), np.array([True, False]))
    same(where(mask, x, x), np.array([False, True]))
    same(where(mask, x, 2), np.array([0, 2]))
    same(where(mask, Tensor([3, 4]), True), np.array([3, 1]))
    same(where(mask, Tensor([0.5, 4.0]), True), np.array([0.5, 1], np.float32))


# --- derivatives ------------------------------------------------------------------------------------------------------

MASK = Tensor(np.array([[True, False, True], [False, False, True]]))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x[1],
        lambda x: x[..., ::-2],
        lambda x: x[:, [2, 0, 2]],
        lambda x: x[[0, 0, 1], [1, 1, 2]],
        lambda x: x[(0, 0, 1), (1, 1, 2)],
        lambda x: x[((0, 0),)],
        lambda x: x[range(2), 1],
        lambda x: x[MASK],
        lambda x: x.take([1, 0, 1, 1], 0),
        lambda x: x.take([[2, 2], [0, 2]], -1),
        lambda x: x.take([5, 5, 0]),
        lambda x: x.take_along_axis([[0, 0], [2, -1]], 1),
        lambda x: x.slice_assign((slice(None), slice(0, 2)), x[:, 1:]),
        lambda x: x.slice_assign(MASK, x.sum()),
        lambda x: x.slice_assign((0, [2, 0]), x[1, :2]),
        lambda x: x.slice_assign(..., x[0]),
        lambda x: x.index_add([0, 0, 1], x[[1, 0, 1]], 0),
        lambda x: x.index_add([2, 2], x[:, :2], 1),
        lambda x: x.index_add([1], x.mean(), -1),
        lambda x: x.scatter_add([[0, 0, 2], [1, 1, 1]], x.flip(), 1),
        lambda x: x.scatter_add([[0, 0, 0], [0, 1, 0]], x, 0),
        lambda x: x.mask_where(MASK, x.flip()),
        lambda x: x.mask_fill(MASK, 0.5),
        lambda x: x.mask_fill(MASK, x.sum()),
    ],
)
def test_derivatives(f: Callable[[Tensor], Tensor]) -> None:
    report = check_gradients(lambda x: f(x * x), numbers((2, 3)) + 0.25)
    assert report.checked > 0
    assert report.skipped == 0


def test_positions_from_the_end_in_many_rows() -> None:
    # of two rows alone, a place that is two rows off is the right one again
    check_gradients(lambda x: x.take_along_axis([[-1], [-3], [0], [-2]], 1) ** 2, numbers((4, 3)))


def test_what_is_overwritten_has_no_gradient_even_if_it_is_infinite() -> None:
    x, y = Tensor([0.0, 4.0]).require_grad(), Tensor([9.0]).require_grad()
    with np.errstate(divide="ignore", invalid="ignore"):
        grads = x.sqrt().slice_assign(slice(0, 1), y).sum().backward()
        assert np.isnan(x.grad(grads).numpy()[0])  # 0 times the infinite slope of sqrt at 0, which was before it
        grads = x.slice_assign(slice(0, 1), y).sqrt().sum().backward()
    assert x.grad(grads).tolist() == [0.0, 0.25]
    assert y.grad(grads).item() == pytest.approx(1 / 6)


def test_repeated_rows_add_up_in_float32_as_in_float64() -> None:
    """An embedding's gradient: many tokens, few of them different."""
    tokens = np.random.default_rng(1).integers(0, 7, (40, 25))
    g = np.random.default_rng(2).standard_normal((40, 25, 3))
    expected = np.zeros((7, 3))
    for token, row in zip(tokens.ravel(), g.reshape(-1, 3)):
        expected[token] += row
    for device, tolerance in ((None, 1e-4), (WIDE, 1e-12)):
        table = Tensor(np.zeros((7, 3)), device).require_grad()
        for rows in (table.take(tokens, 0), table[tokens]):
            np.testing.assert_allclose(table.grad(rows.backward(g)).numpy(), expected, atol=tolerance)
        columns = table.T.take(tokens, 1)
        np.testing.assert_allclose(table.grad(columns.backward(np.moveaxis(g, 2, 0))).numpy(), expected, atol=tolerance)


# --- out of range -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "call",
    [
        lambda x: x[3],
        lambda x: x[0, -5],
        lambda x: x[[0, 7]],
        lambda x: x[0, 0, 0],
        lambda x: x[np.array([True, False])],
        lambda x: x.take(3, 0),
        lambda x: x.take(-1, 0),
        lambda x: x.take_along_axis([[4]], 1),
        lambda x: x.index_add([-1], 1.0, 0),
        lambda x: x.scatter_add([[4]], 1.0, 1),
        lambda x: x.slice_assign(3, 0.0),
        lambda x: Tensor([3]).one_hot(3),
        lambda x: Tensor(1.0)[0],
    ],
)
def test_out_of_range_is_an_index_error_and_a_shape_error(call: Callable[[Tensor], Any]) -> None:
    for kind in (IndexError, ValueError, ShapeError, PositionError, MinigradError):
        with pytest.raises(kind) as caught:
            call(Tensor.zeros((3, 4)))
        assert caught.value.__cause__ is None


def test_iteration_by_position_ends() -> None:
    """What Python does with an object that has only `__getitem__`: it counts until there is an IndexError."""

    class OnlyItems:
        def __getitem__(self, i: int) -> Tensor:
            return Tensor([5, 6])[i]

    assert [x.item() for x in OnlyItems()] == [5, 6]  # type: ignore[attr-defined]
