"""The wording of the errors of losses, norms, attention and embedding as functions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.errors import ConfigError, DtypeError, LossInputError, MinigradError, PositionError, ShapeError
from minigrad.functional import (
    batch_norm,
    cross_entropy,
    cross_entropy_with_logits,
    embedding,
    group_norm,
    layer_norm,
    masked_softmax,
    scaled_dot_product_attention,
)

X = Tensor(np.zeros((2, 3)))
ZEROS = Tensor([0, 0])
Q, K = Tensor(np.zeros((2, 4, 5))), Tensor(np.zeros((2, 6, 5)))
HERE = "\n  at test_messages_fused.py"

CASES: list[tuple[Callable[[], Any], type[MinigradError], str]] = [
    # --- classes ---
    (
        lambda: cross_entropy(X, Tensor([0, 3])),
        LossInputError,
        f"cross_entropy: target 3 is no class: 3 columns of logits are classes 0 to 2{HERE}",
    ),
    (
        lambda: cross_entropy(X, Tensor([-1, 0])),
        LossInputError,
        f"cross_entropy: target -1 is no class: 3 columns of logits are classes 0 to 2{HERE}",
    ),
    (
        lambda: cross_entropy(X, Tensor([0, 0, 0])),
        ShapeError,
        f"cross_entropy: logits (2, 3), targets (3,): they are [n, classes] and [n]{HERE}",
    ),
    (
        lambda: cross_entropy(X, Tensor([[0], [1]])),
        ShapeError,
        f"cross_entropy: logits (2, 3), targets (2, 1): they are [n, classes] and [n]{HERE}\n"
        "  targets.squeeze(-1) has the shape (2,)",
    ),
    (
        lambda: cross_entropy(X, Tensor(np.eye(3, dtype=np.int64)[:2])),
        ShapeError,
        f"cross_entropy: logits (2, 3), targets (2, 3): they are [n, classes] and [n]{HERE}\n"
        "  one class number for each row, not one column for each class: targets.argmax(-1)",
    ),
    (
        lambda: cross_entropy(X, Tensor([0.0, 1.0])),
        DtypeError,
        f"cross_entropy: targets of float32; they are numbers of classes, of Int: targets.int(){HERE}",
    ),
    (
        lambda: cross_entropy(X, X),
        DtypeError,
        f"cross_entropy: targets of float32; they are numbers of classes, of Int: targets.int(){HERE}\n"
        "  of a probability for each class: cross_entropy_with_logits",
    ),
    (
        lambda: cross_entropy(X, [0, 1]),  # type: ignore[arg-type]
        DtypeError,
        "cross_entropy of Tensor and list: both are tensors; wrap the data: Tensor(data, device)",
    ),
    (
        lambda: cross_entropy(X, ZEROS, Tensor([1.0, 2.0])),
        ShapeError,
        f"cross_entropy: weights of shape (2,) for 3 classes: one for each{HERE}",
    ),
    (
        lambda: cross_entropy(Tensor(np.zeros((0, 3))), Tensor(np.zeros(0, np.int64))),
        LossInputError,
        f"cross_entropy of logits (0, 3): there is nothing to average{HERE}",
    ),
    (
        lambda: cross_entropy_with_logits(X, ZEROS),
        ShapeError,
        f"cross_entropy_with_logits: logits (2, 3), targets (2,): both are [..., classes], of one shape{HERE}",
    ),
    # --- norms ---
    (
        lambda: layer_norm(X, Tensor([1.0, 1.0])),
        ShapeError,
        f"layer_norm of an input of shape (2, 3): gamma has shape (2,), and must be (3,){HERE}",
    ),
    (
        lambda: layer_norm(Tensor(1.0)),
        ShapeError,
        f"layer_norm of an input of shape (): it wants [..., d]{HERE}",
    ),
    (
        lambda: layer_norm([[1.0, 2.0]]),  # type: ignore[arg-type]
        DtypeError,
        "layer_norm of a list: it wants a tensor; wrap the data: Tensor(data, device)",
    ),
    (
        lambda: layer_norm(X, epsilon=0),
        ConfigError,
        "layer_norm(epsilon=0): it is a number > 0, which keeps equal elements from 0 / 0",
    ),
    (
        lambda: batch_norm(Tensor(np.zeros((0, 3)))),
        ShapeError,
        f"batch_norm of an input of shape (0, 3): nothing has no mean{HERE}",
    ),
    (
        lambda: batch_norm(X, mean=[0.0, 0.0, 0.0]),
        ShapeError,
        f"batch_norm: of mean and var one was given: both, for inference, or none, for training{HERE}",
    ),
    (
        lambda: group_norm(Tensor(np.zeros((2, 6, 4))), 4),
        ShapeError,
        f"group_norm: 6 channels of x (2, 6, 4) do not make 4 groups of one size{HERE}",
    ),
    # --- attention ---
    (
        lambda: scaled_dot_product_attention(Q, X, X),
        ShapeError,
        f"attention of query (2, 4, 5), key (2, 3), value (2, 3): query and key differ in the last axis, 5 and 3{HERE}",
    ),
    (
        lambda: scaled_dot_product_attention(Q, K, Q),
        ShapeError,
        f"attention of query (2, 4, 5), key (2, 6, 5), value (2, 4, 5): there are 6 keys and 4 values{HERE}",
    ),
    (
        lambda: scaled_dot_product_attention(Q, K[[0, 0, 0]], K[[0, 0, 0]]),
        ShapeError,
        "attention of query (2, 4, 5), key (3, 6, 5), value (3, 6, 5): the axes before the last two do not broadcast"
        f"{HERE}",
    ),
    (
        lambda: scaled_dot_product_attention(Q, Tensor([1.0]), Q),
        ShapeError,
        "attention of query (2, 4, 5), key (1,), value (2, 4, 5): each has at least two axes, [..., n, d], "
        f"[..., m, d], [..., m, e]{HERE}",
    ),
    (
        lambda: scaled_dot_product_attention(Q, K, K, mask=Tensor(np.zeros((6, 4), bool))),
        ShapeError,
        f"attention: a mask of shape (6, 4) does not broadcast to the scores (2, 4, 6){HERE}",
    ),
    (
        lambda: scaled_dot_product_attention(Q, K, K, mask=Tensor(np.zeros((4, 6)))),
        DtypeError,
        "attention: a mask is Bool, not float32: True where a key is hidden; mask.bool()",
    ),
    (
        lambda: scaled_dot_product_attention(Q, K, None),  # type: ignore[arg-type]
        DtypeError,
        "attention: value is a NoneType: it wants tensors; Tensor(data, device)",
    ),
    (
        lambda: masked_softmax(Tensor(1.0)),
        ShapeError,
        f"masked_softmax of Tensor(1., dtype=float32): it wants a tensor with at least one axis{HERE}",
    ),
    # --- rows of a table ---
    (
        lambda: embedding(X, Tensor([0, 2])),
        PositionError,
        "embedding: position 2 of 2: they go from 0 to 1",
    ),
    (
        lambda: embedding(X, Tensor([0.0])),
        DtypeError,
        "embedding: positions are Int, not float32: use int() first",
    ),
    (
        lambda: embedding(Tensor([1.0]), Tensor([0])),
        ShapeError,
        f"embedding: weight of shape (1,): it is [n, d]{HERE}",
    ),
    (
        lambda: embedding([[1.0]], Tensor([0])),  # type: ignore[arg-type]
        DtypeError,
        "embedding: weight is a list, and must be a tensor [n, d]",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), CASES, ids=range(len(CASES)))
def test_messages(call: Callable[[], Any], kind: type[MinigradError], text: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    said = "\n".join(
        line.split(".py:")[0] + ".py" if ".py:" in line else line for line in str(caught.value).split("\n")
    )
    assert said == text
