"""`minigrad.linalg` beside `numpy.linalg`, and its derivatives where formulas divide by zero."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor, grad, hessian, linalg
from minigrad.backend import NdArray
from minigrad.errors import LinalgError
from minigrad.testing import check_gradients

RNG = np.random.default_rng(7)
DOUBLE = NdArray(dtype=np.float64)


def normal(*shape: int) -> Any:
    return RNG.standard_normal(shape)


def double(array: Any) -> Tensor:
    return Tensor(array, DOUBLE)


def symmetric(*shape: int) -> Any:
    x = normal(*shape)
    return x + np.swapaxes(x, -2, -1)


def definite(*shape: int) -> Any:
    x = normal(*shape)
    return x @ np.swapaxes(x, -2, -1) + np.eye(shape[-1])


def rotation(n: int) -> Any:
    return np.linalg.qr(normal(n, n))[0]


def of_rank(n: int, rank: int) -> Any:
    return (rotation(n) * np.array([1.5 + i if i < rank else 0.0 for i in range(n)])) @ rotation(n)


# --- values -----------------------------------------------------------------------------------------------------------

X, Y, SQUARE, TALL, WIDE = normal(2, 3, 4), normal(2, 4, 3), normal(5, 2, 4, 4), normal(2, 5, 3), normal(2, 3, 5)
INF = np.inf

SAME: list[tuple[str, tuple[Any, ...], dict[str, Any]]] = [
    ("solve", (SQUARE, normal(2, 4, 3)), {}),
    ("solve", (SQUARE, normal(4)), {}),
    ("inv", (SQUARE,), {}),
    ("pinv", (TALL,), {}),
    ("pinv", (of_rank(4, 2),), {"rtol": 1e-9}),
    ("det", (SQUARE,), {}),
    ("slogdet", (SQUARE,), {}),
    ("slogdet", (np.zeros((2, 2)),), {}),
    ("cholesky", (definite(2, 4, 4),), {}),
    ("cholesky", (definite(2, 4, 4),), {"upper": True}),
    ("qr", (TALL,), {}),
    ("qr", (WIDE,), {}),
    ("qr", (TALL,), {"mode": "complete"}),
    ("qr", (WIDE,), {"mode": "complete"}),
    ("qr", (TALL,), {"mode": "r"}),
    ("eigh", (symmetric(2, 4, 4),), {}),
    ("eigh", (normal(4, 4),), {"UPLO": "L"}),
    ("eigh", (normal(4, 4),), {"UPLO": "U"}),
    ("eigvalsh", (symmetric(2, 4, 4),), {}),
    ("eigvalsh", (normal(4, 4),), {"UPLO": "U"}),
    ("svd", (SQUARE,), {}),
    ("svd", (TALL,), {"full_matrices": False}),
    ("svd", (WIDE,), {"full_matrices": False}),
    ("svd", (TALL,), {}),
    ("svdvals", (WIDE,), {}),
    ("matrix_rank", (np.stack([of_rank(4, k) for k in range(5)]),), {}),
    ("matrix_power", (SQUARE, 5), {}),
    ("matrix_power", (SQUARE, -3), {}),
    ("matrix_power", (SQUARE, 0), {}),
    ("matmul", (X, Y), {}),
    ("matrix_transpose", (X,), {}),
    ("outer", (normal(3), normal(4)), {}),
    ("vecdot", (X, normal(4)), {}),
    ("vecdot", (X, normal(5, 1, 3, 1)), {"axis": -2}),
    ("cross", (normal(4, 3), normal(3)), {}),
    ("cross", (normal(3, 4), normal(3, 4)), {"axis": 0}),
    ("tensordot", (X, normal(3, 4, 2)), {}),
    ("tensordot", (X, normal(4, 3)), {"axes": ([1, 2], [1, 0])}),
    ("tensordot", (X, normal(4, 3)), {"axes": (-1, 0)}),
    ("tensordot", (X, normal(2)), {"axes": 0}),
    ("trace", (X,), {}),
    ("trace", (X,), {"offset": 2}),
    *[("diagonal", (normal(2, *shape),), {"offset": k}) for shape in ((3, 4), (4, 2), (3, 3)) for k in range(-5, 6)],
    *[("vector_norm", (X,), {"ord": p, "axis": (0, 2)}) for p in (2, 1, 3, 0.5, 0, -1, INF, -INF)],
    *[("matrix_norm", (X,), {"ord": p, "keepdims": True}) for p in ("fro", "nuc", 1, -1, 2, -2, INF, -INF)],
    *[
        ("vector_norm", (np.array([[0.0, 0.0], [3.0, -4.0]]),), {"ord": p, "axis": -1})
        for p in (2, 1, 3, 0.5, 0, -1, INF, -INF)
    ],
    ("vector_norm", (X,), {"keepdims": True}),
    ("norm", (X,), {}),
    ("norm", (X,), {"axis": 1}),
    ("norm", (X,), {"axis": (2, 0)}),
    ("norm", (X,), {"ord": 1, "axis": (2, 0), "keepdims": True}),
    ("norm", (X[0],), {"ord": 1}),
    ("norm", (X[0, 0],), {"ord": 3}),
    ("norm", (X[0, 0],), {"ord": INF, "keepdims": True}),
]


def of_numpy(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> Any:
    if name == "pinv":
        options = {"rtol": None, **options}  # the array API's; NumPy's own default is another
    if name == "matrix_rank":
        return np.linalg.matrix_rank(*args, rtol=None)
    if name == "vecdot" and options:  # NumPy's linalg.vecdot broadcasts the axis itself
        return np.sum(args[0] * args[1], options["axis"])
    return getattr(np.linalg, name)(*args, **options)


@pytest.mark.parametrize(("name", "args", "options"), SAME, ids=lambda case: case if isinstance(case, str) else "")
def test_a_value_is_numpys(name: str, args: tuple[Any, ...], options: dict[str, Any]) -> None:
    def tensors(dtype: Any) -> list[Any]:
        return [Tensor(a, dtype=dtype) if isinstance(a, np.ndarray) else a for a in args]

    with np.errstate(divide="ignore"):
        expected = of_numpy(name, args, options)
    got = getattr(linalg, name)(*tensors(np.float64), **options)
    single = getattr(linalg, name)(*tensors(np.float32), **options)
    if isinstance(expected, tuple):
        assert got._fields == expected._fields
    else:
        expected, got, single = (expected,), (got,), (single,)
    for e, x, y in zip(expected, got, single):
        assert x.shape == np.shape(e)
        signs = abs if "UPLO" in options else np.asarray  # from another triangle LAPACK may turn a vector round
        np.testing.assert_allclose(signs(x.numpy()), signs(e), rtol=1e-10, atol=1e-12)
        assert y.dtype == (np.int64 if name == "matrix_rank" else np.float32)


def test_ints_become_the_devices_float_where_numpys_would() -> None:
    x = Tensor([[2, 1], [1, 3]])
    assert linalg.inv(x).dtype == np.float32
    assert linalg.det(Tensor([[2, 1], [1, 3]], DOUBLE)).dtype == np.float64
    assert linalg.solve(x, double([1.0, 2.0])).dtype == np.float64
    assert linalg.norm(x).dtype == linalg.vector_norm(x, ord=0).dtype == np.float32
    assert linalg.qr(Tensor([[1], [2]]), "complete").Q.dtype == np.float32
    for kept in (linalg.matrix_power(x, 3), linalg.trace(x), linalg.outer(x[0], x[1]), linalg.tensordot(x, x)):
        assert kept.dtype == np.int64
    assert linalg.trace(Tensor([[True, False], [False, True]])).item() == 2
    assert linalg.trace(x, dtype=np.float64).dtype == np.float64
    small = Tensor(np.ones((2, 2)), dtype=np.uint8)
    assert linalg.trace(small).dtype == np.uint64  # as sums
    assert linalg.trace(small, dtype=np.int8).dtype == np.int8
    assert linalg.vecdot(small, small).dtype == (small @ small).dtype == np.uint8


def test_lists_and_arrays_are_taken_too() -> None:
    assert linalg.solve([[2.0, 0.0], [0.0, 4.0]], [2.0, 4.0]).numpy().tolist() == [1.0, 1.0]
    assert linalg.norm([3, 4]).item() == 5.0
    assert linalg.matmul(np.eye(2), Tensor([1.0, 2.0])).shape == (2,)


@pytest.mark.parametrize("shape", [(0, 0), (0, 2, 2), (3, 0, 0)])
def test_empty_ones(shape: tuple[int, ...]) -> None:
    x = Tensor.zeros(shape, DOUBLE)
    assert linalg.det(x).shape == shape[:-2]
    assert linalg.slogdet(x).logabsdet.shape == shape[:-2]
    for function in (linalg.inv, linalg.cholesky, linalg.pinv):
        assert function(x).shape == shape
    assert linalg.eigh(x).eigenvectors.shape == shape
    assert linalg.svd(x).S.shape == shape[:-1]
    assert linalg.matrix_norm(x).shape == shape[:-2]
    assert grad(lambda x: linalg.det(x).sum())(x).shape == shape
    assert grad(lambda x: (linalg.eigh(x).eigenvectors * 2).sum())(x).shape == shape
    assert grad(lambda x: linalg.svd(x).U.sum())(x).shape == shape


def test_a_determinant_out_of_range_has_a_logarithm() -> None:
    sign, logabsdet = linalg.slogdet(Tensor.eye(400, device=DOUBLE) * -0.1)
    assert sign.item() == 1.0
    assert logabsdet.item() == pytest.approx(400 * np.log(0.1))
    sign, logabsdet = linalg.slogdet(double(SQUARE).require_grad())
    assert not sign.is_require_grad
    assert logabsdet.is_require_grad


# --- derivatives ------------------------------------------------------------------------------------------------------


def eigh_without_signs(x: Tensor) -> Tensor:
    w, v = linalg.eigh(x)
    return Tensor.cat([w[..., None, :], v @ (w[..., None] ** 2 * v.mT), v[..., :1] @ v[..., :1].mT], -2)


def svd_without_signs(x: Tensor) -> Tensor:
    u, s, vh = linalg.svd(x, full_matrices=False)
    return Tensor.cat([(u * s[..., None, :] ** 2) @ vh, u[..., 1:2] @ vh[..., 1:2, :]], -2)


def qr_without_signs(x: Tensor) -> Tensor:
    q, r = linalg.qr(x)
    return Tensor.cat([q @ q.mT, (r.mT @ r).sum((-2, -1), keepdims=True) * q.abs()], -1)


@pytest.mark.parametrize(
    ("f", "args"),
    [
        (linalg.solve, (normal(2, 1, 3, 3), normal(2, 3, 2))),
        (linalg.solve, (normal(2, 3, 3), normal(3))),
        (lambda x: linalg.slogdet(x).logabsdet, (normal(2, 3, 3),)),
        (linalg.det, (normal(1, 2, 3, 3),)),
        (linalg.inv, (definite(2, 2, 2),)),
        (linalg.pinv, (normal(2, 2, 3),)),
        (linalg.cholesky, (definite(2, 3, 3),)),
        (lambda x: linalg.cholesky(x, upper=True), (definite(2, 2),)),
        (qr_without_signs, (normal(2, 3, 2),)),
        (qr_without_signs, (normal(2, 4),)),
        (eigh_without_signs, (symmetric(2, 3, 3),)),
        (lambda x: linalg.eigvalsh(x, UPLO="U"), (normal(3, 3),)),
        (lambda x: linalg.eigh(x, UPLO="L").eigenvalues, (normal(3, 3),)),
        (svd_without_signs, (normal(2, 2, 3),)),
        (svd_without_signs, (normal(3, 2),)),
        (linalg.svdvals, (normal(2, 3, 2),)),
        (lambda x: linalg.matrix_power(x, 3), (normal(2, 2),)),
        (lambda x: linalg.matrix_power(x, -2), (definite(2, 2),)),
        (lambda x: linalg.vector_norm(x, axis=-1), (normal(2, 3),)),
        (lambda x: linalg.vector_norm(x, axis=-1, ord=2.5), (np.array([[-0.3, 1.5, -2.0], [0.5, 0.7, 3.0]]),)),
        (lambda x: linalg.matrix_norm(x, ord="nuc"), (normal(3, 2),)),
        (lambda x: linalg.norm(x, 2, axis=(0, 2)), (normal(2, 2, 2),)),
        (linalg.cross, (normal(2, 3), normal(3))),
        (linalg.vecdot, (normal(2, 3), normal(3))),
        (linalg.outer, (normal(2), normal(3))),
        (lambda x: linalg.diagonal(x, -1), (normal(2, 3, 3),)),
        (lambda x, y: linalg.tensordot(x, y, 1), (normal(2, 3), normal(3, 2))),
    ],
)
def test_derivatives(f: Callable[..., Tensor], args: tuple[Any, ...]) -> None:
    report = check_gradients(f, *args, samples=12)
    assert report.skipped == 0


def test_what_nothing_has_to_complete_has_a_gradient() -> None:
    for x in (normal(3, 3), normal(2, 3)):
        check_gradients(lambda x: linalg.qr(x, "complete").R.abs(), x)
    check_gradients(lambda x: linalg.svd(x, full_matrices=True).S, normal(2, 2))


def test_a_third_derivative() -> None:
    check_gradients(linalg.det, normal(3, 3), order=3, samples=6)
    check_gradients(lambda x: linalg.slogdet(x).logabsdet, normal(2, 2), order=3)
    check_gradients(linalg.eigvalsh, symmetric(2, 2), order=3)


# --- singular matrices ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [1, 2, 3, 4])
def test_a_determinant_has_derivatives_at_every_rank(n: int) -> None:
    for rank in range(n + 1):
        check_gradients(linalg.det, of_rank(n, rank), order=2, samples=8)
    batch = double(np.stack([of_rank(n, rank) for rank in range(n + 1)]))
    alone = [grad(linalg.det)(x).numpy() for x in batch]
    np.testing.assert_allclose(grad(lambda x: linalg.det(x).sum())(batch).numpy(), alone)
    assert np.all(grad(linalg.det)(Tensor.zeros((n, n))).numpy() == (1.0 if n == 1 else 0.0))


def test_the_third_derivative_of_a_singular_determinant_is_refused() -> None:
    def third(x: Tensor) -> Tensor:
        return hessian(lambda x: grad(linalg.det)(x)[0, 0])(x)

    assert third(Tensor.eye(3))[1, 1, 2, 2].item() == 1.0
    with pytest.raises(LinalgError, match="the third derivative of det: the matrix is singular"):
        third(Tensor.zeros((3, 3)))


def test_a_pseudo_inverse_of_a_rank_that_stays() -> None:
    check_gradients(lambda u, v: linalg.pinv(linalg.outer(u, v)), normal(3), normal(2))
    assert np.all(grad(lambda x: linalg.pinv(x).sum())(Tensor.zeros((2, 3))).numpy() == 0)


def test_numpys_exception_catches_ours() -> None:
    with pytest.raises(np.linalg.LinAlgError):
        linalg.inv(Tensor.zeros((2, 2)))


# --- repeated eigenvalues and singular values -------------------------------------------------------------------------

ROTATION = rotation(3)
REPEATED = [
    np.eye(3),
    np.zeros((3, 3)),
    np.diag([1.0, 1.0, 2.0]),
    (ROTATION * [2.0, 2.0, 5.0]) @ ROTATION.T,  # equal but for rounding
]


@pytest.mark.parametrize(
    "total",
    [
        lambda x: (linalg.eigh(x).eigenvalues ** 3).sum(),
        lambda x: linalg.eigh(x).eigenvectors.abs().sum(),
        lambda x: linalg.svdvals(x).sum(),
    ],
)
def test_in_a_batch_of_batches_each_has_its_own_rounding(total: Callable[[Tensor], Tensor]) -> None:
    batch = double(np.array([REPEATED, REPEATED[::-1]]))
    together = grad(total)(batch).numpy()
    alone = [[grad(total)(x).numpy() for x in each] for each in batch]
    np.testing.assert_allclose(together, alone, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("x", REPEATED)
@pytest.mark.parametrize("values", [linalg.eigvalsh, lambda x: linalg.eigh(x).eigenvalues])
def test_functions_of_repeated_eigenvalues(values: Callable[[Tensor], Tensor], x: Any) -> None:
    t = double(x)
    with np.errstate(all="raise"):
        np.testing.assert_allclose(grad(lambda x: values(x).sum())(t).numpy(), np.eye(3), atol=1e-14)
        np.testing.assert_allclose(grad(lambda x: (values(x) ** 3).sum())(t).numpy(), 3 * x @ x, atol=1e-12)


@pytest.mark.parametrize("x", [REPEATED[0], REPEATED[2], REPEATED[3]])
@pytest.mark.parametrize("values", [linalg.svdvals, lambda x: linalg.svd(x).S])
def test_functions_of_repeated_singular_values(values: Callable[[Tensor], Tensor], x: Any) -> None:
    t = double(x)
    with np.errstate(all="raise"):
        np.testing.assert_allclose(grad(lambda x: values(x).sum())(t).numpy(), np.eye(3), atol=1e-14)
        np.testing.assert_allclose(grad(lambda x: (values(x) ** 2).sum())(t).numpy(), 2 * x, atol=1e-12)


@pytest.mark.parametrize("x", [REPEATED[2], REPEATED[3]])
def test_the_projection_on_an_eigenspace_of_two(x: Any) -> None:
    def projection(x: Tensor) -> Tensor:
        v = linalg.eigh(x).eigenvectors[..., :2]
        return v @ v.mT

    assert check_gradients(projection, x, order=1).checked == 9


@pytest.mark.parametrize("x", [np.eye(3), 2 * ROTATION, REPEATED[2], normal(3, 2), np.eye(2, 3)])
def test_the_nearest_rotation_has_its_derivative_where_singular_values_are_equal(x: Any) -> None:
    def nearest(x: Tensor) -> Tensor:
        u, _, vh = linalg.svd(x, full_matrices=False)
        return u @ vh

    assert check_gradients(nearest, x, order=1).skipped == 0


def test_the_rotation_of_vectors_of_equal_eigenvalues_counts_as_0() -> None:
    weights = double(normal(3, 3))
    for x in (np.eye(3), np.zeros((3, 3))):
        assert np.all(grad(lambda x: (linalg.eigh(x).eigenvectors * weights).sum())(double(x)).numpy() == 0)
    for part in ("U", "Vh"):
        f = partial(lambda x, part: (getattr(linalg.svd(x), part) * weights).sum(), part=part)
        assert np.all(grad(f)(Tensor.zeros((3, 3), DOUBLE)).numpy() == 0)


def test_vectors_of_equal_eigenvalues_give_no_nan() -> None:
    def through_the_vectors(x: Tensor) -> Tensor:
        u, _, vh = linalg.svd(x)
        return (linalg.eigh(x).eigenvectors * x + u @ vh * x.mT).sum()

    with np.errstate(all="raise"):
        for x in REPEATED:
            assert np.all(np.isfinite(grad(through_the_vectors)(double(x)).numpy()))
            assert np.all(np.isfinite(grad(lambda x: grad(through_the_vectors)(x).sum())(double(x)).numpy()))


# --- norms at 0 -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("p", [2, 1, 3, 1.5, 0.5, 0, INF])
def test_the_gradient_of_a_norm_at_0_is_0(p: float) -> None:
    def norms(x: Tensor) -> Tensor:
        return linalg.vector_norm(x, axis=-1, ord=p).sum()

    with np.errstate(all="raise"):
        x = Tensor([[0.0, 0.0], [3.0, 0.0]])
        np.testing.assert_allclose(grad(norms)(x).numpy(), [[0.0, 0.0], [0.0 if p == 0 else 1.0, 0.0]], rtol=1e-6)
        assert np.all(grad(lambda x: grad(norms)(x).sum())(Tensor([0.0, 0.0])).numpy() == 0)


@pytest.mark.parametrize("p", ["fro", "nuc", 1, -1, 2, -2, INF, -INF])
def test_the_gradient_of_a_matrix_norm_at_0_is_0(p: Any) -> None:
    with np.errstate(all="raise"):
        assert np.all(grad(lambda x: linalg.matrix_norm(x, ord=p))(Tensor.zeros((3, 2))).numpy() == 0)


def test_the_nuclear_norm_of_a_singular_matrix_has_the_least_subgradient() -> None:
    x = np.outer([3.0, 4.0], [1.0, 0.0])
    g = grad(lambda x: linalg.matrix_norm(x, ord="nuc"))(double(x)).numpy()
    np.testing.assert_allclose(g, x / 5, atol=1e-15)


# --- which triangle ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("f", [linalg.cholesky, lambda x: linalg.eigh(x).eigenvectors, linalg.eigvalsh])
def test_the_gradient_of_a_symmetric_matrix_is_symmetric(f: Callable[[Tensor], Tensor]) -> None:
    x = double(definite(4, 4))
    weights = double(normal(*f(x).shape))
    g = grad(lambda x: (f(x) * weights).sum())(x)
    np.testing.assert_allclose(g.numpy(), g.mT.numpy(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(f(x + double(np.triu(np.ones((4, 4)), 1))).numpy(),
                               f(x + double(np.ones((4, 4)) - np.eye(4)) * 0.5).numpy())  # fmt: skip


def test_the_triangle_that_is_not_read_may_hold_anything() -> None:
    x = symmetric(3, 3)
    lower = np.where(np.tri(3, dtype=bool), x, np.nan)
    np.testing.assert_allclose(linalg.eigvalsh(double(lower), "L").numpy(), np.linalg.eigvalsh(x))
    np.testing.assert_allclose(linalg.eigvalsh(double(lower.T), "U").numpy(), np.linalg.eigvalsh(x))
    g = grad(lambda x: (linalg.eigvalsh(x, "L") ** 2).sum())(double(lower)).numpy()
    np.testing.assert_allclose(g, np.tril(4 * x) - 2 * np.diag(np.diag(x)), atol=1e-12)  # an element stands for two


def test_a_tolerance_for_each_matrix_of_a_batch() -> None:
    batch = np.stack([np.diag([1.0, 0.1]), np.diag([1.0, 0.1])])
    for rtol in (np.array([0.5, 0.01]), double([0.5, 0.01])):
        assert linalg.matrix_rank(double(batch), rtol).tolist() == [1, 2]
        np.testing.assert_allclose(linalg.pinv(double(batch), rtol).numpy(), np.linalg.pinv(batch, rtol=[0.5, 0.01]))
