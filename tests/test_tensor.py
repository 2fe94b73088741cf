"""The tensor: construction, dtypes, values that nobody can change, indexing, NumPy's functions, Python's protocols."""

from __future__ import annotations

import array
import ast
import copy
import importlib
import inspect
import pickle
import pkgutil
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import Distribution, Tensor, where
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import DeviceError, DtypeError, GradientError, ShapeError
from minigrad.lifting import lift
from minigrad.rules import RULES
from minigrad.testing import check_gradients

F32, F64 = np.dtype(np.float32), np.dtype(np.float64)
WIDE = NdArray(seed=1, dtype=np.float64)


def values(x: Tensor) -> Any:
    return x.numpy().tolist()


# --- construction -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "dtype", "shape"),
    [
        (1.0, np.float32, ()),
        (1, np.int64, ()),
        (True, np.bool_, ()),
        ([1.0, 2], np.float32, (2,)),
        ([[1, 2], [3, 4]], np.int64, (2, 2)),
        ([True, False], np.bool_, (2,)),
        ([], np.float32, (0,)),
        (np.zeros((0, 3)), np.float32, (0, 3)),
        (np.ones(2), np.float32, (2,)),
        (np.ones(2, np.float16), np.float32, (2,)),
        (np.ones(2, np.int8), np.int64, (2,)),
        (np.ones(2, np.uint8), np.int64, (2,)),
        (np.float64(1), np.float32, ()),
        (np.ones(2, ">f4"), np.float32, (2,)),
        (range(3), np.int64, (3,)),
        (array.array("d", [1.0]), np.float32, (1,)),
        (Tensor([1.0], dtype=np.float64), np.float32, (1,)),
    ],
)
def test_from_data(data: Any, dtype: Any, shape: tuple[int, ...]) -> None:
    for made in (Tensor(data), Tensor.from_data(data)):
        assert made.shape == shape
        assert made.dtype is np.dtype(dtype)
        np.testing.assert_array_equal(made.numpy(), np.asarray(getattr(data, "data", data), dtype))


def test_dtype_says_otherwise() -> None:
    assert Tensor([1.0], dtype=np.float64).dtype is F64
    assert Tensor([1.5], dtype=np.int64).dtype == np.int64
    assert Tensor([1, 0], dtype=bool).dtype == np.bool_
    assert Tensor([1], dtype=np.int8).dtype == np.int8
    assert Tensor(np.ones(1), dtype=">f8").dtype is F64


def test_the_device_decides_the_float_type() -> None:
    assert Tensor([1.0], WIDE).dtype is F64
    assert Tensor(np.ones(1, np.float32), WIDE).dtype is F64
    assert Tensor([1], WIDE).dtype == np.int64
    assert Tensor.zeros((2,), WIDE).dtype is F64


def test_constructors() -> None:
    assert values(Tensor.zeros((2, 1))) == [[0.0], [0.0]]
    assert values(Tensor.ones(2)) == [1.0, 1.0]
    assert values(Tensor.full((2,), 7)) == [7, 7]
    assert Tensor.full((2,), 7).dtype == np.int64
    assert Tensor.full((2,), 7.0).dtype is F32
    assert Tensor.full((), True).dtype == np.bool_
    assert values(Tensor.arange(3)) == [0, 1, 2]
    assert values(Tensor.arange(1.0, 2.0, 0.5)) == [1.0, 1.5]
    assert values(Tensor.eye(2, 3, 1)) == [[0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    assert Tensor.ones(2, dtype=np.int64).dtype == np.int64


def test_random_is_the_devices_next_draw() -> None:
    a, b = (Tensor.random((2, 3), device=NdArray(seed=7)) for _ in range(2))
    assert values(a) == values(b)
    device = NdArray(seed=7)
    first, second = Tensor.random(4, device=device), Tensor.random(4, device=device)
    assert values(first) != values(second)
    assert device.draws == 2
    assert Tensor.random(3, device=WIDE).dtype is F64


@pytest.mark.parametrize(
    ("distribution", "low", "high", "mean", "text"),
    [
        (Distribution.Default, 0, 1, 0.5, "Distribution.Default"),
        (Distribution.Uniform(-2, 4), -2, 4, 1, "Distribution.Uniform(-2, 4)"),
        (Distribution.Normal(3, 0.5), -2, 8, 3, "Distribution.Normal(3, 0.5)"),
        (Distribution.Bernoulli(0.25), 0, 1, 0.25, "Distribution.Bernoulli(0.25)"),
    ],
)
def test_distributions(distribution: Distribution, low: float, high: float, mean: float, text: str) -> None:
    x = Tensor.random(20_000, distribution, NdArray(seed=3)).numpy()
    assert low <= x.min() < mean < x.max() <= high
    assert abs(x.mean() - mean) < 0.05
    assert x.dtype == F32
    assert repr(distribution) == text


def test_cat_and_stack() -> None:
    x, y = Tensor([[1.0], [2.0]]), Tensor([[3.0], [4.0]])
    assert values(Tensor.cat([x, y], axis=1)) == [[1.0, 3.0], [2.0, 4.0]]
    assert values(Tensor.cat([x, y], axis=-2)) == [[1.0], [2.0], [3.0], [4.0]]
    assert Tensor.stack([x, y]).shape == (2, 2, 1)
    assert Tensor.stack([x, y], axis=-1).shape == (2, 1, 2)
    assert values(Tensor.cat([x, np.array([[5.0]])])) == [[1.0], [2.0], [5.0]]
    assert values(Tensor.cat([Tensor([1]), Tensor([1.5])])) == [1.0, 1.5]


# --- dtypes -----------------------------------------------------------------------------------------------------------

I64, I8, B = Tensor([2]), Tensor([2], dtype=np.int8), Tensor([True])
LIST = [1.0]
F, D, H = Tensor([2.0]), Tensor([2.0], dtype=np.float64), Tensor([2.0], dtype=np.float16)


@pytest.mark.parametrize(
    ("result", "dtype"),
    [
        # Float wins over Int over Bool and keeps its own width
        (F + I64, np.float32),
        (H + I64, np.float16),
        (D + I64, np.float64),
        (F + B, np.float32),
        (I8 + B, np.int8),
        (B + B, np.int64),
        # of two widths of one kind the wider
        (F + D, np.float64),
        (H + F, np.float32),
        (I8 + I64, np.int64),
        # no scalar widens
        (F * 2.5, np.float32),
        (F * np.float64(2.5), np.float32),
        (np.float64(2.5) * F, np.float32),
        (F * np.sqrt(2), np.float32),
        (H * np.float64(2.5), np.float16),
        (F + 1, np.float32),
        (F + True, np.float32),
        (I64 + 1, np.int64),
        (I8 + 1, np.int8),
        (I8 + np.int64(1), np.int8),
        (I64 + True, np.int64),
        (B + 1, np.int64),
        (B * 2.5, np.float32),
        # a Float scalar makes an Int Float, of the device's type
        (I64 * 2.5, np.float32),
        (2.5 * I64, np.float32),
        (Tensor([2], WIDE) * 2.5, np.float64),
        # / and mean of Ints give the device's float type
        (I64 / I64, np.float32),
        (I64 / 2, np.float32),
        (1 / I64, np.float32),
        (Tensor([2], WIDE) / 2, np.float64),
        (I64.mean(), np.float32),
        (B.mean(), np.float32),
        (Tensor([2], WIDE).mean(), np.float64),
        # functions
        (I64.exp(), np.float32),
        (Tensor([2], WIDE).exp(), np.float64),
        (H.exp(), np.float16),
        (D.sum(), np.float64),
        (I8.sum(), np.int64),
        (B.sum(), np.int64),
        (I64**2, np.int64),
        (I64**-1, np.float32),
        (I64**0.5, np.float32),
        (B**2, np.int64),
        (2**I64, np.int64),
        (I64**I64, np.int64),
        (B**B, np.int64),
        (2.0**I64, np.float32),
        (I64**F, np.float32),
        (-I64, np.int64),
        (abs(I8), np.int8),
        (I64.relu(), np.int64),
        (I64.max(), np.int64),
        (B.max(), np.bool_),
        (I64.maximum(F), np.float32),
        (B @ B, np.int64),
        (I64 @ F, np.float32),
        (F @ D, np.float64),
        # comparisons, positions
        (F > 1, np.bool_),
        (F == D, np.bool_),
        (F.argmax(), np.int64),
        (~I64, np.int64),
        (~B, np.bool_),
        # arrays and lists are data: Floats take the device's type
        (F + np.ones(1), np.float32),
        (np.ones(1) + F, np.float32),
        (F + LIST, np.float32),
        (I64 + np.ones(1, np.int8), np.int64),
        (I8 * (F > 1), np.int8),
        (B.maximum(I8), np.int8),
        # casts
        (F.int(), np.int64),
        (I64.float(), np.float32),
        (F.bool(), np.bool_),
        (F.astype(np.float64), np.float64),
        (F.cast("float16"), np.float16),
        (Tensor([2], WIDE).float(), np.float64),
        # the choice of where
        (where(B, F, 0), np.float32),
        (where(B, 1, F), np.float32),
        (where(B, I64, I64), np.int64),
        (where(B, F, D), np.float64),
        (where(B, I64, F), np.float32),
        (where(B, 1.0, 2.0), np.float32),
    ],
)
def test_dtype_rules(result: Tensor, dtype: Any) -> None:
    assert result.dtype is np.dtype(dtype)


def test_an_array_beside_a_wide_tensor_loses_no_digits() -> None:
    for third in (np.array([1 / 3]), [1 / 3]):
        assert (D * third).item() == 2 / 3
        assert (third * D).item() == 2 / 3
        assert (F * third).dtype == np.float32


def test_gradients_come_back_in_each_operands_dtype() -> None:
    x, y, n = F.require_grad(), D.require_grad(), H.require_grad()
    grads = (x * y * n + x).sum().backward()
    assert [t.grad(grads).dtype for t in (x, y, n)] == [np.float32, np.float64, np.float16]
    assert [t.grad(grads).item() for t in (x, y, n)] == [5.0, 4.0, 4.0]


def test_a_cast_to_float32_passes_gradients() -> None:
    x = Tensor([1.0, 2.0], dtype=np.float64).require_grad()
    g = x.grad((x.astype(np.float32) * Tensor([3.0, 4.0])).sum().backward())
    assert g.dtype is F64
    assert values(g) == [3.0, 4.0]


# --- values that nobody can change ------------------------------------------------------------------------------------


class Shares:
    """An object of another library whose array is its own memory."""

    def __init__(self, data: Any) -> None:
        self.data = data

    def __array__(self, dtype: Any = None, copy: bool | None = None) -> Any:
        return self.data


def owned(dtype: Any = np.float32) -> list[tuple[Any, Callable[[], None]]]:
    """Data, and a way to write into it afterwards."""
    plain, half, twice = np.ones(4, dtype), np.ones(4, dtype), np.ones(4, dtype)
    part, view = half[:2], twice.view()
    view.flags.writeable = False  # its owner can still be written to
    buffer, foreign = array.array("f", [1, 1]), Shares(np.ones(2, dtype))
    nested = [np.ones(2, dtype), np.ones(2, dtype)]
    return [
        (plain, lambda: plain.fill(9)),
        (part, lambda: half.fill(9)),
        (view, lambda: twice.fill(9)),
        (buffer, lambda: buffer.__setitem__(0, 9)),
        (memoryview(buffer), lambda: buffer.__setitem__(0, 9)),
        (foreign, lambda: foreign.data.fill(9)),
        (nested, lambda: nested[0].fill(9)),
    ]


@pytest.mark.parametrize("which", range(7))
def test_from_data_copies_what_somebody_can_write_to(which: int) -> None:
    for make in (Tensor, Tensor.from_data, lambda d: Tensor.from_data(d, NdArray(seed=1))):
        data, write = owned()[which]
        x = make(data)
        write()
        assert np.all(x.numpy() == 1)


def test_an_array_operand_is_copied_too() -> None:
    data = np.ones(2, np.float32)
    w = Tensor([1.0, 1.0]).require_grad()
    y = (w * data).sum()
    data.fill(9)
    assert values(w.grad(y.backward())) == [1.0, 1.0]
    index = np.array([0, 0])
    z = w[index].sum()
    index.fill(1)
    assert values(w.grad(z.backward())) == [2.0, 0.0]
    mask = np.array([True, False])
    z = where(mask, w, 0).sum()
    mask.fill(False)
    assert values(w.grad(z.backward())) == [1.0, 0.0]


def test_what_is_frozen_at_its_owner_may_be_shared() -> None:
    data = np.ones(3, np.float32)
    data.flags.writeable = False
    assert Tensor(data).data is data
    assert np.shares_memory(Tensor(data[1:]).data, data)


@pytest.mark.parametrize(
    "make",
    [
        lambda: Tensor([1.0, 2.0]),
        lambda: Tensor([1.0, 2.0]) * 2,
        lambda: Tensor([[1.0, 2.0]])[0],
        lambda: Tensor([[1.0, 2.0]]).T,
        lambda: Tensor([1.0, 2.0]).require_grad(),
        lambda: Tensor(1.0),
        lambda: Tensor([1.0, 2.0]).sum(),
    ],
)
def test_numpy_is_read_only_for_good(make: Callable[[], Tensor]) -> None:
    x = make()
    a = x.numpy()
    assert not a.flags.writeable
    with pytest.raises(ValueError, match="read-only"):
        a[...] = 9
    with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
        a.flags.writeable = True
    for again in (a.view(), a[...], np.asarray(a), a.reshape(-1), x.to_data(), np.asarray(x.detach())):
        assert not again.flags.writeable
        with pytest.raises(ValueError, match="cannot set WRITEABLE flag"):
            again.flags.writeable = True
    assert np.array(a).flags.writeable, "a copy is the user's own"


def test_numpy_shares_memory() -> None:
    x = Tensor(np.ones(1000))
    assert np.shares_memory(x.numpy(), x.numpy())


def test_operations_leave_their_operands_alone() -> None:
    x = Tensor([[3.0, -1.0], [2.0, 0.5]])
    before = x.numpy().copy()
    y = x
    y += 1
    y -= x
    y *= x
    y /= x.abs() + 1
    assert y is not x
    for f in (Tensor.relu, Tensor.abs, Tensor.exp, lambda t: -t, lambda t: t @ t, lambda t: t.maximum(0.0)):
        f(x)
    assert np.array_equal(x.numpy(), before)


def test_a_tensor_has_no_item_assignment() -> None:
    x: Any = Tensor([1.0])
    with pytest.raises(TypeError, match="item assignment"):
        x[0] = 2.0
    with pytest.raises(AttributeError):
        x.shape = (1, 1)
    with pytest.raises(AttributeError):
        x.name = "new"


# --- as a Python object -----------------------------------------------------------------------------------------------


def test_len_iteration_and_membership() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(x) == 2
    assert [values(row) for row in x] == [[1.0, 2.0], [3.0, 4.0]]
    _, b = x
    assert values(b) == [3.0, 4.0]
    with pytest.raises(ShapeError, match="one number"):
        len(Tensor(1.0))
    with pytest.raises(ShapeError, match="one number"):
        list(Tensor(1.0))


def test_truth_and_numbers() -> None:
    assert Tensor([[2.0]])
    assert not Tensor(0)
    assert float(Tensor([2.5])) == 2.5
    assert int(Tensor(7.9)) == 7
    assert Tensor(3).item() == 3
    assert type(Tensor(3.5).item()) is float
    for use in (bool, float, int, Tensor.item):
        with pytest.raises(ShapeError, match=r"shape \(2,\)"):
            use(Tensor([1.0, 2.0]))


def test_equality_is_elementwise_and_hash_is_identity() -> None:
    x, y = Tensor([1.0, 2.0]), Tensor([1.0, 3.0])
    assert values(x == y) == [True, False]
    assert values(x != y) == [False, True]
    assert (x == "text") is False
    assert (x == None) is False  # noqa: E711
    assert len({x, y, x}) == 2
    assert {x: 1}[x] == 1


@pytest.mark.parametrize(
    ("compare", "expected"),
    [
        (lambda x, y: x < y, [True, False, False]),
        (lambda x, y: x <= y, [True, True, False]),
        (lambda x, y: x > y, [False, False, True]),
        (lambda x, y: x >= y, [False, True, True]),
        (lambda x, y: x == y, [False, True, False]),
        (lambda x, y: x != y, [True, False, True]),
    ],
)
def test_comparisons(compare: Callable[..., Any], expected: list[bool]) -> None:
    x, y = [1.0, 2.0, 3.0], [2.0, 2.0, 2.0]
    assert values(compare(Tensor(x), Tensor(y))) == expected
    assert values(compare(Tensor(x), np.array(y))) == expected
    assert values(compare(np.array(x), Tensor(y))) == expected
    assert values(compare(Tensor(x), 2)) == expected
    assert values(compare(Tensor([1, 2, 3]), 2.0)) == expected


def test_asarray_of_a_tracked_tensor_is_refused() -> None:
    x = Tensor([1.0, 2.0]).require_grad()
    for use in (np.asarray, np.array, list):
        if use is list:
            assert all(row.is_require_grad for row in use(x))
            continue
        with pytest.raises(GradientError, match=r"x\.detach\(\)"):
            use(x)
    assert np.asarray(x.detach()).tolist() == [1.0, 2.0]
    assert np.asarray(Tensor([1.0]), np.float64).dtype == np.float64
    assert np.array(Tensor([1.0])).flags.writeable


def test_repr() -> None:
    assert repr(Tensor([1.0, 2.5])) == "Tensor([1. , 2.5], dtype=float32)"
    assert repr(Tensor([1, 2])) == "Tensor([1, 2])"
    assert repr(Tensor(True)) == "Tensor(True)"
    assert repr(Tensor([1.0], dtype=np.float64)) == "Tensor([1.], dtype=float64)"
    assert repr(Tensor([1.0]).require_grad() * 2) == "Tensor([2.], dtype=float32, tracked)"
    assert repr(Tensor([[1, 2], [3, 4]])) == "Tensor([[1, 2],\n        [3, 4]])"
    assert "..." in repr(Tensor.zeros((2000,)))


# --- copies -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [[1.5, 2.5], 3.5, [1, 2], [True, False], np.zeros((0, 2))])
def test_pickle_gives_the_same_values_on_the_same_kind_of_device(data: Any) -> None:
    for device in (NdArray(seed=5), Autodiff(WIDE)):
        x = Tensor(data, device)
        again = pickle.loads(pickle.dumps(x))
        assert values(again) == values(x)
        assert again.dtype is x.dtype, "operations compare dtypes by identity"
        assert again.device.tracks == device.tracks
        assert (again.device.seed, again.device.dtype) == (device.seed, device.dtype)


def test_an_unpickled_tensor_computes_as_any_other() -> None:
    flags, x = pickle.loads(pickle.dumps((Tensor([True, True]), Tensor([1.0]).require_grad())))
    assert values(flags + flags) == [2, 2]
    assert (flags + flags).dtype == np.int64
    assert x.is_require_grad
    assert values(x.grad((x * 3).sum().backward())) == [3.0]


def test_a_tensor_with_a_graph_is_not_pickled_or_copied() -> None:
    y = Tensor([1.0]).require_grad() * 2
    for use in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(GradientError, match=r"detach\(\) it first"):
            use(y)
    assert values(pickle.loads(pickle.dumps(y.detach()))) == [2.0]


def test_copies_of_a_leaf() -> None:
    x = Tensor([1.0, 2.0])
    assert values(copy.copy(x)) == [1.0, 2.0]
    assert values(copy.deepcopy([x])[0]) == [1.0, 2.0]


# --- indexing ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "index",
    [
        0,
        -1,
        (1, 2),
        slice(1, None),
        (slice(None), slice(None, None, -1)),
        ...,
        None,
        (..., 0),
        (None, 1, None),
        [0, 0, 1],
        (slice(None), [2, 0, 2]),
        ([0, 1], [2, 2]),
        np.array([[True, False, True], [False, True, False]]),
        (slice(None), np.array([True, False, True])),
        [],
        (),
        np.int64(1),
    ],
)
def test_indexing_is_numpys(index: Any) -> None:
    data = np.arange(6.0).reshape(2, 3)
    x = Tensor(data, WIDE).require_grad()
    got = x[index]
    expected = data[np.array(index, int) if isinstance(index, list) and not index else index]
    assert got.shape == expected.shape
    np.testing.assert_array_equal(got.numpy(), expected)
    counts = np.zeros((2, 3))
    np.add.at(counts, np.array(index, int) if isinstance(index, list) and not index else index, 1)
    assert values(x.grad(got.sum().backward())) == counts.tolist()


def test_tensors_as_indices() -> None:
    x = Tensor([[1.0, 2.0], [3.0, 4.0]]).require_grad()
    assert values(x[Tensor([1, 1, 0])]) == [[3.0, 4.0], [3.0, 4.0], [1.0, 2.0]]
    assert values(x[Tensor([0, 1]), Tensor([1, 0])]) == [2.0, 3.0]
    assert values(x[x > 1.5]) == [2.0, 3.0, 4.0]
    assert values(x.grad(x[x > 1.5].sum().backward())) == [[0.0, 1.0], [1.0, 1.0]]


def test_an_index_out_of_range_says_so() -> None:
    with pytest.raises(IndexError, match=r"axis 0 of shape .2,. has no position 5"):
        Tensor([1.0, 2.0])[5]
    with pytest.raises(IndexError, match="has no position 2"):
        Tensor([1.0, 2.0]).take_along_axis([2], 0)


def test_take_along_axis() -> None:
    x = Tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]).require_grad()
    assert values(x.take_along_axis([[0, 0], [2, 1]], axis=1)) == [[1.0, 1.0], [6.0, 5.0]]
    assert values(x.take_along_axis(Tensor([[1, 0, 1]]), axis=-2)) == [[4.0, 2.0, 6.0]]
    y = x.take_along_axis([[0, 0]], axis=1)  # indices broadcast along the other axes
    assert values(y) == [[1.0, 1.0], [4.0, 4.0]]
    assert values(x.grad(y.sum().backward())) == [[2.0, 0.0, 0.0], [2.0, 0.0, 0.0]]


# --- shapes and reductions --------------------------------------------------------------------------------------------


def test_shape_methods() -> None:
    x = Tensor(np.arange(6.0).reshape(1, 2, 3))
    assert (x.ndim, x.size, x.shape) == (3, 6, (1, 2, 3))
    assert x.reshape(3, 2).shape == x.reshape((3, 2)).shape == x.reshape([3, -1]).shape == (3, 2)
    assert x.reshape(-1).shape == x.reshape(np.int64(6)).shape == (6,)
    assert Tensor([1.0]).reshape(()).shape == Tensor([1.0]).reshape().shape == ()
    assert x.permute_dims((2, 0, 1)).shape == x.transpose(2, 0, 1).shape == x.transpose((2, 0, 1)).shape == (3, 1, 2)
    assert x.permute_dims((-1, 0, 1)).shape == (3, 1, 2)
    assert x.T.shape == x.transpose().shape == (3, 2, 1)
    assert x.mT.shape == (1, 3, 2)
    assert x.squeeze().shape == x.squeeze(0).shape == x.squeeze((0,)).shape == x.squeeze(-3).shape == (2, 3)
    assert x.expand_dims(0).shape == (1, 1, 2, 3)
    assert x.expand_dims(-1).shape == (1, 2, 3, 1)
    assert x.broadcast_to((4, 2, 3)).shape == (4, 2, 3)
    assert Tensor(1.0).broadcast_to((2,)).shape == (2,)
    assert Tensor(1.0).T.shape == ()


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, 1, -1, (0, 1), (0, -1), (), (2, 0, 1)])
@pytest.mark.parametrize("name", ["sum", "mean", "max", "min", "all", "any"])
def test_reductions_are_numpys(name: str, axis: Any, keepdims: bool) -> None:
    data = np.random.default_rng(0).normal(size=(2, 3, 4))
    data = data > 0 if name in ("all", "any") else data
    got = getattr(Tensor(data, WIDE), name)(axis=axis, keepdims=keepdims)
    np.testing.assert_allclose(got.numpy(), getattr(np, name)(data, axis=axis, keepdims=keepdims), rtol=1e-12)


@pytest.mark.parametrize("keepdims", [False, True])
@pytest.mark.parametrize("axis", [None, 0, -1])
@pytest.mark.parametrize("name", ["argmax", "argmin"])
def test_positions_are_numpys(name: str, axis: Any, keepdims: bool) -> None:
    data = np.random.default_rng(0).integers(0, 3, size=(3, 4))
    got = getattr(Tensor(data), name)(axis=axis, keepdims=keepdims)
    assert values(got) == getattr(np, name)(data, axis=axis, keepdims=keepdims).tolist()


def test_reductions_of_nothing() -> None:
    nothing = Tensor.zeros((0, 2))
    assert nothing.sum().item() == 0.0
    assert values(nothing.sum(axis=0)) == [0.0, 0.0]
    assert nothing.max(axis=1).shape == (0,)
    for method in (Tensor.max, Tensor.min):
        with pytest.raises(ShapeError, match="there is no element to choose"):
            method(nothing)
    with pytest.warns(RuntimeWarning, match="invalid value"):
        assert np.isnan(nothing.mean().item())  # as NumPy's


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ((3,), (3,)),
        ((2, 3), (3,)),
        ((2,), (2, 3)),
        ((2, 3), (3, 4)),
        ((5, 2, 3), (3, 4)),
        ((2, 3), (5, 3, 4)),
        ((5, 2, 3), (3,)),
    ],
)
def test_matmul_is_numpys(x: tuple[int, ...], y: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=x), rng.normal(size=y)
    got = Tensor(a, WIDE) @ Tensor(b, WIDE)
    np.testing.assert_allclose(got.numpy(), a @ b, rtol=1e-12)
    np.testing.assert_allclose((a @ Tensor(b, WIDE)).numpy(), a @ b, rtol=1e-12)
    np.testing.assert_allclose((Tensor(a, WIDE) @ b).numpy(), a @ b, rtol=1e-12)
    check_gradients(lambda p, q: p @ q, a, b, order=1)


def test_operators_with_numbers_on_either_side() -> None:
    x = Tensor([1.0, 4.0])
    assert values(1 + x) == values(x + 1) == [2.0, 5.0]
    assert values(1 - x) == [0.0, -3.0]
    assert values(2 * x) == [2.0, 8.0]
    assert values(2 / x) == [2.0, 0.5]
    assert values(2**x) == [2.0, 16.0]
    assert values(x**0.5) == [1.0, 2.0]
    assert values(x ** Tensor([1.0, 2.0])) == [1.0, 16.0]
    assert values(x ** np.array([1.0, 2.0])) == [1.0, 16.0]
    assert values(-x) == [-1.0, -4.0]
    assert values(abs(-x)) == [1.0, 4.0]


# --- NumPy's functions ------------------------------------------------------------------------------------------------

X = np.array([[0.5, 2.0], [1.5, 0.25]])


@pytest.mark.parametrize(
    "name", ["exp", "log", "log1p", "sqrt", "sin", "cos", "tanh", "sign", "negative", "absolute", "abs"]
)
def test_unary_ufuncs(name: str) -> None:
    function = getattr(np, name)
    got = function(Tensor(X, WIDE))
    assert isinstance(got, Tensor)
    np.testing.assert_allclose(got.numpy(), function(X))


@pytest.mark.parametrize(
    "name",
    [
        "add",
        "subtract",
        "multiply",
        "divide",
        "true_divide",
        "power",
        "maximum",
        "minimum",
        "matmul",
        "equal",
        "not_equal",
        "less",
        "less_equal",
        "greater",
        "greater_equal",
    ],
)
def test_binary_ufuncs(name: str) -> None:
    function = getattr(np, name)
    y = np.array([[2.0, 2.0], [1.5, 3.0]])
    for a, b in ((Tensor(X, WIDE), Tensor(y, WIDE)), (X, Tensor(y, WIDE)), (Tensor(X, WIDE), y)):
        got = function(a, b)
        assert isinstance(got, Tensor)
        np.testing.assert_allclose(got.numpy(), function(X, y))


@pytest.mark.parametrize(
    "call",
    [
        lambda x: np.sum(x),
        lambda x: np.sum(x, axis=0, keepdims=True),
        lambda x: np.mean(x, 1),
        lambda x: np.max(x, axis=1),
        lambda x: np.amin(x),
        lambda x: np.argmax(x, axis=0),
        lambda x: np.all(x > 1),
        lambda x: np.any(x > 1, axis=0),
        lambda x: np.reshape(x, (4,)),
        lambda x: np.transpose(x),
        lambda x: np.transpose(x, (1, 0)),
        lambda x: np.permute_dims(x, (1, 0)),
        lambda x: np.squeeze(x[None], 0),
        lambda x: np.expand_dims(x, 0),
        lambda x: np.broadcast_to(x, (3, 2, 2)),
        lambda x: np.concatenate([x, x], axis=1),
        lambda x: np.stack([x, x]),
        lambda x: np.where(x > 1, x, 0.0),
        lambda x: np.dot(x, x),
        lambda x: np.matrix_transpose(x),
        lambda x: np.take_along_axis(x, np.array([[0], [1]]), axis=1),
    ],
)
def test_functions(call: Callable[[Any], Any]) -> None:
    got = call(Tensor(X, WIDE))
    assert isinstance(got, Tensor)
    np.testing.assert_allclose(got.numpy(), call(X))
    tracked = call(Tensor(X, WIDE).require_grad())
    assert tracked.is_require_grad == (tracked.dtype.kind == "f"), "gradients flow through"


def test_what_numpy_asks_about_a_tensor() -> None:
    x = Tensor(X)
    assert (np.shape(x), np.ndim(x), np.size(x)) == ((2, 2), 2, 4)


# --- where ------------------------------------------------------------------------------------------------------------


def test_where() -> None:
    mask = Tensor([True, False])
    assert values(where(mask, Tensor([1.0, 2.0]), Tensor([3.0, 4.0]))) == [1.0, 4.0]
    assert values(where([True, False], 1.0, Tensor([3.0, 4.0]))) == [1.0, 4.0]
    assert values(where(mask, Tensor([[1.0], [2.0]]), 0.0)) == [[1.0, 0.0], [2.0, 0.0]]
    assert values(where(True, Tensor([1.0]), Tensor([2.0]))) == [1.0]
    x, y = Tensor([1.0, 2.0]).require_grad(), Tensor(3.0).require_grad()
    grads = where(mask, x, y).sum().backward()
    assert values(x.grad(grads)) == [1.0, 0.0]
    assert values(y.grad(grads)) == 1.0


# --- devices ----------------------------------------------------------------------------------------------------------


def test_devices_mix_freely() -> None:
    plain, tracking = Tensor([1.0], NdArray(seed=1)), Tensor([2.0], Autodiff(NdArray(seed=2)))
    assert (plain + tracking).device is tracking.device
    assert (tracking + plain).device is tracking.device
    assert not (plain + tracking).is_require_grad
    assert (plain.require_grad() + tracking).is_require_grad
    assert Tensor.cat([plain, tracking]).device is tracking.device
    assert where([True], plain, tracking).device is tracking.device
    assert (tracking * 2).device is tracking.device
    assert (tracking > 1).device is tracking.device
    assert tracking.inner().device is tracking.device.inner


def test_to_device() -> None:
    x = Tensor([1.0]).to_device(WIDE)
    assert (x.dtype, x.device) == (F64, WIDE)
    assert Tensor([1]).to_device(WIDE).dtype == np.int64
    with pytest.raises(DeviceError, match=r"a device is NdArray\(\) or Autodiff\(NdArray\(\)\), not 'cpu'"):
        Tensor([1.0], "cpu")  # type: ignore[arg-type]


# --- every rule has its line ------------------------------------------------------------------------------------------


def called(source: str) -> set[str]:
    """The rules whose operations other rules make by `K.call`."""
    return {
        call.args[1].id
        for function in ast.parse(source).body
        for call in ast.walk(function)
        if isinstance(function, ast.FunctionDef) and isinstance(call, ast.Call) and ast.unparse(call.func) == "K.call"
        if isinstance(call.args[1], ast.Name) and call.args[1].id != function.name
    }


def test_every_rule_is_lifted() -> None:
    """`softplus = lift(rules.elementwise.softplus)` somewhere is what makes an operation of a rule.

    Or another rule calls it: the adjoint of an operation needs no name of its own.
    """
    lifted = set().union(*(called(inspect.getsource(m)) for m in {inspect.getmodule(r) for r in RULES.values()} if m))
    modules = [importlib.import_module(m.name) for m in pkgutil.walk_packages(minigrad.__path__, "minigrad.")]
    for holder in (Tensor, *modules):
        for thing in vars(holder).values():
            cells = getattr(thing, "__closure__", None) or ()
            lifted |= {cell.cell_contents.__name__ for cell in cells if cell.cell_contents in RULES.values()}
    missing = [f"{n} = lift(rules.{r.__module__.split('.')[-1]}.{n})" for n, r in RULES.items() if n not in lifted]
    assert missing == [], "add these lines"


def test_a_lifted_rule_keeps_its_name() -> None:
    operation = lift(RULES["mean"])
    assert operation.__name__ == "mean"
    assert lift(RULES["linear"]).__doc__ == RULES["linear"].__doc__


def test_bool_arithmetic_and_bad_operands() -> None:
    with pytest.raises(DtypeError, match="neg of shape"):
        -Tensor([True])
    with pytest.raises(DtypeError, match="a NoneType is no operand"):
        Tensor([1.0]) + None  # type: ignore[operator]
