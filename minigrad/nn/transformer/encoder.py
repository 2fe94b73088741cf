"""TransformerEncoder: layers of self-attention."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from ...backend import Device
from ...config import Config
from ...errors import DtypeError
from ...module import Module
from ...tensor import Tensor
from ..attention import MhaCache, MhaInput, MultiHeadAttention, MultiHeadAttentionConfig
from ..cache import TensorCache
from ..checks import integer
from ..dropout import Dropout, DropoutConfig
from ..init import Initializer
from ..norm import LayerNorm, LayerNormConfig
from .pwff import PositionWiseFeedForward, PositionWiseFeedForwardConfig

__all__ = [
    "TransformerEncoder", "TransformerEncoderAutoregressiveCache", "TransformerEncoderConfig",
    "TransformerEncoderInput", "TransformerEncoderLayer", "TransformerEncoderLayerCache", "checked",
]  # fmt: skip


class TransformerEncoderConfig(Config):
    """`n_layers` layers of `d_model` features, `d_ff` in their inner layers, and `n_heads` heads.

    `norm_first` normalises before attention and the inner layers instead of after them.

    >>> from minigrad.backend import Autodiff, NdArray
    >>> model = TransformerEncoderConfig(d_model=4, d_ff=8, n_heads=2, n_layers=2).init(Autodiff(NdArray(seed=42)))
    >>> model(TransformerEncoderInput(Tensor.ones((1, 3, 4)))).shape
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

    def init(self, device: Device) -> TransformerEncoder:
        """A model of the device's next draws. Raises `ConfigError`."""
        n = integer("TransformerEncoderConfig", "n_layers", self.n_layers)
        layers = [self.init_layer(device) for _ in range(n)]
        sizes = self.d_model, self.d_ff, self.n_heads, n
        return TransformerEncoder(layers, *sizes, float(self.dropout), self.norm_first, self.quiet_softmax)

    def init_layer(self, device: Device) -> TransformerEncoderLayer:
        """One of its layers."""
        mha = MultiHeadAttentionConfig(
            self.d_model, self.n_heads, self.dropout, quiet_softmax=self.quiet_softmax, initializer=self.initializer
        ).init(device)
        norm_1, norm_2 = (LayerNormConfig(self.d_model).init(device) for _ in range(2))
        pwff = PositionWiseFeedForwardConfig(self.d_model, self.d_ff, self.dropout, self.initializer).init(device)
        return TransformerEncoderLayer(mha, pwff, norm_1, norm_2, DropoutConfig(self.dropout).init(), self.norm_first)


@dataclass(frozen=True, eq=False)
class TransformerEncoderInput:
    """Texts [batch, length, d_model], and the masks of `MhaInput`."""

    tensor: Tensor
    mask_pad: Tensor | None = None
    mask_attn: Tensor | None = None


class TransformerEncoderLayer(Module):
    """x + attention, then x + inner layers, each with a norm before (`norm_first`) or after the sum."""

    mha: MultiHeadAttention
    pwff: PositionWiseFeedForward
    norm_1: LayerNorm
    norm_2: LayerNorm
    dropout: Dropout
    norm_first: bool

    def forward(self, input: TransformerEncoderInput) -> TransformerEncoderInput:
        """The same with another tensor."""
        return self._forward(input, self.norm_1, self.norm_2, self.pwff, lambda x: self.mha(x).context)

    __call__ = forward

    def forward_autoregressive_inference(
        self, input: TransformerEncoderInput, cache: TransformerEncoderLayerCache
    ) -> TransformerEncoderInput:
        """The same for a text that grows by a token a call."""
        norm_1, norm_2, pwff = (
            lambda x, name=name: getattr(cache, name).forward_autoregressive(x, 1, getattr(self, name))
            for name in ("norm_1", "norm_2", "pwff")
        )
        return self._forward(input, norm_1, norm_2, pwff, lambda x: self.mha.forward_cache(x, cache.mha).context)

    def _forward(
        self, input: TransformerEncoderInput, norm_1: Any, norm_2: Any, pwff: Any, mha: Callable[[MhaInput], Tensor]
    ) -> TransformerEncoderInput:
        x = input.tensor
        attended = mha(MhaInput.self_attn(norm_2(x) if self.norm_first else x, input.mask_pad, input.mask_attn))
        x = x + self.dropout(attended)
        if self.norm_first:
            return replace(input, tensor=x + self.dropout(pwff(norm_1(x))))
        x = norm_1(x)
        return replace(input, tensor=norm_2(x + self.dropout(pwff(x))))


class TransformerEncoder(Module):
    """Burn's encoder (Vaswani and others, Attention is all you need, 2017)."""

    layers: list[TransformerEncoderLayer]
    d_model: int
    d_ff: int
    n_heads: int
    n_layers: int
    dropout: float
    norm_first: bool
    quiet_softmax: bool

    def forward(self, input: TransformerEncoderInput) -> Tensor:
        """[batch, length, d_model]. Raises `ShapeError`."""
        input = checked("TransformerEncoder", input, TransformerEncoderInput)
        for layer in self.layers:
            input = layer(input)
        return input.tensor

    __call__ = forward

    def forward_autoregressive_inference(
        self, input: TransformerEncoderInput, cache: TransformerEncoderAutoregressiveCache
    ) -> Tensor:
        """The same for a text that grows by a token a call, of which `cache` holds what came before."""
        input = checked("TransformerEncoder", input, TransformerEncoderInput)
        for layer, of_layer in zip(self.layers, cache.layers, strict=True):
            input = layer.forward_autoregressive_inference(input, of_layer)
        return input.tensor

    def new_autoregressive_cache(self) -> TransformerEncoderAutoregressiveCache:
        """An empty cache for one text, or a batch of them."""
        return TransformerEncoderAutoregressiveCache([TransformerEncoderLayerCache() for _ in self.layers])

    def attributes(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in type(self).module_fields if name != "layers"}


@dataclass(frozen=True, eq=False)
class TransformerEncoderLayerCache:
    """What one layer has computed so far."""

    mha: MhaCache = field(default_factory=MhaCache.autoregressive)
    pwff: TensorCache = field(default_factory=TensorCache)
    norm_1: TensorCache = field(default_factory=TensorCache)
    norm_2: TensorCache = field(default_factory=TensorCache)


@dataclass(frozen=True, eq=False)
class TransformerEncoderAutoregressiveCache:
    """What all layers have computed so far: `model.new_autoregressive_cache()`."""

    layers: list[TransformerEncoderLayerCache]


def checked(model: str, input: Any, kind: type) -> Any:
    """`input`. Raises `DtypeError` unless it is of this kind."""
    if not isinstance(input, kind):
        raise DtypeError(f"{model} of a {type(input).__name__}: it wants a {kind.__name__}(tensor, ...)")
    return input
