"""Windows that slide over the last axes of an array: their geometry, unfolding, and convolution.

One idea serves convolution, its transpose, unfolding and pooling. For a fixed place in the kernel, a *tap*, what all
windows see there is one strided slice of the input. `taps` gives these slices in pairs: of the outputs that see an
input there, and of the inputs that they see. Padding is what no slice reads, so nobody makes it.

Convolution is linear in its input and in its weight, so three rules are all of it: the value, the adjoint in the input,
which is transposed convolution, and the adjoint in the weight. The gradients of each are the other two, to any order.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import product
from math import prod
from typing import Any, NamedTuple

import numpy as np

from .rule import rule


class Window(NamedTuple):
    """For each spatial axis: the kernel's size, the step between windows, zeros on each side, the step within."""

    kernel: tuple[int, ...]
    stride: tuple[int, ...]
    padding: tuple[int, ...]
    dilation: tuple[int, ...]

    def extent(self) -> tuple[int, ...]:
        """How many inputs a window spans."""
        return tuple(d * (k - 1) + 1 for k, d in zip(self.kernel, self.dilation))

    @lru_cache(maxsize=1024)  # noqa: B019 - a window is a value; 1 us against 8
    def outputs(self, sizes) -> tuple[int, ...]:
        """How many windows there are in an input of `sizes`."""
        axes = zip(sizes, self.extent(), self.stride, self.padding)
        return tuple((n + 2 * p - e) // s + 1 for n, e, s, p in axes)

    def inputs(self, outputs) -> tuple[int, ...]:
        """The least sizes of an input that has `outputs` windows."""
        axes = zip(outputs, self.extent(), self.stride, self.padding)
        return tuple((m - 1) * s + e - 2 * p for m, e, s, p in axes)


class Tap(NamedTuple):
    """A place in the kernel, as indices: of [..., *kernel, *outputs], of [..., *outputs], and of [..., *sizes]."""

    windows: tuple[Any, ...]
    outs: tuple[Any, ...]
    ins: tuple[Any, ...]


@lru_cache(maxsize=1024)
def taps(window, sizes, rows=None):
    """The taps of `window` on an input of `sizes` in the order of the kernel, without those that see only padding.

    With `rows`, a range along the first axis, only these outputs are there.
    """
    spans = [(0, m) for m in window.outputs(sizes)]
    lines = map(_line, sizes, [rows or spans[0], *spans[1:]], *window)
    found = [tuple(zip(*each)) for each in product(*lines)]
    return [Tap((..., *places, *outs), (..., *outs), (..., *ins)) for places, outs, ins in found]


def _line(size, span, kernel, stride, padding, dilation):
    """Along one axis: the places in the kernel that see inputs, which outputs they do so for, and which inputs."""
    found = []
    for place in range(kernel):
        offset = place * dilation - padding  # output j sees input j * stride + offset
        first = max(span[0], -(offset // stride))
        last = min(span[1] - 1, (size - 1 - offset) // stride)
        if first <= last:
            ins = slice(first * stride + offset, last * stride + offset + 1, stride)
            found.append((place, slice(first - span[0], last + 1 - span[0]), ins))
    return found


# --- unfolding and its adjoint --------------------------------------------------------------------------------


def _unfold(x, *, window):
    axes = len(window.kernel)
    sizes = x.shape[-axes:]
    out = np.zeros((*x.shape[:-axes], *window.kernel, *window.outputs(sizes)), x.dtype)
    for tap in taps(window, sizes):
        out[tap.windows] = x[tap.ins]
    return out


def _fold(x, *, window, sizes):
    out = np.zeros((*x.shape[: -2 * len(sizes)], *sizes), x.dtype)
    for tap in taps(window, sizes):
        out[tap.ins] += x[tap.windows]
    return out


@rule(integers=True, wide=True)
def unfold(K, x, *, window):
    """All windows of x [..., *sizes]: [..., *kernel, *outputs]."""
    sizes = x.shape[-len(window.kernel) :]
    return K.call(_unfold, unfold, x, window=window), lambda g: K.call(_fold, fold, g, window=window, sizes=sizes)


@rule(integers=True, wide=True)
def fold(K, x, *, window, sizes):
    """The adjoint of `unfold`: x [..., *kernel, *outputs] added up where it came from, [..., *sizes]."""
    return K.call(_fold, fold, x, window=window, sizes=sizes), lambda g: K.call(_unfold, unfold, g, window=window)


# --- convolution ----------------------------------------------------------------------------------------------

# The windows of an input are laid out as the columns of matrices, for BLAS. All at once they would take as much memory
# as the input times the places of the kernel; so a block of them is made that fits into the processor's cache, 512 KB.
BLOCK = 1 << 17
# Fewer outputs than this make a matrix too narrow, so that the items of a block share one: for the gradients of 512
# to 512 channels of 4 x 4, 59 ms instead of 120.
NARROW = 64


def _blocks(items, outputs, depth):
    """The blocks of a batch whose windows have `depth` elements: some items, and a range of rows of their outputs."""
    length = prod(outputs)
    count = max(1, 256 // length, BLOCK // (depth * length))
    rows = outputs[0] if count > 1 else max(1, BLOCK * outputs[0] // (depth * length))
    for start in range(0, items, count):
        for row in range(0, outputs[0], rows):
            yield slice(start, min(start + count, items)), (row, min(row + rows, outputs[0]))


def _matrices(x, groups, shared):
    """[n, channels, *outputs] as [n, groups, channels / groups, outputs]; shared, as [1, groups, ..., n * outputs]."""
    x = x.swapaxes(0, 1)[None] if shared else x
    return x.reshape(len(x), groups, x.shape[1] // groups, -1)


def _items(matrices, n, *shape):
    """The way back, a view: [n, *shape], where the channels are the first of `shape` or more of it."""
    if len(matrices) == n:
        return matrices.reshape(n, *shape)
    outputs = matrices.shape[-1] // n
    return np.moveaxis(matrices.reshape(-1, n, outputs), 1, 0).reshape(n, *shape)


def _columns(x, window, groups):
    """The blocks of x [n, c, *sizes] with their windows, [n or 1, groups, c / groups * prod(kernel), outputs]."""
    n, c = x.shape[:2]
    sizes = x.shape[2:]
    outputs, before = window.outputs(sizes), None
    depth, shared = c * prod(window.kernel), prod(outputs) < NARROW
    for items, rows in _blocks(n, outputs, depth):
        part, span = x[items], (rows[1] - rows[0], *outputs[1:])
        if before != (len(part), rows):  # else the same places are written again, and the padding is 0 already
            before = len(part), rows
            count = len(part) if shared else 1
            columns = np.zeros((len(part) // count, groups, depth // groups, count * prod(span)), x.dtype)
            windows = _items(columns, len(part), c, *window.kernel, *span)
        for tap in taps(window, sizes, rows):
            windows[tap.windows] = part[tap.ins]
        yield items, rows, columns


def _conv(x, weight, bias=None, *, window, groups):
    outputs = window.outputs(x.shape[2:])
    out = np.empty((len(x), len(weight), *outputs), x.dtype)
    weight = weight.reshape(groups, len(weight) // groups, -1)
    for items, rows, columns in _columns(x, window, groups):
        part = out[items, :, slice(*rows)]
        if len(columns) == len(part):
            np.matmul(weight, columns, _matrices(part, groups, False))
        else:
            part[...] = _items(np.matmul(weight, columns), *part.shape)
        if bias is not None:
            part += bias.reshape(-1, *(1,) * len(outputs))
    return out


def _conv_transpose(x, weight, *, window, groups, sizes):
    c, outputs = weight.shape[1] * groups, x.shape[2:]
    out = np.zeros((len(x), c, *sizes), x.dtype)
    weight = weight.reshape(groups, len(weight) // groups, -1).mT
    multiply = np.matmul if weight.shape[2] > 1 else np.multiply  # a column by a row: 25 ms against 39
    for items, rows in _blocks(len(x), outputs, c * prod(window.kernel)):
        part = x[items, :, slice(*rows)]
        columns = multiply(weight, _matrices(part, groups, prod(outputs) < NARROW))
        windows = _items(columns, len(part), c, *window.kernel, *part.shape[2:])
        for tap in taps(window, sizes, rows):
            out[items][tap.ins] += windows[tap.windows]
    return out


def _conv_weight(x, g, *, window, groups):
    c, o = x.shape[1] // groups, g.shape[1] // groups
    out = np.zeros((groups, o, c * prod(window.kernel)), x.dtype)
    for items, rows, columns in _columns(x, window, groups):
        part = g[items, :, slice(*rows)]
        out += np.matmul(_matrices(part, groups, len(columns) < len(part)), columns.mT).sum(0)
    return out.reshape(groups * o, c, *window.kernel)


@rule(wide=True)
def conv(K, x, weight, *bias, window, groups):
    """x [n, c, *sizes] with weight [o, c / groups, *kernel], and maybe bias [o]: [n, o, *outputs]."""
    sizes, static = x.shape[2:], {"window": window, "groups": groups}
    all_but_channels = (0, *range(2, x.ndim))
    return (
        K.call(_conv, conv, x, weight, *bias, **static),
        lambda g: K.call(_conv_transpose, conv_transpose, g, weight, sizes=sizes, **static),
        lambda g: K.call(_conv_weight, conv_weight, x, g, **static),
        *[lambda g: K.sum(g, all_but_channels, False)] * len(bias),
    )


@rule(wide=True)
def conv_transpose(K, x, weight, *, window, groups, sizes):
    """The adjoint of `conv` in its input: x [n, o, *outputs], weight [o, c / groups, *kernel]: [n, c, *sizes]."""
    static = {"window": window, "groups": groups}
    return (
        K.call(_conv_transpose, conv_transpose, x, weight, sizes=sizes, **static),
        lambda g: K.call(_conv, conv, g, weight, **static),
        lambda g: K.call(_conv_weight, conv_weight, g, x, **static),
    )


@rule(wide=True)
def conv_weight(K, x, g, *, window, groups):
    """The adjoint of `conv` in its weight: x [n, c, *sizes], g [n, o, *outputs]: [o, c / groups, *kernel]."""
    sizes, static = x.shape[2:], {"window": window, "groups": groups}
    return (
        K.call(_conv_weight, conv_weight, x, g, **static),
        lambda h: K.call(_conv_transpose, conv_transpose, g, h, sizes=sizes, **static),
        lambda h: K.call(_conv, conv, x, h, **static),
    )
