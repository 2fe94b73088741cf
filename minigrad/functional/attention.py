"""Attention, and softmax with what a mask hides."""

from __future__ import annotations

from math import inf, sqrt
from typing import Any

import numpy as np

from ..arrays import number, plain_index
from ..errors import DtypeError
from ..lifting import lift
from ..rules import attention, softmax
from ..tensor import Tensor
from .checks import refuse

__all__ = ["masked_softmax", "scaled_dot_product_attention"]

_attention = lift(attention.attention)
_masked_softmax = lift(softmax.masked_softmax)


def scaled_dot_product_attention(
    query: Tensor, key: Tensor, value: Tensor, mask: Any = None, scale: float | None = None
) -> Tensor:
    """softmax(query @ key.mT * scale) @ value; `scale` is 1 / sqrt(d) if left out.

    query [..., n, d], key [..., m, d] and value [..., m, e] give [..., n, e]; the axes before broadcast. The Bool
    `mask`, which broadcasts to [..., n, m], is True where a query must not see a key, as in Burn (PyTorch's is True
    where it may). A query that sees nothing gets zeros. Raises `ShapeError`.

    >>> x = Tensor([[1.0], [3.0]])
    >>> scaled_dot_product_attention(x * 0, x, x)
    Tensor([[2.],
            [2.]], dtype=float32)
    >>> scaled_dot_product_attention(x * 0, x, x, mask=[[False, True], [False, False]])
    Tensor([[1.],
            [2.]], dtype=float32)
    """
    for name, x in (("query", query), ("key", key), ("value", value)):
        if not isinstance(x, Tensor):
            raise DtypeError(f"attention: {name} is a {type(x).__name__}: it wants tensors; Tensor(data, device)")
    shapes = f"query {query.shape}, key {key.shape}, value {value.shape}"
    if min(query.ndim, key.ndim, value.ndim) < 2:
        refuse(f"attention of {shapes}: each has at least two axes, [..., n, d], [..., m, d], [..., m, e]")
    if query.shape[-1] != key.shape[-1]:
        refuse(f"attention of {shapes}: query and key differ in the last axis, {query.shape[-1]} and {key.shape[-1]}")
    if key.shape[-2] != value.shape[-2]:
        refuse(f"attention of {shapes}: there are {key.shape[-2]} keys and {value.shape[-2]} values")
    try:
        lead = np.broadcast_shapes(query.shape[:-2], key.shape[:-2])
        np.broadcast_shapes(lead, value.shape[:-2])
    except ValueError:
        refuse(f"attention of {shapes}: the axes before the last two do not broadcast")
    hidden = _mask(mask, (*lead, query.shape[-2], key.shape[-2]))
    factor = 1 / sqrt(query.shape[-1] or 1) if scale is None else float(number(scale, "attention(scale"))
    return _attention(query, key, value, mask=hidden, fill=-inf, scale=factor)


def masked_softmax(x: Tensor, mask: Any = None, fill: float = -inf) -> Tensor:
    """Softmax along the last axis of x with `fill` where the Bool `mask`, which broadcasts, hides an element.

    Hidden by -inf they have a share of 0, and where all are hidden all shares are 0.

    >>> masked_softmax(Tensor([[0.0, 0.0], [0.0, 0.0]]), Tensor([[False, False], [False, True]]))
    Tensor([[0.5, 0.5],
            [1. , 0. ]], dtype=float32)
    """
    if not isinstance(x, Tensor) or not x.ndim:
        refuse(f"masked_softmax of {x!r}: it wants a tensor with at least one axis")
    return _masked_softmax(x, mask=_mask(mask, x.shape), fill=float(number(fill, "masked_softmax(fill")))


def _mask(mask: Any, shape: tuple[int, ...]) -> Any:
    if mask is None:
        return None
    array = np.asarray(plain_index(mask))
    if array.dtype.kind != "b":
        raise DtypeError(f"attention: a mask is Bool, not {array.dtype}: True where a key is hidden; mask.bool()")
    if len(array.shape) > len(shape) or any(n not in (1, m) for n, m in zip(array.shape[::-1], shape[::-1])):
        refuse(f"attention: a mask of shape {array.shape} does not broadcast to the scores {shape}")
    return array
