"""Layers, each with its Config, and losses (`minigrad.nn.loss`)."""

from typing import TYPE_CHECKING

from ..later import later as _later

if TYPE_CHECKING:
    from .activation import Gelu, Relu, Sigmoid, Tanh
    from .attention import (
        GeneratePaddingMask,
        MhaCache,
        MhaInput,
        MhaOutput,
        MultiHeadAttention,
        MultiHeadAttentionConfig,
        generate_autoregressive_mask,
        generate_padding_mask,
    )
    from .cache import TensorCache
    from .conv import (
        Conv1d,
        Conv1dConfig,
        Conv2d,
        Conv2dConfig,
        Conv3d,
        Conv3dConfig,
        ConvTranspose1d,
        ConvTranspose1dConfig,
        ConvTranspose2d,
        ConvTranspose2dConfig,
        ConvTranspose3d,
        ConvTranspose3dConfig,
    )
    from .dropout import Dropout, DropoutConfig
    from .embedding import Embedding, EmbeddingConfig
    from .hard_sigmoid import HardSigmoid, HardSigmoidConfig
    from .init import Initializer
    from .interpolate import Interpolate1d, Interpolate1dConfig, Interpolate2d, Interpolate2dConfig, InterpolateMode
    from .leaky_relu import LeakyRelu, LeakyReluConfig
    from .linear import Linear, LinearConfig
    from .norm import (
        BatchNorm,
        BatchNormConfig,
        GroupNorm,
        GroupNormConfig,
        InstanceNorm,
        InstanceNormConfig,
        LayerNorm,
        LayerNormConfig,
        RmsNorm,
        RmsNormConfig,
    )
    from .padding import PaddingConfig1d, PaddingConfig2d, PaddingConfig3d
    from .pool import (
        AdaptiveAvgPool1d,
        AdaptiveAvgPool1dConfig,
        AdaptiveAvgPool2d,
        AdaptiveAvgPool2dConfig,
        AvgPool1d,
        AvgPool1dConfig,
        AvgPool2d,
        AvgPool2dConfig,
        MaxPool1d,
        MaxPool1dConfig,
        MaxPool2d,
        MaxPool2dConfig,
    )
    from .pos_encoding import PositionalEncoding, PositionalEncodingConfig, generate_sinusoids
    from .prelu import PRelu, PReluConfig
    from .rnn import BiLstm, BiLstmConfig, GateController, Gru, GruConfig, Lstm, LstmConfig, LstmState
    from .rope_encoding import RotaryEncoding, RotaryEncodingConfig
    from .swiglu import SwiGlu, SwiGluConfig
    from .transformer import (
        PositionWiseFeedForward,
        PositionWiseFeedForwardConfig,
        TransformerDecoder,
        TransformerDecoderAutoregressiveCache,
        TransformerDecoderConfig,
        TransformerDecoderInput,
        TransformerDecoderLayer,
        TransformerEncoder,
        TransformerEncoderAutoregressiveCache,
        TransformerEncoderConfig,
        TransformerEncoderInput,
        TransformerEncoderLayer,
    )
    from .unfold import Unfold4d, Unfold4dConfig

__all__ = [
    "AdaptiveAvgPool1d", "AdaptiveAvgPool1dConfig", "AdaptiveAvgPool2d", "AdaptiveAvgPool2dConfig", "AvgPool1d",
    "AvgPool1dConfig", "AvgPool2d", "AvgPool2dConfig", "BatchNorm", "BatchNormConfig", "BiLstm", "BiLstmConfig",
    "Conv1d", "Conv1dConfig", "Conv2d", "Conv2dConfig", "Conv3d", "Conv3dConfig", "ConvTranspose1d",
    "ConvTranspose1dConfig", "ConvTranspose2d", "ConvTranspose2dConfig", "ConvTranspose3d", "ConvTranspose3dConfig",
    "Dropout", "DropoutConfig", "Embedding", "EmbeddingConfig", "GateController", "Gelu", "GeneratePaddingMask",
    "GroupNorm", "GroupNormConfig", "Gru", "GruConfig", "HardSigmoid", "HardSigmoidConfig", "Initializer",
    "InstanceNorm", "InstanceNormConfig", "Interpolate1d", "Interpolate1dConfig", "Interpolate2d",
    "Interpolate2dConfig", "InterpolateMode", "LayerNorm", "LayerNormConfig", "LeakyRelu", "LeakyReluConfig", "Linear",
    "LinearConfig", "Lstm", "LstmConfig", "LstmState", "MaxPool1d", "MaxPool1dConfig", "MaxPool2d", "MaxPool2dConfig",
    "MhaCache", "MhaInput", "MhaOutput", "MultiHeadAttention", "MultiHeadAttentionConfig", "PRelu", "PReluConfig",
    "PaddingConfig1d", "PaddingConfig2d", "PaddingConfig3d", "PositionWiseFeedForward", "PositionWiseFeedForwardConfig",
    "PositionalEncoding", "PositionalEncodingConfig", "Relu", "RmsNorm", "RmsNormConfig", "RotaryEncoding",
    "RotaryEncodingConfig", "Sigmoid", "SwiGlu", "SwiGluConfig", "Tanh", "TensorCache", "TransformerDecoder",
    "TransformerDecoderAutoregressiveCache", "TransformerDecoderConfig", "TransformerDecoderInput",
    "TransformerDecoderLayer", "TransformerEncoder", "TransformerEncoderAutoregressiveCache",
    "TransformerEncoderConfig", "TransformerEncoderInput", "TransformerEncoderLayer", "Unfold4d", "Unfold4dConfig",
    "generate_autoregressive_mask", "generate_padding_mask", "generate_sinusoids",
]  # fmt: skip

# All of them take as long as the rest of minigrad.
__getattr__ = _later(
    __name__,
    {
        "activation": "Gelu Relu Sigmoid Tanh",
        "attention": (
            "GeneratePaddingMask MhaCache MhaInput MhaOutput MultiHeadAttention MultiHeadAttentionConfig "
            "generate_autoregressive_mask generate_padding_mask"
        ),
        "cache": "TensorCache",
        "conv": (
            "Conv1d Conv1dConfig Conv2d Conv2dConfig Conv3d Conv3dConfig ConvTranspose1d ConvTranspose1dConfig "
            "ConvTranspose2d ConvTranspose2dConfig ConvTranspose3d ConvTranspose3dConfig"
        ),
        "dropout": "Dropout DropoutConfig",
        "embedding": "Embedding EmbeddingConfig",
        "hard_sigmoid": "HardSigmoid HardSigmoidConfig",
        "init": "Initializer",
        "interpolate": "Interpolate1d Interpolate1dConfig Interpolate2d Interpolate2dConfig InterpolateMode",
        "leaky_relu": "LeakyRelu LeakyReluConfig",
        "linear": "Linear LinearConfig",
        "loss": "",
        "norm": (
            "BatchNorm BatchNormConfig GroupNorm GroupNormConfig InstanceNorm InstanceNormConfig LayerNorm "
            "LayerNormConfig RmsNorm RmsNormConfig"
        ),
        "padding": "PaddingConfig1d PaddingConfig2d PaddingConfig3d",
        "pool": (
            "AdaptiveAvgPool1d AdaptiveAvgPool1dConfig AdaptiveAvgPool2d AdaptiveAvgPool2dConfig AvgPool1d "
            "AvgPool1dConfig AvgPool2d AvgPool2dConfig MaxPool1d MaxPool1dConfig MaxPool2d MaxPool2dConfig"
        ),
        "pos_encoding": "PositionalEncoding PositionalEncodingConfig generate_sinusoids",
        "prelu": "PRelu PReluConfig",
        "rnn": "BiLstm BiLstmConfig GateController Gru GruConfig Lstm LstmConfig LstmState",
        "rope_encoding": "RotaryEncoding RotaryEncodingConfig",
        "swiglu": "SwiGlu SwiGluConfig",
        "transformer": (
            "PositionWiseFeedForward PositionWiseFeedForwardConfig TransformerDecoder "
            "TransformerDecoderAutoregressiveCache TransformerDecoderConfig TransformerDecoderInput "
            "TransformerDecoderLayer TransformerEncoder TransformerEncoderAutoregressiveCache "
            "TransformerEncoderConfig TransformerEncoderInput TransformerEncoderLayer"
        ),
        "unfold": "Unfold4d Unfold4dConfig",
    },
)
