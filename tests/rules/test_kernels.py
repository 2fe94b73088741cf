"""The kernels' fast forms agree with NumPy's plain ones, on every road they take; `K` has the same names everywhere."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import kernels as on_tensors
from minigrad import tensor
from minigrad.rules import RULES, kernels

SIZES = [0, 1, 5, 1024, 1025, (1 << 16), (1 << 16) + 1]  # around the places where total and relu change
FLOATS = [np.float32, np.float64]


def numbers(shape: Any, dtype: Any, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(0, 10, shape).astype(dtype)


# --- one namespace ----------------------------------------------------------------------------------------------------


def test_kernels_and_tensors_have_the_same_names() -> None:
    assert set(kernels.__all__) == set(vars(on_tensors.K))


def names_used(module: Any) -> set[str]:
    """What the rules of a module take from their `K`."""
    attributes = (node for node in ast.walk(ast.parse(inspect.getsource(module))) if isinstance(node, ast.Attribute))
    return {node.attr for node in attributes if isinstance(node.value, ast.Name) and node.value.id == "K"}


def test_the_rules_use_the_names_that_are_there() -> None:
    modules = {inspect.getmodule(rule) for rule in RULES.values()}
    used = set().union(*map(names_used, modules))
    assert used - set(kernels.__all__) == set()
    assert set(kernels.__all__) - used == set(), "a kernel that no rule needs"


def test_each_name_does_the_same_on_arrays_and_on_tensors() -> None:
    x, y = numbers((3, 4), np.float32, 1), numbers((3, 4), np.float32, 2)
    positive = np.abs(x) + 1
    indices = np.array([[0, 2], [1, 1], [3, 0]])
    calls: dict[str, tuple[Any, ...]] = {
        **dict.fromkeys(("abs", "cos", "exp", "relu", "sigmoid", "sign", "sin", "softplus", "tanh", "total"), (x,)),
        **dict.fromkeys(("log", "log1p", "sqrt"), (positive,)),
        **dict.fromkeys(("add", "maximum", "minimum"), (x, y)),
        **dict.fromkeys(("dot", "matmul"), (x, y.T)),
        **dict.fromkeys(("argmax", "argmin"), (x, 1)),
        "broadcast_to": (x, (2, 3, 4)),
        "call": (np.exp, RULES["exp"], x),
        "cast": (x, np.dtype(np.float64)),
        "colsum": (x,),
        "concat": ((x, y), 1),
        "keep": (x, x > y),
        "part": (x, np.array([0, 2, 0]), (4, 4)),
        "put": (x, np.array([0, 2, 0]), (4, 4)),
        "put_along_axis": (x[:, :2], indices, 1, (3, 4)),
        "sum": (x, (0,), True),
        "sum_to": (x, (3, 1)),
        "take_along_axis": (x, indices, 1),
        "where": (x > 0, x, y),
    }
    assert set(calls) == set(kernels.__all__)
    for name, arguments in calls.items():
        on_arrays = getattr(kernels, name)(*arguments)
        as_tensors = getattr(on_tensors.K, name)(*[as_tensor(name, i, a) for i, a in enumerate(arguments)])
        got = as_tensors.data if isinstance(as_tensors, tensor.Tensor) else as_tensors
        assert got.dtype == np.asarray(on_arrays).dtype, name
        np.testing.assert_allclose(got, on_arrays, rtol=1e-5, err_msg=name)


def as_tensor(name: str, place: int, argument: Any) -> Any:
    """Float arrays as tensors; masks and positions are constants."""
    if isinstance(argument, np.ndarray) and argument.dtype.kind == "f":
        return tensor.Tensor(argument)
    if name == "concat" and place == 0:
        return tuple(map(tensor.Tensor, argument))
    return argument


# --- fast forms -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize("size", SIZES)
def test_total_and_relu_at_every_size(size: int, dtype: Any) -> None:
    x = numbers(size, dtype)
    assert kernels.total(x).dtype == dtype
    np.testing.assert_allclose(kernels.total(x), np.sum(x.astype(np.float64)), rtol=1e-5, atol=1e-4 * size**0.5)
    got = kernels.relu(x)
    assert got.dtype == dtype
    np.testing.assert_array_equal(got, np.where(x > 0, x, 0))


@pytest.mark.parametrize("dtype", [np.int8, np.int64])
def test_total_and_sum_of_ints_stay_in_their_type(dtype: Any) -> None:
    x = np.arange(6, dtype=dtype).reshape(2, 3)
    assert kernels.total(x) == 15
    assert kernels.total(x).dtype == dtype
    assert kernels.sum(x, (0,), False).tolist() == [3, 5, 7]
    assert kernels.sum(x, (0,), False).dtype == dtype


@pytest.mark.parametrize("layout", [lambda x: x, np.asfortranarray, lambda x: x[::-1, ::2], lambda x: x.T])
def test_fast_forms_in_every_memory_layout(layout: Callable[[Any], Any]) -> None:
    x = layout(numbers((6, 8), np.float64))
    np.testing.assert_allclose(kernels.total(x), np.sum(x))
    np.testing.assert_allclose(kernels.colsum(x), np.sum(x, 0))
    np.testing.assert_array_equal(kernels.relu(x), np.maximum(x, 0))
    np.testing.assert_allclose(kernels.sum_to(x, (1, x.shape[1])), np.sum(x, 0, keepdims=True))
    np.testing.assert_allclose(kernels.sum_to(x, (x.shape[1],)), np.sum(x, 0))


def test_a_sum_of_many_small_numbers_is_exact_to_float32() -> None:
    """BLAS adds in few partial sums: 1e6 times 0.1 came out 1 in 10,000 off, of three columns 3 in 1,000."""
    x = np.full(1_000_000, 0.1, np.float32)
    assert abs(float(kernels.total(x)) / 1e5 - 1) < 1e-6
    assert abs(float(kernels.sum(x, (0,), False)) / 1e5 - 1) < 1e-6
    columns = np.full((1_000_001, 3), 0.1, np.float32)
    for got in (kernels.colsum(columns), kernels.sum(columns, (0,), False), kernels.sum_to(columns, (3,))):
        np.testing.assert_allclose(got, np.sum(columns, 0, np.float64), rtol=3e-5)
    np.testing.assert_allclose(kernels.sum(columns.reshape(-1, 1, 3), (0, 2), False), [300_000.3], rtol=3e-5)


@pytest.mark.parametrize("rows", [1, kernels.BLOCK, kernels.BLOCK + 1, 3 * kernels.BLOCK, 3 * kernels.BLOCK + 7])
@pytest.mark.parametrize("columns", [0, 1, 5])
def test_sums_of_columns_in_blocks(rows: int, columns: int) -> None:
    x = np.arange(rows * columns, dtype=np.float64).reshape(rows, columns)
    np.testing.assert_array_equal(kernels.colsum(x), np.sum(x, 0))
    np.testing.assert_array_equal(kernels.colsum(x[::-1]), np.sum(x, 0))


def test_no_large_array_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """The ones of 64 sums over a million rows each were 256 MB, kept for good."""
    asked: list[tuple[int, ...]] = []
    constant = kernels._constant
    monkeypatch.setattr(
        kernels, "_constant", lambda value, shape, dtype: asked.append(shape) or constant(value, shape, dtype)
    )
    large = np.zeros((1 << 18, 1), np.float32)
    for array in (large, large[:, 0], large.reshape(512, 512), large.reshape(1 << 9, 1 << 8, 2)):
        kernels.sum(array, (0,), False)
        kernels.sum(array, (array.ndim - 1,), False)
        kernels.total(array)
        kernels.relu(array)
    assert asked
    assert max(int(np.prod(shape)) for shape in asked) <= kernels.BLOCK


def test_scalars_go_through_every_kernel_of_one_argument() -> None:
    for name in ("abs", "cos", "exp", "relu", "sigmoid", "sin", "softplus", "tanh", "total"):
        got = getattr(kernels, name)(np.float32(0.5))
        assert isinstance(got, np.float32), name


@pytest.mark.parametrize("dtype", FLOATS)
def test_sigmoid_and_softplus_are_accurate_on_both_sides(dtype: Any) -> None:
    x = np.array([-1e4, -100, -20, -1, -1e-3, 0, 1e-3, 1, 20, 100, 1e4], dtype)
    wide = x.astype(np.longdouble)
    with np.errstate(all="ignore"):
        sigmoid, softplus = 1 / (1 + np.exp(-wide)), np.logaddexp(0, wide)
    tolerance = 4 * np.finfo(dtype).eps
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        np.testing.assert_allclose(kernels.sigmoid(x), sigmoid.astype(dtype), rtol=tolerance, atol=1e-37)
        np.testing.assert_allclose(kernels.softplus(x), softplus.astype(dtype), rtol=tolerance, atol=1e-37)


@pytest.mark.parametrize("index", [0, slice(1, None), ..., (slice(None), 1), (None, 0), (slice(None, None, -2),)])
def test_put_is_the_adjoint_of_plain_indexing(index: Any) -> None:
    x = numbers((3, 4), np.float64)
    values = numbers(x[index].shape, np.float64, 1)
    assert np.vdot(x[index], values) == pytest.approx(np.vdot(x, kernels.put(values, index, x.shape)))


def test_put_adds_where_an_index_is_repeated() -> None:
    assert kernels.put(np.array([1.0, 2.0, 4.0]), np.array([0, 1, 0]), (3,)).tolist() == [5.0, 2.0, 0.0]
    assert kernels.put(np.array([1.0, 2.0]), np.array([0, -3]), (3,)).tolist() == [3.0, 0.0, 0.0]  # -3 is 0 again
    rows = (np.array([[0], [0]]), np.array([[1, 1]]))
    assert kernels.put(np.ones((2, 2)), rows, (2, 2)).tolist() == [[0.0, 4.0], [0.0, 0.0]]


@pytest.mark.parametrize(
    "index",
    [
        np.array([1, 0, 1, -3]),
        np.array([[0, 2], [2, 2]]),
        (slice(None), np.array([3, 3, -1])),
        (slice(None), slice(None), np.array([[1], [1]])),
        (np.array([0, 0]), np.array([[1, -3], [1, 1]])),
        (slice(None), np.array([1, 1]), np.array([0, 0])),
        (np.array([0, 0]), slice(1, None), np.array([1, 1])),  # the roads that are left to add.at
        (slice(1), np.array([0, 0])),
        (0, np.array([2, 2])),
        (..., np.array([0, 0])),
        np.array([], np.int64),
    ],
)
def test_put_adds_up_on_every_road(index: Any) -> None:
    values = numbers(np.empty((3, 4, 2))[index].shape, np.float64)
    expected = np.zeros((3, 4, 2))
    np.add.at(expected, index, values)
    np.testing.assert_allclose(kernels.put(values, index, (3, 4, 2)), expected, atol=1e-12)


@pytest.mark.parametrize("dtype", FLOATS)
@pytest.mark.parametrize(("rows", "different"), [(511, 64), (512, 64), (512, 65), (2000, 3)])
def test_put_of_groups(rows: int, different: int, dtype: Any) -> None:
    """Around the place where equal rows are added at once; some rows are never met."""
    which = np.random.default_rng(1).integers(0, max(different - 5, 2), rows)
    values = numbers((rows, 4, 2), dtype)
    expected = np.zeros((different, 4, 2))
    np.add.at(expected, which, values)
    for index in (which, which - different, which.reshape(1, -1)):
        got = kernels.put(values.reshape(*index.shape, 4, 2), index, (different, 4, 2))
        assert got.dtype == dtype
        np.testing.assert_allclose(got, expected, rtol=1e-4 if dtype == np.float32 else 1e-12, atol=1e-3)
    both = (which, which % 4)
    expected = np.zeros((different, 4, 2))
    np.add.at(expected, both, values[:, 0])
    np.testing.assert_allclose(kernels.put(values[:, 0], both, (different, 4, 2)), expected, rtol=1e-4, atol=1e-3)


@pytest.mark.parametrize(
    ("index", "shape"),
    [(np.array([0, 1]), (2, 0)), ((slice(None), np.array([0, 0])), (0, 2)), (np.array([], np.int64), (0, 3))],
)
def test_put_of_nothing(index: Any, shape: tuple[int, ...]) -> None:
    assert kernels.put(np.empty(np.empty(shape)[index].shape), index, shape).shape == shape


def test_constants_are_shared_and_frozen() -> None:
    a = kernels._constant(1, (3,), np.dtype(np.float32))
    assert a is kernels._constant(1, (3,), np.dtype(np.float32))
    with pytest.raises(ValueError, match="read-only"):
        a[0] = 2


@pytest.mark.parametrize(
    ("shape", "axis", "count"),
    [((2, 3), None, 6), ((2, 3), (0,), 2), ((2, 3), (), 1), ((), None, 1), ((0, 3), (0,), 0)],
)
def test_size(shape: tuple[int, ...], axis: tuple[int, ...] | None, count: int) -> None:
    assert kernels.size(shape, axis) == count


@pytest.mark.parametrize("dtype", [np.float16, *FLOATS])
def test_keep_in_every_width(dtype: Any) -> None:
    g, mask = np.array([1.5, np.inf, -np.nan, -2.0], dtype), np.array([True, False, False, True])
    got = kernels.keep(g, mask)
    assert got.dtype == dtype
    assert got.tolist() == [1.5, 0.0, 0.0, -2.0]
    assert kernels.keep(dtype(np.inf), np.False_) == 0
