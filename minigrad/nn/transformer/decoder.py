"""TransformerDecoder: layers of attention to a text itself and to another one, the memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from ...backend import Device
from ...config import Config
from ...module import Module
from ...tensor import Tensor
from ..attention import MhaCache, MhaInput, MultiHeadAttention, MultiHeadAttentionConfig
from ..cache import TensorCache
from ..checks import integer
from ..dropout import Dropout, DropoutConfig
from ..init import Initializer
from ..norm import LayerNorm, LayerNormConfig
from .encoder import checked
from .pwff import PositionWiseFeedForward, PositionWiseFeedForwardConfig

__all__ = [
    "TransformerDecoder", "TransformerDecoderAutoregressiveCache", "TransformerDecoderConfig",
    "TransformerDecoderInput", "TransformerDecoderLayer", "TransformerDecoderLayerCache",
]  # fmt: skip


class TransformerDecoderConfig(Config):
    """`n_layers` layers of `d_model` features, `d_ff` in their inner layers, and `n_heads` heads.

    `norm_first` normalises before attention and the inner layers instead of after them.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> model = TransformerDecoderConfig(d_model=4, d_ff=8, n_heads=2, n_layers=2).init(Autodiff(NdArray(seed=42)))
    >>> model(TransformerDecoderInput(target=Tensor.ones((1, 3, 4)), memory=Tensor.ones((1, 5, 4)))).shape
    (1, 3, 4)
    """

    d_model: int
    d_ff: int
    n_heads: int
    n_layers: int
    dropout: float = 0.1
    norm_first: bool = False
    quiet_softmax: bool = False
    initializer: Initializer = Initializer.KaimingUniform()

    def init(self, device: Device) -> TransformerDecoder:
        """A model of the device's next draws. Raises `ConfigError`."""
        n = integer("TransformerDecoderConfig", "n_layers", self.n_layers)
        layers = [self.init_layer(device) for _ in range(n)]
        sizes = self.d_model, self.d_ff, self.n_heads, n
        return TransformerDecoder(layers, *sizes, float(self.dropout), self.norm_first, self.quiet_softmax)

    def init_layer(self, device: Device) -> TransformerDecoderLayer:
        """One of its layers."""
        attention = MultiHeadAttentionConfig(
            self.d_model, self.n_heads, self.dropout, quiet_softmax=self.quiet_softmax, initializer=self.initializer
        )
        of_self, cross = attention.init(device), attention.init(device)
        norm_1, norm_2, norm_3 = (LayerNormConfig(self.d_model).init(device) for _ in range(3))
        pwff = PositionWiseFeedForwardConfig(self.d_model, self.d_ff, self.dropout, self.initializer).init(device)
        dropout = DropoutConfig(self.dropout).init()
        return TransformerDecoderLayer(cross, of_self, pwff, norm_1, norm_2, norm_3, dropout, self.norm_first)


@dataclass(frozen=True, eq=False)
class TransformerDecoderInput:
    """Texts `target` [batch, length_1, d_model] that attend to `memory` [batch, length_2, d_model], and their masks."""

    target: Tensor
    memory: Tensor
    target_mask_pad: Tensor | None = None
    target_mask_attn: Tensor | None = None
    memory_mask_pad: Tensor | None = None
    memory_mask_attn: Tensor | None = None


_Input = TransformerDecoderInput


class TransformerDecoderLayer(Module):
    """x + attention to itself, x + attention to the memory, x + inner layers, each with a norm before or after."""

    cross_attn: MultiHeadAttention
    self_attn: MultiHeadAttention
    pwff: PositionWiseFeedForward
    norm_1: LayerNorm
    norm_2: LayerNorm
    norm_3: LayerNorm
    dropout: Dropout
    norm_first: bool

    def forward(self, input: TransformerDecoderInput) -> TransformerDecoderInput:
        """The same with another target."""
        norms = self.norm_3, self.norm_1, self.norm_2
        return self._forward(input, norms, self.pwff, self.self_attn, self.cross_attn)

    __call__ = forward

    def forward_autoregressive_inference(
        self, input: TransformerDecoderInput, cache: TransformerDecoderLayerCache
    ) -> TransformerDecoderInput:
        """The same for a text that grows by a token a call."""
        *norms, pwff = (
            lambda x, name=name: getattr(cache, name).forward_autoregressive(x, 1, getattr(self, name))
            for name in ("norm_3", "norm_1", "norm_2", "pwff")
        )
        of_self, cross = (
            lambda x, name=name: getattr(self, name).forward_cache(x, getattr(cache, name))
            for name in ("self_attn", "cross_attn")
        )
        return self._forward(input, norms, pwff, of_self, cross)

    def _forward(self, input: TransformerDecoderInput, norms: Any, pwff: Any, of_self: Any, cross: Any) -> _Input:
        first, second, third = norms  # of what goes into each part; with norm last, of what came out of the one before
        x, memory = input.target, input.memory
        y = first(x) if self.norm_first else x
        attended = of_self(MhaInput.self_attn(y, input.target_mask_pad, input.target_mask_attn)).context
        x, y = self._next(x + self.dropout(attended), second)
        attended = cross(MhaInput(y, memory, memory, input.memory_mask_pad, input.memory_mask_attn)).context
        x, y = self._next(x + self.dropout(attended), third)
        x = x + self.dropout(pwff(y))
        return replace(input, target=x if self.norm_first else first(x))

    def _next(self, x: Tensor, norm: Any) -> tuple[Tensor, Tensor]:
        """What is added to next, and what goes into the next part."""
        y = norm(x)
        return (x, y) if self.norm_first else (y, y)


class TransformerDecoder(Module):
    """Burn's decoder (Vaswani and others, Attention is all you need, 2017)."""

    layers: list[TransformerDecoderLayer]
    d_model: int
    d_ff: int
    n_heads: int
    n_layers: int
    dropout: float
    norm_first: bool
    quiet_softmax: bool

    def forward(self, input: TransformerDecoderInput) -> Tensor:
        """[batch, length_1, d_model]. Raises `ShapeError`."""
        input = checked("TransformerDecoder", input, TransformerDecoderInput)
        for layer in self.layers:
            input = layer(input)
        return input.target

    __call__ = forward

    def forward_autoregressive_inference(
        self, input: TransformerDecoderInput, cache: TransformerDecoderAutoregressiveCache
    ) -> Tensor:
        """The same for a text that grows by a token a call, of which `cache` holds what came before."""
        input = checked("TransformerDecoder", input, TransformerDecoderInput)
        for layer, of_layer in zip(self.layers, cache.layers, strict=True):
            input = layer.forward_autoregressive_inference(input, of_layer)
        return input.target

    def new_autoregressive_cache(self) -> TransformerDecoderAutoregressiveCache:
        """An empty cache for one text, or a batch of them."""
        return TransformerDecoderAutoregressiveCache([TransformerDecoderLayerCache() for _ in self.layers])

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).module_fields if name != "layers"}


@dataclass(frozen=True, eq=False)
class TransformerDecoderLayerCache:
    """What one layer has computed so far."""

    cross_attn: MhaCache = field(default_factory=MhaCache.autoregressive_cross_attention)
    self_attn: MhaCache = field(default_factory=MhaCache.autoregressive)
    pwff: TensorCache = field(default_factory=TensorCache)
    norm_1: TensorCache = field(default_factory=TensorCache)
    norm_2: TensorCache = field(default_factory=TensorCache)
    norm_3: TensorCache = field(default_factory=TensorCache)


@dataclass(frozen=True, eq=False)
class TransformerDecoderAutoregressiveCache:
    """What all layers have computed so far: `model.new_autoregressive_cache()`."""

    layers: list[TransformerDecoderLayerCache]
