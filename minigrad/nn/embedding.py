"""Embedding: a learned vector for each number."""

from __future__ import annotations

from typing import Any

from ..backend import Device
from ..config import Config
from ..functional import embedding
from ..module import Module
from ..param import Param
from ..tensor import Tensor
from .checks import integer
from .init import Initializer

__all__ = ["Embedding", "EmbeddingConfig"]


class EmbeddingConfig(Config):
    """`n_embedding` vectors of `d_model` numbers, drawn from N(0, 1).

    >>> from minigrad.backend import Autodiff, NdArray
    >>> EmbeddingConfig(100, 10).init(Autodiff(NdArray(seed=42)))
    Embedding {n_embedding: 100, d_model: 10, params: 1000}
    """

    n_embedding: int
    d_model: int
    initializer: Initializer = Initializer.Normal(0.0, 1.0)

    def init(self, device: Device) -> Embedding:
        """A layer of the device's next draw. Raises `ConfigError` for sizes that are no positive integers."""
        n, d = (integer("EmbeddingConfig", name, getattr(self, name)) for name in ("n_embedding", "d_model"))
        return Embedding(self.initializer.init_with((n, d), n, d, device))


class Embedding(Module):
    """The rows of weight [n_embedding, d_model] that the input names."""

    weight: Param

    def forward(self, input: Tensor) -> Tensor:
        """Int [...] to [..., d_model]; Burn's input is [batch, length]. `PositionError` for a number without a row."""
        return embedding(self.weight, input)

    __call__ = forward

    def attributes(self) -> dict[str, Any]:
        return dict(zip(("n_embedding", "d_model"), self.weight.shape))
