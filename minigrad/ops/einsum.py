"""Einstein sums, taken to pieces: permute, reshape, and one product for each pair, of matrices where it sums.

Every piece is an operation with derivatives of any order, so the whole has them too; and where NumPy's einsum loops
over elements there is BLAS. What is to be done is found once for each subscripts and shapes, and kept.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from math import prod
from string import ascii_letters
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np

from ..arrays import BOOL
from ..blame import whereabouts
from ..errors import DtypeError, ShapeError
from ..lifting import lift, operands
from ..rules import elementwise, linalg, shape
from .diagonals import diagonal

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = ["einsum"]

Shape: TypeAlias = tuple[int, ...]
Labels: TypeAlias = tuple[Any, ...]  # of each axis a letter, or a number if an ellipsis stands for it, the last one -1
Step: TypeAlias = Callable[..., Any]

_permute = lift(shape.permute_dims)
_reshape = lift(shape.reshape)
_mul = lift(elementwise.mul)
_matmul = lift(linalg.matmul)


def einsum(subscripts: str, *tensors: Any) -> Tensor:
    """The Einstein sum: products of elements, summed over every label that the output does not name.

    `subscripts` are NumPy's: a letter for each axis, `...` for any others, which broadcast; a letter twice in one
    operand is its diagonal; without `->` the output has the letters that occur once, in alphabetical order. An axis of
    length 1 broadcasts. Of more than two tensors the order is that of NumPy's greedy path. Bools count as 0 and 1.
    Raises `ShapeError` for subscripts that do not fit.

    >>> from minigrad import Tensor
    >>> x = Tensor([[1.0, 2.0], [3.0, 4.0]])
    >>> einsum("ij,kj->ik", x, x)
    Tensor([[ 5., 11.],
            [11., 25.]], dtype=float32)
    >>> einsum("ii", x)
    Tensor(5., dtype=float32)
    """
    if not isinstance(subscripts, str):
        raise DtypeError(f"einsum: subscripts are a string, not {type(subscripts).__name__}: einsum('ij,jk->ik', x, y)")
    if not tensors:
        raise ShapeError(f"einsum({subscripts!r}): no operands were given")
    xs = [x.int() if x.data.dtype is BOOL else x for x in operands(einsum, *tensors)]
    return _program(subscripts, tuple([x.data.shape for x in xs]))(*xs)  # type: ignore[no-any-return]


# --- what the subscripts say ------------------------------------------------------------------------------------------


@lru_cache(maxsize=256)
def _program(subscripts: str, shapes: tuple[Shape, ...]) -> Step:
    """What `einsum` does with tensors of these shapes: a function of them."""
    try:
        return _compile(*_parse(subscripts, shapes), shapes)
    except ShapeError as error:
        where = whereabouts()
        raise ShapeError(f"einsum({subscripts!r}): {error}{where}") from None


def _parse(subscripts: str, shapes: tuple[Shape, ...]) -> tuple[list[Labels], Labels]:
    inputs, arrow, output = subscripts.replace(" ", "").partition("->")
    parts = inputs.split(",")
    if len(parts) != len(shapes):
        raise ShapeError(f"the subscripts are of {len(parts)} operands, {len(shapes)} were given")
    names = [part.replace("...", "", 1) for part in (*parts, output)]
    for c in "".join(names):
        if c not in ascii_letters:
            raise ShapeError(f"{c!r} is no label: labels are the letters a to z and A to Z, and one ... an operand")
    more = [len(dims) - len(name) for dims, name in zip(shapes, names)]
    for i, (part, n) in enumerate(zip(parts, more)):
        if n < 0 or (n and "..." not in part):
            raise ShapeError(f"operand {i} has the shape {shapes[i]}, and its labels are {part!r}")
    if not arrow:
        count = Counter("".join(names))
        output = "..." + "".join(sorted(c for c in count if count[c] == 1))
    if max(more) and "..." not in output:
        raise ShapeError("the output leaves out the axes of ...: write ... there too, or give them letters")
    terms = [_labels(part, n) for part, n in zip(parts, more)]
    wanted = _labels(output, max(more))
    for label in wanted:
        if wanted.count(label) > 1:
            raise ShapeError(f"the output names {label!r} twice")
        if not any(label in labels for labels in terms):
            raise ShapeError(f"the output names {label!r}, which no operand has")
    return terms, wanted


def _labels(part: str, more: int) -> Labels:
    head, dots, tail = part.partition("...")
    return (*head, *(range(-more, 0) if dots else ()), *tail)


def _sizes(terms: Sequence[Labels], shapes: Sequence[Shape]) -> dict[Any, int]:
    sizes: dict[Any, int] = {}
    says: dict[Any, int] = {}  # which operand
    for i, (labels, dims) in enumerate(zip(terms, shapes)):
        own: dict[Any, int] = {}
        for label, n in zip(labels, dims):
            m = sizes.get(label, 1)
            if own.setdefault(label, n) != n:
                raise ShapeError(f"label {label!r}, which is there twice, is {own[label]} and {n} long in operand {i}")
            if n != m and 1 not in (n, m):
                what = f"label {label!r}" if isinstance(label, str) else f"axis {label} of ..."
                raise ShapeError(f"{what} is {m} long in operand {says[label]} and {n} long in operand {i}")
            if m == 1:
                sizes[label], says[label] = n, i
    return sizes


# --- how it is computed -----------------------------------------------------------------------------------------------


def _compile(terms: Sequence[Labels], output: Labels, shapes: Sequence[Shape]) -> Step:
    sizes = _sizes(terms, shapes)
    prepared = [_distinct(labels, dims, sizes) for labels, dims in zip(terms, shapes)]
    live = [labels for labels, _ in prepared]
    prepare = []
    for i, (labels, steps) in enumerate(prepared):
        live[i], summed = _summed(labels, {*output, *(c for j, other in enumerate(live) if j != i for c in other)})
        prepare.append(_chain(steps + summed))
    program = []
    for i, j in _pairs(live, output, sizes):
        right, left = live.pop(i), live.pop(j)
        labels, product = _product(left, right, {*output, *(c for other in live for c in other)}, sizes)
        live.append(labels)
        program.append((i, j, product))
    finish = _chain(_arranged(live[0], [(c,) for c in output], sizes))

    def run(*tensors: Any) -> Any:
        xs = [step(x) for step, x in zip(prepare, tensors)]
        for i, j, product in program:
            right = xs.pop(i)
            xs.append(product(xs.pop(j), right))
        return finish(xs[0])

    return run


def _pairs(live: Sequence[Labels], output: Labels, sizes: dict[Any, int]) -> Iterator[tuple[int, int]]:
    """Which two to multiply, the later one first; they go, and their product comes last."""
    path: Sequence[Any] = [tuple(range(len(live)))]
    if len(live) > 2:
        number = {c: i for i, c in enumerate(sizes)}
        dummies = [(np.broadcast_to(0.0, [sizes[c] for c in labels]), [number[c] for c in labels]) for labels in live]
        flat = [part for dummy in dummies for part in dummy]
        path = np.einsum_path(*flat, [number[c] for c in output], optimize="greedy")[0][1:]
    n = len(live)
    for picks in path:
        last, *others = sorted(picks, reverse=True)
        for other in others:
            yield last, other
            n -= 1
            last = n - 1


def _distinct(labels: Labels, dims: Shape, sizes: dict[Any, int]) -> tuple[Labels, list[Step]]:
    """Take diagonals, so that no label occurs twice, and drop axes of length 1 that are to broadcast."""
    steps: list[Step] = []
    for label, times in Counter(labels).items():
        for _ in range(times - 1):
            i = labels.index(label)
            j = labels.index(label, i + 1)
            rest = tuple(k for k in range(len(labels)) if k not in (i, j))
            steps.append(partial(diagonal, axis1=i, axis2=j))
            labels, dims = (*(labels[k] for k in rest), label), (*(dims[k] for k in rest), dims[i])
    kept_axes = [k for k, n in enumerate(dims) if n == sizes[labels[k]]]
    if len(kept_axes) < len(dims):
        steps.append(partial(_reshape, shape=tuple(dims[k] for k in kept_axes)))
    return tuple(labels[k] for k in kept_axes), steps


def _summed(labels: Labels, needed: set[Any]) -> tuple[Labels, list[Step]]:
    axes = tuple(k for k, c in enumerate(labels) if c not in needed)
    return tuple(c for c in labels if c in needed), [lambda x: x.sum(axes).astype(x.dtype)] if axes else []


def _product(left: Labels, right: Labels, needed: set[Any], sizes: dict[Any, int]) -> tuple[Labels, Step]:
    """Of a pair: what is in both and still needed is the batch, what is in both and not is summed."""
    batch = [(c,) for c in left if c in right and c in needed]
    inner = [c for c in left if c in right and c not in needed]
    rows, columns = [c for c in left if c not in right], [c for c in right if c not in left]
    labels = (*(c for (c,) in batch), *rows, *columns)
    if inner:
        first = _chain(_arranged(left, [*batch, rows, inner], sizes))
        second = _chain(_arranged(right, [*batch, inner, columns], sizes))
        one_each = len(rows) == len(columns) == 1
        last = _chain([] if one_each else [partial(_reshape, shape=tuple(sizes[c] for c in labels))])
        return labels, lambda x, y: last(_matmul(first(x), second(y)))
    first = _chain(_arranged(left, [*batch, *((c,) for c in rows), *((),) * len(columns)], sizes))
    second = _chain(_arranged(right, [*batch, *((),) * len(rows), *((c,) for c in columns)], sizes))
    return labels, lambda x, y: _mul(first(x), second(y))


def _arranged(labels: Labels, groups: Sequence[Sequence[Any]], sizes: dict[Any, int]) -> list[Step]:
    """To one axis for each group of labels, in order; of a group of none its length is 1."""
    steps: list[Step] = []
    order = tuple(labels.index(c) for group in groups for c in group)
    if order != tuple(range(len(labels))):
        steps.append(partial(_permute, axes=order))
    if any(len(group) != 1 for group in groups):
        steps.append(partial(_reshape, shape=tuple(prod(sizes[c] for c in group) for group in groups)))
    return steps


def _chain(steps: Sequence[Step]) -> Step:
    if len(steps) == 1:
        return steps[0]

    def run(x: Any) -> Any:
        for step in steps:
            x = step(x)
        return x

    return run
