"""The wording of the activation functions' errors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.activation import celu, gelu, logsumexp, prelu, quiet_softmax, relu, softmax, softplus
from minigrad.errors import ConfigError, DtypeError, MinigradError, PositionError, ShapeError

X = Tensor(np.zeros((2, 3)))

CASES: list[tuple[Callable[[], Any], type[MinigradError], str]] = [
    (
        lambda: softmax(X, 2),
        PositionError,
        "softmax(axis=2): the tensor has 2 axes, so axis goes from -2 to 1",
    ),
    (
        lambda: quiet_softmax(X, -3),
        PositionError,
        "quiet_softmax(axis=-3): the tensor has 2 axes, so axis goes from -2 to 1",
    ),
    (
        lambda: softmax(X, "rows"),  # type: ignore[arg-type]
        ShapeError,
        "softmax(axis='rows'): an axis is an integer",
    ),
    (
        lambda: logsumexp(X, (0, -2)),
        ShapeError,
        "logsumexp(axis=(0, -2)): an axis is named twice",
    ),
    (
        lambda: prelu(X, Tensor([0.1, 0.2])),
        ShapeError,
        "prelu: alpha of shape (2,) for x of shape (2, 3), which has 3 channels\n"
        "  x is [batch, channels, ...], alpha has one element or one for each channel",
    ),
    (
        lambda: prelu([1.0, 2.0], [0.1, 0.2]),
        ShapeError,
        "prelu: alpha of shape (2,) for x of shape (2,), which has no channels\n"
        "  x is [batch, channels, ...], alpha has one element or one for each channel",
    ),
    (
        lambda: gelu(X, approximate="tan"),
        ConfigError,
        "gelu(approximate='tan'): it is \"tanh\", or None for the exact one",
    ),
    (
        lambda: celu(X, 0),
        ConfigError,
        "celu(alpha=0): it is divided by, and any other number will do",
    ),
    (
        lambda: softplus(X, beta=0.0),
        ConfigError,
        "softplus(beta=0): it is divided by, and any other number will do",
    ),
    (
        lambda: relu("1.0"),
        DtypeError,
        "a tensor is Float, Int or Bool, not <U3: '1.0'",
    ),
    (
        lambda: softmax([[1.0], [2.0, 3.0]], 0),
        ShapeError,
        "rows of different lengths make no tensor: ...",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), CASES, ids=range(len(CASES)))
def test_messages(call: Callable[[], Any], kind: type[MinigradError], text: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    said = str(caught.value)
    assert said == text if not text.endswith("...") else said.startswith(text[:-3])
