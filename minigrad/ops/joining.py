"""Tensors put together, taken apart, repeated and padded."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from ..arrays import brief, normal_axis, number, one_of, several, whole
from ..autodiff import Node
from ..errors import DtypeError, ShapeError
from ..lifting import lift, operands
from ..rules import index, shape
from .indexing import where

if TYPE_CHECKING:
    from ..tensor import Tensor

__all__ = [
    "cat", "chunk", "iter_dim", "narrow", "pad", "repeat", "repeat_dim", "split", "split_with_sizes", "stack", "tile",
    "unstack",
]  # fmt: skip

_cat = lift(shape.cat)
_put = lift(index.put)


# --- together ---------------------------------------------------------------------------------------------------------


def cat(tensors: Iterable[Tensor], axis: int | None = 0) -> Tensor:
    """Joined along an axis that they have; `axis=None` joins all their elements.

    >>> from minigrad import Tensor
    >>> Tensor.cat([Tensor([[1, 2]]), Tensor([[3, 4]])], axis=1)
    Tensor([[1, 2, 3, 4]])
    """
    xs = _tensors("cat", tensors)
    if axis is None:
        return _cat(*(x.reshape(-1) for x in xs), axis=0)
    if not xs[0].ndim:
        raise ShapeError("cat of tensors without axes: stack gives them one")
    axis = normal_axis(axis, xs[0].ndim, "cat")
    if len({x.ndim for x in xs}) > 1:
        raise ShapeError(f"cat of shapes {_shapes(xs)}: they must have as many axes")
    return _cat(*xs, axis=axis)


def stack(tensors: Iterable[Tensor], axis: int = 0) -> Tensor:
    """Joined along a new axis; their shapes are equal."""
    xs = _tensors("stack", tensors)
    if len({x.shape for x in xs}) > 1:
        raise ShapeError(f"stack of shapes {_shapes(xs)}: they must be equal")
    axis = normal_axis(axis, xs[0].ndim + 1, "stack")
    return _cat(*(x.expand_dims(axis) for x in xs), axis=axis)


def _tensors(name: str, tensors: Iterable[Any]) -> tuple[Tensor, ...]:
    if isinstance(tensors, (str, dict, set)) or not isinstance(tensors, Iterable) or not getattr(tensors, "ndim", 1):
        raise DtypeError(f"{name}({brief(tensors)}): it takes a list of tensors, {name}([x, y])")
    xs = operands(_cat, *tensors)
    if not xs:
        raise ShapeError(f"{name} of no tensors: give a list of at least one")
    return xs


def _shapes(xs: Sequence[Tensor]) -> str:
    return ", ".join(str(x.shape) for x in xs[:8]) + (", ..." if len(xs) > 8 else "")


# --- apart ------------------------------------------------------------------------------------------------------------


def split(x: Tensor, indices_or_sections: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """NumPy's: so many equal parts, or the parts between positions. Burn's `split(size)` is `split_with_sizes(size)`.

    >>> from minigrad import Tensor
    >>> Tensor([1, 2, 3, 4]).split([1, 3])
    [Tensor([1]), Tensor([2, 3]), Tensor([4])]
    """
    axis = normal_axis(axis, x.ndim, "split")
    n = x.shape[axis]
    if not several(indices_or_sections):
        parts = whole(indices_or_sections, "split(indices_or_sections")
        if parts < 1 or n % parts:
            raise ShapeError(
                f"split({parts}) of shape {x.shape} along axis {axis}: {n} is no multiple of it\n"
                "  chunk lets the last part be shorter, split_with_sizes takes the sizes"
            )
        size = n // parts
        return [_part(x, axis, i * size, (i + 1) * size) for i in range(parts)]
    bounds = [0, *(whole(i, "split(position") for i in indices_or_sections), n]
    return [_part(x, axis, start, end) for start, end in pairwise(bounds)]


def split_with_sizes(x: Tensor, sizes: int | Sequence[int], axis: int = 0) -> list[Tensor]:
    """Parts of these sizes, which add up to the axis; of one size, the last part may be shorter: Burn's `split`."""
    axis = normal_axis(axis, x.ndim, "split_with_sizes")
    n = x.shape[axis]
    if not several(sizes):
        size = whole(sizes, "split_with_sizes(size", 1)
        return [_part(x, axis, start, start + size) for start in range(0, max(n, 1), size)]
    sizes = [whole(size, "split_with_sizes(size", 0) for size in sizes]
    if sum(sizes) != n:
        raise ShapeError(
            f"split_with_sizes({sizes}) of shape {x.shape}: they add up to {sum(sizes)}, axis {axis} has {n}"
        )
    ends = accumulate(sizes)
    return [_part(x, axis, end - size, end) for size, end in zip(sizes, ends)]


def chunk(x: Tensor, chunks: int, axis: int = 0) -> list[Tensor]:
    """At most so many parts of one size, the last of which may be shorter.

    >>> from minigrad import Tensor
    >>> Tensor.arange(5).chunk(4)
    [Tensor([0, 1]), Tensor([2, 3]), Tensor([4])]
    """
    axis = normal_axis(axis, x.ndim, "chunk")
    return split_with_sizes(x, max(1, -(-x.shape[axis] // whole(chunks, "chunk(chunks", 1))), axis)


def narrow(x: Tensor, axis: int, start: int, length: int) -> Tensor:
    """`length` slices along `axis`, from `start` on. Raises `ShapeError` where they go past the end."""
    axis = normal_axis(axis, x.ndim, "narrow")
    start, length = whole(start, "narrow(start"), whole(length, "narrow(length")
    if not 0 <= start <= start + length <= x.shape[axis]:
        raise ShapeError(
            f"narrow(axis={axis}, start={start}, length={length}) of shape {x.shape}: "
            f"the axis has positions 0 to {x.shape[axis] - 1}"
        )
    return _part(x, axis, start, start + length)


def iter_dim(x: Tensor, axis: int) -> Iterator[Tensor]:
    """The slices along `axis`, each of which keeps it, as 1."""
    axis = normal_axis(axis, x.ndim, "iter_dim")
    return (_part(x, axis, i, i + 1) for i in range(x.shape[axis]))


def unstack(x: Tensor, axis: int = 0) -> tuple[Tensor, ...]:
    """The slices along `axis`, which goes: what `stack` puts together."""
    axis = normal_axis(axis, x.ndim, "unstack")
    return tuple(x[(slice(None),) * axis + (i,)] for i in range(x.shape[axis]))


def _part(x: Tensor, axis: int, start: int, end: int) -> Tensor:
    return x[(slice(None),) * axis + (slice(start, end),)]


# --- repeated ---------------------------------------------------------------------------------------------------------


def tile(x: Tensor, reps: int | Sequence[int]) -> Tensor:
    """Burn's `repeat`: the whole tensor so many times along each axis, the last ones if `reps` has fewer.

    >>> from minigrad import Tensor
    >>> Tensor([1, 2]).tile((2, 2))
    Tensor([[1, 2, 1, 2],
            [1, 2, 1, 2]])
    """
    times = tuple(whole(r, "tile(reps", 0) for r in (reps if several(reps) else (reps,)))
    times = (1,) * (x.ndim - len(times)) + times
    lengths = (1,) * (len(times) - x.ndim) + x.shape
    pairs = list(zip(times, lengths))
    once = [k for r, n in pairs for k in ((1, n) if r != 1 else (n,))]
    often = [k for r, n in pairs for k in ((r, n) if r != 1 else (n,))]
    return x.reshape(once).broadcast_to(often).reshape([r * n for r, n in pairs])


def repeat(x: Tensor, repeats: int | Sequence[int], axis: int | None = None) -> Tensor:
    """NumPy's: each element so many times, along `axis` or of `x.ravel()`. Burn's `repeat` is `tile`.

    >>> from minigrad import Tensor
    >>> Tensor([1, 2]).repeat(2), Tensor([1, 2]).repeat([0, 3])
    (Tensor([1, 1, 2, 2]), Tensor([2, 2, 2]))
    """
    if axis is None:
        x, axis = x.reshape(-1), 0
    axis = normal_axis(axis, x.ndim, "repeat")
    n, before, after = x.shape[axis], x.shape[:axis], x.shape[axis + 1 :]
    if not several(repeats):
        repeats = whole(repeats, "repeat(repeats", 0)
        spread = x.expand_dims(axis + 1).broadcast_to((*before, n, repeats, *after))
        return spread.reshape((*before, n * repeats, *after))
    times = [whole(r, "repeat(repeats", 0) for r in repeats]
    if len(times) not in (1, n):
        raise ShapeError(f"repeat({times}) of shape {x.shape}: a number for each of the {n} along axis {axis}, or one")
    return x.take(np.repeat(np.arange(n), times), axis)


def repeat_dim(x: Tensor, axis: int, times: int) -> Tensor:
    """Burn's: the whole tensor so many times along one axis."""
    axis = normal_axis(axis, x.ndim, "repeat_dim")
    return tile(x, tuple(times if i == axis else 1 for i in range(x.ndim)))


# --- padded -----------------------------------------------------------------------------------------------------------


def pad(x: Tensor, widths: Any, mode: str = "constant", constant_values: Any = 0) -> Tensor:
    """NumPy's: more elements before and after. `widths` is a number, (before, after), or such a pair for each axis.

    `mode` says what they are: "constant", "reflect" (mirrored at the last element, which is not repeated), "symmetric"
    (it is), "edge" (the last element) or "wrap" (from the other side).

    >>> from minigrad import Tensor
    >>> Tensor([1, 2, 3]).pad((2, 1), mode="reflect")
    Tensor([3, 2, 1, 2, 3, 2])
    """
    pairs = _widths(x, widths)
    if one_of(mode, ("constant", "reflect", "edge", "wrap", "symmetric"), "pad(mode") != "constant":
        return _mirrored(x, pairs, mode)
    if not isinstance(constant_values, Node):
        constant_values = number(constant_values, "pad(constant_values")
    inside = tuple(slice(before, before + n) for n, (before, _) in zip(x.shape, pairs))
    padded = _put(x, index=inside, shape=tuple(before + n + after for n, (before, after) in zip(x.shape, pairs)))
    if np.ndim(constant_values):
        raise ShapeError(f"pad(constant_values={constant_values!r}): one number for all sides")
    if isinstance(constant_values, (int, float)) and not constant_values:
        return padded
    outside = np.ones(padded.shape, bool)
    outside[inside] = False
    return where(outside, constant_values, padded)


def _mirrored(x: Tensor, pairs: list[list[int]], mode: Any) -> Tensor:
    """Padded with elements of its own."""
    for axis, n in enumerate(x.shape):
        if any(pairs[axis]) and not n:
            raise ShapeError(f"pad(mode={mode!r}) of shape {x.shape}: axis {axis} has nothing to repeat")
    for axis, (before, after) in enumerate(pairs):
        if before or after:
            x = x.take(np.pad(np.arange(x.shape[axis]), (before, after), mode), axis)
    return x


def _widths(x: Tensor, widths: Any) -> list[list[int]]:
    try:
        pairs = np.broadcast_to(widths, (x.ndim, 2))
    except (ValueError, TypeError):
        pairs = np.empty(0)
    if pairs.dtype.kind not in "iu" or (pairs.size and pairs.min() < 0):
        raise ShapeError(
            f"pad(widths={brief(widths)}) of shape {x.shape}: a number >= 0, (before, after), or a pair for each axis"
        )
    return pairs.tolist()  # type: ignore[no-any-return]
