"""What layers compute, as functions on tensors: Burn's `tensor::module`."""

from .attention import masked_softmax, scaled_dot_product_attention
from .conv import conv1d, conv2d, conv3d, conv_transpose1d, conv_transpose2d, conv_transpose3d
from .embedding import embedding
from .interpolate import InterpolateMode, interpolate
from .loss import cross_entropy, cross_entropy_each, cross_entropy_with_logits
from .norm import batch_norm, group_norm, instance_norm, layer_norm, rms_norm
from .pool import (
    adaptive_avg_pool1d,
    adaptive_avg_pool2d,
    avg_pool1d,
    avg_pool2d,
    max_pool1d,
    max_pool2d,
    max_pool2d_with_indices,
)
from .unfold import unfold4d

__all__ = [
    "InterpolateMode", "adaptive_avg_pool1d", "adaptive_avg_pool2d", "avg_pool1d", "avg_pool2d", "batch_norm", "conv1d",
    "conv2d", "conv3d", "conv_transpose1d", "conv_transpose2d", "conv_transpose3d", "cross_entropy",
    "cross_entropy_each", "cross_entropy_with_logits", "embedding", "group_norm", "instance_norm", "interpolate",
    "layer_norm", "masked_softmax", "max_pool1d", "max_pool2d", "max_pool2d_with_indices", "rms_norm",
    "scaled_dot_product_attention", "unfold4d",
]  # fmt: skip
