"""Values of metrics, and what they say of outputs that they cannot read."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.data.dataloader import Progress
from minigrad.errors import MetricError
from minigrad.train import ClassificationOutput
from minigrad.train.metric import AccuracyMetric, BinaryAccuracyMetric, LossMetric, MetricMetadata, NumericMetric


def metadata(items: int) -> MetricMetadata:
    return MetricMetadata(Progress(items, items), 1, 1, 1, 0.1, items)


def item(output: Any, targets: Any, loss: float = 0.0) -> ClassificationOutput:
    return ClassificationOutput(Tensor(loss), Tensor(output), Tensor(targets))


def feed(metric: NumericMetric, items: Sequence[ClassificationOutput], sizes: Sequence[int]) -> list[str]:
    return [str(metric.update(each, metadata(size)).serialize) for each, size in zip(items, sizes, strict=True)]


# The golden numbers of Burn's own test: half of them right.
OUTPUT = [[0.0, 0.2, 0.8], [1.0, 2.0, 0.5], [0.4, 0.1, 0.2], [0.6, 0.7, 0.2]]
TARGETS = [2, 2, 1, 1]


def test_accuracy() -> None:
    metric = AccuracyMetric()
    assert math.isnan(metric.value())
    assert math.isnan(metric.running_value())
    assert feed(metric, [item(OUTPUT, TARGETS), item(OUTPUT[:1], [2])], [4, 1]) == ["50,4", "100,1"]
    assert (metric.value(), metric.running_value()) == (100.0, 60.0)  # 3 of 5, not the mean of 50 and 100
    metric.clear()
    assert math.isnan(metric.running_value())


def test_accuracy_takes_the_first_of_equals() -> None:
    assert feed(AccuracyMetric(), [item([[1.0, 1.0]], [0]), item([[1.0, 1.0]], [1])], [1, 1]) == ["100,1", "0,1"]


@pytest.mark.parametrize("column", [False, True])
@pytest.mark.parametrize("dtype", [np.int64, np.float32, np.bool_])
def test_binary_accuracy(column: bool, dtype: Any) -> None:
    logits = np.array([-0.1, 0.1, 3.0, 0.0], np.float32)
    targets = np.array([0, 1, 0, 0], dtype)
    metric = BinaryAccuracyMetric()
    assert feed(metric, [item(logits[:, None] if column else logits, targets)], [4]) == ["75,4"]
    assert metric.name() == "Binary Accuracy"


def test_binary_accuracy_of_probabilities() -> None:
    metric = BinaryAccuracyMetric(threshold=0.5)
    assert feed(metric, [item([0.4, 0.6, 0.5], [0, 1, 0])], [3]) == ["100,3"]
    assert metric.name() == "Binary Accuracy @ Threshold(0.5)"


def test_loss_is_read_as_float32_and_weighs_its_items() -> None:
    metric = LossMetric()
    assert feed(metric, [item([0.0], [0], 0.1), item([0.0], [0], 0.4)], [3, 1]) == [
        "0.10000000149011612,3",
        "0.4000000059604645,1",
    ]
    assert metric.running_value() == pytest.approx(0.175, rel=1e-6)


def test_values_of_numpy_are_summed_in_float64() -> None:
    metric = LossMetric()
    entries = [metric.record(np.float32(0.1), 1) for _ in range(3)]
    assert metric.running_value() == pytest.approx(float(np.float32(0.1)), rel=1e-15)
    assert entries[0].serialize == "0.10000000149011612,1"


def test_a_loss_that_was_not_reduced_counts_as_its_mean() -> None:
    each = ClassificationOutput(Tensor([1.0, 2.0, 6.0]), Tensor([0.0]), Tensor([0]))
    assert feed(LossMetric(), [each], [3]) == ["3,3"]


def test_the_words_for_people_are_of_the_epoch_and_the_batch() -> None:
    metric = AccuracyMetric()
    feed(metric, [item(OUTPUT, TARGETS)], [4])
    entry = metric.update(item(OUTPUT[:1], [2]), metadata(1))
    assert entry.formatted == "epoch 60.00 % - batch 100.00 %"


@dataclass
class Outputless:
    loss: Tensor


@pytest.mark.parametrize(
    ("metric", "given", "message"),
    [
        (
            AccuracyMetric(),
            item([[0.1], [0.2]], [0, 1]),
            "AccuracyMetric: the output has one column, so argmax would always say class 0\n"
            "  for one logit use BinaryAccuracyMetric",
        ),
        (
            AccuracyMetric(),
            item([0.1, 0.2], [0, 1]),
            "AccuracyMetric: output of shape (2,) and targets of shape (2,)\n"
            "  it wants output [batch, classes] and targets [batch]",
        ),
        (
            AccuracyMetric(),
            item([[0.1, 0.2]], [[0, 1]]),
            "AccuracyMetric: output of shape (1, 2) and targets of shape (1, 2)\n"
            "  it wants output [batch, classes] and targets [batch]",
        ),
        (
            BinaryAccuracyMetric(),
            item(OUTPUT, TARGETS),
            "BinaryAccuracyMetric: output of shape (4, 3) and targets of shape (4,)\n"
            "  it wants one output an item, [batch] or [batch, 1]; for one column a class use AccuracyMetric",
        ),
        (
            AccuracyMetric(),
            item(OUTPUT, [2, 3, 1, 1]),
            "AccuracyMetric: a target is 3, and the output has 3 columns: classes 0 to 2\n"
            "  give the output a column for every class; classes count from 0",
        ),
        (
            AccuracyMetric(),
            item(OUTPUT, [2, -1, 1, 1]),
            "AccuracyMetric: a target is -1, and the output has 3 columns: classes 0 to 2\n"
            "  give the output a column for every class; classes count from 0",
        ),
        (
            AccuracyMetric(),
            item([[0.0, 1.0], [math.nan, 1.0]], [0, 1]),
            "AccuracyMetric: the output has NaN in it, which is on no side of anything\n"
            "  a smaller learning rate or grad_clipping may help",
        ),
        (
            BinaryAccuracyMetric(),
            item([-1.0, math.nan], [0, 1]),
            "BinaryAccuracyMetric: the output has NaN in it, which is on no side of anything\n"
            "  a smaller learning rate or grad_clipping may help",
        ),
        (
            BinaryAccuracyMetric(),
            item([-1.0, 1.0], [1, 2]),
            "BinaryAccuracyMetric: a target is 2, and they are 0 or 1\n"
            "  for more than two classes use AccuracyMetric, with a column for each",
        ),
        (
            BinaryAccuracyMetric(),
            Outputless(Tensor(0.0)),
            "BinaryAccuracyMetric: Outputless has no tensors in the fields `output` and `targets`\n"
            "  return ClassificationOutput(loss, output, targets), or a dataclass of yours with these fields\n"
            '  fields of other names are read by metric.reading(output="scores", targets="labels")',
        ),
    ],
)
def test_outputs_that_cannot_be_read(metric: NumericMetric, given: Any, message: str) -> None:
    with pytest.raises(MetricError) as error:
        metric.update(given, metadata(2))
    assert str(error.value) == message


TARGETS_OF_TWO = [0, 1, 1]
PROBABILITIES = [0.2, 0.9, 0.6]
AS_PROBABILITIES = -(math.log(0.8) + math.log(0.9) + math.log(0.6)) / 3  # binary cross-entropy
AS_LOGITS = (math.log1p(math.exp(0.2)) + math.log1p(math.exp(-0.9)) + math.log1p(math.exp(-0.6))) / 3


@pytest.mark.parametrize("loss", [AS_PROBABILITIES, (0.2**2 + 0.1**2 + 0.4**2) / 3])
def test_probabilities_at_the_threshold_of_logits(loss: float) -> None:
    given = item(PROBABILITIES, TARGETS_OF_TWO, loss)
    with pytest.raises(MetricError) as error:
        BinaryAccuracyMetric().update(given, metadata(3))
    assert str(error.value) == (
        "BinaryAccuracyMetric(): the outputs are probabilities (0.20 to 0.90), as the loss tells, and all of them are "
        "above 0: each would count as class 1\n"
        "  BinaryAccuracyMetric(threshold=0.5)"
    )
    assert feed(BinaryAccuracyMetric(threshold=0.5), [given], [3]) == ["100,3"]


def test_logits_that_look_like_probabilities() -> None:
    """A model that has learned nothing but a share of classes says one logit, and it may well be within [0, 1]."""
    metric = BinaryAccuracyMetric()
    assert feed(metric, [item(PROBABILITIES, TARGETS_OF_TWO, AS_LOGITS)], [3]) == ["66.66666666666667,3"]
    lossless = ClassificationOutput(None, Tensor(PROBABILITIES), Tensor(TARGETS_OF_TWO))  # type: ignore[arg-type]
    assert feed(BinaryAccuracyMetric(), [lossless], [3]) == ["66.66666666666667,3"]


def test_probabilities_of_exactly_zero_and_one() -> None:
    with pytest.raises(MetricError, match="the outputs are probabilities"):
        BinaryAccuracyMetric().update(item([0.0, 1.0, 1.0], [0, 1, 0], 1 / 3), metadata(3))
