"""Masks of attention: True is what must not be seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ...backend import Device
from ...errors import ShapeError
from ...tensor import Tensor

__all__ = ["GeneratePaddingMask", "generate_autoregressive_mask", "generate_padding_mask"]


def generate_autoregressive_mask(batch_size: int, seq_length: int, device: Device | None = None) -> Tensor:
    """[batch_size, seq_length, seq_length]: no position sees those after it.

    >>> generate_autoregressive_mask(1, 3)
    Tensor([[[False,  True,  True],
             [False, False,  True],
             [False, False, False]]])
    """
    if batch_size < 0 or seq_length < 0:
        raise ShapeError(f"generate_autoregressive_mask({batch_size}, {seq_length}): sizes are integers of at least 0")
    after = np.triu(np.ones((seq_length, seq_length), bool), 1)
    return Tensor(np.broadcast_to(after, (batch_size, seq_length, seq_length)), device)


class GeneratePaddingMask(NamedTuple):
    """Texts of one length."""

    tensor: Tensor  # [batch, length] Int: the tokens, padded
    mask: Tensor  # [batch, length] Bool: where a pad token is


def generate_padding_mask(
    pad_token: int,
    tokens_list: Sequence[Sequence[int]],
    max_seq_length: int | None = None,
    device: Device | None = None,
) -> GeneratePaddingMask:
    """Texts of several lengths as one tensor, as long as the longest or cut at `max_seq_length`, and its mask.

    >>> generate_padding_mask(0, [[5], [6, 7, 8]], max_seq_length=2)
    GeneratePaddingMask(tensor=Tensor([[5, 0],
            [6, 7]]), mask=Tensor([[False,  True],
            [False, False]]))
    """
    kept = [list(tokens)[:max_seq_length] for tokens in tokens_list]
    padded = np.full((len(kept), max(map(len, kept), default=0)), pad_token, np.int64)
    for row, tokens in zip(padded, kept):
        row[: len(tokens)] = tokens
    return GeneratePaddingMask(Tensor(padded, device), Tensor(padded == pad_token, device))
