"""NumPy's functions on tensors: the values are NumPy's, gradients go through, arrays may stand on either side."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.dispatch import FUNCTIONS, UFUNCS
from minigrad.errors import DtypeError, MinigradError
from minigrad.testing import check_gradients

WIDE = Autodiff(NdArray(seed=1, dtype=np.float64))
X = np.array([[0.3, -1.2, 0.7], [1.1, 0.45, -0.35]])  # no two alike, none 0
Y = np.array([[1.4, 0.8, -0.6], [-1.3, 0.9, 2.2]])
UNIT = X / 2
POSITIVE = np.abs(X) + 0.5
ABOVE_ONE = POSITIVE + 1
SQUARE = np.array([[2.0, 0.5, -0.3], [0.4, 1.5, 0.2], [-0.1, 0.6, 1.8]])
SYMMETRIC = SQUARE @ SQUARE.T
BATCH = np.stack([SQUARE, SYMMETRIC])
V, W = np.array([0.4, -1.0, 0.6]), np.array([1.2, 0.5, -0.8])
INTS, BITS = np.array([[5, 3, 9], [1, 0, 12]]), np.array([[1, 2, 3], [0, 1, 2]])
MASK = X > 0.4

Case = tuple[Any, ...]  # a call, which takes the function and arrays, and the arrays


def one(f: Any, x: Any) -> Any:
    return f(x)


def two(f: Any, x: Any, y: Any) -> Any:
    return f(x, y)


UFUNC_CASES: dict[str, list[Case]] = {
    **{name: [(one, X)] for name in (
        "arctan", "arcsinh", "ceil", "conjugate", "cos", "cosh", "deg2rad", "degrees", "exp", "exp2", "expm1", "floor",
        "isfinite", "isinf", "isnan", "negative", "positive", "rad2deg", "radians", "reciprocal", "rint", "sign",
        "signbit", "sin", "sinh", "square", "tan", "tanh", "trunc", "absolute", "logical_not")},
    **{name: [(one, UNIT)] for name in ("arccos", "arcsin", "arctanh")},
    **{name: [(one, POSITIVE)] for name in ("log", "log10", "log1p", "log2", "sqrt")},
    "arccosh": [(one, ABOVE_ONE)],
    "invert": [(one, INTS), (one, MASK)],
    **{name: [(two, X, Y), (two, X, Y[0])] for name in (
        "add", "arctan2", "copysign", "divide", "equal", "floor_divide", "fmod", "greater", "greater_equal", "hypot",
        "less", "less_equal", "logaddexp", "logical_and", "logical_or", "logical_xor", "maximum", "minimum", "multiply",
        "nextafter", "not_equal", "remainder", "subtract", "divmod")},
    **{name: [(two, INTS, BITS)] for name in (
        "bitwise_and", "bitwise_or", "bitwise_xor", "left_shift", "right_shift")},
    "power": [(two, POSITIVE, Y), (two, INTS, BITS)],
    "matmul": [(two, X, SQUARE), (two, BATCH, V), (two, V, W)],
    "vecdot": [(two, X, V), (lambda f, x, y: f(x, y, axis=0), X, Y)],
    "matvec": [(two, BATCH, V), (two, SQUARE, X)],
    "vecmat": [(two, V, BATCH), (two, X, SQUARE)],
}  # fmt: skip

FUNCTION_CASES: dict[str, list[Case]] = {
    **{name: [(one, X), (lambda f, x: f(x, 1), X), (lambda f, x: f(x, axis=(0, 1), keepdims=True), X)] for name in (
        "all", "amax", "amin", "any", "count_nonzero", "max", "mean", "median", "min", "prod", "ptp", "std", "sum",
        "var")},
    **{name: [(one, X), (lambda f, x: f(x, 1), X)] for name in ("argmax", "argmin", "cumprod", "cumsum")},
    **{name: [(one, X), (lambda f, x: f(x, 0), X), (lambda f, x: f(x, axis=0, stable=True), X)] for name in (
        "argsort", "sort")},
    **{name: [(one, X)] for name in (
        "argwhere", "atleast_1d", "atleast_2d", "copy", "flatnonzero", "fliplr", "flipud",
        "iscomplexobj", "isrealobj", "matrix_transpose", "ndim", "nonzero", "ones_like", "ravel", "real", "shape",
        "size", "trace", "transpose", "zeros_like")},
    **{name: [(two, X, X + 1e-9), (two, X, Y)] for name in ("allclose", "array_equal", "isclose")},
    **{name: [(one, np.array([3, 1, 3, 0]))] for name in (
        "unique_all", "unique_counts", "unique_inverse", "unique_values")},
    **{name: [(lambda f, x: f(x, 1), X), (one, X)] for name in ("around", "round", "diff", "tril", "triu", "unstack")},
    "unstack": [(one, X), (lambda f, x: f(x, axis=1), X)],
    **{name: [(lambda f, x, y: f([x, y]), X, Y), (lambda f, x, y: f((x, y)), V, W)] for name in (
        "column_stack", "hstack", "vstack", "stack", "concatenate")},
    "append": [(two, X, Y), (lambda f, x, y: f(x, y, 1), X, Y)],
    "astype": [(lambda f, x: f(x, np.float64, copy=True), X)],
    "broadcast_arrays": [(two, X, V)],
    "broadcast_to": [(lambda f, x: f(x, (2, 2, 3)), X)],
    "can_cast": [(lambda f, x: f(x.dtype, np.float64), X)],
    "clip": [(lambda f, x: f(x, -0.5, 0.6), X), (lambda f, x: f(x, min=0.1), X), (lambda f, x, y: f(x, y, 1.5), X, V)],
    "cov": [(one, X), (lambda f, x: f(x, rowvar=False, ddof=0), X)],
    "cross": [(two, X, Y), (two, X, V)],
    "cumulative_prod": [(lambda f, x: f(x, axis=1), X)],
    "cumulative_sum": [(lambda f, x: f(x, axis=0, include_initial=True), X)],
    "diag": [(one, V), (lambda f, x: f(x, 1), SQUARE)],
    "diagonal": [(one, X), (lambda f, x: f(x, 0, 1, 2), BATCH)],
    "dot": [(two, X, SQUARE), (two, V, W), (two, BATCH, BATCH), (two, X, np.array(2.5))],
    "empty_like": [(lambda f, x: f(x).shape, X)],
    "einsum": [(lambda f, x, y: f("ij,kj->ik", x, y, optimize=True), X, Y), (lambda f, x: f("ii", x), SQUARE)],
    "expand_dims": [(lambda f, x: f(x, (0, -1)), X)],
    "flip": [(one, X), (lambda f, x: f(x, 1), X)],
    "full_like": [(lambda f, x: f(x, 2.5), X)],
    "hsplit": [(lambda f, x: f(x, [1]), X), (lambda f, x: f(x, 3), V)],
    "inner": [(two, X, Y), (two, V, W), (two, X, np.array(2.5))],
    "meshgrid": [(two, V, W), (lambda f, x, y: f(x, y, indexing="ij"), V, W)],
    "moveaxis": [(lambda f, x: f(x, 0, -1), BATCH)],
    "outer": [(two, V, W), (two, X, W)],
    "pad": [(lambda f, x: f(x, 1), X), (lambda f, x: f(x, (0, 2), mode="reflect"), X)],
    "percentile": [(lambda f, x: f(x, 30), X), (lambda f, x: f(x, [10, 60], axis=1), X)],
    "quantile": [(lambda f, x: f(x, 0.3), X), (lambda f, x: f(x, [0.1, 0.6], axis=1, keepdims=True), X)],
    "repeat": [(lambda f, x: f(x, 2, 0), X), (lambda f, x: f(x, [1, 0, 2], axis=1), X)],
    "reshape": [(lambda f, x: f(x, (3, 2)), X), (lambda f, x: f(x, -1), X)],
    "result_type": [(lambda f, x: f(x, np.float32), X)],
    "roll": [(lambda f, x: f(x, 1), X), (lambda f, x: f(x, (1, 2), axis=(0, 1)), X)],
    "searchsorted": [(two, np.sort(V), W)],
    "split": [(lambda f, x: f(x, 3, 1), X), (lambda f, x: f(x, [1]), X)],
    "squeeze": [(one, X[None]), (lambda f, x: f(x, 0), X[None])],
    "swapaxes": [(lambda f, x: f(x, 0, 1), X)],
    "take": [(lambda f, x: f(x, [2, 0, -1], 1), X), (lambda f, x: f(x, [[5], [0]]), X)],
    "take_along_axis": [(lambda f, x: f(x, np.array([[2], [0]]), axis=1), X)],
    "tensordot": [(lambda f, x, y: f(x, y, 1), X, SQUARE), (lambda f, x, y: f(x, y, axes=([1], [1])), X, Y)],
    "tile": [(lambda f, x: f(x, (2, 1)), X)],
    "trace": [(one, X), (lambda f, x: f(x, 1, 1, 2), BATCH)],
    "transpose": [(one, X), (lambda f, x: f(x, (1, 0)), X), (lambda f, x: f(x, axes=(2, 0, 1)), BATCH)],
    "vdot": [(two, X, Y)],
    "vsplit": [(lambda f, x: f(x, 2), X)],
    "where": [(lambda f, x, y: f(MASK, x, y), X, Y), (lambda f, x: f(x > 0, x, 0.5), X)],
    # numpy.linalg
    "linalg.cholesky": [(one, SYMMETRIC), (lambda f, x: f(x, upper=True), SYMMETRIC)],
    "linalg.cross": [(two, X, Y)],
    "linalg.eigh": [(lambda f, x: f(x).eigenvalues, SYMMETRIC), (lambda f, x: f(x, "U").eigenvalues, SYMMETRIC)],
    "linalg.matrix_norm": [(one, BATCH), (lambda f, x: f(x, ord=1), SQUARE)],
    "linalg.matrix_power": [(lambda f, x: f(x, 3), SQUARE), (lambda f, x: f(x, -1), SQUARE)],
    "linalg.matrix_rank": [(one, SQUARE), (lambda f, x: f(x, rtol=0.5), SQUARE)],
    "linalg.norm": [(one, X), (lambda f, x: f(x, 2, 1), X), (lambda f, x: f(x, "nuc"), X)],
    "linalg.outer": [(two, V, W)],
    "linalg.pinv": [(one, X), (lambda f, x: f(x, rtol=1e-3), X)],
    "linalg.qr": [(lambda f, x: f(x)[0] @ f(x)[1], SQUARE), (lambda f, x: abs(f(x, mode="r")), SQUARE)],
    "linalg.solve": [(two, SQUARE, V), (two, BATCH, SQUARE)],
    "linalg.svd": [(lambda f, x: f(x).S, SQUARE), (lambda f, x: f(x, compute_uv=False), X),
                   (lambda f, x: f(x, False).U[:, 0] ** 2, X)],
    "linalg.tensordot": [(lambda f, x, y: f(x, y, axes=1), X, SQUARE)],
    "linalg.vecdot": [(two, X, V)],
    "linalg.vector_norm": [(one, X), (lambda f, x: f(x, axis=1, ord=3), X)],
    **{f"linalg.{name}": [(one, SQUARE), (one, BATCH)] for name in ("det", "inv", "slogdet")},
    **{f"linalg.{name}": [(one, X), (lambda f, x: f(x, offset=1), BATCH)] for name in ("diagonal", "trace")},
    "linalg.eigvalsh": [(one, SYMMETRIC)], "linalg.svdvals": [(one, X)],
    "linalg.matmul": [(two, X, SQUARE)], "linalg.matrix_transpose": [(one, BATCH)],
}  # fmt: skip

# What the tensor's own rules decide otherwise: the dtype of an Int or Bool beside another width.
CASES = [
    pytest.param(name, call, arrays, id=f"{name}-{i}")
    for name, cases in {**UFUNC_CASES, **FUNCTION_CASES}.items()
    for i, (call, *arrays) in enumerate(cases)
]
PAIRS = [case for case in CASES if len(case.values[2]) > 1]


def found(name: str) -> Any:
    try:
        return operator.attrgetter(name)(np)
    except AttributeError:
        pytest.skip(f"this NumPy has no {name}")


def leaves(result: Any) -> Iterator[Any]:
    if isinstance(result, (tuple, list)):
        for part in result:
            yield from leaves(part)
    else:
        yield result


def tensors(arrays: Any) -> list[Tensor]:
    xs = [Tensor(x, WIDE, x.dtype) for x in arrays]
    return [x.require_grad() if x.dtype.kind == "f" else x for x in xs]


def same(result: Any, expected: Any) -> None:
    parts, wanted = list(leaves(result)), list(leaves(expected))
    assert len(parts) == len(wanted)
    for part, value in zip(parts, wanted):
        if isinstance(part, Tensor):
            assert part.dtype == np.asarray(value).dtype
            np.testing.assert_allclose(part.numpy(), value, rtol=1e-12, atol=1e-12)
        else:
            assert not isinstance(part, (np.ndarray, np.generic)), "it was not lifted"
            assert part == value


def test_every_function_that_is_lifted_is_here() -> None:
    assert UFUNC_CASES.keys() == UFUNCS.keys()
    assert FUNCTION_CASES.keys() == FUNCTIONS.keys()


def test_the_page_lists_them() -> None:
    page = (Path(__file__).parents[1] / "docs" / "standards.md").read_text("utf-8")
    section = page[page.index("## NumPy's functions") : page.index("## The array API")]
    named = set()
    for kind, names in re.findall(r"^\| (\S.*?) \| (`.*`) \|$", section, re.M):
        named |= {f"linalg.{name}" if "linalg" in kind else name for name in re.findall(r"`(\w+)`", names)}
    assert named == {*UFUNCS, *FUNCTIONS}


@pytest.mark.parametrize(("name", "call", "arrays"), CASES)
def test_values_are_numpys(name: str, call: Any, arrays: Any) -> None:
    f = found(name)
    same(call(f, *tensors(arrays)), call(f, *arrays))


@pytest.mark.parametrize(("name", "call", "arrays"), CASES)
def test_gradients_go_through(name: str, call: Any, arrays: Any) -> None:
    f = found(name)
    results = list(leaves(call(f, *tensors(arrays))))
    tracked = [i for i, y in enumerate(results) if isinstance(y, Tensor) and y.is_require_grad]
    ints = all(x.dtype.kind != "f" for x in arrays)
    assert bool(tracked) == (name not in WITHOUT_GRADIENT and not ints)
    for i in tracked:
        check_gradients(lambda *xs, i=i: list(leaves(call(f, *xs)))[i], *tensors(arrays), order=1)


WITHOUT_GRADIENT = {
    "all", "allclose", "any", "argmax", "argmin", "argsort", "argwhere", "around", "array_equal", "can_cast", "ceil",
    "count_nonzero", "empty_like", "equal", "flatnonzero", "floor", "floor_divide", "full_like", "greater",
    "greater_equal", "isclose", "iscomplexobj", "isfinite", "isinf", "isnan", "isrealobj", "less", "less_equal",
    "linalg.matrix_rank", "logical_and", "logical_not", "logical_or", "logical_xor", "ndim", "nextafter", "nonzero",
    "not_equal", "ones_like", "result_type", "rint", "round", "searchsorted", "shape", "sign", "signbit", "size",
    "trunc", "zeros_like",
}  # fmt: skip


@pytest.mark.parametrize(("name", "call", "arrays"), PAIRS)
def test_an_array_on_either_side_is_an_operand(name: str, call: Any, arrays: Any) -> None:
    f = found(name)
    xs = tensors(arrays)
    both = [y for y in leaves(call(f, *xs)) if isinstance(y, Tensor)]
    for i in range(len(xs)):
        mixed = [x if k == i else a for k, (x, a) in enumerate(zip(xs, arrays))]
        results = [y for y in leaves(call(f, *mixed)) if isinstance(y, Tensor)]
        if name not in ("broadcast_arrays", "meshgrid"):  # of which each tensor is one of the arguments
            assert len(results) == len(both), "an array came back"
        for y, z in zip(results, both):
            if y.is_require_grad and z.is_require_grad and xs[i].dtype.kind == "f":
                weights = np.linspace(1.0, 2.0, y.size).reshape(y.shape)
                ours, wanted = xs[i].grad((y * weights).sum().backward()), xs[i].grad((z * weights).sum().backward())
                if ours is not None and wanted is not None:
                    np.testing.assert_allclose(ours.numpy(), wanted.numpy(), rtol=1e-12)


@pytest.mark.parametrize(
    "sign",
    [
        operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod, operator.floordiv,
        operator.lt, operator.ge, operator.eq, operator.ne,
    ],
)  # fmt: skip
@pytest.mark.parametrize("left", [POSITIVE, np.float32(1.5), np.float64(1.5), np.int64(2), 1.5, 2])
def test_the_tensor_wins_beside_arrays_and_numbers(sign: Callable[[Any, Any], Any], left: Any) -> None:
    for device in (NdArray(), WIDE):
        x = Tensor(ABOVE_ONE, device)
        for result, expected in ((sign(left, x), sign(left, ABOVE_ONE)), (sign(x, left), sign(ABOVE_ONE, left))):
            assert isinstance(result, Tensor)
            assert result.dtype == (device.dtype if expected.dtype.kind == "f" else expected.dtype), "no operand widens"
            np.testing.assert_allclose(result.numpy(), expected, rtol=1e-5)


def test_an_array_times_a_tensor_as_matrices() -> None:
    x = Tensor(SQUARE, WIDE).require_grad()
    same(X @ x, X @ SQUARE)
    same(V @ x, V @ SQUARE)
    check_gradients(lambda x: X @ x, SQUARE)


# --- what is refused --------------------------------------------------------------------------------------------------

T = Tensor(X)
ARRAY = X.copy()


def added_in_place() -> None:
    global ARRAY
    ARRAY += T


RESULT = "nobody can write to a tensor, and an array has no gradients: use the result"
MESSAGES: list[tuple[Callable[[], Any], str]] = [
    (lambda: np.add(T, T, out=ARRAY), f"np.add(out=...) of a Tensor: {RESULT}"),
    (lambda: np.sum(T, out=ARRAY), f"np.sum(out=...) of a Tensor: {RESULT}"),
    (added_in_place, f"np.add(out=...) of a Tensor: {RESULT}"),
    (lambda: np.exp(T, where=MASK), "np.exp(where=...) of a Tensor: choose with np.where(mask, x, other)"),
    (lambda: np.sum(T, where=MASK), "np.sum(where=...) of a Tensor: choose with np.where(mask, x, other)"),
    (lambda: np.add(T, 1.0, dtype=np.float64), "np.add of a Tensor got an unexpected keyword argument 'dtype'"),
    (lambda: np.reshape(T, (3, 2), order="F"), "np.reshape of a Tensor got an unexpected keyword argument 'order'"),
    (lambda: np.concatenate([T, T], casting="no"),
     "np.concatenate of a Tensor got an unexpected keyword argument 'casting'"),
    (lambda: np.add.reduce(T),
     "np.add.reduce of a Tensor is not lifted\n  use the tensor's own methods, or x.numpy()"),
    (lambda: np.cbrt(T), "np.cbrt of a Tensor is not lifted\n  use the tensor's own methods, or x.numpy()"),
    (lambda: np.fft.fft(T), "np.fft.fft of a Tensor is not lifted\n  use the tensor's own methods, or x.numpy()"),
    (lambda: np.linalg.eig(T), "np.linalg.eig of a Tensor is not lifted\n  use the tensor's own methods, or x.numpy()"),
    (lambda: np.put(ARRAY, 0, T), "np.put of a Tensor is not lifted\n  slice_assign makes a changed copy"),
    (lambda: np.copyto(ARRAY, T), "np.copyto of a Tensor is not lifted\n  slice_assign makes a changed copy"),
    (lambda: np.exp(T, ARRAY), "np.exp(out=...) of a Tensor: " + RESULT),
    (lambda: np.add(T, 1j), "add: a complex is no operand of a tensor of shape (2, 3)\n"
     "  operands are tensors, numbers and NumPy arrays"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "message"), MESSAGES)
def test_what_is_refused_says_what_to_do(call: Callable[[], Any], message: str) -> None:
    before = ARRAY
    with pytest.raises(MinigradError) as caught:
        call()
    assert type(caught.value) is DtypeError
    assert str(caught.value) == message
    assert ARRAY is before
    np.testing.assert_array_equal(ARRAY, X)


def test_none_is_what_was_not_given() -> None:
    same(np.sum(T, axis=0, dtype=None, out=None), np.float32(X).sum(0))
    same(np.add(T, T, out=None), np.float32(X) * 2)


def test_names_are_spelt_as_numpy_spells_them() -> None:
    for name in [*UFUNCS, *FUNCTIONS]:
        assert re.fullmatch(r"(linalg\.)?[a-z_0-9]+", name)
        if name not in ("matvec", "vecmat"):  # from NumPy 2.2 on
            function = operator.attrgetter(name)(np)
            module = "numpy.linalg" if name.startswith("linalg.") else "numpy"
            assert isinstance(function, np.ufunc) == (name in UFUNCS)
            assert function.__name__ == name.rpartition(".")[2]
            assert isinstance(function, np.ufunc) or function.__module__ == module
