"""Conversions and protocols: lists, copies, integers, DLPack, and Burn's names for gradients."""

from __future__ import annotations

import copy
import operator
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.autodiff import Gradients
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import DtypeError, GradientError

from .drawn import DTYPES, WIDE, numbers, same


def test_lists_of_python_numbers() -> None:
    assert Tensor([[1.5, 2.0]]).tolist() == [[1.5, 2.0]]
    for data, kind in ((1.5, float), (1, int), (True, bool)):
        assert Tensor(data).tolist() == data
        assert type(Tensor(data).tolist()) is kind
        assert type(Tensor([data]).tolist()[0]) is kind
    assert Tensor.zeros((2, 0)).tolist() == [[], []]


def test_a_copy_of_a_value_is_the_value() -> None:
    x = Tensor([1.0, 2.0]).require_grad()
    for y in (x.copy(), np.copy(x)):
        assert y is x
    assert x.grad(np.copy(x * x).sum().backward()).tolist() == [2.0, 4.0]
    same(copy.copy(x).detach(), np.array([1.0, 2.0], np.float32))


def test_membership() -> None:
    x = Tensor([[1.0, 2.0], [3.0, np.nan]])
    assert 3 in x
    assert 3.0 in x
    assert Tensor(2.0) in x
    assert 4.0 not in x
    assert np.nan not in x  # which equals nothing
    assert True in Tensor([False, True])
    assert 1.0 not in Tensor([])
    assert "a" not in Tensor([1.0])


def test_an_int_tensor_is_an_integer() -> None:
    n = Tensor(2)
    assert operator.index(n) == 2
    assert [5, 6, 7][n] == 7
    assert list(range(n)) == [0, 1]
    assert np.arange(6)[: Tensor(3, dtype=np.uint8)].tolist() == [0, 1, 2]
    for x in (Tensor(2.0), Tensor([2]), Tensor(True)):
        with pytest.raises(DtypeError, match="is no integer"):
            operator.index(x)


# --- DLPack -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("shape", [(2, 3), (), (0, 2)])
def test_from_dlpack(shape: Any, dtype: Any) -> None:
    x = Tensor(numbers(shape, dtype), dtype=dtype)
    for tensor in (x, x.T, x[..., None][::-1] if shape else x):
        array = np.from_dlpack(tensor)
        assert array.dtype == dtype
        np.testing.assert_array_equal(array, tensor.numpy())
    assert x.__dlpack_device__() == np.empty(1).__dlpack_device__()


def test_what_is_handed_out_by_dlpack_cannot_change_the_tensor() -> None:
    x = Tensor([1.0, 2.0])

    class Old:
        """A library that knows nothing of read-only memory, nor of versions."""

        def __dlpack__(self, **options: Any) -> Any:
            return x.__dlpack__()

        def __dlpack_device__(self) -> Any:
            return x.__dlpack_device__()

    for handed_out in (np.from_dlpack(Old()), np.from_dlpack(x)):
        assert handed_out.tolist() == [1.0, 2.0]
        assert not np.shares_memory(handed_out, x.numpy())
    shared = np.from_dlpack(x, copy=False)
    assert np.shares_memory(shared, x.numpy())
    assert not shared.flags.writeable
    with pytest.raises(BufferError):
        x.__dlpack__(copy=False)  # which cannot say that it is read-only


def test_a_tracked_tensor_is_not_handed_out() -> None:
    x = Tensor([1.0]).require_grad()
    for tensor in (x, x * 2):
        with pytest.raises(GradientError, match=r"use x.detach\(\)"):
            np.from_dlpack(tensor)
    np.testing.assert_array_equal(np.from_dlpack(x.detach()), [1.0])


# --- gradients, by Burn's names ---------------------------------------------------------------------------------------


def test_require_grad_is_set() -> None:
    x = Tensor([1.0, 2.0])
    tracked = x.set_require_grad(True)
    assert tracked.is_require_grad
    assert not tracked.set_require_grad(False).is_require_grad
    assert not (tracked * 2).set_require_grad(False).is_require_grad
    with pytest.raises(GradientError, match="on a result of operations"):
        (tracked * 2).set_require_grad(True)


def test_from_inner_and_back() -> None:
    device = Autodiff(WIDE)
    x = Tensor([1.0], WIDE)
    assert Tensor.from_inner(x, device).device is device
    around = Tensor.from_inner(x)
    assert around.device.tracks
    assert around.device.inner is WIDE
    assert around.inner().device is WIDE
    assert not around.is_require_grad
    assert Tensor.from_inner(around).device is around.device


def test_gradients_are_replaced_and_removed_in_new_ones() -> None:
    x, y = Tensor([1.0, 2.0]).require_grad(), Tensor(3.0).require_grad()
    grads = (x * y).sum().backward()
    changed = x.grad_replace(grads, [7, 8])
    assert isinstance(changed, Gradients)
    same(x.grad(changed), np.array([7, 8], np.float32))
    same(y.grad(changed), np.float32(3))
    g, rest = x.grad_remove(grads)
    same(g, np.array([3, 3], np.float32))
    assert x.grad(rest) is None
    assert len(rest) == 1
    assert x.grad_remove(rest)[0] is None
    same(y.grad(rest), np.float32(3))
    same(x.grad(grads), np.array([3, 3], np.float32))  # those that were there are as they were
    same(y.grad(y.grad_replace(rest, Tensor(5.0, WIDE))), np.float32(5))


def test_a_gradient_has_the_shape_of_its_leaf() -> None:
    x = Tensor([1.0, 2.0]).require_grad()
    grads = x.sum().backward()
    with pytest.raises(GradientError, match=r"grad_replace: a gradient of shape \(1,\) for a tensor of shape \(2,\)"):
        x.grad_replace(grads, [1.0])
    for name, arguments in (("grad_replace", (grads, [1.0, 2.0])), ("grad_remove", (grads,))):
        with pytest.raises(GradientError, match="kept for tracked leaves only"):
            getattr(x * 2, name)(*arguments)


def test_a_gradient_that_is_replaced_is_a_copy() -> None:
    x = Tensor([1.0, 2.0], NdArray(dtype=np.float32)).require_grad()
    g = np.array([1.0, 1.0], np.float32)
    changed = x.grad_replace(x.sum().backward(), g)
    g[0] = 9.0
    assert x.grad(changed).tolist() == [1.0, 1.0]


def test_numpys_small_names() -> None:
    x = Tensor([1.0, 2.0])
    assert np.atleast_1d(Tensor(1.0)).shape == (1,)
    assert np.atleast_2d(x).shape == (1, 2)
    assert np.atleast_1d(x) is x
    assert np.atleast_2d(x[None]).shape == (1, 2)
    same(np.concatenate([x, x]), np.array([1, 2, 1, 2], np.float32))
    same(np.pad(x, pad_width=1, mode="edge"), np.array([1, 1, 2, 2], np.float32))
    same(np.diag(x), np.array([[1, 0], [0, 2]], np.float32))


def test_functions_of_numpy_linalg_are_not_those_of_numpy_with_the_same_name() -> None:
    x = Tensor.zeros((2, 2, 3))
    assert np.diagonal(x).shape == (3, 2)
    assert np.linalg.diagonal(x).shape == (2, 2)


def test_a_view_that_is_writeable_although_its_owner_is_frozen_is_copied() -> None:
    device = NdArray()
    for make in (Tensor, lambda data: Tensor.from_data(data, device)):
        owner = np.ones(3, np.float32)
        view = owner[:]
        owner.flags.writeable = False
        x = make(view)
        view[0] = 9.0
        assert x.tolist() == [1.0, 1.0, 1.0]


@pytest.mark.parametrize("dtype", [np.uint8, np.uint64, np.int8])
def test_positions_of_every_int_type_have_gradients(dtype: Any) -> None:
    places = np.array([[2], [0]], dtype)
    x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], Autodiff(NdArray())).require_grad()
    g = x.grad(x.take_along_axis(places, axis=1).sum().backward())
    assert g is not None
    assert g.tolist() == [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]


@pytest.mark.parametrize("base", [2.5, 0.0, 2, np.float64(2.5)])
def test_a_number_to_the_power_of_a_tensor_keeps_the_gradients_dtype(base: Any) -> None:
    x = Tensor([1.0, 2.0], Autodiff(NdArray())).require_grad()
    g = x.grad((base**x).sum().backward())
    assert g is not None
    assert g.dtype == np.float32
