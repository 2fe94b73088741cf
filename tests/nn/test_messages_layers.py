"""The wording of the layers' errors: sizes that cannot be, inputs that do not fit, and where in the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from minigrad import Module, Tensor
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import (
    ConfigError,
    DtypeError,
    LossInputError,
    MinigradError,
    PositionError,
    ShapeError,
)
from minigrad.nn import (
    BatchNorm,
    BatchNormConfig,
    BiLstmConfig,
    DropoutConfig,
    EmbeddingConfig,
    GroupNormConfig,
    GruConfig,
    LayerNormConfig,
    LstmConfig,
    LstmState,
    MhaInput,
    MultiHeadAttentionConfig,
    PositionalEncodingConfig,
    RotaryEncodingConfig,
    TransformerEncoderConfig,
    generate_autoregressive_mask,
)
from minigrad.nn.loss import CrossEntropyLossConfig, HuberLossConfig, PoissonNllLossConfig

DEVICE = Autodiff(NdArray(seed=1))
X = Tensor(np.zeros((2, 3)))
TEXT = Tensor(np.zeros((2, 5, 4)))
TRACKED = Tensor(np.zeros((2, 3), np.int64), DEVICE)


class Model(Module):
    norm: BatchNorm

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(x)


def mha(input: Any) -> Any:
    return MultiHeadAttentionConfig(4, 2).init(DEVICE)(input)


CASES: list[tuple[Callable[[], Any], type[MinigradError], str]] = [
    # --- configs ---
    (
        lambda: DropoutConfig(1.5).init(),
        ConfigError,
        "DropoutConfig: prob is 1.5, and must be a probability between 0 and 1",
    ),
    (
        lambda: EmbeddingConfig(0, 3).init(DEVICE),
        ConfigError,
        "EmbeddingConfig: n_embedding is 0, and must be an integer of at least 1",
    ),
    (
        lambda: LayerNormConfig(3, epsilon=0.0).init(DEVICE),
        ConfigError,
        "LayerNormConfig: epsilon is 0.0, and must be a number > 0, such as 1e-5",
    ),
    (
        lambda: BatchNormConfig(3, momentum=2.0).init(DEVICE),
        ConfigError,
        "BatchNormConfig: momentum is 2.0, and must be a share between 0 and 1",
    ),
    (
        lambda: GroupNormConfig(4, 6).init(DEVICE),
        ConfigError,
        "GroupNormConfig: 6 channels do not make 4 groups of one size",
    ),
    (
        lambda: MultiHeadAttentionConfig(6, 4).init(DEVICE),
        ConfigError,
        "MultiHeadAttentionConfig: d_model 6 does not make 4 heads of one size",
    ),
    (
        lambda: TransformerEncoderConfig(4, 8, 2, n_layers=0).init(DEVICE),
        ConfigError,
        "TransformerEncoderConfig: n_layers is 0, and must be an integer of at least 1",
    ),
    (
        lambda: PositionalEncodingConfig(5).init(),
        ConfigError,
        "PositionalEncodingConfig: d_model is 5, and must be an even number: a sine and a cosine in turn",
    ),
    (
        lambda: PositionalEncodingConfig(4, max_sequence_size=20_000).init(),
        ConfigError,
        "PositionalEncodingConfig: max_timescale 10000 is less than max_sequence_size 20000",
    ),
    (
        lambda: RotaryEncodingConfig(10, 3).init(),
        ConfigError,
        "RotaryEncodingConfig: d_model is 3, and must be an even number: features turn in pairs",
    ),
    (
        lambda: RotaryEncodingConfig(10, 4, theta=0.0).init(),
        ConfigError,
        "RotaryEncodingConfig: theta is 0.0, and must be a number > 0",
    ),
    (
        lambda: CrossEntropyLossConfig(smoothing=2.0).init(),
        ConfigError,
        "CrossEntropyLossConfig: smoothing is 2.0, and goes from 0 to 1",
    ),
    (
        lambda: CrossEntropyLossConfig(weights=[1.0, 0.0]).init(),
        ConfigError,
        "CrossEntropyLossConfig: weights are [1.0, 0.0], and each must be positive",
    ),
    (
        lambda: HuberLossConfig(-1.0).init(),
        ConfigError,
        "HuberLossConfig: delta is -1.0, and must be a number of at least 0",
    ),
    (
        lambda: PoissonNllLossConfig(eps=0.0).init(),
        ConfigError,
        "PoissonNllLossConfig: eps is 0.0, and must be a number > 0",
    ),
    # --- inputs ---
    (
        lambda: DropoutConfig(0.5).init()(TRACKED),
        DtypeError,
        "Dropout of int64: it scales what it keeps, so it wants Float: use float()",
    ),
    (
        lambda: DropoutConfig(0.5).init()([1.0]),  # type: ignore[arg-type]
        DtypeError,
        "Dropout of a list: it wants a tensor; Tensor(data, device)",
    ),
    (
        lambda: EmbeddingConfig(3, 2).init(DEVICE)(Tensor([0, 3])),
        PositionError,
        "embedding: position 3 of 3: they go from 0 to 2",
    ),
    (
        lambda: Model(BatchNormConfig(4).init(DEVICE))(X),
        ShapeError,
        "batch_norm of an input of shape (2, 3): gamma has shape (4,), and must be (3,)\n"
        "  in norm: BatchNorm(4), in Model.forward",
    ),
    (
        lambda: LayerNormConfig(4).init(DEVICE)(X),
        ShapeError,
        "layer_norm of an input of shape (2, 3): gamma has shape (4,), and must be (3,)\n  in LayerNorm(4)",
    ),
    (
        lambda: GroupNormConfig(2, 4, affine=False).init(DEVICE)(X),
        ShapeError,
        "GroupNorm of an input of shape (2, 3): it has 3 channels, the layer 4\n  in GroupNorm(2 x 2)",
    ),
    (
        lambda: mha(TEXT),
        DtypeError,
        "MultiHeadAttention of a Tensor: it wants an MhaInput, such as MhaInput.self_attn(x)",
    ),
    (
        lambda: mha(MhaInput.self_attn(X)),
        ShapeError,
        "MhaInput: query has shape (2, 3), and must be [batch, length, 4]\n  in MultiHeadAttention(4, 2 heads)",
    ),
    (
        lambda: mha(MhaInput(TEXT, TEXT, TEXT[:, :2])),
        ShapeError,
        "MhaInput: query (2, 5, 4), key (2, 5, 4), value (2, 2, 4): one batch, and a value for each key\n"
        "  in MultiHeadAttention(4, 2 heads)",
    ),
    (
        lambda: mha(MhaInput.self_attn(TEXT, mask_attn=generate_autoregressive_mask(2, 4))),
        ShapeError,
        "MhaInput: mask_attn has shape (2, 4, 4), and must be (2, 5, 5)\n  in MultiHeadAttention(4, 2 heads)",
    ),
    (
        lambda: mha(MhaInput.self_attn(TEXT, mask_pad=X)),
        DtypeError,
        "MhaInput: mask_pad is float32, and must be a Bool tensor, True where a key is hidden",
    ),
    (
        lambda: mha(MhaInput(TEXT, TEXT, None)),  # type: ignore[arg-type]
        DtypeError,
        "MhaInput: value is a NoneType, and must be a tensor [batch, length, d_model]",
    ),
    (
        lambda: TransformerEncoderConfig(4, 8, 2, 1).init(DEVICE)(TEXT),  # type: ignore[arg-type]
        DtypeError,
        "TransformerEncoder of a Tensor: it wants a TransformerEncoderInput(tensor, ...)",
    ),
    (
        lambda: generate_autoregressive_mask(1, -1),
        ShapeError,
        "generate_autoregressive_mask(1, -1): sizes are integers of at least 0",
    ),
    (
        lambda: GruConfig(3, 2, True).init(DEVICE)(TEXT),
        ShapeError,
        "a recurrent layer of an input of shape (2, 5, 4): it wants [batch, length, 3]\n  in Gru(3 -> 2)",
    ),
    (
        lambda: LstmConfig(4, 2, True).init(DEVICE)(TEXT, LstmState(X, X)),
        ShapeError,
        "a recurrent layer: its state has shape (2, 3), and must be [batch, d_hidden], (2, 2)\n  in Lstm(4 -> 2)",
    ),
    (
        lambda: BiLstmConfig(4, 2, True).init(DEVICE)(TEXT, LstmState(X, X)),
        ShapeError,
        "BiLstm: a state of shapes (2, 3) and (2, 3): [2, batch, d_hidden] each",
    ),
    (
        lambda: GruConfig(4, 2, True).init(DEVICE)(TEXT[:, :0]),
        ShapeError,
        "a recurrent layer of an input of shape (2, 0, 4): it wants [batch, length, 4]\n  in Gru(4 -> 2)",
    ),
    (
        lambda: PositionalEncodingConfig(4, max_sequence_size=3).init()(TEXT),
        ShapeError,
        "PositionalEncoding of a text of 5 positions: there are 3\n  in PositionalEncoding\n"
        "  PositionalEncodingConfig(4, max_sequence_size=5) has as many",
    ),
    (
        lambda: PositionalEncodingConfig(4).init()(X),
        ShapeError,
        "PositionalEncoding of an input of shape (2, 3): it wants [batch, length, 4]\n  in PositionalEncoding",
    ),
    (
        lambda: RotaryEncodingConfig(3, 4).init()(TEXT),
        ShapeError,
        "RotaryEncoding of positions 0 to 4: there are 3\n  in RotaryEncoding\n"
        "  RotaryEncodingConfig(5, 4) has as many",
    ),
    # --- losses ---
    (
        lambda: CrossEntropyLossConfig().init()(X, Tensor([0, 5])),
        LossInputError,
        "cross_entropy: target 5 is no class: 3 columns of logits are classes 0 to 2\n  in CrossEntropyLoss",
    ),
    (
        lambda: CrossEntropyLossConfig(weights=[1.0, 2.0]).init()(X, Tensor([0, 1])),
        ShapeError,
        "CrossEntropyLoss: 2 weights for 3 classes\n  in CrossEntropyLoss\n"
        "  give one weight for each column of the logits",
    ),
    (
        lambda: CrossEntropyLossConfig(logits=False).init()(Tensor([[-0.5, 2.0]]), Tensor([1])),
        LossInputError,
        "CrossEntropyLoss(logits=False) got values outside [0, 1] (min -0.5, max 2)\n  in CrossEntropyLoss\n"
        "  they look like logits: leave logits=True, or apply softmax first",
    ),
    (
        lambda: CrossEntropyLossConfig().init()(X[:0], Tensor(np.zeros(0, np.int64))),
        LossInputError,
        "CrossEntropyLoss of no rows: there is nothing to average\n  in CrossEntropyLoss",
    ),
    (
        lambda: HuberLossConfig(1.0).init()(X, Tensor([0.0])),
        ShapeError,
        "HuberLoss: predictions (2, 3), targets (1,): shapes must be equal\n  in HuberLoss",
    ),
    (
        lambda: PoissonNllLossConfig().init()(X, X - 1),
        LossInputError,
        "PoissonNllLoss: targets go down to -1: no count is below 0\n  in PoissonNllLoss",
    ),
    (
        lambda: PoissonNllLossConfig(log_input=False).init()(X - 2, X),
        LossInputError,
        "PoissonNllLoss: predictions go down to -2: no count is below 0\n  in PoissonNllLoss\n"
        "  of logarithms of rates: log_input=True",
    ),
]


@pytest.mark.parametrize(("call", "kind", "text"), CASES, ids=range(len(CASES)))
def test_messages(call: Callable[[], Any], kind: type[MinigradError], text: str) -> None:
    with pytest.raises(kind) as caught:
        call()
    assert str(caught.value) == text
