"""The wording of errors: elementwise operations, logic, reductions, scans and sorting."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.errors import DtypeError, PositionError, ShapeError

X = Tensor(np.zeros((2, 3)))
I = Tensor([1, 2])  # noqa: E741 - Int beside X, a Float
NOTHING = Tensor.zeros((0, 3))

CASES: list[tuple[Callable[[], Any], type[BaseException], str]] = [
    # --- elementwise ---
    (
        lambda: X % Tensor([1.0, 2.0]),
        ShapeError,
        "remainder: shapes (2, 3) and (2,) do not broadcast\n"
        "  at test_messages_numbers.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (
        lambda: X.clip(Tensor([1.0, 2.0])),
        ShapeError,
        "clamp_min: shapes (2, 3) and (2,) do not broadcast\n"
        "  at test_messages_numbers.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (
        lambda: X // [1.0, 2.0],
        ShapeError,
        "floor_divide: shapes (2, 3) and (2,) do not broadcast\n"
        "  at test_messages_numbers.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (
        lambda: X.clip("a"),
        DtypeError,
        "clamp_min: a str is no operand of a tensor of shape (2, 3)\n  operands are tensors, numbers and NumPy arrays",
    ),
    (
        lambda: X.hypot(None),
        DtypeError,
        "hypot: a NoneType is no operand of a tensor of shape (2, 3)\n  operands are tensors, numbers and NumPy arrays",
    ),
    (lambda: X.round(0.5), ShapeError, "round(decimals=0.5): it is an integer"),
    # --- logic ---
    (
        lambda: X & 1,
        DtypeError,
        "& of a tensor of float32: only Int and Bool have bits\n"
        "  of what is true: (x > 0) & (y > 0), or logical_and; of numbers: int() first",
    ),
    (
        lambda: I | X,
        DtypeError,
        "| of a tensor of float32: only Int and Bool have bits\n"
        "  of what is true: (x > 0) & (y > 0), or logical_and; of numbers: int() first",
    ),
    (
        lambda: I << 0.5,
        DtypeError,
        "<< of 0.5: only Int and Bool have bits\n"
        "  of what is true: (x > 0) & (y > 0), or logical_and; of numbers: int() first",
    ),
    (lambda: ~X, DtypeError, "~ of a tensor of float32: it is for Bool and Int; -x changes the sign"),
    (
        lambda: Tensor([1], dtype=np.int8) & 300,
        DtypeError,
        "bitwise_and: 300 is out of the range of int8, the tensor's dtype",
    ),
    (
        lambda: X.isclose([1.0, 2.0]),
        ShapeError,
        "isclose: shapes (2, 3) and (2,) do not broadcast\n"
        "  at test_messages_numbers.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (
        lambda: X.equal("a"),
        DtypeError,
        "equal: a str is no operand of a tensor of shape (2, 3)\n  operands are tensors, numbers and NumPy arrays",
    ),
    # --- reductions ---
    (
        lambda: Tensor([2]) ** Tensor([-1, -3]),
        DtypeError,
        "power: Int to the power of -3: the result is a fraction; use x.float() ** y",
    ),
    (lambda: X.prod(2), PositionError, "prod(axis=2): the tensor has 2 axes, so axis goes from -2 to 1"),
    (lambda: X.var((0, -2)), ShapeError, "var(axis=(0, -2)): an axis is named twice"),
    (lambda: X.median(1.5), ShapeError, "median(axis=1.5): an axis is an integer"),
    (
        lambda: X.count_nonzero(3),
        PositionError,
        "count_nonzero(axis=3): the tensor has 2 axes, so axis goes from -2 to 1",
    ),
    (lambda: NOTHING.max(0), ShapeError, "max over axis 0 of shape (0, 3): there is no element to choose"),
    (lambda: NOTHING.median(), ShapeError, "median over axis None of shape (0, 3): there is no element to choose"),
    (lambda: NOTHING.argmin(), ShapeError, "argmin over axis None of shape (0, 3): there is no element to choose"),
    (
        lambda: NOTHING.std(0),
        ShapeError,
        "std over axis 0 of shape (0, 3): of 0 elements correction=0 leaves nothing to divide by",
    ),
    (
        lambda: Tensor([1.0]).var(correction=1),
        ShapeError,
        "var over axis None of shape (1,): of 1 elements correction=1 leaves nothing to divide by",
    ),
    (lambda: X.quantile(50), ShapeError, "quantile(q=50): a part is a number from 0 to 1"),
    (lambda: X.quantile(1.5), ShapeError, "quantile(q=1.5): a part is a number from 0 to 1"),
    (lambda: X.quantile("half"), ShapeError, "quantile(q='half'): it is a number"),
    (
        lambda: Tensor([1.0, 2.0]).cov(),
        ShapeError,
        "cov of shape (2,): it wants observations of several variables, two axes; or use var",
    ),
    (
        lambda: Tensor.zeros((4, 2, 3)).cov(axis=0),
        ShapeError,
        "cov(axis=0) of shape (4, 2, 3): observations are counted by one of the last two axes",
    ),
    (
        lambda: Tensor.zeros((1, 3)).cov(),
        ShapeError,
        "cov over axis 0 of shape (1, 3): of 1 observations correction=1 leaves nothing to divide by",
    ),
    # --- scans ---
    (lambda: X.cumsum(2), PositionError, "cumsum(axis=2): the tensor has 2 axes, so axis goes from -2 to 1"),
    (
        lambda: X.cumulative_sum(),
        ShapeError,
        "cumulative_sum of shape (2, 3): say along which axis; only a vector needs none",
    ),
    (
        lambda: Tensor(1.0).cumulative_prod(),
        ShapeError,
        "cumulative_prod of shape (): say along which axis; only a vector needs none",
    ),
    (lambda: X.cummax(-3), PositionError, "cummax(axis=-3): the tensor has 2 axes, so axis goes from -2 to 1"),
    (lambda: X.diff(-1), ShapeError, "diff(n=-1): it is an integer of at least 0"),
    (lambda: X.diff(0.5), ShapeError, "diff(n=0.5): it is an integer of at least 0"),
    (lambda: X.diff(prepend=[[1.0, 2.0]]), ShapeError, "cat of shapes (1, 2) and (2, 3): ..."),
    # --- sorting ---
    (lambda: X.sort(2), PositionError, "sort(axis=2): the tensor has 2 axes, so axis goes from -2 to 1"),
    (lambda: X.topk(4), ShapeError, "topk(k=4) along axis 1 of shape (2, 3): k goes from 0 to 3"),
    (lambda: X.topk(-1, axis=0), ShapeError, "topk(k=-1) along axis 0 of shape (2, 3): k goes from 0 to 2"),
    (lambda: X.topk(1.5), ShapeError, "topk(k=1.5): it is an integer"),
    (
        lambda: X.searchsorted(1.0),
        ShapeError,
        "searchsorted in a tensor of shape (2, 3): a sorted vector has one axis",
    ),
    (lambda: X[0].searchsorted(1.0, "middle"), ShapeError, "searchsorted(side='middle'): it is 'left' or 'right'"),
]


@pytest.mark.parametrize(
    ("call", "kind", "message"), CASES, ids=lambda case: case[:60] if isinstance(case, str) else ""
)
def test_message(call: Callable[[], Any], kind: type[BaseException], message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert type(caught.value) is kind
    text = re.sub(r"(at test_messages_numbers\.py):\d+", r"\1", str(caught.value))
    assert re.fullmatch(re.escape(message).replace(r"\.\.\.", ".*"), text, re.S), text
