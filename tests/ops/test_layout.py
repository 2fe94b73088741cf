"""Axes and order: every operation beside NumPy's, on every kind of tensor, and its derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from minigrad import Tensor
from minigrad.ops.layout import broadcast_arrays
from minigrad.testing import check_gradients

from .drawn import agree, arrays, axes, axis, numbers, same

SMALL = st.integers(-3, 3)


@st.composite
def with_axes(draw: DrawFn, extra: int = 0) -> Any:
    """An array, and axes of one that has `extra` more."""
    x = draw(arrays())
    return x, (draw(axes(x.ndim + extra)),)


@st.composite
def with_two_axes(draw: DrawFn, min_dims: int = 1) -> Any:
    x = draw(arrays(min_dims))
    return x, (draw(axis(x.ndim)), draw(axis(x.ndim)))


@st.composite
def new_axes(draw: DrawFn) -> Any:
    x, count = draw(arrays()), draw(st.integers(0, 2))
    ndim = x.ndim + count
    chosen = draw(st.permutations(range(ndim)))[:count]
    return x, (tuple(i - ndim if draw(st.booleans()) else i for i in chosen),)


@st.composite
def moved(draw: DrawFn) -> Any:
    x = draw(arrays())
    source = draw(axes(x.ndim))
    target = draw(st.permutations(range(x.ndim)))[: len(source)]
    return x, (source, tuple(target))


@st.composite
def rolled(draw: DrawFn) -> Any:
    x = draw(arrays())
    if draw(st.booleans()):
        return x, (draw(st.integers(-7, 7)), None)
    along = draw(axes(x.ndim))
    return x, (tuple(draw(st.integers(-7, 7)) for _ in along), along)


@st.composite
def spread(draw: DrawFn) -> Any:
    x = draw(arrays())
    ones = tuple(1 if draw(st.booleans()) else n for n in x.shape)
    small = x[tuple(slice(n) for n in ones)]
    return small, ((draw(st.integers(0, 3)), *x.shape),)


@st.composite
def triangles(draw: DrawFn) -> Any:
    return draw(arrays(2)), (draw(SMALL),)


@st.composite
def diagonals(draw: DrawFn) -> Any:
    x = draw(arrays(2))
    first, second = draw(st.permutations(range(x.ndim)))[:2]
    return x, (draw(SMALL), first - x.ndim, second)


@st.composite
def vectors_and_matrices(draw: DrawFn) -> Any:
    x = draw(arrays(1).filter(lambda x: x.ndim < 3))
    return x, (draw(SMALL),)


CASES: dict[str, tuple[Any, Callable[..., Any], Callable[..., Any]]] = {
    "ravel": (arrays().map(lambda x: (x, ())), Tensor.ravel, np.ravel),
    "expand_dims": (new_axes(), Tensor.expand_dims, np.expand_dims),
    "swapaxes": (with_two_axes(), Tensor.swapaxes, np.swapaxes),
    "moveaxis": (moved(), Tensor.moveaxis, np.moveaxis),
    "flip": (with_axes(), Tensor.flip, np.flip),
    "flip of all": (arrays().map(lambda x: (x, ())), Tensor.flip, np.flip),
    "roll": (rolled(), Tensor.roll, np.roll),
    "broadcast_to": (spread(), Tensor.broadcast_to, np.broadcast_to),
    "expand": (spread(), lambda x, shape: x.expand(*shape), np.broadcast_to),
    "expand that keeps": (
        spread(),
        lambda x, shape: x.expand((shape[0], *(-1 for _ in x.shape))),
        lambda x, shape: np.broadcast_to(x, (shape[0], *x.shape)),
    ),
    "triu": (triangles(), Tensor.triu, np.triu),
    "tril": (triangles(), Tensor.tril, np.tril),
    "diagonal": (diagonals(), Tensor.diagonal, np.diagonal),
    "diag": (vectors_and_matrices(), Tensor.diag, np.diag),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_as_numpy(name: str) -> None:
    agree(*CASES[name])


@pytest.mark.parametrize("name", [name for name in CASES if hasattr(np, name)])
def test_by_numpys_own_name(name: str) -> None:
    cases, _, numpys = CASES[name]
    agree(cases, numpys, numpys)


@pytest.mark.parametrize(
    ("shape", "start", "end", "expected"),
    [
        ((2, 3, 4), 0, -1, (24,)),
        ((2, 3, 4), 1, 2, (2, 12)),
        ((2, 3, 4), -3, -2, (6, 4)),
        ((2, 3, 4), 1, 1, (2, 3, 4)),
        ((2, 0, 4), 1, 2, (2, 0)),
        ((0, 3), 0, 1, (0,)),
        ((), 0, -1, (1,)),
    ],
)
def test_flatten(shape: Any, start: int, end: int, expected: Any) -> None:
    x = numbers(shape)
    same(Tensor(x, dtype=x.dtype).flatten(start, end), x.reshape(expected))


def test_axes_of_burn() -> None:
    x = Tensor.zeros((2, 1, 3, 1))
    assert x.unsqueeze(6).shape == (1, 1, 2, 1, 3, 1)
    assert Tensor(1.0).unsqueeze(2).shape == (1, 1)
    assert x.unsqueeze_dim(-1).shape == (2, 1, 3, 1, 1)
    assert x.unsqueeze_dims((0, -1)).shape == (1, 2, 1, 3, 1, 1)
    assert x.squeeze_dims((1, -1)).shape == (2, 3)
    assert x.squeeze_dims(()).shape == (2, 3)
    assert x.squeeze_dims((3,)).shape == (2, 1, 3)
    assert x.swap_dims(0, 2).shape == (3, 1, 2, 1)
    assert x.movedim(0, -1).shape == (1, 3, 1, 2)
    assert x.permute(3, 2, 1, 0).shape == x.permute((3, 2, 1, 0)).shape == (1, 3, 1, 2)
    assert x.broadcast_to((2, 5, 3, 2)).shape == x.expand(-1, 5, -1, 2).shape == (2, 5, 3, 2)


def test_broadcast_arrays_keep_their_dtypes() -> None:
    xs = numbers((3, 1)), numbers((1, 2), np.int8), np.float64(1.5)
    found = broadcast_arrays(*(Tensor(x, dtype=x.dtype) for x in xs))
    same(found, list(np.broadcast_arrays(*xs)))
    assert broadcast_arrays() == ()
    x = Tensor([[1.0], [2.0]]).require_grad()
    assert x.grad(broadcast_arrays(x, Tensor([1.0, 2.0, 3.0]))[0].sum().backward()).tolist() == [[3.0], [3.0]]


def test_rolling_by_one_shift_along_several_axes() -> None:
    x = numbers((3, 4))
    same(Tensor(x, dtype=x.dtype).roll(1, (0, 1)), np.roll(x, 1, (0, 1)))
    same(Tensor(x, dtype=x.dtype).roll((1, 2), (0, 0)), np.roll(x, (1, 2), (0, 0)))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x.flatten(0, 1),
        lambda x: x.expand_dims((0, -1)),
        lambda x: x.swapaxes(0, -1),
        lambda x: x.moveaxis((0, 1), (2, 0)),
        lambda x: x.flip((0, 2)),
        lambda x: x.roll((1, -1), (0, 2)),
        lambda x: x.roll(2),
        lambda x: x[:, :1].expand(2, -1, 3, -1),
        lambda x: x.triu(1),
        lambda x: x.tril(-1),
        lambda x: x.diagonal(1, 0, 2),
        lambda x: x[0].diag(-1),
        lambda x: x[0, 0].diag(1),
    ],
)
def test_derivatives(f: Callable[[Tensor], Tensor]) -> None:
    """Of a square, so that there is a second one."""
    report = check_gradients(lambda x: f(x * x), numbers((2, 3, 2)) + 0.25)
    assert report.checked > 0
    assert report.skipped == 0


@pytest.mark.parametrize("method", [Tensor.triu, Tensor.tril])
def test_what_a_triangle_leaves_out_does_not_spoil_it(method: Callable[[Tensor], Tensor]) -> None:
    x = Tensor([[1.0, np.inf], [np.nan, 1.0]]).require_grad()
    rest = Tensor([[1.0, 0.0], [0.0, 1.0]])
    y = method(x).mask_fill(~rest.bool(), 0.0)
    assert x.grad(y.sum().backward()).numpy().tolist() == [[1.0, 0.0], [0.0, 1.0]]
    left_out = method(Tensor([[1.0, np.inf], [np.inf, 1.0]])).numpy()
    assert sorted(left_out.ravel().tolist()) == [0.0, 1.0, 1.0, np.inf]
