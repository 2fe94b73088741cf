"""New tensors beside NumPy's, their dtypes and devices; Burn's masks and grids; the pseudo-random ones."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad import Distribution, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import DtypeError
from minigrad.testing import check_gradients
from minigrad.testing.strategies import shapes

from .drawn import WIDE, agree, arrays, same

DEVICE = Autodiff(NdArray(seed=1, dtype=np.float64))
SIDE = st.integers(0, 4)
OFF = st.integers(-5, 5)


@given(shapes())
def test_filled(shape: Any) -> None:
    same(Tensor.zeros(shape), np.zeros(shape, np.float32))
    same(Tensor.empty(shape), np.zeros(shape, np.float32))
    same(Tensor.ones(shape, dtype=np.int8), np.ones(shape, np.int8))
    same(Tensor.full(shape, 2.5, WIDE), np.full(shape, 2.5))
    same(Tensor.full(shape, 7), np.full(shape, 7))
    same(Tensor.full(shape, True), np.full(shape, True))


def test_a_shape_may_be_a_number() -> None:
    assert Tensor.zeros(3).shape == Tensor.zeros(np.int64(3)).shape == Tensor.zeros([3]).shape == (3,)
    assert Tensor.random(3).shape == (3,)


@pytest.mark.parametrize(
    ("ours", "numpys"),
    [(Tensor.zeros_like, np.zeros_like), (Tensor.ones_like, np.ones_like), (np.zeros_like, np.zeros_like)],
)
def test_like(ours: Callable[..., Any], numpys: Callable[..., Any]) -> None:
    agree(arrays().map(lambda x: (x, ())), ours, numpys)
    agree(arrays().map(lambda x: (x, (np.float64,))), ours, numpys)


def test_full_like() -> None:
    agree(arrays().map(lambda x: (x, (1,))), Tensor.full_like, np.full_like)
    same(Tensor([1, 2]).full_like(0.5, np.float64), np.array([0.5, 0.5]))
    same(Tensor(1.0).full_like(-np.inf), np.float32(-np.inf))
    assert np.isnan(Tensor([1.0]).full_like(np.nan).item())
    same(np.full_like(Tensor([1, 2]), 3), np.array([3, 3]))
    same(np.empty_like(Tensor([1, 2])), np.array([0, 0]))


def test_what_is_like_a_tensor_is_on_its_device_and_not_tracked() -> None:
    x = Tensor([1.0, 2.0], DEVICE).require_grad()
    for y in (x.zeros_like(), x.ones_like(), x.full_like(2.0), x.random_like()):
        assert y.device is DEVICE
        assert y.dtype == np.float64
        assert y.shape == (2,)
        assert not y.is_require_grad


def test_random_like_draws_what_random_draws() -> None:
    drawn = Tensor.random((2, 3), Distribution.Normal(0, 1), NdArray(seed=3))
    same(Tensor.zeros((2, 3), NdArray(seed=3)).random_like(Distribution.Normal(0, 1)), drawn.numpy())


@given(st.integers(-3, 3), st.integers(-3, 3), SIDE, st.booleans())
def test_linspace(start: int, stop: int, num: int, endpoint: bool) -> None:
    same(Tensor.linspace(start, stop, num, endpoint, WIDE), np.linspace(start, stop, num, endpoint))
    same(Tensor.linspace(start, stop, num, endpoint), np.linspace(start, stop, num, endpoint, dtype=np.float32))


@given(SIDE, st.none() | SIDE, OFF)
def test_eye_and_tri(n: int, m: int | None, k: int) -> None:
    same(Tensor.eye(n, m, k), np.eye(n, m, k, np.float32))
    same(Tensor.tri(n, m, k, dtype=bool), np.tri(n, m, k, bool))


@given(st.lists(SIDE, min_size=2, max_size=3), OFF)
def test_masks_hide_what_the_triangle_leaves_out(shape: list[int], offset: int) -> None:
    ones = np.ones(shape)
    same(Tensor.triu_mask(shape, offset), np.triu(ones, offset) == 0)
    same(Tensor.tril_mask(shape, offset), np.tril(ones, offset) == 0)
    same(Tensor.diag_mask(shape, offset), np.broadcast_to(np.eye(*shape[-2:], offset) == 0, shape))


def test_masks_as_burn_prints_them() -> None:
    assert Tensor.triu_mask((3, 3)).int().tolist() == [[0, 0, 0], [1, 0, 0], [1, 1, 0]]
    assert Tensor.tril_mask((3, 3)).int().tolist() == [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
    assert Tensor.diag_mask((3, 3)).int().tolist() == [[0, 1, 1], [1, 0, 1], [1, 1, 0]]
    assert Tensor.tril_mask((2, 2), device=DEVICE).device is DEVICE


@given(shapes())
def test_cartesian_grid_holds_each_position(shape: Any) -> None:
    grid = Tensor.cartesian_grid(shape)
    assert grid.shape == (*shape, len(shape))
    assert grid.dtype == np.int64
    assert all(tuple(grid[place].tolist()) == place for place in np.ndindex(*shape))


@pytest.mark.parametrize("indexing", ["xy", "ij"])
@pytest.mark.parametrize("sizes", [(), (3,), (2, 3), (2, 1, 4), (2, 0)])
def test_meshgrid(sizes: tuple[int, ...], indexing: str) -> None:
    vectors = [np.arange(n) + 10 * i for i, n in enumerate(sizes)]
    expected = np.meshgrid(*vectors, indexing=indexing)
    same(Tensor.meshgrid(*map(Tensor, vectors), indexing=indexing), expected)
    if sizes:
        same(np.meshgrid(*map(Tensor, vectors), indexing=indexing), expected)


def test_the_coordinates_of_a_grid_have_gradients() -> None:
    def area(x: Tensor, y: Tensor) -> Tensor:
        a, b = Tensor.meshgrid(x, y)
        return a * a * b

    assert check_gradients(area, np.array([1.0, 2.0, 0.5]), np.array([3.0, -1.0])).checked > 0


# --- classes ----------------------------------------------------------------------------------------------------------


@given(st.lists(st.integers(0, 3), max_size=5), st.sampled_from((np.int64, np.uint8)))
def test_one_hot(classes: list[int], dtype: Any) -> None:
    same(Tensor(np.array(classes, dtype), dtype=dtype).one_hot(4), np.eye(4, dtype=np.int64)[classes])


def test_one_hot_of_other_shapes() -> None:
    same(Tensor(2).one_hot(3), np.array([0, 0, 1]))
    same(Tensor([[1, 0]]).one_hot(2), np.array([[[0, 1], [1, 0]]]))
    same(Tensor([0, 0]).one_hot(1), np.array([[1], [1]]))


@pytest.mark.parametrize("axis", [-3, -2, -1, 0, 1, 2])
def test_one_hot_with_other_values_and_axes(axis: int) -> None:
    classes = np.array([[1, 0, 2], [2, 2, 0]])
    expected = np.moveaxis(np.where(np.eye(3, dtype=bool)[classes], 5.0, -1.0), -1, axis)
    same(Tensor(classes, WIDE).one_hot_fill(3, 5.0, -1.0, axis), expected)
    same(Tensor(classes).one_hot_fill(3, 5, -1, axis), expected.astype(np.int64))
    same(Tensor(classes).one_hot_fill(3, True, False, axis), expected > 0)


def test_ints_beyond_int64_keep_their_digits() -> None:
    big = 2**63 + 1
    same(Tensor([big, 0], dtype=np.uint64), np.array([big, 0], np.uint64))
    same(Tensor([[big], [1.5]], dtype=np.uint64), np.array([[big], [1]], np.uint64))
    for wrong in ([big, -1], [float("nan")]):
        with pytest.raises(DtypeError, match="a tensor of dtype uint64: "):
            Tensor(wrong, dtype=np.uint64)


def test_like_on_another_device() -> None:
    x = Tensor([1.0, 2.0])
    for y in (x.zeros_like(device=DEVICE), x.ones_like(device=DEVICE), x.full_like(3.0, device=DEVICE)):
        assert y.device is DEVICE
        assert y.dtype == np.float32
