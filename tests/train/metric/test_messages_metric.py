"""The wording of what metrics cannot read and of parameters that cannot be."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from minigrad.errors import MetricError
from minigrad.train import LearnerBuilder
from minigrad.train.metric import (
    AccuracyMetric,
    AurocMetric,
    AveragePrecisionMetric,
    BinaryAccuracyMetric,
    ClassReduction,
    ConfusionMatrixMetric,
    FBetaScoreMetric,
    HammingScore,
    MaeMetric,
    MseMetric,
    PerplexityMetric,
    PrecisionMetric,
    R2ScoreMetric,
    RecallMetric,
    TopKAccuracyMetric,
)

NAN = math.nan
LOGITS = [[-2.5, 4.0, 0.5], [1.0, 0.0, -1.0]]
MADE: list[tuple[Any, str]] = [
    # --- parameters ---
    (
        lambda: PrecisionMetric.binary(0.0),
        "PrecisionMetric.binary(0.0): threshold is 0.0, and must be a number between 0 and 1, as it is one of "
        "probabilities\n  for logits say threshold=0.5, sigmoid=True",
    ),
    (
        lambda: HammingScore(50),
        "HammingScore(50): threshold is 50, and must be a number between 0 and 1, as it is one of probabilities\n"
        "  for logits say threshold=0.5, sigmoid=True",
    ),
    (
        lambda: FBetaScoreMetric.binary(1, 1.0),
        "FBetaScoreMetric.binary(1, 1.0): threshold is 1.0, and must be a number between 0 and 1, as it is one of "
        "probabilities\n  for logits say threshold=0.5, sigmoid=True",
    ),
    (
        lambda: HammingScore("0.5"),
        "HammingScore('0.5'): threshold is '0.5', and must be a number between 0 and 1, as it is one of "
        "probabilities\n  for logits say threshold=0.5, sigmoid=True",
    ),
    (
        lambda: RecallMetric.multilabel(NAN),
        "RecallMetric.multilabel(nan): threshold is nan, and must be a number between 0 and 1, as it is one of "
        "probabilities\n  for logits say threshold=0.5, sigmoid=True",
    ),
    (
        lambda: HammingScore(0.5, 1),
        "HammingScore(0.5): sigmoid is 1, and must be True or False",
    ),
    (
        lambda: TopKAccuracyMetric(0),
        "TopKAccuracyMetric(0): top_k is 0, and must be a whole number of at least 1",
    ),
    (
        lambda: RecallMetric.multiclass(0.5),
        "RecallMetric.multiclass(0.5): top_k is 0.5, and must be a whole number of at least 1",
    ),
    (
        lambda: FBetaScoreMetric.binary(0),
        "FBetaScoreMetric(0): beta is 0, and must be a number above 0; 1 weighs both alike",
    ),
    (
        lambda: FBetaScoreMetric.multiclass(NAN, 1),
        "FBetaScoreMetric(nan): beta is nan, and must be a number above 0; 1 weighs both alike",
    ),
    (
        lambda: PrecisionMetric.multiclass(1, "macro"),
        "PrecisionMetric.multiclass(1): reduction is 'macro', and must be ClassReduction.Macro or ClassReduction.Micro",
    ),
    (
        lambda: AurocMetric.multilabel("micro"),
        "AurocMetric.multilabel: reduction is 'micro', and must be ClassReduction.Macro or ClassReduction.Micro",
    ),
    (
        lambda: PrecisionMetric(0.5),
        "PrecisionMetric: 0.5 does not say of which kind the output is\n"
        "  PrecisionMetric.binary(...), .multiclass(...) and .multilabel(...) say it",
    ),
    (
        lambda: FBetaScoreMetric(1.0, 0.5),
        "FBetaScoreMetric: 0.5 does not say of which kind the output is\n"
        "  FBetaScoreMetric.binary(...), .multiclass(...) and .multilabel(...) say it",
    ),
    (
        lambda: AurocMetric(ClassReduction.Macro),
        "AurocMetric(<ClassReduction.Macro: 'macro'>): AurocMetric() is for two classes, "
        "AurocMetric.multiclass(reduction) and AurocMetric.multilabel(reduction) for more",
    ),
    (
        lambda: ConfusionMatrixMetric(1),
        "ConfusionMatrixMetric(1): num_classes is 1, and must be a whole number of at least 2",
    ),
    (
        lambda: ConfusionMatrixMetric(2.0),
        "ConfusionMatrixMetric(2.0): num_classes is 2.0, and must be a whole number of at least 2",
    ),
    (
        lambda: LearnerBuilder("artifacts").metric_valid_numeric(ConfusionMatrixMetric(3)),
        "metric_valid_numeric(ConfusionMatrixMetric(...)): it takes a metric with a number, and this one has words "
        "alone\n  metric_valid(ConfusionMatrixMetric(...)) takes it",
    ),
    (
        lambda: AccuracyMetric().with_pad_token(None),
        "with_pad_token(None): it takes the target of a row of padding, a whole number",
    ),
]


@pytest.mark.parametrize(("make", "message"), MADE)
def test_parameters(make: Any, message: str) -> None:
    with pytest.raises(MetricError) as error:
        make()
    assert str(error.value) == message


READ: list[tuple[Any, Any, str]] = [
    # --- logits at a threshold of probabilities ---
    (
        PrecisionMetric(),
        ([-2.314, 0.5], [0, 1]),
        "PrecisionMetric(): the outputs go from -2.31e0 to 0.50, and the threshold is one of probabilities\n"
        "  for logits say sigmoid=True",
    ),
    (
        FBetaScoreMetric(),
        ([2.0, 0.5], [0, 1]),
        "FBetaScoreMetric(1.0): the outputs go from 0.50 to 2.00, and the threshold is one of probabilities\n"
        "  for logits say sigmoid=True",
    ),
    (
        FBetaScoreMetric.multilabel(2.0),
        (LOGITS, [[0, 1, 1], [1, 0, 0]]),
        "FBetaScoreMetric.multilabel(2.0, 0.5): the outputs go from -2.50e0 to 4.00, and the threshold is one of "
        "probabilities\n  for logits say sigmoid=True",
    ),
    (
        HammingScore(),
        ([[0.5, 1.01]], [[0, 1]]),
        "HammingScore(0.5): the outputs go from 0.50 to 1.01, and the threshold is one of probabilities\n"
        "  for logits say sigmoid=True",
    ),
    (
        ConfusionMatrixMetric.binary(),
        ([7.0], [0]),
        "ConfusionMatrixMetric.binary(0.5): the outputs go from 7.00 to 7.00, and the threshold is one of "
        "probabilities\n  for logits say sigmoid=True",
    ),
    (
        BinaryAccuracyMetric(threshold=0.5),
        ([0.5, 3.0], [0, 1]),
        "BinaryAccuracyMetric(threshold=0.5): the outputs go from 0.50 to 3.00, and 0.5 is the threshold of "
        "probabilities\n  for logits say BinaryAccuracyMetric()",
    ),
    (
        PerplexityMetric(),
        ([[0.25, 0.75], [1.0, 0.0]], [0, 1]),
        "PerplexityMetric: the outputs are probabilities, as the rows are positive and add up to 1\n"
        "  it wants logits, or their logarithm: PerplexityMetric().reading(output=lambda item: item.output.log())",
    ),
    (
        BinaryAccuracyMetric(threshold=0.5),
        ([0.5, -0.01], [0, 1]),
        "BinaryAccuracyMetric(threshold=0.5): the outputs go from -1.00e-2 to 0.50, and 0.5 is the threshold of "
        "probabilities\n  for logits say BinaryAccuracyMetric()",
    ),
    # --- shapes ---
    *[
        (
            BinaryAccuracyMetric(),
            (output, [0, 1]),
            f"BinaryAccuracyMetric: output of shape {np.shape(output)} and targets of shape (2,)\n"
            "  it wants one output an item, [batch] or [batch, 1]; for one column a class use AccuracyMetric",
        )
        for output in ([[0.5, 0.5]], [0.5, 0.5, 0.5])
    ],
    (
        RecallMetric(),
        (LOGITS, [0, 1]),
        "RecallMetric: output of shape (2, 3) and targets of shape (2,)\n"
        "  it wants one output an item, [batch] or [batch, 1]; for one column a class use RecallMetric.multiclass(...)",
    ),
    (
        RecallMetric(),
        (0.5, [1]),
        "RecallMetric: output of shape () and targets of shape (1,)\n"
        "  it wants one output an item, [batch] or [batch, 1]; for one column a class use RecallMetric.multiclass(...)",
    ),
    (
        RecallMetric.multiclass(),
        ([[0.1], [0.2]], [0, 1]),
        "RecallMetric: the output has one column, so argmax would always say class 0\n"
        "  for one logit use RecallMetric.binary(...)",
    ),
    (
        AurocMetric.multiclass(),
        ([[0.1], [0.2]], [0, 1]),
        "AurocMetric: the output has one column, so argmax would always say class 0\n  for one logit use AurocMetric()",
    ),
    (
        RecallMetric.multiclass(),
        (LOGITS, [[1, 0, 0], [0, 1, 0]]),
        "RecallMetric: output of shape (2, 3) and targets of shape (2, 3)\n"
        "  it wants output [batch, classes] and targets [batch]",
    ),
    (
        RecallMetric.multilabel(),
        (LOGITS, [0, 1]),
        "RecallMetric: output of shape (2, 3) and targets of shape (2,)\n"
        "  it wants both [batch, classes], with a target of 0 or 1 for every class",
    ),
    (
        HammingScore(),
        ([0.5, 0.5], [0, 1]),
        "HammingScore: output of shape (2,) and targets of shape (2,)\n"
        "  it wants both [batch, classes], with a target of 0 or 1 for every class",
    ),
    (
        HammingScore(),
        ([[0.5, 0.5]], [0, 1]),
        "HammingScore: output of shape (1, 2) and targets of shape (2,)\n"
        "  it wants both [batch, classes], with a target of 0 or 1 for every class",
    ),
    (
        AurocMetric(),
        (LOGITS, [0, 1]),
        "AurocMetric: the output has 3 columns, and AurocMetric() is for two classes\n"
        "  AurocMetric.multiclass(ClassReduction.Macro), or AurocMetric.multilabel(...) for targets [batch, classes]",
    ),
    (
        TopKAccuracyMetric(4),
        (LOGITS, [0, 1]),
        "TopKAccuracyMetric(4): top_k is 4, and the output has 3 columns",
    ),
    (
        ConfusionMatrixMetric(4),
        (LOGITS, [0, 1]),
        "ConfusionMatrixMetric(4): the output has 3 columns\n  ConfusionMatrixMetric(3)",
    ),
    (
        MseMetric(),
        (LOGITS, [0.0, 1.0]),
        "MseMetric: output of shape (2, 3) and targets of shape (2,)\n"
        "  it wants them of one shape, [batch, values] or [batch]",
    ),
    (
        MaeMetric(),
        (np.zeros((0, 2)), np.zeros((0, 2))),
        "MaeMetric: the batch has no items, and so no value",
    ),
    (
        AccuracyMetric(),
        (np.zeros((0, 2)), np.zeros(0, int)),
        "AccuracyMetric: the batch has no items, and so no value",
    ),
    (
        BinaryAccuracyMetric(),
        (np.zeros(0), np.zeros(0, int)),
        "BinaryAccuracyMetric: the batch has no items, and so no value",
    ),
    # --- targets ---
    (
        PrecisionMetric(),
        ([0.5, 0.5], [1, 2]),
        "PrecisionMetric: a target is 2, and they are 0 or 1\n"
        "  for class numbers use PrecisionMetric.multiclass(...), with a column for each",
    ),
    (
        HammingScore(),
        ([[0.5, 0.5]], [[1, -1]]),
        "HammingScore: a target is -1, and they are 0 or 1\n"
        "  for class numbers use AccuracyMetric, with a column for each",
    ),
    (
        AveragePrecisionMetric.multiclass(),
        (LOGITS, [0, 3]),
        "AveragePrecisionMetric: a target is 3, and the output has 3 columns: classes 0 to 2\n"
        "  give the output a column for every class; classes count from 0",
    ),
    (
        AccuracyMetric(),
        (LOGITS, [0.0, 1.5]),
        "AccuracyMetric: a target is 1.5, which is no class number",
    ),
    (
        R2ScoreMetric(),
        ([1.0, 2.0], [0.0, NAN]),
        "R2ScoreMetric: a target is nan, from which everything is far",
    ),
    # --- NaN ---
    *[
        (
            metric,
            ([NAN, 0.5], [0, 1]),
            f"{type(metric).__name__}: the output has NaN in it, which is on no side of anything\n"
            "  a smaller learning rate or grad_clipping may help",
        )
        for metric in (PrecisionMetric(), AurocMetric(), MseMetric(), ConfusionMatrixMetric.binary())
    ],
    (
        PerplexityMetric(),
        ([[math.inf, 0.0]], [0]),
        "PerplexityMetric: the cross-entropy has NaN in it, which is on no side of anything\n"
        "  a smaller learning rate or grad_clipping may help",
    ),
    (
        AurocMetric(),
        ([[math.inf, math.inf]], [0]),
        "AurocMetric: the difference of the columns has NaN in it, which is on no side of anything\n"
        "  a smaller learning rate or grad_clipping may help",
    ),
]


@pytest.mark.parametrize(("metric", "batch", "message"), READ)
def test_outputs(metric: Any, batch: Any, message: str, feed: Any) -> None:
    with pytest.raises(MetricError) as error:
        feed(metric, batch)
    assert str(error.value) == message


@pytest.mark.parametrize("metric", [PrecisionMetric(), BinaryAccuracyMetric(threshold=0.5)])
def test_probabilities_may_be_rounded(metric: Any, feed: Any) -> None:
    assert feed(metric, ([1.0 + 5e-7, -5e-7], [1, 0])).value() == 100.0


@pytest.mark.parametrize(
    "metric", [RecallMetric.multiclass(), AurocMetric.multiclass(), R2ScoreMetric().reading(targets="output")]
)
def test_columns_stay_as_many(metric: Any, feed: Any) -> None:
    with pytest.raises(MetricError, match=f"^{type(metric).__name__}: the output has 2 columns, and had 3 before$"):
        feed(metric, (LOGITS, [0, 1]), ([[0.5, 0.25]], [0]))
