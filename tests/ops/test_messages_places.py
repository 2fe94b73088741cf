"""The wording of errors of creation, axes, joining and positions: the user's own numbers, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor, where
from minigrad.errors import DtypeError, PositionError, ShapeError
from minigrad.ops.layout import broadcast_arrays

X = Tensor(np.zeros((2, 3)))
N = Tensor([0, 2])


class Picks(Module):
    position: int

    def forward(self, x: Tensor) -> Tensor:
        return x[self.position]


CASES: list[tuple[Callable[[], Any], type[BaseException], str]] = [
    # --- creation ---
    (lambda: Tensor.zeros((2, -1)), ShapeError, "no tensor of shape (2, -1): negative dimensions are not allowed"),
    (
        lambda: Tensor.ones(2.5),
        ShapeError,
        "no tensor of shape 2.5: sizes are integers\n  a shape is one tuple, such as (2, 3)",
    ),
    (
        lambda: Tensor.random(("a",)),
        ShapeError,
        "no tensor of shape ('a',): sizes are integers\n  a shape is one tuple, such as (2, 3)",
    ),
    (lambda: Tensor.eye(-2), ShapeError, "no tensor of shape (-2, -2): negative dimensions are not allowed"),
    (lambda: Tensor.tri(2, -1), ShapeError, "no tensor of shape (2, -1): negative dimensions are not allowed"),
    (lambda: Tensor.arange(0, 5, 0), ShapeError, "arange(0, 5, 0): ..."),
    (lambda: Tensor.linspace(0, 1, -1), ShapeError, "linspace(num=-1): it is an integer of at least 0"),
    (
        lambda: Tensor([1, 2]).full_like(0.5),
        DtypeError,
        "full_like(fill_value=0.5): int64 cannot hold it; dtype= chooses another",
    ),
    (
        lambda: Tensor([1], dtype=np.uint8).full_like(-1),
        DtypeError,
        "full_like(fill_value=-1): uint8 cannot hold it; dtype= chooses another",
    ),
    (lambda: X.full_like("a"), DtypeError, "full_like(fill_value='a'): float32 cannot hold it; dtype= chooses another"),
    (lambda: N.random_like(), DtypeError, "random_like of a tensor of int64: draws are Float; use float() first"),
    (lambda: Tensor.meshgrid(X, N), ShapeError, "meshgrid of shapes (2, 3), (2,): they are vectors of one axis"),
    (lambda: Tensor.meshgrid(N, indexing="yx"), ShapeError, "meshgrid(indexing='yx'): it is 'xy' or 'ij'"),
    (lambda: Tensor.triu_mask((3,)), ShapeError, "triu_mask((3,)): a matrix has at least two axes, such as (3, 3)"),
    (lambda: N.one_hot(2), PositionError, "one_hot: position 2 of 2: they go from 0 to 1"),
    (lambda: (N - 1).one_hot(3), PositionError, "one_hot: position -1 of 3: they go from 0 to 2"),
    (lambda: N.one_hot(0), ShapeError, "one_hot(n=0): it is an integer of at least 1"),
    (lambda: X.one_hot(3), DtypeError, "one_hot: positions are Int, not float32: use int() first"),
    (
        lambda: N.one_hot_fill(3, axis=2),
        PositionError,
        "one_hot_fill(axis=2): the tensor has 2 axes, so axis goes from -2 to 1",
    ),
    # --- axes ---
    (lambda: X.flatten(1, 0), ShapeError, "flatten(start=1, end=0) of shape (2, 3): start comes before end"),
    (lambda: X.swapaxes(0, 2), PositionError, "swapaxes(axis2=2): the tensor has 2 axes, so axis2 goes from -2 to 1"),
    (lambda: X.moveaxis((0, 1), 0), ShapeError, "moveaxis((0, 1), 0): as many destinations as sources"),
    (lambda: X.moveaxis((0, 0), (0, 1)), ShapeError, "moveaxis(axis=(0, 0)): an axis is named twice"),
    (lambda: X.expand_dims((0, 0)), ShapeError, "expand_dims(axis=(0, 0)): an axis is named twice"),
    (lambda: X.expand_dims(None), ShapeError, "expand_dims(axis=None): an axis is an integer"),
    (
        lambda: X.unsqueeze(0),
        ShapeError,
        "unsqueeze(0) of shape (2, 3): it has 2 axes already\n  expand_dims(axis) adds one at a position",
    ),
    (
        lambda: X.expand(-1, 2, 3),
        ShapeError,
        "expand(-1, 2, 3) of shape (2, 3): axes are added on the left, and -1 is for the others",
    ),
    (lambda: X.expand(4, -1), ShapeError, "broadcast_to of shape (2, 3): ...(4,3)...\n  at test_messages_places.py"),
    (
        lambda: broadcast_arrays(X, Tensor([1.0, 2.0])),
        ShapeError,
        "broadcast_arrays: shapes (2, 3) and (2,) do not broadcast\n  at test_messages_places.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (lambda: X.flip(2), PositionError, "flip(axis=2): the tensor has 2 axes, so axis goes from -2 to 1"),
    (lambda: X.roll(1, 5), PositionError, "roll(axis=5): the tensor has 2 axes, so axis goes from -2 to 1"),
    (lambda: X.roll((1, 2), 0), ShapeError, "roll(shift=(1, 2), axis=0): a shift is an integer, or one for each axis"),
    (lambda: X.roll(0.5, 0), ShapeError, "roll(shift=0.5): it is an integer"),
    (lambda: N.triu(), ShapeError, "triu of shape (2,): a matrix has at least two axes"),
    (lambda: N.diagonal(), ShapeError, "diagonal of shape (2,): a matrix has at least two axes"),
    (
        lambda: Tensor.zeros((1, 2, 2)).diag(),
        ShapeError,
        "diag of shape (1, 2, 2): it takes a vector or a matrix; diagonal() takes more axes",
    ),
    # --- joining and splitting ---
    (lambda: Tensor.cat([]), ShapeError, "cat of no tensors: give a list of at least one"),
    (lambda: Tensor.stack([]), ShapeError, "stack of no tensors: give a list of at least one"),
    (lambda: Tensor.cat([Tensor(1.0)]), ShapeError, "cat of tensors without axes: stack gives them one"),
    (lambda: Tensor.cat([X, N]), ShapeError, "cat of shapes (2, 3), (2,): they must have as many axes"),
    (
        lambda: Tensor.cat([X, X.T]),
        ShapeError,
        "cat of shapes (2, 3) and (3, 2): ...\n  at test_messages_places.py",
    ),
    (lambda: Tensor.stack([X, X.T]), ShapeError, "stack of shapes (2, 3), (3, 2): they must be equal"),
    (
        lambda: Tensor.cat([X, "a"]),
        DtypeError,
        "cat: a str is no operand of a tensor of shape (2, 3)\n  operands are tensors, numbers and NumPy arrays",
    ),
    (
        lambda: X.split(2, 1),
        ShapeError,
        "split(2) of shape (2, 3) along axis 1: 3 is no multiple of it\n"
        "  chunk lets the last part be shorter, split_with_sizes takes the sizes",
    ),
    (
        lambda: X.split_with_sizes([1, 1], 1),
        ShapeError,
        "split_with_sizes([1, 1]) of shape (2, 3): they add up to 2, axis 1 has 3",
    ),
    (lambda: X.split_with_sizes(0), ShapeError, "split_with_sizes(size=0): it is an integer of at least 1"),
    (lambda: X.chunk(0), ShapeError, "chunk(chunks=0): it is an integer of at least 1"),
    (
        lambda: X.narrow(1, 2, 2),
        ShapeError,
        "narrow(axis=1, start=2, length=2) of shape (2, 3): the axis has positions 0 to 2",
    ),
    (lambda: X.iter_dim(2), PositionError, "iter_dim(axis=2): the tensor has 2 axes, so axis goes from -2 to 1"),
    (lambda: X.tile(-1), ShapeError, "tile(reps=-1): it is an integer of at least 0"),
    (lambda: X.repeat(-1, 0), ShapeError, "repeat(repeats=-1): it is an integer of at least 0"),
    (
        lambda: X.repeat([1, 2], 1),
        ShapeError,
        "repeat([1, 2]) of shape (2, 3): a number for each of the 3 along axis 1, or one",
    ),
    (
        lambda: X.pad(-1),
        ShapeError,
        "pad(widths=-1) of shape (2, 3): a number >= 0, (before, after), or a pair for each axis",
    ),
    (
        lambda: X.pad(((1, 1), (1, 1), (1, 1))),
        ShapeError,
        "pad(widths=((1, 1), (1, 1), (1, 1))) of shape (2, 3): a number >= 0, (before, after), or a pair for each axis",
    ),
    (
        lambda: X.pad(1, mode="mirror"),
        ShapeError,
        "pad(mode='mirror'): it is 'constant' or 'reflect' or 'edge' or 'wrap' or 'symmetric'",
    ),
    (
        lambda: Tensor.zeros((2, 0)).pad(1, mode="edge"),
        ShapeError,
        "pad(mode='edge') of shape (2, 0): axis 1 has nothing to repeat",
    ),
    (
        lambda: X.pad(1, constant_values=(1, 2)),
        ShapeError,
        "pad(constant_values=(1, 2)): it is a number",
    ),
    # --- positions ---
    (
        lambda: X[2],
        PositionError,
        "getitem: axis 0 of shape (2, 3) has no position 2: positions go from -2 to 1\n  at test_messages_places.py",
    ),
    (
        lambda: Tensor.zeros((0,))[0],
        PositionError,
        "getitem: axis 0 of shape (0,) has no position 0: it is empty\n  at test_messages_places.py",
    ),
    (
        lambda: Picks(7)(X),
        PositionError,
        "getitem: axis 0 of shape (2, 3) has no position 7: positions go from -2 to 1\n  in Picks",
    ),
    (
        lambda: X[0, 0, 0],
        PositionError,
        "getitem of shape (2, 3): too many indices for tensor: tensor is 2-dimensional, but 3 were indexed\n"
        "  at test_messages_places.py",
    ),
    (
        lambda: Tensor(1.0)[0],
        PositionError,
        "getitem of shape (): a tensor without axes has one element, x.item()\n  at test_messages_places.py",
    ),
    (
        lambda: X[Tensor([True])],
        PositionError,
        "getitem of shape (2, 3): boolean index did not match indexed tensor along axis 0; "
        "size of axis is 2 but size of corresponding boolean axis is 1\n  at test_messages_places.py",
    ),
    (
        lambda: X[[0, 1], [0, 1, 2]],
        PositionError,
        "getitem of shape (2, 3): shape mismatch: indexing tensors could not be broadcast together "
        "with shapes (2,) (3,)...\n  at test_messages_places.py",
    ),
    *(
        (
            index,
            DtypeError,
            "getitem: an index is made of integers, slices, None, ... and Int or Bool arrays\n"
            "  at test_messages_places.py\n"
            "  of Float positions make Int ones: use int()",
        )
        for index in (lambda: X[1.0], lambda: X["a"], lambda: X[Tensor([1.0])], lambda: X[0, [0.5]])
    ),
    (lambda: X[[0, [1, 0]]], ShapeError, "rows of different lengths make no index: ..."),
    (lambda: X[::0], ShapeError, "getitem of shape (2, 3): slice step cannot be zero\n  at test_messages_places.py"),
    (lambda: X.take([0, 3, 1], 1), PositionError, "take: position 3 of 3: they go from 0 to 2"),
    (lambda: X.take(-1, 0), PositionError, "take: position -1 of 2: they go from 0 to 1"),
    (lambda: X.take(Tensor([2], dtype=np.uint8), 0), PositionError, "take: position 2 of 2: they go from 0 to 1"),
    (lambda: Tensor.zeros(0).take(0, 0), PositionError, "take: position 0 of 0: it is empty"),
    (lambda: X.take(Tensor([True]), 0), DtypeError, "take: positions are Int, not bool: use int() first"),
    (lambda: Tensor(1.0).take(0, 0), PositionError, "take(axis=0): the tensor has 0 axes, so there is no axis to name"),
    (
        lambda: X.take_along_axis([[3]], 1),
        PositionError,
        "take_along_axis: axis 1 of shape (2, 3) has no position 3: positions go from -3 to 2\n"
        "  at test_messages_places.py",
    ),
    (
        lambda: X.take_along_axis([[0.5]], 1),
        DtypeError,
        "take_along_axis: an index is made of integers, slices, None, ... and Int or Bool arrays\n"
        "  at test_messages_places.py\n"
        "  of Float positions make Int ones: use int()",
    ),
    (lambda: X.index_add([2], 1.0, 0), PositionError, "index_add: position 2 of 2: they go from 0 to 1"),
    (
        lambda: X.index_add([[1]], 1.0, 0),
        ShapeError,
        "index_add: indices of shape (1, 1): they have one axis; scatter_add takes more",
    ),
    (
        lambda: X.index_add([0, 1], Tensor.zeros((3, 3)), 0),
        ShapeError,
        "index_add: values of shape (3, 3) do not broadcast to (2, 3), the places",
    ),
    (lambda: X.scatter_add([[-1]], 1.0, 1), PositionError, "scatter_add: position -1 of 3: they go from 0 to 2"),
    (
        lambda: X.scatter_add([0], 1.0, 1),
        ShapeError,
        "scatter_add: indices of shape (1,) for a tensor of shape (2, 3)\n  outside of axis 1 sizes must be equal or 1",
    ),
    (
        lambda: X.scatter_add([[0], [0], [0]], 1.0, 1),
        ShapeError,
        "scatter_add: indices of shape (3, 1) for a tensor of shape (2, 3)\n"
        "  outside of axis 1 sizes must be equal or 1",
    ),
    (
        lambda: X.scatter_add([[0, 1]], [[1.0, 2.0, 3.0]], 1),
        ShapeError,
        "scatter_add: values of shape (1, 3) do not broadcast to (2, 2), the places",
    ),
    (
        lambda: X.slice_assign(5, 1.0),
        PositionError,
        "slice_assign: axis 0 of shape (2, 3) has no position 5: positions go from -2 to 1\n"
        "  at test_messages_places.py",
    ),
    (
        lambda: X.slice_assign(0, [1.0, 2.0]),
        ShapeError,
        "slice_assign: values of shape (2,) do not broadcast to (3,), the places",
    ),
    (
        lambda: X.slice_assign([0, 0], 1.0),
        ShapeError,
        "slice_assign: the index names an element twice\n  index_add and scatter_add add up",
    ),
    (
        lambda: X.__setitem__(0, 1.0),
        TypeError,
        "a tensor has no item assignment: x = x.slice_assign(index, values) makes a changed copy",
    ),
    (
        lambda: Tensor(1.0).nonzero(),
        ShapeError,
        "nonzero of a tensor without axes: it has no positions; reshape(1) gives it an axis",
    ),
    # --- masks ---
    (
        lambda: X.mask_fill(N, 0.0),
        DtypeError,
        "where: a mask is Bool, not int64: a comparison such as x > 0, or x.bool()",
    ),
    (
        lambda: where(Tensor([True, False]), X, X),
        ShapeError,
        "where: shapes (2, 3) and (2, 3) and (2,) do not broadcast\n"
        "  at test_messages_places.py\n"
        "  from the right, sizes must be equal or 1: reshape or expand_dims one of them",
    ),
    (
        lambda: range(X),
        DtypeError,
        "a tensor of float32 and shape (2, 3) is no integer: it takes Int and no axes",
    ),
    (
        lambda: np.from_dlpack(X.require_grad()),
        RuntimeError,
        "from_dlpack of a tracked tensor would drop its gradient: use x.detach()",
    ),
]


@pytest.mark.parametrize(("call", "kind", "message"), CASES)
def test_message(call: Callable[[], Any], kind: type[BaseException], message: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    text = re.sub(r"(at test_messages_places\.py):\d+", r"\1", str(caught.value))
    assert re.fullmatch(re.escape(message).replace(r"\.\.\.", ".*"), text, re.S), text


@pytest.mark.parametrize("call", [lambda: X[2], lambda: X.take_along_axis([[3]], 1), lambda: X.slice_assign(5, 1.0)])
def test_numpys_error_is_not_shown_beside_ours(call: Callable[[], Any]) -> None:
    with pytest.raises(PositionError) as caught:
        call()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
