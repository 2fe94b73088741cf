"""`K` for values: NumPy's own functions, and the few forms that are many times faster than the obvious spelling.

Each stands here once, with the measurement (nanoseconds, float32, one core) that justifies it. The names are the same
on tensors (`minigrad/kernels.py`), where what is computed records itself; a test compares the two.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from math import prod
from typing import Any

import numpy as np
from numpy import absolute as abs
from numpy import add, cos, exp, log, log1p, matmul, maximum, minimum, sign, sin, sqrt, tanh, where

from .scatter import part, put, put_along_axis

__all__ = [
    "abs", "add", "argmax", "argmin", "broadcast_to", "call", "cast", "colsum", "concat", "cos", "dot", "exp", "keep",
    "log", "log1p", "matmul", "maximum", "minimum", "part", "put", "put_along_axis", "relu", "sigmoid", "sign", "sin",
    "softplus", "sqrt", "sum", "sum_to", "take_along_axis", "tanh", "total", "where",
]  # fmt: skip

Array = np.ndarray[Any, Any]


def call(kernel: Callable[..., Any], rule: Callable[..., Any], *xs: Any, **static: Any) -> Any:
    """A kernel that has no name here: `kernel` on arrays, and on tensors the operation that `rule` defines."""
    return kernel(*xs, **static)


dot = np.ndarray.dot  # two matrices: 530 against 1,160 for `@`


@lru_cache(maxsize=64)
def _constant(value: int, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    array = np.full(shape, value, dtype)
    array.flags.writeable = False
    return array


def relu(x: Array) -> Array:
    # maximum(x, 0) has no SIMD form: 1,640 against 670 on (150, 16); large zeros are not worth keeping
    if x.size > 1 << 16 or not x.ndim:
        return maximum(x, x.dtype.type(0))  # type: ignore[no-any-return]
    return maximum(x, _constant(0, x.shape, x.dtype))


BLOCK = 4096


def keep(g: Array, mask: Any) -> Array:
    """`g` where the Bool `mask`, of its shape, holds, else 0: also for an infinite `g`, which times 0 would be NaN."""
    if not g.ndim:
        return g if mask else g.dtype.type(0)
    # by its bits: 1.4 times what g * mask takes; where takes 2 to 9 times that
    bits = _BITS[g.dtype.itemsize]
    return (g.view(bits) & -mask.astype(bits)).view(g.dtype)  # type: ignore[no-any-return]


_BITS = {2: np.int16, 4: np.int32, 8: np.int64}


def colsum(g: Array) -> Array:
    """The sum over the first axis of a matrix.

    By BLAS, 480 against 4,000 for g.sum(0) on (150, 16), and in blocks, as it adds in few partial sums: of a million
    float32 the sum was 3 in 1,000 off.
    """
    if len(g) <= BLOCK:
        return _constant(1, g.shape[:1], g.dtype).dot(g)  # type: ignore[no-any-return]
    n = len(g) // BLOCK
    end = n * BLOCK
    blocks = colsum(matmul(_constant(1, (BLOCK,), g.dtype), g[:end].reshape(n, BLOCK, g.shape[1])))
    return blocks + colsum(g[end:]) if end < len(g) else blocks


def total(x: Array) -> Any:
    """The sum of all elements."""
    if x.ndim == 1 and x.size <= 1024 and x.dtype.kind == "f":  # more would lose digits: BLAS adds in few partial sums
        return _constant(1, x.shape, x.dtype).dot(x)  # 330 against 940 for x.sum() on 150 elements
    return np.add.reduce(x, None, x.dtype) if x.ndim else x


def sum(x: Array, axis: tuple[int, ...] | None, keepdims: bool) -> Any:
    if not axis or x.dtype.kind != "f" or not x.flags.c_contiguous:
        return x.sum(axis, x.dtype, keepdims=keepdims) if x.ndim else x  # its dtype, or int8 would become int64
    shape, last = x.shape, x.ndim
    axis = tuple(sorted(i % last for i in axis))
    while last and last - 1 in axis:
        last -= 1
    n, first = prod(shape[last:]), tuple(i for i in axis if i < last)
    if 1 < n <= 1024:  # short rows many at a time: 14 us against 110 on (2048, 128); more would lose digits, as above
        y = x.reshape(-1, n).dot(_constant(1, (n,), x.dtype)).reshape(shape[:last])
        y = sum(y, first, False) if first else y
    elif not last:
        y = np.add.reduce(x, None, x.dtype)  # in pairs, as it is in one piece
    elif axis == tuple(range(k := len(axis))):
        y = colsum(x.reshape(prod(shape[:k]), prod(shape[k:]))).reshape(shape[k:])
    else:
        y = np.add.reduce(x, axis, x.dtype)
    return y.reshape(tuple(1 if i in axis else m for i, m in enumerate(shape))) if keepdims else y


def softplus(x: Array) -> Array:
    """log(1 + exp(x)), without overflow and with full relative precision on both sides."""
    return relu(x) + log1p(exp(-abs(x)))


def sigmoid(x: Array) -> Array:
    """1 / (1 + exp(-x)) with full relative precision on both sides and no overflow."""
    with np.errstate(over="ignore"):  # of an infinite exp(-x) it is 0; a choice by sign takes five times as long
        return 1 / (1 + exp(-x))


def broadcast_to(x: Array, shape: tuple[int, ...]) -> Array:
    out = np.empty(shape, x.dtype)  # numpy.broadcast_to costs 3 us, and strides of 0 make what follows slow
    out[...] = x
    return out


def sum_to(x: Array, shape: tuple[int, ...]) -> Array:
    """The adjoint of `broadcast_to`: sums over the axes that broadcasting to `x.shape` has added or stretched."""
    if x.ndim == 2 and len(shape) == 1 and shape == x.shape[1:]:
        return colsum(x)
    added = x.ndim - len(shape)
    axes = tuple(i for i in range(x.ndim) if i < added or shape[i - added] != x.shape[i])
    return (sum(x, axes, False) if axes else x).reshape(shape)


def cast(x: Array, dtype: np.dtype[Any]) -> Array:
    return x.astype(dtype)


def concat(arrays: tuple[Array, ...], axis: int) -> Array:
    return np.concatenate(arrays, axis)


def argmax(x: Array, axis: int) -> Array:
    return np.argmax(x, axis, keepdims=True)  # type: ignore[no-any-return]


def argmin(x: Array, axis: int) -> Array:
    return np.argmin(x, axis, keepdims=True)  # type: ignore[no-any-return]


def take_along_axis(x: Array, indices: Array, axis: int) -> Array:
    return np.take_along_axis(x, indices, axis)


def size(shape: tuple[int, ...], axis: tuple[int, ...] | None) -> int:
    """How many elements a reduction over `axis` adds up."""
    return prod(shape) if axis is None else prod(shape[i] for i in axis)
