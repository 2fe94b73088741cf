"""How the rules are called in tests: the calls of rules that take static arguments, and each rule in plain NumPy."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from minigrad.testing import Call
from minigrad.testing.strategies import broadcastable, calls, shapes

from .rules import calls_fused, calls_linalg, calls_numeric, calls_recurrent, calls_window

Shape = tuple[int, ...]
Rule = Callable[..., Any]

NONEMPTY = shapes(min_side=1)
SIDE = st.sampled_from((2, 1, 3, 0))


def seeded(draw: DrawFn) -> np.random.Generator:
    return np.random.default_rng(draw(st.integers(0, 2**32 - 1)))


@st.composite
def power_scalar(draw: DrawFn, exponents: tuple[float, ...] = (2, 3, 0, 1, 0.5, -1, 2.5, -2)) -> Call:
    return Call((draw(shapes()),), {"exponent": draw(st.sampled_from(exponents))})


@st.composite
def where(draw: DrawFn) -> Call:
    mask, x, y = draw(broadcastable(3))
    return Call((x, y), {"mask": np.asarray(seeded(draw).random(mask) < 0.5)[()]})


@st.composite
def cast(draw: DrawFn, dtypes: tuple[Any, ...] = (np.float32, np.float64)) -> Call:
    return Call((draw(shapes()),), {"dtype": np.dtype(draw(st.sampled_from(dtypes)))})


@st.composite
def linear(draw: DrawFn) -> Call:
    n, d_input, d_output = draw(SIDE), draw(SIDE), draw(SIDE)
    return Call(((n, d_input), (d_input, d_output), (d_output,)))


def index_of(shape: Shape, rng: np.random.Generator) -> Any:
    """An index of an array of `shape`: integers, slices, `...`, None, repeated positions, a mask."""
    if shape and rng.random() < 0.15:
        return rng.random(shape) < 0.5  # a mask picks each element at most once
    parts: list[Any] = []
    picked: Shape = tuple(map(int, rng.integers(1, 4, rng.integers(1, 3))))  # all arrays of positions have this shape
    for n in shape:
        kind = rng.choice(["slice", "full", "step", "back", "int", "array", "array", "none"])
        if kind == "int" and n:
            parts.append(int(rng.integers(-n, n)))
        elif kind == "array" and n:
            parts.append(rng.integers(-n, n, picked))
        elif kind == "full":
            parts.append(slice(None))
        elif kind == "step":
            parts.append(slice(int(rng.integers(0, 2)), None, 2))
        elif kind == "back":
            parts.append(slice(None, None, -1))
        elif kind == "none":
            parts += [None, slice(None)]
        else:
            parts.append(slice(None, int(rng.integers(-1, n + 1))))
    if rng.random() < 0.3:
        keep = int(rng.integers(0, len(parts) + 1))
        parts = [*parts[:keep], ...]
    return tuple(parts) if len(parts) != 1 or rng.random() < 0.5 else parts[0]


@st.composite
def getitem(draw: DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), {"index": index_of(shape, seeded(draw))})


@st.composite
def put(draw: DrawFn) -> Call:
    (shape,), static = draw(getitem())
    return Call((np.empty(shape)[static["index"]].shape,), {**static, "shape": shape})


@st.composite
def take_along_axis(draw: DrawFn) -> Call:
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(st.integers(0, len(shape) - 1))
    rng = seeded(draw)
    sides = [n if rng.random() < 0.7 else 1 for n in shape]  # the axes beside it broadcast
    sides[axis] = int(rng.integers(0, 5))
    return Call((shape,), {"indices": rng.integers(-shape[axis], shape[axis], sides), "axis": axis})


@st.composite
def put_along_axis(draw: DrawFn) -> Call:
    (shape,), static = draw(take_along_axis())
    return Call((np.take_along_axis(np.empty(shape), **static).shape,), {**static, "shape": shape})


@st.composite
def take(draw: DrawFn) -> Call:
    shape = draw(shapes(min_dims=1, min_side=1))
    axis = draw(st.integers(0, len(shape) - 1))
    picked = draw(st.sampled_from(((4,), (), (2, 2), (0,), (1,))))
    return Call((shape,), {"indices": seeded(draw).integers(0, shape[axis], picked), "axis": axis})


@st.composite
def assign(draw: DrawFn) -> Call:
    shape = draw(shapes())
    rng = seeded(draw)
    index = index_of(shape, rng)
    if shape and any(isinstance(i, np.ndarray) for i in (index if isinstance(index, tuple) else (index,))):
        index = rng.permutation(shape[0])[: rng.integers(0, shape[0] + 1)]  # no position twice
    return Call((shape, np.empty(shape)[index].shape), {"index": index})


@st.composite
def matmul(draw: DrawFn) -> Call:
    n, k, m = draw(SIDE), draw(SIDE), draw(SIDE)
    left, right = draw(broadcastable(2, max_dims=2))
    return Call(((*left, n, k), (*right, k, m)))


def some_axes(draw: DrawFn, shape: Shape) -> Any:
    if draw(st.booleans()):
        return None
    return tuple(i for i in range(len(shape)) if draw(st.booleans()))


@st.composite
def sum(draw: DrawFn, kind: SearchStrategy[Shape] = shapes()) -> Call:  # noqa: B008
    shape = draw(kind)
    return Call((shape,), {"axis": some_axes(draw, shape), "keepdims": draw(st.booleans())})


@st.composite
def max(draw: DrawFn) -> Call:
    shape = draw(shapes(min_dims=1, min_side=1))
    return Call((shape,), {"axis": draw(st.integers(0, len(shape) - 1))})


@st.composite
def reshape(draw: DrawFn) -> Call:
    shape = draw(shapes())
    size = math.prod(shape)
    ways = [(size,), (1, *shape), shape[::-1], (*shape, 1), (-1,)]
    return Call((shape,), {"shape": draw(st.sampled_from(ways))})


@st.composite
def permute_dims(draw: DrawFn) -> Call:
    shape = draw(shapes())
    return Call((shape,), {"axes": tuple(draw(st.permutations(range(len(shape)))))})


@st.composite
def broadcast_to(draw: DrawFn) -> Call:
    small, other = draw(broadcastable(2))
    return Call((small,), {"shape": np.broadcast_shapes(small, other)})


@st.composite
def sum_to(draw: DrawFn) -> Call:
    (small,), static = draw(broadcast_to())
    return Call((static["shape"],), {"shape": small})


@st.composite
def cat(draw: DrawFn) -> Call:
    shape = draw(shapes(min_dims=1))
    axis = draw(st.integers(0, len(shape) - 1))
    sides = draw(st.lists(SIDE, min_size=1, max_size=3))
    return Call(tuple((*shape[:axis], n, *shape[axis + 1 :]) for n in sides), {"axis": axis})


# Rules that are not here act element by element: `minigrad.testing.strategies.calls` knows how to call them.
CALLS: dict[str, SearchStrategy[Call]] = {
    "power_scalar": power_scalar(),
    "where": where(),
    "cast": cast(),
    "linear": linear(),
    "bce_with_logits": NONEMPTY.map(lambda shape: Call((shape, shape))),  # the mean of nothing is NaN
    "getitem": getitem(),
    "put": put(),
    "take_along_axis": take_along_axis(),
    "put_along_axis": put_along_axis(),
    "take": take(),
    "assign": assign(),
    "matmul": matmul(),
    "sum": sum(),
    "mean": sum(NONEMPTY),
    "max": max(),
    "min": max(),
    "reshape": reshape(),
    "permute_dims": permute_dims(),
    "broadcast_to": broadcast_to(),
    "sum_to": sum_to(),
    "cat": cat(),
    **calls_fused.CALLS,
    **calls_linalg.CALLS,
    **calls_numeric.CALLS,
    **calls_recurrent.CALLS,
    **calls_window.CALLS,
}

# Where a law needs calls of its own.
CALLS_OF_LAW: dict[tuple[str, str], SearchStrategy[Call]] = {
    ("power_scalar", "integers"): power_scalar((2, 3, 0, 1)),  # Int to a negative or broken power is Float
    # differences are taken in float64, which a cast to float32 would cut
    **{("cast", law): cast((np.float64,)) for law in ("vjp", "linear", "second_order")},
    **calls_fused.CALLS_OF_LAW,
    **calls_linalg.CALLS_OF_LAW,
    **calls_window.CALLS_OF_LAW,
}


def calls_of(rule: Rule, law: str = "") -> SearchStrategy[Call]:
    name = rule.__name__
    for table, key in ((CALLS_OF_LAW, (name, law)), (CALLS, name)):
        if key in table:
            return table[key]
    return calls(rule)


# --- each rule in plain NumPy, by another road than the rule's --------------------------------------------------------


def bce(x: Any, t: Any) -> Any:
    p = 1 / (1 + np.exp(-x))
    return np.mean(-(t * np.log(p) + (1 - t) * np.log(1 - p)))


def put_by_counting(x: Any, index: Any, shape: Shape) -> Any:
    size = math.prod(shape)
    places = np.arange(size).reshape(shape)[index]
    return np.bincount(np.ravel(places), np.ravel(x), minlength=size).reshape(shape)


def take_by_hand(x: Any, indices: Any, axis: int) -> Any:
    sides = list(np.broadcast_shapes(indices.shape, tuple(1 if i == axis else n for i, n in enumerate(x.shape))))
    spread = np.broadcast_to(indices, sides)
    out = np.empty(sides)
    for place in np.ndindex(*sides):
        out[place] = x[(*place[:axis], spread[place], *place[axis + 1 :])]
    return out


def put_by_hand(x: Any, indices: Any, axis: int, shape: Shape) -> Any:
    spread = np.broadcast_to(indices, x.shape)
    out = np.zeros(shape)
    for place in np.ndindex(*x.shape):
        out[(*place[:axis], spread[place], *place[axis + 1 :])] += x[place]
    return out


def sum_by_hand(x: Any, shape: Shape) -> Any:
    out = np.zeros(shape)
    for place in np.ndindex(*x.shape):
        kept = place[x.ndim - len(shape) :]
        out[tuple(0 if n == 1 else i for i, n in zip(kept, shape))] += x[place]
    return out


def assign_by_hand(x: Any, y: Any, index: Any) -> Any:
    out = np.array(x)
    places = np.arange(x.size).reshape(x.shape)[index]
    for place, value in zip(np.ravel(places), np.ravel(y)):
        out.flat[place] = value
    return out


REFERENCE: dict[str, Rule] = {
    "add": np.add,
    "sub": np.subtract,
    "mul": np.multiply,
    "div": np.divide,
    "neg": np.negative,
    "power": lambda x, y: np.exp(y * np.log(x)),
    "power_scalar": lambda x, exponent: np.float_power(x, exponent),
    "exp": np.exp,
    "log": np.log,
    "log1p": np.log1p,
    "sqrt": np.sqrt,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "sigmoid": lambda x: (1 + np.tanh(x / 2)) / 2,
    "softplus": lambda x: np.logaddexp(0, x),
    "relu": lambda x: np.clip(x, 0, None),
    "abs": lambda x: np.sqrt(x * x),
    "maximum": lambda x, y: np.where(x > y, x, y),
    "minimum": lambda x, y: np.where(x < y, x, y),
    "where": lambda x, y, mask: mask * x + ~mask * y,
    "cast": lambda x, dtype: x,
    "linear": lambda x, weight, bias: np.einsum("ni,io->no", x, weight) + bias,
    "bce_with_logits": bce,
    "getitem": lambda x, index: x[index],
    "put": put_by_counting,
    "take_along_axis": take_by_hand,
    "put_along_axis": put_by_hand,
    "take": lambda x, indices, axis: x[(slice(None),) * axis + (indices,)],
    "assign": assign_by_hand,
    "matmul": lambda x, y: np.einsum("...ik,...kj->...ij", x, y),
    "sum": np.sum,
    "mean": np.mean,
    "max": lambda x, axis: np.sort(x, axis).take([-1], axis),
    "min": lambda x, axis: np.sort(x, axis).take([0], axis),
    "reshape": np.reshape,
    "ravel": lambda x: np.array(list(x.flat) if np.ndim(x) else [x]),
    "permute_dims": lambda x, axes: np.transpose(x, axes),
    "broadcast_to": np.broadcast_to,
    "sum_to": sum_by_hand,
    "cat": lambda *xs, axis: np.concatenate(xs, axis),
    **calls_fused.REFERENCE,
    **calls_linalg.REFERENCE,
    **calls_numeric.REFERENCE,
    **calls_recurrent.REFERENCE,
    **calls_window.REFERENCE,
}
