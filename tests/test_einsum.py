"""`einsum` beside NumPy's, on subscripts of every kind, and its derivatives."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from minigrad import Tensor, linalg
from minigrad.backend import NdArray
from minigrad.errors import ShapeError
from minigrad.ops.einsum import einsum
from minigrad.testing import check_gradients

DOUBLE = NdArray(dtype=np.float64)
RNG = np.random.default_rng(3)


@st.composite
def sums(draw: DrawFn) -> tuple[str, list[Any]]:
    """Subscripts, and arrays to which most of them fit: labels twice, ellipses, sizes 0 and 1, no output."""
    letters = "abcZ"
    size = {c: draw(st.sampled_from((2, 3, 1, 0))) for c in letters}
    dots = [2, 3]
    parts, arrays, some_dots = [], [], False
    for _ in range(draw(st.integers(1, 4))):
        part = "".join(draw(st.lists(st.sampled_from(letters), max_size=3)))
        shape = [1 if part.count(c) == 1 and draw(st.integers(0, 6)) == 0 else size[c] for c in part]
        if draw(st.integers(0, 2)) == 0:
            at, more = draw(st.integers(0, len(part))), draw(st.integers(0, 2))
            part = f"{part[:at]}...{part[at:]}"
            shape[at:at] = [draw(st.sampled_from((n, 1))) for n in dots[2 - more :]]
            some_dots = True
        parts.append(part)
        arrays.append(RNG.integers(-3, 4, shape).astype(np.float64))
    subscripts = ",".join(parts)
    if draw(st.integers(0, 3)):
        used = sorted(set("".join(parts)) - {"."})
        output = "".join(draw(st.permutations(used))[: draw(st.integers(0, len(used)))])
        subscripts += "->" + ("..." if some_dots else "") + output
    return subscripts, arrays


@given(sums())
def test_it_is_numpys(drawn: tuple[str, list[Any]]) -> None:
    subscripts, arrays = drawn
    tensors = [Tensor(x, DOUBLE) for x in arrays]
    expected = np.einsum(subscripts, *arrays)
    got = einsum(subscripts, *tensors)
    assert got.shape == expected.shape
    np.testing.assert_array_equal(got.numpy(), expected)  # of small whole numbers: exact in any order


@given(sums(), st.data())
def test_what_numpy_refuses_is_refused(drawn: tuple[str, list[Any]], data: st.DataObject) -> None:
    subscripts, arrays = drawn
    i = data.draw(st.integers(0, len(arrays) - 1))
    spoilt = data.draw(st.sampled_from((arrays[i][None], np.zeros((4,) * arrays[i].ndim), arrays[i])))
    arrays = [*arrays[:i], spoilt, *arrays[i + 1 :]]
    tensors = [Tensor(x, DOUBLE) for x in arrays]
    try:
        expected = np.einsum(subscripts, *arrays)
    except ValueError:
        with pytest.raises(ShapeError, match="einsum"):
            einsum(subscripts, *tensors)
    else:
        np.testing.assert_array_equal(einsum(subscripts, *tensors).numpy(), expected)


@pytest.mark.parametrize(
    ("subscripts", "shapes"),
    [
        ("ij,jk->ik", [(2, 3), (3, 2)]),
        ("ij,jk->ki", [(2, 3), (3, 2)]),
        ("bij,jk->bik", [(2, 2, 3), (3, 2)]),
        ("bqhd,bkhd->bhqk", [(2, 2, 2, 2), (2, 3, 2, 2)]),
        ("abc,cde->adbe", [(2, 1, 2), (2, 3, 2)]),
        ("i,i", [(3,), (3,)]),
        ("i,j", [(2,), (3,)]),
        ("ii", [(3, 3)]),
        ("bii->ib", [(2, 3, 3)]),
        ("iji->j", [(2, 3, 2)]),
        ("ij->", [(2, 3)]),
        ("...ij,...j->...i", [(2, 2, 3), (3,)]),
        ("ij,j,jk->ik", [(2, 3), (3,), (3, 2)]),
        ("ab,bc,cd->da", [(2, 2), (2, 3), (3, 2)]),
        ("ij,jk->ik", [(2, 1), (3, 2)]),
        ("ij,ij->ij", [(2, 3), (1, 3)]),
    ],
)
def test_value_and_derivatives(subscripts: str, shapes: list[tuple[int, ...]]) -> None:
    arguments = [RNG.standard_normal(shape) for shape in shapes]
    got = einsum(subscripts, *[Tensor(x, DOUBLE) for x in arguments])
    np.testing.assert_allclose(got.numpy(), np.einsum(subscripts, *arguments), rtol=1e-12, atol=1e-12)
    report = check_gradients(lambda *xs: einsum(subscripts, *xs), *arguments, samples=8)
    assert report.skipped == 0
    assert report.checked > 0


def test_one_tensor_in_two_places() -> None:
    check_gradients(lambda x: einsum("ij,kj,ik->", x, x, x @ x.mT), RNG.standard_normal((2, 2)))


def test_dtypes() -> None:
    whole, flag = Tensor([[1, 2], [3, 4]]), Tensor([[True, False], [True, True]])
    assert einsum("ij,jk->ik", whole, whole).numpy().tolist() == [[7, 10], [15, 22]]
    assert einsum("ij,ij->", flag, flag).item() == 3
    assert einsum("ij->", flag).dtype == np.int64
    small = np.ones((2, 3), np.int8)
    for subscripts in ("ij->", "ij->j", "ij,kj->ik", "ij,ij->i"):
        arrays = [small] * (1 + subscripts.count(","))
        found = einsum(subscripts, *(Tensor(a, dtype=np.int8) for a in arrays))
        assert found.dtype == np.einsum(subscripts, *arrays).dtype == np.int8
    assert einsum("ij,jk", Tensor.ones((2, 2)), whole).dtype == np.float32
    assert einsum("ij,j", Tensor.ones((2, 2)), [1.0, 2.0]).numpy().tolist() == [3.0, 3.0]
    assert einsum("i,->i", Tensor.ones(2), 3.0).numpy().tolist() == [3.0, 3.0]
    assert einsum("", 3.0).item() == 3.0


def test_what_needs_no_work_is_the_tensor_itself() -> None:
    x = Tensor.ones((2, 3))
    assert einsum("ij->ij", x) is x


def test_tensordot_is_one() -> None:
    x, y = Tensor.ones((2, 3, 4)), Tensor.ones((4, 3, 5))
    assert linalg.tensordot(x, y, ([2, 1], [0, 1])).numpy().tolist() == [[12.0] * 5] * 2
