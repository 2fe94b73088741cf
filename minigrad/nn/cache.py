"""What a model has computed of a text so far, so that a new token costs no more than itself."""

from __future__ import annotations

from collections.abc import Callable

from ..tensor import Tensor

__all__ = ["TensorCache"]


class TensorCache:
    """The last result of one layer; a layer's `forward` writes to it, and nothing else does.

    >>> cache = TensorCache()
    >>> cache.forward_autoregressive(Tensor([[[1.0], [2.0]]]), 1, lambda x: x * 10).shape
    (1, 2, 1)
    >>> cache.forward_autoregressive(Tensor([[[1.0], [2.0], [3.0]]]), 1, lambda x: x * 100)
    Tensor([[[ 10.],
             [ 20.],
             [300.]]], dtype=float32)
    """

    def __init__(self) -> None:
        self.value: Tensor | None = None

    def forward_autoregressive(self, tensor: Tensor, axis: int, f: Callable[[Tensor], Tensor]) -> Tensor:
        """`f` of the last position of [batch, length, d] alone, joined along `axis` to what came before."""
        if self.value is None:
            self.value = f(tensor)
        else:
            self.value = Tensor.cat([self.value, f(tensor[:, -1:])], axis)
        return self.value

    def forward_full(self, tensor: Tensor, f: Callable[[Tensor], Tensor]) -> Tensor:
        """`f(tensor)` the first time, and the same again afterwards."""
        if self.value is None:
            self.value = f(tensor)
        return self.value
