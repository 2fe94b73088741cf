"""How the rules of windows are called in tests, and what they are in loops over single elements."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from minigrad.rules import resample
from minigrad.rules.window import Window
from minigrad.testing import Call

Array = np.ndarray[Any, Any]
Shape = tuple[int, ...]


@st.composite
def windows(draw: DrawFn, padded: bool = True) -> tuple[Window, Shape]:
    """A window of one to three axes, and the sizes of an input into which it fits, some of its rows left over."""
    axes = draw(st.sampled_from((2, 1, 2, 1, 3)))
    drawn = []
    for _ in range(axes):
        kernel, stride = draw(st.sampled_from((2, 3, 1))), draw(st.sampled_from((1, 2, 3)))
        padding = draw(st.sampled_from((0, 1, 2) if padded else (0, kernel // 2)))
        dilation = draw(st.sampled_from((1, 2) if padded or not padding else (1,)))
        extent = dilation * (kernel - 1) + 1
        size = (draw(st.integers(1, 3)) - 1) * stride + extent - 2 * padding + draw(st.integers(0, stride - 1))
        drawn.append((max(size, 1), (kernel, stride, padding, dilation)))
    if axes == 1 and draw(st.booleans()):  # outputs enough for matrices of their own
        drawn[0] = drawn[0][0] + 70 * drawn[0][1][1], drawn[0][1]
    sizes, numbers = zip(*drawn)
    return Window(*zip(*numbers)), sizes


@st.composite
def unfold(draw: DrawFn) -> Call:
    window, sizes = draw(windows())
    return Call(((*draw(st.sampled_from(((), (2,), (2, 1), (0,)))), *sizes),), {"window": window})


@st.composite
def fold(draw: DrawFn) -> Call:
    ((*shape,),), static = draw(unfold())
    window = static["window"]
    lead, sizes = shape[: -len(window.kernel)], tuple(shape[-len(window.kernel) :])
    return Call(((*lead, *window.kernel, *window.outputs(sizes)),), {"window": window, "sizes": sizes})


@st.composite
def conv(draw: DrawFn, what: str = "conv") -> Call:
    window, sizes = draw(windows())
    groups = draw(st.sampled_from((1, 2, 3)))
    n, c, o = draw(st.sampled_from((2, 1, 3, 0))), draw(st.sampled_from((1, 2))), draw(st.sampled_from((2, 1)))
    x, y = (n, c * groups, *sizes), (n, o * groups, *window.outputs(sizes))
    weight, static = (o * groups, c, *window.kernel), {"window": window, "groups": groups}
    if what == "conv_transpose":
        return Call((y, weight), {**static, "sizes": sizes})
    if what == "conv_weight":
        return Call((x, y), static)
    return Call((x, weight) if draw(st.booleans()) else (x, weight, (o * groups,)), static)


@st.composite
def alike(draw: DrawFn, what: str) -> Call:
    """A call whose arguments have one shape."""
    n, sizes = draw(st.sampled_from((1, 2))), draw(st.sampled_from(((2, 3), (3,), (3, 1))))
    stride, ones = (draw(st.sampled_from((1, 2))),) * len(sizes), (1,) * len(sizes)
    window = Window(sizes, stride, tuple(k // 2 for k in sizes), ones)
    shape, static = (n, n, *sizes), {"window": window, "groups": 1}
    if what == "conv_transpose":
        static["sizes"] = window.inputs(sizes)
    if what in ("conv_weight", "max_unpool"):
        static["window"] = Window((3,) * len(sizes), ones, ones, ones)
    if what == "max_unpool":
        del static["groups"]
    return Call((shape, shape), static)


@st.composite
def max_pool(draw: DrawFn) -> Call:
    window, sizes = draw(windows(padded=False))
    shape = (*draw(st.sampled_from(((), (2,), (2, 1), (0,)))), *sizes)
    return Call((shape, shape), {"window": window})


@st.composite
def max_unpool(draw: DrawFn) -> Call:
    (shape, _), static = draw(max_pool())
    axes = len(static["window"].kernel)
    return Call(((*shape[:-axes], *static["window"].outputs(shape[-axes:])), shape), static)


@st.composite
def plans(draw: DrawFn) -> resample.Plan:
    size, outputs = draw(st.integers(1, 5)), draw(st.integers(1, 5))
    match draw(st.sampled_from(("any", "average", "area", "nearest", "linear", "cubic"))):
        case "any":
            rng = np.random.default_rng(draw(st.integers(0, 99)))
            index = rng.integers(0, size, (draw(st.integers(1, 3)), outputs))
            return resample.Plan(index, rng.integers(-2, 3, index.shape) / 4, size)
        case "average":
            kernel = draw(st.integers(1, size))
            padding = draw(st.integers(0, kernel // 2))
            return resample.average(size, kernel, draw(st.integers(1, 3)), padding, draw(st.booleans()))
        case name:
            return getattr(resample, name)(size, outputs)


@st.composite
def resampled(draw: DrawFn) -> Call:
    plan, shape = draw(plans()), draw(st.sampled_from(((), (2,), (3, 2), (0,))))
    axis = draw(st.integers(0, len(shape)))
    return Call(((*shape[:axis], plan.size, *shape[axis:]),), {"axis": axis, "plan": plan})


CALLS: dict[str, SearchStrategy[Call]] = {
    "unfold": unfold(),
    "fold": fold(),
    "conv": conv(),
    "conv_transpose": conv("conv_transpose"),
    "conv_weight": conv("conv_weight"),
    "max_pool": max_pool(),
    "max_unpool": max_unpool(),
    "resample": resampled(),
}

CALLS_OF_LAW: dict[tuple[str, str], SearchStrategy[Call]] = {
    (name, "same"): alike(name) for name in ("conv", "conv_transpose", "conv_weight", "max_unpool")
}

# --- by hand ----------------------------------------------------------------------------------------------------------


def seen(window: Window, sizes: Shape) -> Iterator[tuple[Shape, Shape, Shape]]:
    """(place in the kernel, output, input that it sees there) for all that see one."""
    for output in product(*map(range, window.outputs(sizes))):
        for place in product(*map(range, window.kernel)):
            at = tuple(
                j * s + k * d - p
                for j, k, s, d, p in zip(output, place, window.stride, window.dilation, window.padding)
            )
            if all(0 <= i < n for i, n in zip(at, sizes)):
                yield place, output, at


def unfold_by_hand(x: Array, window: Window) -> Array:
    sizes = x.shape[-len(window.kernel) :]
    out = np.zeros((*x.shape[: -len(sizes)], *window.kernel, *window.outputs(sizes)))
    for place, output, at in seen(window, sizes):
        out[(..., *place, *output)] = x[(..., *at)]
    return out


def fold_by_hand(x: Array, window: Window, sizes: Shape) -> Array:
    out = np.zeros((*x.shape[: -2 * len(sizes)], *sizes))
    for place, output, at in seen(window, sizes):
        out[(..., *at)] += x[(..., *place, *output)]
    return out


def group(i: int, groups: int, channels: int) -> slice:
    return slice(i * (channels // groups), (i + 1) * (channels // groups))


def conv_by_hand(x: Array, weight: Array, bias: Any = 0.0, *, window: Window, groups: int) -> Array:
    out = np.zeros((len(x), len(weight), *window.outputs(x.shape[2:])))
    for place, output, at in seen(window, x.shape[2:]):
        for i in range(groups):
            c, o = group(i, groups, x.shape[1]), group(i, groups, len(weight))
            out[(slice(None), o, *output)] += x[(slice(None), c, *at)] @ weight[(o, slice(None), *place)].T
    return np.moveaxis(np.moveaxis(out, 1, -1) + bias, -1, 1)


def conv_transpose_by_hand(x: Array, weight: Array, *, window: Window, groups: int, sizes: Shape) -> Array:
    out = np.zeros((len(x), weight.shape[1] * groups, *sizes))
    for place, output, at in seen(window, sizes):
        for i in range(groups):
            c, o = group(i, groups, out.shape[1]), group(i, groups, len(weight))
            out[(slice(None), c, *at)] += x[(slice(None), o, *output)] @ weight[(o, slice(None), *place)]
    return out


def conv_weight_by_hand(x: Array, g: Array, *, window: Window, groups: int) -> Array:
    out = np.zeros((g.shape[1], x.shape[1] // groups, *window.kernel))
    for place, output, at in seen(window, x.shape[2:]):
        for i in range(groups):
            c, o = group(i, groups, x.shape[1]), group(i, groups, g.shape[1])
            out[(o, slice(None), *place)] += g[(slice(None), o, *output)].T @ x[(slice(None), c, *at)]
    return out


def chosen(at: Array, window: Window) -> Iterator[tuple[Shape, Shape]]:
    """(output, the input that is its first greatest), of an `at` of spatial axes only."""
    best: dict[Shape, Shape] = {}
    for _, output, place in seen(window, at.shape):
        if output not in best or at[place] > at[best[output]]:
            best[output] = place
    return iter(best.items())


def max_pool_by_hand(x: Array, at: Array, window: Window) -> Array:
    lead, sizes = x.shape[: -len(window.kernel)], x.shape[-len(window.kernel) :]
    out = np.empty((*lead, *window.outputs(sizes)))
    for item in np.ndindex(*lead):
        for output, place in chosen(at[item], window):
            out[(*item, *output)] = x[(*item, *place)]
    return out


def max_unpool_by_hand(g: Array, at: Array, window: Window) -> Array:
    out = np.zeros(at.shape)
    for item in np.ndindex(*at.shape[: -len(window.kernel)]):
        for output, place in chosen(at[item], window):
            out[(*item, *place)] += g[(*item, *output)]
    return out


def resample_by_hand(x: Array, axis: int, plan: resample.Plan) -> Array:
    matrix = np.zeros((plan.index.shape[1], plan.size))
    for t, j in np.ndindex(*plan.index.shape):
        matrix[j, plan.index[t, j]] += plan.weight[t, j]
    return np.moveaxis(np.tensordot(matrix, x, (1, axis)), 0, axis)


REFERENCE: dict[str, Callable[..., Any]] = {
    "unfold": unfold_by_hand,
    "fold": fold_by_hand,
    "conv": conv_by_hand,
    "conv_transpose": conv_transpose_by_hand,
    "conv_weight": conv_weight_by_hand,
    "max_pool": max_pool_by_hand,
    "max_unpool": max_unpool_by_hand,
    "resample": resample_by_hand,
}

NONE: tuple[float, ...] = ()
SINGULAR: dict[str, tuple[tuple[float, ...], ...]] = dict.fromkeys(
    CALLS, (NONE,)
)  # max_pool and max_unpool: but for ties
TIES = {"max_pool", "max_unpool"}
