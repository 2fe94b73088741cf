"""MultiHeadAttention: several attentions beside each other, each on its share of the features."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

from ...activation import quiet_softmax
from ...backend import Device
from ...config import Config
from ...errors import ConfigError, DtypeError
from ...functional import masked_softmax
from ...module import Module
from ...tensor import Tensor, where
from ..activation import Gelu
from ..cache import TensorCache
from ..checks import integer
from ..dropout import Dropout, DropoutConfig
from ..init import Initializer
from ..linear import Linear, LinearConfig
from .input import MhaInput

__all__ = ["MhaCache", "MhaOutput", "MultiHeadAttention", "MultiHeadAttentionConfig"]


class MultiHeadAttentionConfig(Config):
    """`d_model` features in `n_heads` heads. `min_float` stands for scores that a mask hides.

    `quiet_softmax`: a head may give next to nothing (https://www.evanmiller.org/attention-is-off-by-one.html).

    >>> from minigrad.backend import Autodiff, NdArray
    >>> mha = MultiHeadAttentionConfig(d_model=4, n_heads=2).init(Autodiff(NdArray(seed=42)))
    >>> mha(MhaInput.self_attn(Tensor.ones((1, 3, 4)))).weights.shape
    (1, 2, 3, 3)
    """

    d_model: int
    n_heads: int
    dropout: float = 0.1
    min_float: float = -1.0e4
    quiet_softmax: bool = False
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> MultiHeadAttention:
        """A layer of the device's next draws. Raises `ConfigError` where the heads do not divide the features."""
        name = "MultiHeadAttentionConfig"
        d_model, n_heads = integer(name, "d_model", self.d_model), integer(name, "n_heads", self.n_heads)
        if d_model % n_heads:
            raise ConfigError(f"{name}: d_model {d_model} does not make {n_heads} heads of one size")
        linear = LinearConfig(d_model, d_model, initializer=self.initializer)
        query, key, value, output = (linear.init(device) for _ in range(4))
        dropout, sizes = DropoutConfig(self.dropout).init(), (d_model, n_heads, d_model // n_heads)
        settings = float(self.min_float), self.quiet_softmax
        return MultiHeadAttention(query, key, value, output, dropout, Gelu(), *sizes, *settings)


class MhaOutput(NamedTuple):
    """What attention gives."""

    weights: Tensor  # [batch, n_heads, length_1, length_2]
    context: Tensor  # [batch, length_1, d_model]


class MultiHeadAttention(Module):
    """softmax(query @ key.mT / sqrt(d_k)) @ value for each head, between linear layers (Vaswani and others, 2017).

    As in Burn, dropout falls on the scores, before they are masked.
    """

    query: Linear
    key: Linear
    value: Linear
    output: Linear
    dropout: Dropout
    activation: Gelu
    d_model: int
    n_heads: int
    d_k: int
    min_float: float
    quiet_softmax: bool

    def forward(self, input: MhaInput) -> MhaOutput:
        """Weights and context. Raises `ShapeError`, also for masks that do not fit."""
        self._check(input)
        query, key, value = (
            self._heads(getattr(input, name), getattr(self, name)) for name in ("query", "key", "value")
        )
        weights, context = self._attend(query, key, value, input)
        return MhaOutput(weights, self.output(context))

    __call__ = forward

    def forward_cache(self, input: MhaInput, cache: MhaCache) -> MhaOutput:
        """The same for a text that grows by a token a call, of which `cache` holds the rest: for inference."""
        self._check(input)
        query, key, value = (
            getattr(cache, name)(getattr(input, name), lambda x, name=name: self._heads(x, getattr(self, name)))
            for name in ("query", "key", "value")
        )
        weights, context = self._attend(query, key, value, input)
        return MhaOutput(weights, cache.output(context, self.output))

    def _attend(self, query: Tensor, key: Tensor, value: Tensor, input: MhaInput) -> tuple[Tensor, Tensor]:
        scores = self.dropout((query * (1 / math.sqrt(self.d_k))) @ key.mT)
        hidden = input.hidden()
        if self.quiet_softmax:
            scores = scores if hidden is None else where(hidden, self.min_float, scores)
            weights = quiet_softmax(scores, -1)
        else:
            weights = masked_softmax(scores, hidden, self.min_float)
        context = (weights @ value).permute_dims((0, 2, 1, 3))
        return weights, context.reshape((*context.shape[:2], self.d_model))

    def _heads(self, x: Tensor, linear: Linear) -> Tensor:
        """[batch, length, d_model] to [batch, n_heads, length, d_k]."""
        batch, length, _ = x.shape
        return linear(x).reshape((batch, length, self.n_heads, self.d_k)).permute_dims((0, 2, 1, 3))

    def _check(self, input: Any) -> None:
        if not isinstance(input, MhaInput):
            raise DtypeError(
                f"MultiHeadAttention of a {type(input).__name__}: it wants an MhaInput, such as MhaInput.self_attn(x)"
            )
        input.check(self.d_model)

    def attributes(self) -> dict[str, Any]:
        return {
            "d_model": self.d_model, "n_heads": self.n_heads, "d_k": self.d_k, "dropout": self.dropout.prob,
            "min_float": self.min_float, "quiet_softmax": self.quiet_softmax,
        }  # fmt: skip

    def signature(self) -> str:
        return f"MultiHeadAttention({self.d_model}, {self.n_heads} heads)"


Cached = Callable[[Tensor, Callable[[Tensor], Tensor]], Tensor]


@dataclass(frozen=True, eq=False)
class MhaCache:
    """What `forward_cache` has computed so far.

    `MhaCache.autoregressive()`, or `MhaCache.autoregressive_cross_attention()` for a text that attends to another one,
    whose keys and values stay the same.
    """

    query: Cached
    key: Cached
    value: Cached
    output: Cached

    @classmethod
    def autoregressive(cls) -> MhaCache:
        """For a text that attends to itself."""
        return cls(_growing(2), _growing(2), _growing(2), _growing(1))

    @classmethod
    def autoregressive_cross_attention(cls) -> MhaCache:
        """For a text that attends to one that is whole."""
        return cls(_growing(2), TensorCache().forward_full, TensorCache().forward_full, _growing(1))


def _growing(axis: int) -> Cached:
    cache = TensorCache()
    return lambda tensor, f: cache.forward_autoregressive(tensor, axis, f)
