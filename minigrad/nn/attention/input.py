"""MhaInput: what attention is given."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ...blame import module_path
from ...errors import DtypeError, ShapeError
from ...tensor import Tensor

__all__ = ["MhaInput"]


@dataclass(frozen=True, eq=False)
class MhaInput:
    """Queries [batch, length_1, d_model], keys and values [batch, length_2, d_model], and what must not be seen.

    `mask_pad` [batch, length_2] is True where a key is padding, `mask_attn` [batch, length_1, length_2] where a query
    must not see a key.

    >>> x = Tensor.zeros((1, 3, 2))
    >>> MhaInput.self_attn(x).query is x
    True
    """

    query: Tensor
    key: Tensor
    value: Tensor
    mask_pad: Tensor | None = None
    mask_attn: Tensor | None = None

    @classmethod
    def self_attn(cls, tensor: Tensor, mask_pad: Tensor | None = None, mask_attn: Tensor | None = None) -> MhaInput:
        """Of one text with itself."""
        return cls(tensor, tensor, tensor, mask_pad, mask_attn)

    def hidden(self) -> Any:
        """Both masks as one Bool array that broadcasts to [batch, heads, length_1, length_2]; None without any."""
        pad = None if self.mask_pad is None else self.mask_pad.data[:, None, None, :]
        attn = None if self.mask_attn is None else self.mask_attn.data[:, None]
        return attn if pad is None else pad if attn is None else pad | attn

    def check(self, d_model: int) -> None:
        """Raise `ShapeError` or `DtypeError` unless all parts fit each other and a layer of `d_model`."""
        for name in ("query", "key", "value"):
            x = getattr(self, name)
            if not isinstance(x, Tensor):
                raise DtypeError(
                    f"MhaInput: {name} is a {type(x).__name__}, and must be a tensor [batch, length, d_model]"
                )
            if x.ndim != 3 or x.shape[2] != d_model:
                self._refuse(f"{name} has shape {x.shape}, and must be [batch, length, {d_model}]")
        batch, length, _ = self.query.shape
        if self.key.shape != self.value.shape or self.key.shape[0] != batch:
            shapes = f"query {self.query.shape}, key {self.key.shape}, value {self.value.shape}"
            self._refuse(f"{shapes}: one batch, and a value for each key")
        keys = self.key.shape[1]
        for name, shape in (("mask_pad", (batch, keys)), ("mask_attn", (batch, length, keys))):
            mask = getattr(self, name)
            if mask is None:
                continue
            if not isinstance(mask, Tensor) or mask.dtype.kind != "b":
                kind = mask.dtype if isinstance(mask, Tensor) else type(mask).__name__
                raise DtypeError(f"MhaInput: {name} is {kind}, and must be a Bool tensor, True where a key is hidden")
            if mask.ndim != len(shape) or any(n not in (1, m) for n, m in zip(mask.shape, shape)):
                self._refuse(f"{name} has shape {mask.shape}, and must be {shape}")

    @staticmethod
    def _refuse(text: str) -> None:
        raise ShapeError(f"MhaInput: {text}{module_path()}")
