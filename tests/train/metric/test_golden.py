"""The numbers of Burn's own tests, and its names."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from minigrad.train.metric import (
    AccuracyMetric,
    AurocMetric,
    ClassReduction,
    ConfusionMatrixMetric,
    ConfusionStats,
    FBetaScoreMetric,
    HammingScore,
    PrecisionMetric,
    RecallMetric,
    TopKAccuracyMetric,
)

MICRO, MACRO = ClassReduction.Micro, ClassReduction.Macro

BINARY = [0.3, 0.2, 0.7, 0.1, 0.55], [0, 1, 0, 0, 1]
CLASSES = (
    [[0.2, 0.8, 0.0], [0.3, 0.6, 0.1], [0.7, 0.25, 0.05], [0.1, 0.15, 0.8], [0.9, 0.03, 0.07]],
    [1, 0, 2, 2, 0],
)
LABELS = (
    [[0.1, 0.7, 0.6], [0.3, 0.9, 0.05], [0.8, 0.9, 0.4], [0.7, 0.5, 0.9], [1.0, 0.3, 0.2]],
    [[1, 1, 0], [1, 0, 1], [1, 1, 1], [0, 0, 1], [1, 0, 0]],
)
ACCURACY = [[0.0, 0.2, 0.8], [1.0, 2.0, 0.5], [0.4, 0.1, 0.2], [0.6, 0.7, 0.2]], [2, 2, 1, 1]

CASES: list[tuple[Any, Any, float]] = [
    (PrecisionMetric.binary(0.5), BINARY, 0.5),
    (RecallMetric.binary(0.5), BINARY, 0.5),
    (FBetaScoreMetric.binary(1.0, 0.5), BINARY, 0.5),
    (FBetaScoreMetric.binary(2.0, 0.5), BINARY, 0.5),
    (PrecisionMetric.multiclass(1, MICRO), CLASSES, 0.6),
    (PrecisionMetric.multiclass(2, MICRO), CLASSES, 0.4),
    (PrecisionMetric.multiclass(1, MACRO), CLASSES, (0.5 + 0.5 + 1.0) / 3),
    (PrecisionMetric.multiclass(2, MACRO), CLASSES, (0.5 + 0.25 + 0.5) / 3),
    (RecallMetric.multiclass(1, MICRO), CLASSES, 0.6),
    (RecallMetric.multiclass(2, MICRO), CLASSES, 0.8),
    (RecallMetric.multiclass(1, MACRO), CLASSES, (0.5 + 1.0 + 0.5) / 3),
    (RecallMetric.multiclass(2, MACRO), CLASSES, (1.0 + 1.0 + 0.5) / 3),
    (FBetaScoreMetric.multiclass(1.0, 1, MACRO), CLASSES, (0.5 + 2 / 3 + 2 / 3) / 3),
    (PrecisionMetric.multilabel(0.5, MICRO), LABELS, 5 / 8),
    (PrecisionMetric.multilabel(0.5, MACRO), LABELS, (2 / 3 + 2 / 3 + 0.5) / 3),
    (RecallMetric.multilabel(0.5, MICRO), LABELS, 5 / 9),
    (RecallMetric.multilabel(0.5, MACRO), LABELS, (0.5 + 1.0 + 1 / 3) / 3),
    (FBetaScoreMetric.multilabel(1.0, 0.5, MICRO), LABELS, 10 / 17),
    (FBetaScoreMetric.multilabel(2.0, 0.5, MICRO), LABELS, 25 / 44),
    (AccuracyMetric(), ACCURACY, 0.5),
    (TopKAccuracyMetric(2), ACCURACY, 0.5),
    (AurocMetric(), ([[0.1, 0.9], [0.7, 0.3], [0.6, 0.4], [0.2, 0.8]], [1, 0, 0, 1]), 1.0),
    (AurocMetric(), ([[0.0, 1.0], [1.0, 0.0], [1.0, 0.0], [0.0, 1.0]], [1, 0, 0, 1]), 1.0),
    (AurocMetric(), ([[0.5, 0.5]] * 4, [1, 0, 0, 1]), 0.5),
]


@pytest.mark.parametrize(("metric", "batch", "expected"), CASES)
def test_value(metric: Any, batch: Any, expected: float, feed: Any) -> None:
    feed(metric, batch)
    assert metric.value() == metric.running_value() == pytest.approx(100 * expected, rel=1e-12)


PADDED = [*ACCURACY[0], *[[9.0, 1.0, 5.0]] * 3], [*ACCURACY[1], 3, 3, 3]


@pytest.mark.parametrize("metric", [AccuracyMetric().with_pad_token(3), TopKAccuracyMetric(2).with_pad_token(3)])
def test_padding(metric: Any, feed: Any) -> None:
    assert feed(metric, PADDED).value() == 50.0


def test_hamming(feed: Any) -> None:
    output = [
        [0.32, 0.52, 0.38, 0.68, 0.61],
        [0.43, 0.31, 0.21, 0.63, 0.53],
        [0.44, 0.25, 0.71, 0.39, 0.73],
        [0.49, 0.37, 0.68, 0.39, 0.31],
    ]
    targets = np.array([[0, 1, 0, 1, 1], [0, 0, 0, 1, 1], [0, 0, 1, 0, 1], [0, 0, 1, 0, 0]])
    five_wrong = np.array([[0, 1, 1, 0, 1], [0, 0, 0, 0, 1], [0, 0, 0, 0, 1], [0, 1, 1, 0, 0]])
    values = [feed(HammingScore(), (output, t)).value() for t in (targets, 1 - targets, five_wrong)]
    assert values == [100.0, 0.0, 75.0]


def test_counts() -> None:
    output, targets = np.array(LABELS[0]), np.array(LABELS[1], bool)
    stats = ConfusionStats.of(output > 0.5, targets).micro()
    assert (stats.tp, stats.tn, stats.fp, stats.fn) == (5, 3, 3, 4)
    twice = stats + stats
    assert (twice.tp, twice.tn, twice.fp, twice.fn) == (10, 6, 6, 8)
    said, meant = np.eye(3, dtype=bool)[np.array(CLASSES[0]).argmax(1)], np.eye(3, dtype=bool)[CLASSES[1]]
    stats = ConfusionStats.of(said, meant)
    counts = [count.tolist() for count in (stats.tp, stats.fp, stats.fn, stats.tn)]
    assert counts == [[1, 1, 1], [1, 1, 0], [1, 0, 1], [2, 3, 3]]


def test_confusion_matrix_has_true_classes_in_rows(feed: Any) -> None:
    matrix = feed(ConfusionMatrixMetric(3), CLASSES).matrix()
    assert matrix.tolist() == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]


@pytest.mark.parametrize(
    ("metric", "name"),
    [
        (PrecisionMetric(), "Precision @ Threshold(0.5) [Macro]"),
        (PrecisionMetric.binary(0.5), "Precision @ Threshold(0.5) [Macro]"),
        (RecallMetric.multiclass(1, MICRO), "Recall @ TopK(1) [Micro]"),
        (RecallMetric.multilabel(0.00001, MICRO), "Recall @ Threshold(1e-5) [Micro]"),
        (FBetaScoreMetric.binary(1, 0.5), "FBetaScore (1) @ Threshold(0.5) [Macro]"),
        (FBetaScoreMetric(), "FBetaScore (1) @ Threshold(0.5) [Macro]"),
        (FBetaScoreMetric.multiclass(), "FBetaScore (1) @ TopK(1) [Macro]"),
        (FBetaScoreMetric.multilabel(), "FBetaScore (1) @ Threshold(0.5) [Macro]"),
        (PrecisionMetric.multiclass(), "Precision @ TopK(1) [Macro]"),
        (FBetaScoreMetric.multiclass(0.5, 2), "FBetaScore (0.5) @ TopK(2) [Macro]"),
        (HammingScore(), "Hamming Score @ Threshold(0.5)"),
        (TopKAccuracyMetric(3), "Top-K Accuracy @ TopK(3)"),
        (AurocMetric(), "AUROC"),
    ],
)
def test_name(metric: Any, name: str) -> None:
    assert metric.name() == name
