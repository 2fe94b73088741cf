"""Transformers."""

from .decoder import (
    TransformerDecoder,
    TransformerDecoderAutoregressiveCache,
    TransformerDecoderConfig,
    TransformerDecoderInput,
    TransformerDecoderLayer,
)
from .encoder import (
    TransformerEncoder,
    TransformerEncoderAutoregressiveCache,
    TransformerEncoderConfig,
    TransformerEncoderInput,
    TransformerEncoderLayer,
)
from .pwff import PositionWiseFeedForward, PositionWiseFeedForwardConfig

__all__ = [
    "PositionWiseFeedForward", "PositionWiseFeedForwardConfig", "TransformerDecoder",
    "TransformerDecoderAutoregressiveCache", "TransformerDecoderConfig", "TransformerDecoderInput",
    "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderAutoregressiveCache",
    "TransformerEncoderConfig", "TransformerEncoderInput", "TransformerEncoderLayer",
]  # fmt: skip
