"""The wording of the errors of linear algebra and of einsum."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor, linalg
from minigrad.errors import DtypeError, GradientError, LinalgError, MinigradError, PositionError, ShapeError
from minigrad.linalg import (
    cholesky,
    cross,
    det,
    diagonal,
    eigh,
    inv,
    matrix_norm,
    matrix_power,
    norm,
    outer,
    qr,
    slogdet,
    solve,
    svd,
    tensordot,
    vecdot,
    vector_norm,
)
from minigrad.ops.einsum import einsum

X = Tensor(np.arange(6.0).reshape(2, 3))
EYES = np.broadcast_to(np.eye(2), (2, 3, 2, 2)).copy()
ONE_SINGULAR = EYES.copy()
ONE_SINGULAR[1, 2] = 1.0
ONE_INDEFINITE = EYES.copy()
ONE_INDEFINITE[0, 1] = [[1.0, 2.0], [2.0, 1.0]]
ONE_NAN = EYES.copy()
ONE_NAN[1, 0, 0, 0] = np.nan
TRACKED = X.require_grad()


class Whiten(Module):
    scale: float

    def forward(self, x: Tensor) -> Tensor:
        return cholesky(x * self.scale)


AT = "\n  at test_messages_linalg.py"
REGULAR = "\n  linalg.pinv takes any matrix; a little on the diagonal makes it regular: x + 1e-3 * Tensor.eye(2)"

CASES: list[tuple[Callable[[], Any], type[BaseException], str]] = [
    # --- matrices that cannot be worked with ---
    (
        lambda: inv(Tensor.ones((2, 2))),
        LinalgError,
        "inv: the matrix is singular" + AT + REGULAR,
    ),
    (
        lambda: inv(Tensor(ONE_SINGULAR)),
        LinalgError,
        "inv: matrix [1, 2] of the batch of shape (2, 3) is singular" + AT + REGULAR,
    ),
    (
        lambda: inv(Tensor(np.stack([np.eye(2), np.ones((2, 2)), np.eye(2)]))),
        LinalgError,
        "inv: matrix [1] of the batch of shape (3,) is singular" + AT + REGULAR,
    ),
    (
        lambda: solve(Tensor(ONE_SINGULAR), Tensor([1.0, 2.0])),
        LinalgError,
        "solve: matrix [1, 2] of the batch of shape (2, 3) is singular" + AT + REGULAR,
    ),
    (
        lambda: slogdet(Tensor.zeros((2, 2)).require_grad()).logabsdet.backward(),
        LinalgError,
        "the gradient of slogdet: the matrix is singular" + AT + REGULAR,
    ),
    (
        lambda: qr(Tensor.zeros((3, 2)).require_grad()).R.sum().backward(),
        LinalgError,
        "the gradient of qr, which divides by R: the matrix is singular" + AT + REGULAR,
    ),
    (
        lambda: cholesky(Tensor(ONE_INDEFINITE)),
        LinalgError,
        "cholesky: matrix [0, 1] of the batch of shape (2, 3) is not positive definite: its least eigenvalue is -1\n"
        "  at test_messages_linalg.py\n"
        "  where that is rounding, a little on the diagonal will do: x + 1e-6 * Tensor.eye(2)",
    ),
    (
        lambda: Whiten(-1.0)(Tensor.eye(3)),
        LinalgError,
        "cholesky: the matrix is not positive definite: its least eigenvalue is -1\n"
        "  in Whiten\n"
        "  where that is rounding, a little on the diagonal will do: x + 1e-6 * Tensor.eye(3)",
    ),
    (
        lambda: svd(Tensor(ONE_NAN)),
        LinalgError,
        "svd: matrix [1, 0] of the batch of shape (2, 3) holds NaN or infinity\n  at test_messages_linalg.py",
    ),
    # --- shapes ---
    (lambda: inv(X), ShapeError, "inv of shape (2, 3): the matrix must be square, it has 2 rows, 3 columns" + AT),
    (lambda: det(X[0]), ShapeError, "det of shape (3,): a matrix has at least two axes, its rows and columns" + AT),
    (lambda: diagonal(X[0]), ShapeError, "diagonal of shape (3,): a matrix has at least two axes"),
    (
        lambda: solve(Tensor.eye(2), X[0]),
        ShapeError,
        "solve of shapes (2, 2) and (3,): the right side does not fit 2 equations" + AT + "\n"
        "  it is a vector of 2 numbers, or a matrix of 2 rows",
    ),
    (
        lambda: solve(Tensor(EYES), Tensor.ones((4, 2, 1))),
        ShapeError,
        "solve: shapes (2, 3, 2, 2) and (4, 2, 1) do not broadcast\n  at test_messages_linalg.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (
        lambda: outer(X, X),
        ShapeError,
        "outer of shapes (2, 3) and (2, 3): they must be vectors" + AT + "\n  x.reshape(-1) makes one",
    ),
    (
        lambda: vecdot(X, X[0, :1]),
        ShapeError,
        "vecdot(axis=-1) of shapes (2, 3) and (1,): the axis is not as long in both" + AT,
    ),
    (
        lambda: cross(X, X, axis=0),
        ShapeError,
        "cross(axis=0) of shapes (2, 3) and (2, 3): both must have three elements along the axis, "
        "and it must be the same one from the right" + AT,
    ),
    (
        lambda: tensordot(X, X, axes=1),
        ShapeError,
        "tensordot(axes=1) of shapes (2, 3) and (2, 3): the axes do not fit" + AT + "\n"
        "  axes are a number, or a list of axes of each: as many, each once, and of the same sizes",
    ),
    (lambda: qr(X, "full"), ShapeError, "qr(mode='full'): it is 'reduced' or 'complete' or 'r'"),
    (
        lambda: eigh(Tensor.eye(2), "l"),
        ShapeError,
        "eigh(UPLO='l'): 'L' reads the lower triangle, 'U' the upper one, None both",
    ),
    (
        lambda: vector_norm(X, ord="fro"),
        ShapeError,
        "norm(ord='fro'): of a vector ord is a number; 'fro' and 'nuc' are norms of matrices",
    ),
    (
        lambda: matrix_norm(X, ord=3),
        ShapeError,
        "norm(ord=3): of a matrix ord is 'fro', 'nuc', 1, -1, 2, -2, inf or -inf",
    ),
    (
        lambda: norm(Tensor.ones((2, 2, 2)), 2),
        ShapeError,
        "norm(axis=None) of shape (2, 2, 2): one axis for a vector, two for a matrix" + AT,
    ),
    (
        lambda: vector_norm(X, axis=2),
        PositionError,
        "vector_norm(axis=2): the tensor has 2 axes, so axis goes from -2 to 1",
    ),
    # --- dtypes and gradients ---
    (lambda: matrix_power(Tensor.eye(2), 0.5), ShapeError, "matrix_power(n=0.5): it is an integer"),
    (
        lambda: inv(Tensor.eye(2).astype(np.float16)),
        DtypeError,
        "inv of float16: linear algebra has no such form; use x.astype(np.float32)",
    ),
    (
        lambda: svd(TRACKED),
        GradientError,
        "svd(full_matrices=True) of a tracked tensor of shape (2, 3): the vectors that complete a basis are any that "
        "do, and have no gradient\n  full_matrices=False leaves them out; x.detach() leaves the graph",
    ),
    (
        lambda: qr(TRACKED.mT, "complete"),
        GradientError,
        "qr(mode='complete') of a tracked tensor of shape (3, 2): the vectors that complete a basis are any that do, "
        "and have no gradient\n  mode='reduced' leaves them out; x.detach() leaves the graph",
    ),
    # --- einsum ---
    (
        lambda: einsum(X, "ij"),
        DtypeError,
        "einsum: subscripts are a string, not Tensor: einsum('ij,jk->ik', x, y)",
    ),
    (lambda: einsum("ij"), ShapeError, "einsum('ij'): no operands were given"),
    (
        lambda: einsum("ij,jk", X),
        ShapeError,
        "einsum('ij,jk'): the subscripts are of 2 operands, 1 were given" + AT,
    ),
    (
        lambda: einsum("ijk", X),
        ShapeError,
        "einsum('ijk'): operand 0 has the shape (2, 3), and its labels are 'ijk'" + AT,
    ),
    (lambda: einsum("i", X), ShapeError, "einsum('i'): operand 0 has the shape (2, 3), and its labels are 'i'" + AT),
    (
        lambda: einsum("ij,ij->ij", X, X.mT),
        ShapeError,
        "einsum('ij,ij->ij'): label 'i' is 2 long in operand 0 and 3 long in operand 1" + AT,
    ),
    (
        lambda: einsum("...,...", X, X.mT),
        ShapeError,
        "einsum('...,...'): axis -2 of ... is 2 long in operand 0 and 3 long in operand 1" + AT,
    ),
    (
        lambda: einsum("ii", X),
        ShapeError,
        "einsum('ii'): label 'i', which is there twice, is 2 and 3 long in operand 0" + AT,
    ),
    (lambda: einsum("ij->ik", X), ShapeError, "einsum('ij->ik'): the output names 'k', which no operand has" + AT),
    (lambda: einsum("ij->ii", X), ShapeError, "einsum('ij->ii'): the output names 'i' twice" + AT),
    (
        lambda: einsum("i1", X),
        ShapeError,
        "einsum('i1'): '1' is no label: labels are the letters a to z and A to Z, and one ... an operand" + AT,
    ),
    (
        lambda: einsum("...i->i", X),
        ShapeError,
        "einsum('...i->i'): the output leaves out the axes of ...: write ... there too, or give them letters" + AT,
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), CASES)
def test_message(call: Callable[[], Any], kind: type[BaseException], message: str) -> None:
    with pytest.raises(MinigradError) as caught:
        call()
    assert type(caught.value) is kind
    text = re.sub(r"(at test_messages_linalg\.py):\d+", r"\1", str(caught.value))
    assert text == message


def test_the_line_of_the_backward_pass_is_told() -> None:
    y = linalg.slogdet(Tensor.zeros((2, 2)).require_grad()).logabsdet
    with pytest.raises(LinalgError) as caught:
        y.backward()
    assert f"at test_messages_linalg.py:{caught.tb.tb_lineno}" in str(caught.value)
