"""Every metric over an epoch of unequal batches against scikit-learn over all its items at once."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from minigrad import Tensor
from minigrad.data.dataloader import Progress
from minigrad.errors import MinigradWarning
from minigrad.train import ClassificationOutput
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
    MetricMetadata,
    MseMetric,
    NumericMetric,
    PerplexityMetric,
    PrecisionMetric,
    R2ScoreMetric,
    RecallMetric,
    TopKAccuracyMetric,
)

skl = pytest.importorskip("sklearn.metrics")

LOGITS = [-1e4, -2.5, -1.0, -0.0, 0.0, 0.25, 0.5, 1.5, 1e4]  # few, so that there are ties
PROBABILITIES = [0.0, 0.1, 0.25, 0.5, 0.5000001, 0.75, 1.0]


@dataclass
class Epoch:
    """Outputs and targets of all items, and where they are cut into batches."""

    output: Any
    targets: Any
    cuts: list[int]

    def feed(self, metric: Any) -> Any:
        """The metric after all batches, of which some have no value by themselves."""
        done = 0
        for output, targets in zip(np.split(self.output, self.cuts), np.split(self.targets, self.cuts)):
            done += len(output)
            metadata = MetricMetadata(Progress(done, len(self.output)), 1, 1, 1, 0.1, len(output))
            item = ClassificationOutput(
                Tensor(7.0), Tensor(output, dtype=output.dtype), Tensor(targets, dtype=targets.dtype)
            )
            metric.update(item, metadata)
        return metric


@st.composite
def epochs(draw: Any, kind: str, values: list[float]) -> Epoch:
    """`kind` is binary, column (the same, [items, 1]), multiclass, multilabel or regression."""
    items, classes = draw(st.integers(1, 25)), draw(st.integers(2, 4))
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    cuts = sorted(draw(st.sets(st.integers(1, items - 1), max_size=4))) if items > 1 else []
    dtype = draw(st.sampled_from([np.float32, np.float64]))
    shape = {"binary": (items,), "column": (items, 1)}.get(kind, (items, classes))
    output = rng.choice(values, shape) if draw(st.booleans()) else rng.uniform(min(values), max(values), shape)
    if draw(st.integers(0, 9)) == 0:
        output = np.full(shape, values[2])
    if kind == "regression":
        targets = rng.choice([-1.0, 0.1, 2.0], shape) if draw(st.booleans()) else rng.normal(size=shape)
        return Epoch(output.astype(dtype), targets.astype(dtype), cuts)
    # some classes may be absent, or all but one
    present = draw(st.sets(st.integers(0, classes - 1 if kind == "multiclass" else 1), min_size=1))
    targets = rng.choice(sorted(present), shape if kind == "multilabel" else items)
    target_type = draw(st.sampled_from([np.int64, np.float32] + ([np.bool_] if kind != "multiclass" else [])))
    return Epoch(output.astype(dtype), targets.astype(target_type), cuts)


def asked(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    """scikit-learn's answer, without what it warns of."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return function(*args, **kwargs)


def agree(metric: NumericMetric, expected: float) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", MinigradWarning)
        got = metric.running_value()
    assert got == pytest.approx(100 * expected if metric.unit == "%" else expected, rel=1e-9, abs=1e-9, nan_ok=True)


def one_hot(targets: Any, classes: int) -> Any:
    return np.eye(classes, dtype=int)[targets.astype(int)]


def top(output: Any, k: int) -> Any:
    """The k largest of each row by sorting it, the first of equals first."""
    said = np.zeros(output.shape, int)
    for row, values in zip(said, output):
        row[sorted(range(len(values)), key=lambda i: (-values[i], i))[:k]] = 1
    return said


RATES: list[tuple[Any, tuple[float, ...], Callable[..., float]]] = [
    (PrecisionMetric, (), skl.precision_score),
    (RecallMetric, (), skl.recall_score),
    (FBetaScoreMetric, (1.0,), skl.f1_score),
    (FBetaScoreMetric, (2.0,), lambda *args, **kwargs: skl.fbeta_score(*args, beta=2.0, **kwargs)),
    (FBetaScoreMetric, (0.5,), lambda *args, **kwargs: skl.fbeta_score(*args, beta=0.5, **kwargs)),
]
REDUCTIONS = list(ClassReduction)


@pytest.mark.parametrize(("kind", "before", "score"), RATES)
@given(epoch=epochs("column", PROBABILITIES), threshold=st.sampled_from([0.1, 0.5]))
def test_rates_of_two_classes(kind: Any, before: Any, score: Any, epoch: Epoch, threshold: float) -> None:
    said = epoch.output[:, 0] > epoch.output.dtype.type(threshold)
    expected = asked(score, epoch.targets.astype(int), said.astype(int), pos_label=1, zero_division=np.nan)
    agree(epoch.feed(kind.binary(*before, threshold)), expected)


@pytest.mark.parametrize(("kind", "before", "score"), RATES)
@given(epoch=epochs("binary", LOGITS))
def test_rates_of_logits(kind: Any, before: Any, score: Any, epoch: Epoch) -> None:
    said = (epoch.output > 0).astype(int)
    expected = asked(score, epoch.targets.astype(int), said, pos_label=1, zero_division=np.nan)
    agree(epoch.feed(kind.binary(*before, sigmoid=True)), expected)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("kind", "before", "score"), RATES)
@given(epoch=epochs("multiclass", LOGITS), k=st.integers(1, 2))
def test_rates_of_classes(kind: Any, before: Any, score: Any, reduction: Any, epoch: Epoch, k: int) -> None:
    classes = epoch.output.shape[1]
    expected = asked(
        score, one_hot(epoch.targets, classes), top(epoch.output, k), average=reduction.value, zero_division=np.nan
    )
    agree(epoch.feed(kind.multiclass(*before, k, reduction)), expected)


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("kind", "before", "score"), RATES)
@given(epoch=epochs("multilabel", PROBABILITIES))
def test_rates_of_labels(kind: Any, before: Any, score: Any, reduction: Any, epoch: Epoch) -> None:
    said = (epoch.output > 0.5).astype(int)
    expected = asked(score, epoch.targets.astype(int), said, average=reduction.value, zero_division=np.nan)
    agree(epoch.feed(kind.multilabel(*before, 0.5, reduction)), expected)


@given(epoch=epochs("multilabel", PROBABILITIES))
def test_hamming(epoch: Epoch) -> None:
    said = (epoch.output > 0.5).astype(int)
    agree(epoch.feed(HammingScore()), 1 - asked(skl.hamming_loss, epoch.targets.astype(int), said))


@given(epoch=epochs("multilabel", LOGITS))
def test_hamming_of_logits(epoch: Epoch) -> None:
    said = (epoch.output > 0).astype(int)
    agree(epoch.feed(HammingScore(sigmoid=True)), 1 - asked(skl.hamming_loss, epoch.targets.astype(int), said))


@given(epoch=epochs("multiclass", LOGITS))
def test_accuracy_and_confusion_matrix(epoch: Epoch) -> None:
    said, targets, classes = epoch.output.argmax(1), epoch.targets.astype(int), epoch.output.shape[1]
    agree(epoch.feed(AccuracyMetric()), skl.accuracy_score(targets, said))
    matrix = epoch.feed(ConfusionMatrixMetric(classes)).matrix()
    assert np.array_equal(matrix, asked(skl.confusion_matrix, targets, said, labels=range(classes)))


@given(epoch=epochs("column", LOGITS))
def test_accuracy_and_confusion_matrix_of_two_classes(epoch: Epoch) -> None:
    said, targets = (epoch.output[:, 0] > 0).astype(int), epoch.targets.astype(int)
    agree(epoch.feed(BinaryAccuracyMetric()), skl.accuracy_score(targets, said))
    matrix = epoch.feed(ConfusionMatrixMetric.binary(sigmoid=True)).matrix()
    assert np.array_equal(matrix, asked(skl.confusion_matrix, targets, said, labels=[0, 1]))


@given(epoch=epochs("multiclass", LOGITS), k=st.integers(1, 2))
def test_top_k(epoch: Epoch, k: int) -> None:
    hits = [row[target] for row, target in zip(top(epoch.output, k), epoch.targets.astype(int))]
    agree(epoch.feed(TopKAccuracyMetric(k)), float(np.mean(hits)))


@given(epoch=epochs("multiclass", LOGITS))
def test_top_2_without_ties(epoch: Epoch) -> None:
    rows, classes = epoch.output.shape
    epoch.output = np.random.default_rng(rows).permuted(np.tile(np.arange(classes, dtype=float), (rows, 1)), axis=1)
    assume(classes > 2)  # of two scikit-learn wants one column
    expected = asked(skl.top_k_accuracy_score, epoch.targets.astype(int), epoch.output, k=2, labels=range(classes))
    agree(epoch.feed(TopKAccuracyMetric(2)), expected)


def auroc(targets: Any, scores: Any) -> float:
    """NaN where scikit-learn says that it is not defined."""
    return float(asked(skl.roc_auc_score, targets, scores)) if 0 < targets.sum() < len(targets) else math.nan


def average_precision(targets: Any, scores: Any) -> float:
    return float(asked(skl.average_precision_score, targets, scores)) if targets.any() else math.nan


AREAS: list[tuple[Any, Callable[[Any, Any], float]]] = [
    (AurocMetric, auroc),
    (AveragePrecisionMetric, average_precision),
]


@pytest.mark.parametrize(("kind", "area"), AREAS)
@pytest.mark.parametrize("shape", ["binary", "column"])
@given(data=st.data())
def test_areas_of_two_classes(kind: Any, area: Any, shape: str, data: Any) -> None:
    epoch = data.draw(epochs(shape, LOGITS))
    agree(epoch.feed(kind()), area(epoch.targets.astype(int), epoch.output.ravel()))


@pytest.mark.parametrize(("kind", "area"), AREAS)
@given(epoch=epochs("column", [-3.0, -1.0, 0.0, 0.5, 2.0]))
def test_areas_of_two_columns(kind: Any, area: Any, epoch: Epoch) -> None:
    expected = area(epoch.targets.astype(int), epoch.output[:, 0])
    epoch.output = np.hstack([np.zeros_like(epoch.output), epoch.output])
    agree(epoch.feed(kind()), expected)


def reduced(area: Any, targets: Any, scores: Any, reduction: ClassReduction) -> float:
    if reduction is ClassReduction.Micro:
        return float(area(targets.ravel(), scores.ravel()))
    known = [x for x in (area(t, s) for t, s in zip(targets.T, scores.T)) if not math.isnan(x)]
    return sum(known) / len(known) if known else math.nan


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("kind", "area"), AREAS)
@given(epoch=epochs("multiclass", LOGITS))
def test_areas_of_classes(kind: Any, area: Any, reduction: Any, epoch: Epoch) -> None:
    targets = one_hot(epoch.targets, epoch.output.shape[1])
    agree(epoch.feed(kind.multiclass(reduction)), reduced(area, targets, epoch.output, reduction))


@pytest.mark.parametrize("reduction", REDUCTIONS)
@pytest.mark.parametrize(("kind", "area"), AREAS)
@given(epoch=epochs("multilabel", PROBABILITIES))
def test_areas_of_labels(kind: Any, area: Any, reduction: Any, epoch: Epoch) -> None:
    agree(epoch.feed(kind.multilabel(reduction)), reduced(area, epoch.targets.astype(int), epoch.output, reduction))


def test_macro_areas_of_probabilities_are_one_vs_rest() -> None:
    rng = np.random.default_rng(0)
    output = rng.dirichlet(np.ones(3), 60)
    epoch = Epoch(output, rng.integers(0, 3, 60), [7, 20])
    expected = skl.roc_auc_score(epoch.targets, output, multi_class="ovr", average="macro")
    agree(epoch.feed(AurocMetric.multiclass()), expected)


@given(epoch=epochs("regression", [-3.0, 0.1, 0.5, 2.0]))
def test_errors(epoch: Epoch) -> None:
    output, targets = epoch.output.astype(float), epoch.targets.astype(float)
    agree(epoch.feed(MseMetric()), skl.mean_squared_error(targets, output))
    agree(epoch.feed(MaeMetric()), skl.mean_absolute_error(targets, output))
    scores = asked(skl.r2_score, targets, output, multioutput="raw_values", force_finite=False)
    varied = (targets != targets[:1]).any(0)
    expected = float(np.mean(scores[varied])) if varied.any() else math.nan
    agree(epoch.feed(R2ScoreMetric()), expected)


def test_r2_of_equal_targets() -> None:
    """Their mean is 0.10000000000000002, and their spread would not be 0."""
    epoch = Epoch(np.full((3, 1), 0.5), np.full((3, 1), 0.1), [])
    assert math.isnan(epoch.feed(R2ScoreMetric()).running_value())


def test_r2_far_from_zero() -> None:
    """Sums of squares would have no digit left of the spread."""
    rng = np.random.default_rng(0)
    targets = 1e9 + rng.normal(size=(90, 1))
    output = targets + rng.normal(size=(90, 1)) / 10
    epoch = Epoch(output, targets, [1, 30])
    assert epoch.feed(R2ScoreMetric()).running_value() == pytest.approx(skl.r2_score(targets, output), rel=1e-6)


@given(epoch=epochs("multiclass", [-30.0, -1.0, 0.0, 0.5, 30.0]))
def test_perplexity(epoch: Epoch) -> None:
    scaled = np.exp(epoch.output.astype(float))
    probabilities = scaled / scaled.sum(1, keepdims=True)
    entropy = -np.log(probabilities[np.arange(len(scaled)), epoch.targets.astype(int)]).mean()
    agree(epoch.feed(PerplexityMetric()), math.exp(entropy))
