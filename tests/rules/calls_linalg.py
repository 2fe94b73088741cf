"""How the rules of inverses and decompositions are called in tests, and what they are in plain NumPy."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from minigrad.testing import Call
from minigrad.testing.strategies import broadcastable, shapes

Array = np.ndarray[Any, Any]

SIDE = st.sampled_from((2, 1, 3, 0))
BATCH = shapes(max_dims=2)


def square(count: int = 1) -> SearchStrategy[Call]:
    return st.builds(lambda batch, n: Call(((*batch, n, n),) * count), BATCH, SIDE)


def oblong(**static: Any) -> SearchStrategy[Call]:
    return st.builds(lambda batch, m, n: Call(((*batch, m, n),), static), BATCH, SIDE, SIDE)


@st.composite
def solve(draw: DrawFn) -> Call:
    n, k = draw(SIDE), draw(SIDE)
    left, right = draw(broadcastable(2, max_dims=2))
    return Call(((*left, n, n), (*right, n, k)))


@st.composite
def norm(draw: DrawFn) -> Call:
    shape = draw(shapes())
    axis = None if draw(st.booleans()) else tuple(i for i in range(len(shape)) if draw(st.booleans()))
    return Call((shape,), {"axis": axis, "keepdims": draw(st.booleans())})


@st.composite
def tall(draw: DrawFn) -> Call:
    n = draw(SIDE)
    return Call(((*draw(BATCH), n + draw(st.integers(0, 2)), n),))


CALLS: dict[str, SearchStrategy[Call]] = {
    "solve": solve(),
    "inv": square(),
    "pinv": oblong(rtol=None),
    "slogdet": square(),
    "det": square(),
    "cofactor": square(),
    "cofactor_slope": square(2),
    "cholesky": square(),
    "qr": tall(),
    "eigh": square(),
    "svd": oblong(),
    "vector_norm": norm(),
}

CALLS_OF_LAW: dict[tuple[str, str], SearchStrategy[Call]] = {
    # of fewer rows the third derivative of det is 0, computed as what rounding leaves of terms that cancel
    ("cofactor_slope", "linear"): BATCH.map(lambda batch: Call(((*batch, 3, 3),) * 2)),
}


# --- in plain NumPy, by another road where the signs of vectors leave one ---------------------------------------------


def each(function: Callable[..., Array]) -> Callable[..., Array]:
    """A function of matrices, on each one of a batch."""

    def on_batch(*xs: Array) -> Array:
        out = np.zeros(xs[0].shape)
        for place in np.ndindex(xs[0].shape[:-2]):
            out[place] = function(*(x[place] for x in xs))
        return out

    return on_batch


def minor(x: Array, i: int, j: int) -> Array:
    return np.delete(np.delete(x, i, 0), j, 1)


@each
def cofactors(x: Array) -> Array:
    return np.array([[(-1) ** (i + j) * np.linalg.det(minor(x, i, j)) for j in range(len(x))] for i in range(len(x))])


@each
def cofactor_slopes(x: Array, h: Array) -> Array:
    out = np.zeros(x.shape)
    for i, j in np.ndindex(*x.shape):
        out[i, j] = (-1) ** (i + j) * np.sum(cofactors(minor(x, i, j)) * minor(h, i, j))
    return out


@each
def cholesky_by_hand(x: Array) -> Array:
    out = np.zeros(x.shape)
    for i, j in np.ndindex(*x.shape):
        if i >= j:
            rest = (x[i, j] + x[j, i]) / 2 - out[i, :j] @ out[j, :j]
            out[i, j] = np.sqrt(rest) if i == j else rest / out[j, j]
    return out


def stacked_qr(x: Array) -> Array:
    q, r = np.linalg.qr(x)
    return np.concatenate([q, np.swapaxes(r, -2, -1)], -2)


def stacked_eigh(x: Array) -> Array:
    values, vectors = np.linalg.eigh((x + np.swapaxes(x, -2, -1)) / 2)
    return np.concatenate([values[..., None, :], vectors], -2)


def stacked_svd(x: Array) -> Array:
    u, s, vh = np.linalg.svd(x, full_matrices=False)
    return np.concatenate([u, s[..., None, :], np.swapaxes(vh, -2, -1)], -2)


def length_by_hand(x: Array, axis: Any, keepdims: bool) -> Any:
    out = np.array(0.0 * np.sum(x, axis, keepdims=True))  # of a 0-d array the sum is a scalar
    for place in np.ndindex(*x.shape):
        to = tuple(0 if axis is None or i in axis else k for i, k in enumerate(place))
        out[to] = np.hypot(out[to], x[place])
    return out if keepdims else np.squeeze(out, axis)


REFERENCE: dict[str, Callable[..., Any]] = {
    "solve": lambda x, y: np.linalg.inv(x) @ y,
    "inv": lambda x: np.linalg.solve(x, np.broadcast_to(np.eye(x.shape[-1]), x.shape)),
    "pinv": lambda x, rtol: np.linalg.pinv(x),
    "slogdet": lambda x: np.stack([np.sign(np.linalg.det(x)), np.log(np.abs(np.linalg.det(x)))], -1),
    "det": lambda x: np.prod(np.linalg.eigvals(x), -1).real,
    "cofactor": cofactors,
    "cofactor_slope": cofactor_slopes,
    "cholesky": cholesky_by_hand,
    "qr": stacked_qr,
    "eigh": stacked_eigh,
    "svd": stacked_svd,
    "vector_norm": length_by_hand,
}

# No element alone makes a matrix singular: their domains are built, not cut out.
SINGULAR: dict[str, tuple[tuple[float, ...], ...]] = {
    **dict.fromkeys(CALLS, ((),)),
    "solve": ((), ()),
    "cofactor_slope": ((), ()),
    "vector_norm": ((0.0,),),
}
