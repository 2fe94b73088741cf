"""What metrics keep over an epoch: padding, batches without a value, scores, and what a display sees of them."""

from __future__ import annotations

import math
import threading
import warnings
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.data.dataloader import Progress
from minigrad.errors import MinigradWarning
from minigrad.train import ClassificationOutput
from minigrad.train.logger.metric import read_history
from minigrad.train.metric import (
    AccuracyMetric,
    AurocMetric,
    AveragePrecisionMetric,
    ConfusionMatrixMetric,
    HammingScore,
    MetricMetadata,
    PerplexityMetric,
    PrecisionMetric,
    R2ScoreMetric,
    Split,
    TopKAccuracyMetric,
)
from minigrad.train.metric.ranking import RankingMetric

RIGHT, WRONG = [1.0, 0.0], [0.0, 1.0]  # of class 0


@pytest.mark.parametrize("metric", [AccuracyMetric(), TopKAccuracyMetric(1)])
def test_padding_weighs_nothing(metric: Any, feed: Any) -> None:
    metric = metric.with_pad_token(-100)
    feed(metric, ([RIGHT] * 3 + [WRONG], [0, 0, 0, -100]), ([WRONG] * 4, [0, -100, -100, -100]), ([RIGHT], [-100]))
    assert metric.running_value() == 75.0  # 3 of 4, where batches that weigh 4, 4 and 1 would say something else
    assert math.isnan(metric.value())


def test_a_batch_of_padding_alone(feed: Any) -> None:
    metric = AccuracyMetric().with_pad_token(9)
    entry = metric.update(
        ClassificationOutput(Tensor(0.0), Tensor([RIGHT]), Tensor([9])), MetricMetadata(Progress(1, 1), 1, 1, 1, 0.1, 1)
    )
    assert entry.serialize == "NaN,0"
    assert math.isnan(metric.running_value())


def test_padding_may_hold_anything(feed: Any) -> None:
    assert feed(AccuracyMetric().with_pad_token(7), ([RIGHT, [math.nan, 1.0]], [0, 7])).value() == 100.0


def test_perplexity(feed: Any) -> None:
    quarter = [0.0, 0.0, 0.0, 0.0]
    metric = PerplexityMetric().with_pad_token(3)
    feed(metric, ([quarter] * 3, [0, 1, 3]), ([[50.0, 0.0, 0.0, 0.0]] * 2, [0, 0]))
    assert metric.running_value() == pytest.approx(2.0, rel=1e-12)  # the mean of log 4, log 4, 0 and 0
    assert feed(PerplexityMetric(), (np.log([[0.25, 0.75]]), [0])).value() == pytest.approx(4.0, rel=1e-6)
    assert feed(PerplexityMetric(), ([[1e4, -1e4]], [1])).value() == math.inf
    assert feed(PerplexityMetric(), ([[1e4, -math.inf]], [0])).value() == 1.0


def test_builders_leave_the_metric_as_it_was(feed: Any) -> None:
    plain = feed(AccuracyMetric(), ([RIGHT], [0]))
    padded = plain.with_pad_token(0)
    renamed = padded.reading("Other")
    assert (plain.running_value(), plain.name(), renamed.name()) == (100.0, "Accuracy", "Other")
    assert math.isnan(padded.running_value()) and math.isnan(renamed.running_value())
    assert math.isnan(feed(renamed, ([RIGHT], [0])).value())  # it leaves out class 0, as the one that it is made from


# Batches without a value

NEITHER = ([-1.0, -2.0], [0, 0])
BOTH = ([1.0, -1.0, 0.5], [1, 0, 1])


@pytest.mark.parametrize("kind", [AurocMetric, AveragePrecisionMetric])
def test_a_batch_of_one_class_is_no_news(kind: type[RankingMetric], feed: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        metric = feed(kind(), BOTH, NEITHER)
        assert math.isnan(metric.value())
        assert metric.running_value() == 100.0


@pytest.mark.parametrize(
    ("metric", "batch", "lacks"),
    [
        (AurocMetric(), NEITHER, "no class has both items that are of it and items that are not"),
        (AurocMetric(), ([1.0], [1]), "no class has both items that are of it and items that are not"),
        (AveragePrecisionMetric(), NEITHER, "no class has an item that is of it"),
    ],
)
def test_an_epoch_of_one_class_warns_once(metric: RankingMetric, batch: Any, lacks: str, feed: Any) -> None:
    name = metric.name()
    feed(metric, batch, total=10)
    assert math.isnan(metric.running_value())  # the epoch is not over: the other class may come
    feed(metric, batch)
    with pytest.warns(MinigradWarning, match=f"^{name} of the epoch is NaN: {lacks}$") as told:
        assert math.isnan(metric.running_value())
    assert len(told) == 1
    metric.clear()
    feed(metric, batch)
    assert math.isnan(metric.running_value())  # a warning would be an error here


def test_average_precision_of_one_class_is_perfect(feed: Any) -> None:
    assert feed(AveragePrecisionMetric(), ([1.0, 2.0], [1, 1])).running_value() == 100.0


def test_classes_without_a_value_drop_out(feed: Any) -> None:
    output, targets = [[0.9, 0.1, 0.0], [0.2, 0.8, 0.0], [0.6, 0.4, 0.0]], [0, 1, 1]
    assert feed(PrecisionMetric.multiclass(), (output, targets)).value() == 75.0  # of 1/2 and 1; class 2 was never said
    assert feed(AurocMetric.multiclass(), (output, targets)).value() == 100.0
    assert math.isnan(feed(PrecisionMetric(), ([0.1], [1])).value())


def test_r2(feed: Any) -> None:
    metric = feed(R2ScoreMetric(), ([0.5], [0.1]), ([0.1, 0.1], [0.1, 0.1]))
    assert math.isnan(metric.running_value())  # equal targets: whatever is said, there is nothing to explain
    metric = feed(R2ScoreMetric(), ([[1.0], [2.0]], [1.0, 3.0]), ([2.0], [2.0]))
    assert metric.running_value() == 0.5  # 1 - 1 / 2


def test_the_logs_of_batches_without_a_value(tmp_path: Path, feed: Any) -> None:
    metric = AurocMetric()
    metadata = MetricMetadata(Progress(3, 5), 1, 1, 1, 0.1, 3)
    entries = [
        metric.update(ClassificationOutput(Tensor(7.0), Tensor(output), Tensor(targets)), metadata)
        for output, targets in (BOTH, NEITHER)
    ]
    assert [entry.serialize for entry in entries] == ["100,3", "NaN,0"]
    log = tmp_path / "valid" / "epoch-1" / "AUROC.log"
    log.parent.mkdir(parents=True)
    log.write_text("".join(f"{entry.serialize}\n" for entry in entries))
    assert read_history(tmp_path, ["AUROC"]).values[Split.Valid] == {"AUROC": {1: 100.0}}


# What a display sees


def test_the_epoch_is_not_computed_again_when_nothing_has_changed(feed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    metric = feed(AurocMetric(), BOTH, NEITHER)
    computed: list[int] = []
    area = AurocMetric.area
    monkeypatch.setattr(AurocMetric, "area", lambda self, *steps: computed.append(1) or area(self, *steps))
    first = metric.running_value()
    assert [metric.running_value() for _ in range(5)] == [first] * 5
    assert len(computed) == 1
    feed(metric, ([-9.0, 9.0], [1, 0]))
    assert metric.running_value() < first
    metric.clear()
    assert math.isnan(metric.running_value())


def test_scores_keep_their_width(feed: Any) -> None:
    metric = feed(AurocMetric.multiclass(), (np.zeros((4, 3), np.float32), [0, 1, 2, 0]))
    assert [scores.dtype for scores, _ in metric._seen.batches] == [np.float32]


def test_a_display_may_ask_while_batches_come_in(feed: Any) -> None:
    metric, wrong = AurocMetric(), []
    over = threading.Event()

    def ask() -> None:
        while not over.is_set():
            value = metric.running_value()
            if not (math.isnan(value) or value == 100.0):
                wrong.append(value)

    asking = threading.Thread(target=ask)
    asking.start()
    for _ in range(20):
        metric.clear()
        feed(metric, *[BOTH] * 10)
    over.set()
    asking.join()
    assert wrong == []
    assert metric.running_value() == 100.0


def test_the_matrix_is_a_copy_and_its_words_wait(feed: Any) -> None:
    metric = ConfusionMatrixMetric(2)
    metadata = MetricMetadata(Progress(1, 2), 1, 1, 1, 0.1, 1)
    entries = [
        metric.update(ClassificationOutput(Tensor(0.0), Tensor([output]), Tensor([0])), metadata)
        for output in (RIGHT, WRONG)
    ]
    assert [entry.serialize for entry in entries] == ["[[1, 0], [0, 0]]", "[[0, 1], [0, 0]]"]
    assert entries[0].formatted == "[[1, 1], [0, 0]]"
    metric.matrix()[:] = 9
    assert metric.matrix().tolist() == [[1, 1], [0, 0]]
    metric.clear()
    assert metric.matrix().tolist() == [[0, 0], [0, 0]]


@pytest.mark.parametrize("targets", [[1, 0], [[1], [0]]])
def test_one_label(targets: Any, feed: Any) -> None:
    assert feed(HammingScore(), ([[0.9], [0.8]], targets)).value() == 50.0
    assert feed(PrecisionMetric.multilabel(), ([[0.9], [0.8]], targets)).value() == 50.0
