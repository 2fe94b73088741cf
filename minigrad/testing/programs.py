"""Whole random programs of our operations: what single rules cannot show is how they are put together."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

__all__ = ["Program", "Step", "possible"]

Shape = tuple[int, ...]


class Step(NamedTuple):
    """One operation on values computed before: `text` with their names in it, and the function of them."""

    text: str
    operands: tuple[int, ...]
    function: Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Program:
    """A program of NumPy's functions, which runs on arrays and on tensors alike, and arguments to run it on.

    Calling it gives its last value; printing it shows it as Python.

    >>> square = Step("{} * {}", (0, 0), lambda x, y: x * y)
    >>> program = Program((square, Step("np.sum({})", (1,), np.sum)), (np.array([3.0, 4.0]),))
    >>> program(*program.arguments)
    np.float64(25.0)
    >>> print(program)
    def program(v0):  # v0 of shape (2,)
        v1 = v0 * v0
        v2 = np.sum(v1)
        return v2
    """

    steps: tuple[Step, ...]
    arguments: tuple[Any, ...]

    def __call__(self, *xs: Any) -> Any:
        values = list(xs)
        for _, operands, function in self.steps:
            values.append(function(*[values[i] for i in operands]))
        return values[-1]

    def __str__(self) -> str:
        first = len(self.arguments)
        names = ", ".join(f"v{i}" for i in range(first))
        told = ", ".join(f"v{i} of shape {np.shape(x)}" for i, x in enumerate(self.arguments))
        lines = [f"def program({names}):  # {told}"]
        for i, (text, operands, _) in enumerate(self.steps):
            lines.append(f"    v{first + i} = {text.format(*[f'v{j}' for j in operands])}")
        return "\n".join([*lines, f"    return v{first + len(self.steps) - 1}"])

    def __repr__(self) -> str:
        return str(self)


# Of one value, with slopes that stay moderate however many are chained.
SMOOTH: dict[str, Callable[[Any], Any]] = {
    "np.tanh({})": np.tanh,
    "np.sin({})": np.sin,
    "np.cos({})": np.cos,
    "np.exp(-{0} * {0})": lambda x: np.exp(-x * x),
    "np.log(1 + {0} * {0})": lambda x: np.log(1 + x * x),
    "np.sqrt(1 + {0} * {0})": lambda x: np.sqrt(1 + x * x),
    "1 / (1 + np.exp(-np.tanh({})))": lambda x: 1 / (1 + np.exp(-np.tanh(x))),
    "0.5 * {} - 1": lambda x: 0.5 * x - 1,
}
KINKED: dict[str, Callable[[Any], Any]] = {
    "np.abs({})": np.abs,
    "np.maximum({}, 0.25)": lambda x: np.maximum(x, 0.25),
    "np.where({0} > 0.1, {0}, 2 * {0})": lambda x: np.where(x > 0.1, x, 2 * x),
}
PAIRS: dict[str, Callable[[Any, Any], Any]] = {
    "{} + {}": lambda x, y: x + y,
    "{} - {}": lambda x, y: x - y,
    "{} * {}": lambda x, y: x * y,
    "{} / (2 + np.cos({}))": lambda x, y: x / (2 + np.cos(y)),
}


def possible(draw: Any, st: Any, values: Sequence[Any], smooth: bool) -> list[list[Step]]:
    """Steps that the values allow, by kind, the plainest first. The newest value is used the most."""
    i, j = (max(0, len(values) - 1 - draw(st.integers(0, len(values)))) for _ in range(2))
    x, y = values[i], values[j]
    text, function = draw(st.sampled_from(list((SMOOTH if smooth else SMOOTH | KINKED).items())))
    found = [[Step(text, (i,), function)]]
    if _broadcast(np.shape(x), np.shape(y)):
        pair, of_two = draw(st.sampled_from(list(PAIRS.items())))
        found.append([Step(pair, (i, j), of_two)])
    if np.ndim(x):
        axis = draw(st.integers(-np.ndim(x), np.ndim(x) - 1))
        found.append(_along(i, axis, np.shape(x)))
    if np.ndim(x) == np.ndim(y) == 2 and np.shape(x)[1] == np.shape(y)[0]:
        found.append([Step("np.matmul({}, {})", (i, j), np.matmul)])
    if np.ndim(x) and np.shape(x) == np.shape(y) and np.size(x) <= 18:
        found.append(
            [
                Step("np.concatenate([{}, {}], 0)", (i, j), lambda x, y: np.concatenate([x, y], 0)),
                Step("np.stack([{}, {}], -1)", (i, j), lambda x, y: np.stack([x, y], -1)),
            ]
        )
    return found


def _along(i: int, axis: int, shape: Shape) -> list[Step]:
    return [
        Step(f"np.sum({{}}, axis={axis})", (i,), lambda x: np.sum(x, axis=axis)),
        Step(f"np.mean({{}}, axis={axis}, keepdims=True)", (i,), lambda x: np.mean(x, axis=axis, keepdims=True)),
        Step("np.reshape({}, (-1,))", (i,), lambda x: np.reshape(x, (-1,))),
        Step("np.transpose({})", (i,), np.transpose),
        Step("{}[..., ::-1]", (i,), lambda x: x[..., ::-1]),
        Step("{}[0]", (i,), lambda x: x[0]),
        Step(f"np.expand_dims({{}}, {axis})", (i,), lambda x: np.expand_dims(x, axis)),
        Step(f"np.broadcast_to({{}}, {(2, *shape)})", (i,), lambda x: np.broadcast_to(x, (2, *shape))),
    ]


def _broadcast(a: Shape, b: Shape) -> bool:
    return all(m == n or 1 in (m, n) for m, n in zip(a[::-1], b[::-1]))
