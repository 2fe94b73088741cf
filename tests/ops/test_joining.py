"""Joining, splitting, repeating and padding beside NumPy, on every kind of tensor, and their derivatives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn

from minigrad import Tensor
from minigrad.testing import check_gradients

from .drawn import WIDE, agree, arrays, axis, numbers, same

PART = st.integers(0, 3)


@st.composite
def splits(draw: DrawFn) -> Any:
    x = draw(arrays(1))
    along = draw(axis(x.ndim))
    n = x.shape[along]
    if draw(st.booleans()):
        return x, (draw(st.sampled_from([k for k in range(1, 4) if n % k == 0])), along)
    return x, (sorted(draw(st.lists(st.integers(0, 4), max_size=3))), along)


@st.composite
def tiles(draw: DrawFn) -> Any:
    x = draw(arrays())
    if draw(st.booleans()):
        return x, (draw(PART),)
    return x, (tuple(draw(st.lists(PART, max_size=4))),)


@st.composite
def repeats(draw: DrawFn) -> Any:
    x = draw(arrays())
    along = None if draw(st.booleans()) or not x.ndim else draw(axis(x.ndim))
    n = x.size if along is None else x.shape[along]
    if draw(st.booleans()):
        return x, (draw(PART), along)
    return x, (draw(st.lists(PART, min_size=n, max_size=n)), along)


@st.composite
def pads(draw: DrawFn) -> Any:
    mode = draw(st.sampled_from(("constant", "reflect", "symmetric", "edge", "wrap")))
    x = draw(arrays(min_side=0 if mode == "constant" else 1))
    way = draw(st.integers(0, 2))
    widths: Any = draw(PART) if way == 0 else (draw(PART), draw(PART))
    if way == 2:
        widths = [(draw(PART), draw(PART)) for _ in x.shape] or 1
    return x, (widths, mode)


CASES: dict[str, tuple[Any, Callable[..., Any], Callable[..., Any]]] = {
    "split": (splits(), Tensor.split, np.split),
    "tile": (tiles(), Tensor.tile, np.tile),
    "repeat": (repeats(), Tensor.repeat, np.repeat),
    "pad": (pads(), Tensor.pad, np.pad),
}


@pytest.mark.parametrize("name", CASES)
def test_as_numpy(name: str) -> None:
    agree(*CASES[name])


@pytest.mark.parametrize("name", CASES)
def test_by_numpys_own_name(name: str) -> None:
    cases, _, numpys = CASES[name]
    agree(cases, numpys, numpys)


@given(arrays(1), st.data())
def test_cat_and_stack(x: Any, data: Any) -> None:
    along = data.draw(axis(x.ndim))
    parts = np.split(x, [1, 1], along)
    tensors = [Tensor(part, dtype=part.dtype) for part in parts]
    same(Tensor.cat(tensors, along), x)
    same(np.concatenate(tensors, along), x)
    same(Tensor.cat(tensors, None), np.concatenate(parts, None))
    new = data.draw(axis(x.ndim + 1))
    twice = [Tensor(x, dtype=x.dtype)] * 2
    same(Tensor.stack(twice, new), np.stack([x, x], new))
    same(np.stack(twice, new), np.stack([x, x], new))


@given(arrays(1), st.data())
def test_unstack_is_the_way_back_from_stack(x: Any, data: Any) -> None:
    along = data.draw(axis(x.ndim))
    tensor = Tensor(x, dtype=x.dtype)
    rows = tensor.unstack(along)
    same(rows, [x.take(i, along) for i in range(x.shape[along])])
    same(np.unstack(tensor, axis=along), rows_of(rows))
    if rows:
        same(Tensor.stack(rows, along), x)
    kept = tuple(tensor.iter_dim(along))
    same(kept, [x.take([i], along) for i in range(x.shape[along])])


def rows_of(tensors: Any) -> list[Any]:
    return [t.numpy() for t in tensors]


def test_cat_of_tensors_and_arrays() -> None:
    x = Tensor([1.0], WIDE)
    joined = Tensor.cat([[5], x, np.array([2.0], np.float32)])
    same(joined, np.array([5.0, 1.0, 2.0]))
    same(Tensor.cat([np.array([1, 2]), np.array([3])]), np.array([1, 2, 3]))
    same(Tensor.cat(Tensor([[1], [2]])), np.array([1, 2]))  # a tensor is a sequence of its rows
    same(Tensor.cat(Tensor([[k]]) for k in (1, 2)), np.array([[1], [2]]))
    same(Tensor.cat([Tensor([True]), Tensor([2])]), np.array([1, 2]))


@pytest.mark.parametrize(
    ("n", "chunks", "sizes"),
    [
        (6, 3, [2, 2, 2]),
        (5, 4, [2, 2, 1]),
        (5, 3, [2, 2, 1]),
        (6, 4, [2, 2, 2]),
        (2, 5, [1, 1]),
        (1, 1, [1]),
        (0, 2, [0]),
    ],
)
def test_chunk_never_goes_past_the_end(n: int, chunks: int, sizes: list[int]) -> None:
    x = numbers((2, n))
    tensor = Tensor(x, dtype=x.dtype)
    parts = tensor.chunk(chunks, -1)
    assert [part.shape for part in parts] == [(2, size) for size in sizes]
    same(Tensor.cat(parts, 1), x)


def test_sizes_of_parts() -> None:
    x = Tensor.arange(7)
    assert [part.tolist() for part in x.split_with_sizes([2, 0, 5])] == [[0, 1], [], [2, 3, 4, 5, 6]]
    assert [part.tolist() for part in x.split_with_sizes(3)] == [[0, 1, 2], [3, 4, 5], [6]]
    assert [part.shape for part in x.reshape(7, 1).split_with_sizes((3, 4), -2)] == [(3, 1), (4, 1)]
    assert [part.shape for part in Tensor.zeros((0, 2)).split_with_sizes(3)] == [(0, 2)]
    assert x.narrow(0, 2, 3).tolist() == [2, 3, 4]
    assert x.narrow(-1, 7, 0).tolist() == []


def test_one_axis_repeated() -> None:
    x = numbers((2, 3))
    same(Tensor(x, dtype=x.dtype).repeat_dim(-1, 2), np.concatenate([x, x], 1))
    same(Tensor(x, dtype=x.dtype).repeat_dim(0, 0), x[:0])
    same(Tensor([1, 2]).repeat(Tensor([1, 2])), np.array([1, 2, 2]))


@pytest.mark.parametrize("value", [1.5, -np.inf, np.float32(2), 3])
def test_padding_with_a_number(value: Any) -> None:
    x = numbers((2, 3), np.float32)
    same(Tensor(x).pad(((1, 0), (0, 2)), constant_values=value), np.pad(x, ((1, 0), (0, 2)), constant_values=value))
    same(np.pad(Tensor(x), 1, constant_values=value), np.pad(x, 1, constant_values=value))


def test_padding_keeps_the_kind() -> None:
    same(Tensor([1, 2]).pad(1, constant_values=7), np.array([7, 1, 2, 7]))
    same(Tensor([False]).pad(1, constant_values=True), np.array([True, False, True]))
    same(Tensor([1]).pad(1, constant_values=0.5), np.array([0.5, 1, 0.5], np.float32))  # a Float wins over Ints


def test_a_tensor_pads_and_has_its_gradient() -> None:
    x, value = Tensor([1.0, 2.0]).require_grad(), Tensor(5.0).require_grad()
    padded = x.pad((1, 2), constant_values=value)
    grads = (padded * Tensor([1.0, 10.0, 100.0, 1000.0, 10000.0])).sum().backward()
    assert padded.tolist() == [5.0, 1.0, 2.0, 5.0, 5.0]
    assert value.grad(grads).item() == 11001.0
    assert x.grad(grads).tolist() == [10.0, 100.0]


@pytest.mark.parametrize(
    "f",
    [
        lambda x: Tensor.cat([x, x[:1]], 0),
        lambda x: Tensor.cat([x, x.mT.reshape(1, 4)], None),
        lambda x: Tensor.stack([x, x.T], -1),
        lambda x: Tensor.cat([a * b for a, b in zip(x.split(2, 1), x.split([1], 0))], None)[1:],
        lambda x: x.chunk(3, 1)[1],
        lambda x: x.unstack(1)[0] * x.unstack()[1],
        lambda x: x.tile((2, 1, 3)),
        lambda x: x.repeat(3, 1),
        lambda x: x.repeat([2, 0], 0),
        lambda x: x.repeat(2),
        lambda x: x.pad(((1, 0), (2, 1))),
        lambda x: x.pad(1, constant_values=2.5),
        lambda x: x.pad(2, "reflect"),
        lambda x: x.pad((0, 3), "wrap"),
        lambda x: x.pad(2, "edge"),
        lambda x: x.pad(3, "symmetric"),
    ],
)
def test_derivatives(f: Callable[[Tensor], Tensor]) -> None:
    report = check_gradients(lambda x: f(x * x), numbers((2, 2)) + 0.25)
    assert report.checked > 0
    assert report.skipped == 0
