"""How the rules of recurrent layers are called in tests, and what they are step by step, row by row."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.strategies import DrawFn, SearchStrategy

from minigrad.testing import Call

Array = np.ndarray[Any, Any]


@st.composite
def sizes(draw: DrawFn) -> tuple[int, int, int]:
    n, steps, d = (draw(st.sampled_from(sides)) for sides in ((2, 1, 3, 0), (2, 1, 3), (1, 2, 3)))
    return n, steps, d


@st.composite
def lstm_call(draw: DrawFn) -> Call:
    n, steps, d = draw(sizes())
    return Call(((n, steps, 4 * d), (d, 4 * d), (n, d), (n, d)))


@st.composite
def gru_call(draw: DrawFn) -> Call:
    n, steps, d = draw(sizes())
    bias = draw(st.sampled_from(((d,), (n, d))))
    return Call(((n, steps, 3 * d), (d, 3 * d), bias, (n, d)), {"after": draw(st.booleans())})


CALLS: dict[str, SearchStrategy[Call]] = {"lstm": lstm_call(), "gru": gru_call()}


def sigmoid(x: Array) -> Array:
    return 1 / (1 + np.exp(-x))


def lstm(x: Array, u: Array, hidden: Array, cell: Array) -> Array:
    out = np.zeros((*x.shape[:2], 2 * len(u)))
    for row in range(len(x)):
        h, c = hidden[row], cell[row]
        for t in range(x.shape[1]):
            i, f, o, g = np.split(x[row, t] + h @ u, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
            out[row, t] = [*h, *c]
    return out


def gru(x: Array, u: Array, bias: Array, hidden: Array, after: bool) -> Array:
    out = np.zeros((*x.shape[:2], len(u)))
    biases = np.broadcast_to(bias, hidden.shape)
    for row in range(len(x)):
        h, bias = hidden[row], biases[row]
        for t in range(x.shape[1]):
            (xz, xr, xn), (uz, ur, un) = np.split(x[row, t], 3), np.split(u, 3, 1)
            z, r = sigmoid(xz + h @ uz), sigmoid(xr + h @ ur)
            new = np.tanh(xn + (r * (h @ un + bias) if after else (r * h) @ un + bias))
            h = out[row, t] = (1 - z) * new + z * h
    return out


REFERENCE: dict[str, Callable[..., Any]] = {"lstm": lstm, "gru": gru}
SINGULAR: dict[str, tuple[tuple[float, ...], ...]] = {"lstm": ((),), "gru": ((),)}
