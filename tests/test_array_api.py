"""The array API's namespace: every name of the standard, how it is called, and a sample of what it does.

The public suite tests much more; `make array-api SUITE=path` runs it.
"""

from __future__ import annotations

import ast
import inspect
import operator
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad import Param, Tensor, array_api, grad, linalg
from minigrad import array_api as xp
from minigrad.backend import DEFAULT, Autodiff, NdArray
from minigrad.errors import DeviceError, DtypeError, MinigradError, NamespaceError, ShapeError
from minigrad.testing import check_gradients

HERE = Path(__file__).parent / "array_api"
NAMES = [line for line in (HERE / "names.txt").read_text("utf-8").splitlines() if line and not line.startswith("#")]
WIDE = NdArray(seed=1, dtype=np.float64)
X = Tensor([[1.0, 2.0], [3.0, 4.0]])

# Of the array object; what the namespace leaves out it says itself.
NO_METHODS = {"__complex__": "complex(x) works by way of __float__"}


def where(name: str) -> Any:
    """What a name of the standard is here, or None if it is left out on purpose."""
    holder, _, attribute = name.partition("(")[0].rpartition(".")
    if holder == "array":
        return None if attribute in NO_METHODS else inspect.getattr_static(Tensor, attribute, NotImplemented)
    if (holder or attribute) in xp.LEFT_OUT:
        return None
    owner = xp.__array_namespace_info__() if holder == "info" else operator.attrgetter(holder)(xp) if holder else xp
    return getattr(owner, attribute, NotImplemented)


@pytest.mark.parametrize("name", NAMES)
def test_every_name_of_the_standard_is_here_or_left_out_with_a_reason(name: str) -> None:
    if name == "array.device":
        assert X.device is DEFAULT  # a slot of the class
    else:
        assert where(name) is not NotImplemented


def test_what_is_left_out_is_not_there() -> None:
    names = {name.partition("(")[0] for name in NAMES}
    for name in xp.LEFT_OUT:
        assert not hasattr(xp, name)
        assert name in names or any(each.startswith(f"{name}.") for each in names), "the standard has it not"
    for name in NO_METHODS:
        assert not hasattr(Tensor, name)
        assert f"array.{name}" in names


def test_the_page_names_what_is_left_out() -> None:
    page = (HERE.parents[1] / "docs" / "standards.md").read_text("utf-8")
    for name in [*xp.LEFT_OUT, *NO_METHODS]:
        assert name in page or name.startswith("complex")


def test_the_namespace_lists_the_standards_names_and_its_own() -> None:
    own = {"LEFT_OUT", "FloatInfo", "Info", "IntInfo", "__array_api_version__", "linalg"}
    standard = {name.partition("(")[0] for name in NAMES if "." not in name.partition("(")[0]}
    assert set(xp.__all__) - own == standard - xp.LEFT_OUT.keys()
    assert own <= set(xp.__all__)


def parameters(text: str) -> Iterator[tuple[inspect.Parameter, int]]:
    """Those of a signature in the standard's text, and how many may be given by position up to each."""
    arguments = ast.parse(f"def f{text}: ...").body[0].args
    given = [*arguments.posonlyargs, *arguments.args]
    defaults = [inspect.Parameter.empty] * (len(given) - len(arguments.defaults)) + arguments.defaults
    for i, (argument, default) in enumerate(zip(given, defaults)):
        only = i < len(arguments.posonlyargs)
        kind = inspect.Parameter.POSITIONAL_ONLY if only else inspect.Parameter.POSITIONAL_OR_KEYWORD
        yield inspect.Parameter(argument.arg, kind, default=default), i
    for argument, default in zip(arguments.kwonlyargs, arguments.kw_defaults):
        yield inspect.Parameter(argument.arg, inspect.Parameter.KEYWORD_ONLY, default=default), -1


CALLS = [name for name in NAMES if "(" in name and where(name) is not None]


@pytest.mark.parametrize("name", CALLS)
def test_it_can_be_called_as_the_standard_says(name: str) -> None:
    ours = inspect.signature(where(name)).parameters
    positional = [p for p in ours.values() if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    variadic = any(p.kind is p.VAR_POSITIONAL for p in ours.values())
    for wanted, place in parameters(name[name.index("(") :]):
        if wanted.kind is wanted.KEYWORD_ONLY:
            found = ours[wanted.name]
            assert found.kind in (found.KEYWORD_ONLY, found.POSITIONAL_OR_KEYWORD)
        elif variadic and place >= len(positional):
            continue
        else:
            found = positional[place]
            if wanted.kind is wanted.POSITIONAL_OR_KEYWORD:
                assert (found.name, found.kind) == (wanted.name, wanted.kind)
        if wanted.default is not inspect.Parameter.empty:
            assert found.default == ast.literal_eval(wanted.default)


# --- the namespace and its tensors ------------------------------------------------------------------------------------


def test_a_tensor_names_its_namespace() -> None:
    for x in (X, X.require_grad(), Tensor(1), Param([1.0])):
        assert x.__array_namespace__() is array_api
        for version in ("2021.12", "2022.12", "2023.12", "2024.12"):
            assert x.__array_namespace__(api_version=version) is array_api
    assert xp.__array_api_version__ == "2024.12"


def test_import_minigrad_does_not_pay_for_it(run_python: Callable[..., str]) -> None:
    code = """
import sys, minigrad
print("minigrad.array_api" in sys.modules)
print(minigrad.Tensor([4.0]).__array_namespace__().sqrt(minigrad.Tensor([4.0])).item())
"""
    assert run_python(code) == "False\n2.0\n"


def test_it_is_names_for_what_the_tensor_has() -> None:
    assert xp.exp is Tensor.exp
    assert xp.concat is Tensor.cat
    assert xp.linalg is linalg
    assert xp.where is minigrad.where


# --- dtypes -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["bool", "int8", "int32", "int64", "uint8", "uint64", "float32", "float64"])
def test_dtypes(dtype: str) -> None:
    wanted = getattr(xp, dtype)
    assert xp.zeros((2,), dtype=wanted).dtype == wanted
    assert xp.asarray([1, 0], dtype=wanted).dtype == wanted
    assert {wanted: 1}[xp.ones((), dtype=wanted).dtype] == 1, "it hashes as what a tensor says"
    assert xp.isdtype(wanted, dtype if dtype == "bool" else wanted)
    assert xp.__array_namespace_info__().dtypes()[dtype] is wanted


@pytest.mark.parametrize(
    ("given", "dtype"),
    [
        ((xp.float32, xp.float64), xp.float64),
        ((xp.int8, xp.int32), xp.int32),
        ((xp.uint8, xp.int8), xp.int16),
        ((xp.bool, xp.bool), xp.bool),
        ((xp.bool, True), xp.bool),
        ((xp.bool, 1), xp.int64),
        ((xp.float32, xp.int64), xp.float32),
        ((xp.float32, xp.bool), xp.float32),
        ((xp.float32, 2.5, np.float64(1)), xp.float32),
        ((xp.int8, 1), xp.int8),
        ((xp.int8, 1.5), xp.float32),
        ((Tensor([1], WIDE), 1.5), xp.float64),
        ((X, xp.int64), xp.float32),
        ((X, Tensor([1.0], WIDE)), xp.float64),
        ((xp.uint64, xp.int64), xp.float64),
    ],
)
def test_the_type_of_a_result_is_that_of_the_operation(given: Any, dtype: Any) -> None:
    assert xp.result_type(*given) == dtype
    xs = [Tensor([1], dtype=x) if isinstance(x, np.dtype) else x for x in given]
    total = xs[0]
    for x in xs[1:]:
        total = xp.where(Tensor([True]), total, x)
    assert total.dtype == dtype
    if len(given) == 2 and all(isinstance(x, np.dtype) for x in given):
        assert xp.can_cast(given[0], given[1]) == (dtype == given[1])
        assert xp.can_cast(xs[0], given[1]) == (dtype == given[1])


def test_limits() -> None:
    i = xp.finfo(xp.float32)
    assert i == (32, 2.0**-23, float(np.finfo(np.float32).max), -i.max, 2.0**-126, xp.float32)
    assert {type(i.eps), type(i.max), type(i.min), type(i.smallest_normal)} == {float}
    assert xp.finfo(Tensor([1.0], WIDE)).eps == 2.0**-52
    assert xp.iinfo(xp.int8) == (8, 127, -128, xp.int8)
    assert xp.iinfo(Tensor([1], dtype=np.uint64)).max == 2**64 - 1


def test_info() -> None:
    info = xp.__array_namespace_info__()
    assert info.default_device() is DEFAULT
    assert [device.tracks for device in info.devices()] == [False, True]
    assert info.default_dtypes()["real floating"] == xp.float32
    assert info.default_dtypes(device=WIDE) == {
        "real floating": xp.float64, "integral": xp.int64, "indexing": xp.int64
    }  # fmt: skip
    assert info.dtypes(kind="real floating") == {"float32": xp.float32, "float64": xp.float64}
    assert set(info.dtypes(kind=("bool", "unsigned integer"))) == {"bool", "uint8", "uint16", "uint32", "uint64"}
    assert info.capabilities() == {"boolean indexing": True, "data-dependent shapes": True, "max dimensions": 64}


# --- creation ---------------------------------------------------------------------------------------------------------


def test_asarray_keeps_the_width_of_what_has_one() -> None:
    for dtype in (np.float32, np.float64, np.int8, np.uint64, np.bool_):
        for data in (np.ones(2, dtype), dtype(1), Tensor(np.ones(2), dtype=dtype)):
            assert xp.asarray(data).dtype == dtype
    assert xp.asarray([1.0, 2.0]).dtype == xp.float32
    assert xp.asarray([1.0, 2.0], device=WIDE).dtype == xp.float64
    assert xp.asarray([1, 2]).dtype == xp.int64
    assert xp.asarray(np.ones(2), dtype=xp.float32).dtype == xp.float32
    assert xp.asarray(np.ones(2), device=NdArray()).dtype == xp.float64


def test_asarray_of_a_tensor_is_the_tensor() -> None:
    x = X.require_grad() * 2
    for copy in (None, True, False):
        assert xp.asarray(x, copy=copy) is x
        assert xp.from_dlpack(x, copy=copy) is x
    assert xp.asarray(x, dtype=xp.float64).is_require_grad
    assert xp.astype(x, xp.float32) is x
    device = Autodiff(NdArray())
    moved = xp.asarray(x, device=device)
    assert (moved.device, moved.is_require_grad) == (device, False)
    assert xp.astype(Tensor([1.0], WIDE), xp.int8, device=device).dtype == xp.int8


def test_asarray_shares_memory_with_what_nobody_can_write_to() -> None:
    array = np.ones(3)
    assert not np.shares_memory(xp.asarray(array).numpy(), array)
    array.flags.writeable = False
    assert np.shares_memory(xp.asarray(array, copy=False).numpy(), array)
    assert np.from_dlpack(xp.from_dlpack(np.arange(3))).tolist() == [0, 1, 2]


def test_creation() -> None:
    assert xp.arange(3).tolist() == [0, 1, 2]
    assert xp.arange(1, 7, 2).tolist() == xp.arange(1, stop=7, step=2).tolist() == [1, 3, 5]
    assert xp.arange(5, 0, -2, dtype=xp.float64).dtype == xp.float64
    assert xp.full((2,), 7, device=WIDE).device is WIDE
    assert xp.zeros_like(X, device=WIDE).device is WIDE
    assert xp.eye(2, 3, k=1, dtype=xp.int8).tolist() == [[0, 1, 0], [0, 0, 1]]


# --- what is not only a name ------------------------------------------------------------------------------------------


def test_a_number_may_stand_on_either_side() -> None:
    for name in ("add", "subtract", "multiply", "divide", "pow", "maximum", "less", "atan2", "remainder", "equal"):
        for x, y in ((2.0, X), (X, 2.0)):
            expected = getattr(np, name)(np.asarray(x), np.asarray(y))
            np.testing.assert_allclose(getattr(xp, name)(x, y).numpy(), expected, rtol=1e-6, err_msg=name)
    assert xp.pow(2, Tensor([3, 4])).tolist() == [8, 16]


def test_sums_are_computed_in_another_dtype() -> None:
    x = Tensor([100, 100], dtype=np.int8)
    assert (xp.sum(x).item(), xp.sum(x).dtype) == (200, xp.int64)
    assert xp.sum(x, dtype=xp.float32).dtype == xp.float32
    for f in (xp.sum, xp.prod, lambda x, dtype: xp.linalg.trace(x[None] + x[:, None], dtype=dtype)):
        assert f(x, dtype=xp.uint8).dtype == xp.uint8
    assert (xp.prod(x, dtype=xp.int64).item(), xp.prod(x).dtype) == (10_000, xp.int64)
    assert xp.sum(X, axis=0, keepdims=True).shape == (1, 2)
    assert xp.prod(X, axis=1, keepdims=True).tolist() == [[2.0], [12.0]]


def test_take_counts_from_the_end_too() -> None:
    assert xp.take(X, Tensor([-1, 0]), axis=1).tolist() == [[2.0, 1.0], [4.0, 3.0]]
    assert xp.take(Tensor([1, 2, 3]), np.array([-3])).tolist() == [1]
    check_gradients(lambda x: xp.take(x, [-1, -1, 0], axis=0), X)


def test_reshape() -> None:
    assert xp.reshape(X, (4,)).shape == xp.reshape(X, shape=(-1,), copy=True).shape == (4,)


# --- programs ---------------------------------------------------------------------------------------------------------


def gram_schmidt(vectors: Any) -> Any:
    """Orthonormal rows that span what the rows of `vectors` do."""
    xp = vectors.__array_namespace__()
    basis: list[Any] = []
    for i in range(vectors.shape[0]):
        v = vectors[i, :]
        for b in basis:
            v = v - xp.vecdot(b, v) * b
        basis.append(v / xp.linalg.vector_norm(v))
    return xp.stack(basis)


def k_means(points: Any, k: int, steps: int = 4) -> Any:
    """The centres of `k` groups, from the first `k` points on."""
    xp = points.__array_namespace__()
    centres = points[:k, :]
    for _ in range(steps):
        squares = xp.sum((points[:, None, :] - centres[None, :, :]) ** 2, axis=-1)
        group = xp.argmin(squares, axis=1)
        one_of = xp.astype(group[:, None] == xp.arange(k), points.dtype)
        centres = xp.matrix_transpose(one_of) @ points / xp.sum(one_of, axis=0)[:, None]
    return centres


POINTS = np.random.default_rng(3).normal(size=(12, 2)) + 4 * (np.arange(12) % 3)[:, None]


@pytest.mark.parametrize(
    ("program", "data"),
    [
        (gram_schmidt, np.array([[2.0, 0.3, -1.0], [0.5, 1.5, 0.2], [0.1, -0.7, 1.2]])),
        (lambda x: k_means(x, 3), POINTS),
    ],
    ids=["gram_schmidt", "k_means"],
)
def test_a_program_of_the_standard_runs_on_both_and_has_gradients(program: Callable[[Any], Any], data: Any) -> None:
    expected, result = program(data), program(Tensor(data, WIDE))
    assert isinstance(expected, np.ndarray)
    assert isinstance(result, Tensor)
    np.testing.assert_allclose(result.numpy(), expected, rtol=1e-12)
    check_gradients(program, data, order=1)
    assert grad(lambda x: program(x).sum())(Tensor(data)).dtype == xp.float32


# --- misuse -----------------------------------------------------------------------------------------------------------

VERSIONS = "2021.12, 2022.12, 2023.12, 2024.12"
MESSAGES: list[tuple[Callable[[], Any], type[BaseException], str]] = [
    (lambda: X.__array_namespace__(api_version="2030.12"), NamespaceError,
     f"__array_namespace__(api_version='2030.12'): it is one of {VERSIONS}"),
    (lambda: xp.complex64, NamespaceError, "minigrad.array_api has no 'complex64': a tensor is Float, Int or Bool"),
    (lambda: xp.fft, NamespaceError, "minigrad.array_api has no 'fft': its transforms are complex"),
    (lambda: xp.imag(X), NamespaceError, "minigrad.array_api has no 'imag': it is of complex numbers"),
    (lambda: xp.concatenate, NamespaceError, "minigrad.array_api has no 'concatenate'"),
    (lambda: xp.asarray(1j), DtypeError, "a tensor is Float, Int or Bool, not complex128: '1j'"),
    (lambda: xp.asarray([1.0], dtype="complex64"), DtypeError, "dtype='complex64': a tensor is Float, Int or Bool"),
    (lambda: xp.astype(X, "flaot32"), DtypeError,
     "dtype='flaot32' is none that NumPy knows; such as np.float32, np.int64, bool"),
    (lambda: xp.zeros(3, dtype="object"), DtypeError, "dtype='object': a tensor is Float, Int or Bool"),
    (lambda: xp.zeros(3, device="cpu"), DeviceError, "a device is NdArray() or Autodiff(NdArray()), not 'cpu'"),
    (lambda: xp.asarray(X, device="cpu"), DeviceError, "a device is NdArray() or Autodiff(NdArray()), not 'cpu'"),
    (lambda: xp.ones_like(X, device="cpu"), DeviceError, "a device is NdArray() or Autodiff(NdArray()), not 'cpu'"),
    (lambda: xp.__array_namespace_info__().default_dtypes(device="cpu"), DeviceError,
     "a device is NdArray() or Autodiff(NdArray()), not 'cpu'"),
    (lambda: xp.asarray(np.ones(2), copy=False), NamespaceError,
     "asarray(copy=False): a tensor shares memory only with an array that nobody can write to"),
    (lambda: xp.asarray([1.0], copy=False), NamespaceError,
     "asarray(copy=False): a tensor shares memory only with an array that nobody can write to"),
    (lambda: xp.finfo(xp.int64), DtypeError,
     "limits of int64: finfo has those of Float dtypes, iinfo those of Int ones"),
    (lambda: xp.iinfo(X), DtypeError, "limits of float32: finfo has those of Float dtypes, iinfo those of Int ones"),
    (lambda: xp.result_type(), DtypeError, "result_type() of nothing: give it tensors, dtypes and numbers"),
    (lambda: xp.can_cast(xp.float32, "complex64"), DtypeError, "dtype='complex64': a tensor is Float, Int or Bool"),
    (lambda: xp.arange(0, 5, 0), ShapeError, "arange(0, 5, 0): ..."),
    (lambda: xp.var(Tensor([1.0]), correction=1), ShapeError,
     "var over axis None of shape (1,): of 1 elements correction=1 leaves nothing to divide by"),
]  # fmt: skip


@pytest.mark.parametrize(("call", "kind", "message"), MESSAGES)
def test_misuse_says_what_to_do(call: Callable[[], Any], kind: type[BaseException], message: str) -> None:
    with pytest.raises(MinigradError) as caught:
        call()
    assert type(caught.value) is kind
    assert re.fullmatch(re.escape(message).replace(r"\.\.\.", ".*"), str(caught.value), re.S), str(caught.value)


def test_the_standards_exceptions() -> None:
    """An unknown version and a copy that cannot be avoided are ValueErrors, a missing name is an AttributeError."""
    assert issubclass(NamespaceError, ValueError)
    assert issubclass(NamespaceError, AttributeError)
    with pytest.raises(IndexError):
        xp.expand_dims(X, axis=5)


# --- the public suite -------------------------------------------------------------------------------------------------


def test_the_list_of_what_is_skipped_gives_reasons() -> None:
    group: list[str] = []
    for line in (HERE / "skips.txt").read_text("utf-8").splitlines():
        if not line:
            group = []
        elif line.startswith("#"):
            group.append(line)
        else:
            assert group, f"no reason for {line}"
            assert re.match(r"array_api_tests/test_\w+\.py::test_\w+", line)
