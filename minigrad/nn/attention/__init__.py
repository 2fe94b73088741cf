"""Attention, its input, masks and cache."""

from .input import MhaInput
from .mask import GeneratePaddingMask, generate_autoregressive_mask, generate_padding_mask
from .mha import MhaCache, MhaOutput, MultiHeadAttention, MultiHeadAttentionConfig

__all__ = [
    "GeneratePaddingMask", "MhaCache", "MhaInput", "MhaOutput", "MultiHeadAttention", "MultiHeadAttentionConfig",
    "generate_autoregressive_mask", "generate_padding_mask",
]  # fmt: skip
