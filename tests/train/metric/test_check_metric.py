"""`check_metric`: every metric of ours passes, every planted mistake is caught by the law that it breaks."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.errors import CheckError
from minigrad.testing import check_metric
from minigrad.testing.metric import LAWS
from minigrad.train import ClassificationOutput, MultiLabelClassificationOutput, RegressionOutput
from minigrad.train.metric import (
    AccuracyMetric,
    AurocMetric,
    AveragePrecisionMetric,
    BinaryAccuracyMetric,
    ClassReduction,
    ConfusionMatrixMetric,
    CpuMemory,
    CpuTemperature,
    CpuUse,
    FBetaScoreMetric,
    HammingScore,
    IterationSpeedMetric,
    LearningRateMetric,
    LossMetric,
    MaeMetric,
    Metric,
    MetricEntry,
    MseMetric,
    NumericEntry,
    NumericMetric,
    PerplexityMetric,
    PrecisionMetric,
    R2ScoreMetric,
    RecallMetric,
    TopKAccuracyMetric,
)

RNG = np.random.default_rng(3)
N = 23
LOSS = Tensor(RNG.random(N))
LABELS = Tensor(RNG.integers(0, 2, N))
LOGIT = ClassificationOutput(LOSS, Tensor(RNG.normal(size=(N, 1))), LABELS)
PROBABILITY = ClassificationOutput(LOSS, Tensor(RNG.random(N)), LABELS)
TWO = ClassificationOutput(LOSS, Tensor(RNG.normal(size=(N, 2))), LABELS)
CLASSES = ClassificationOutput(LOSS, Tensor(RNG.normal(size=(N, 4))), Tensor(RNG.integers(0, 4, N)))
MANY = MultiLabelClassificationOutput(LOSS, Tensor(RNG.random((N, 4))), Tensor(RNG.integers(0, 2, (N, 4))))
NUMBERS = RegressionOutput(LOSS, Tensor(RNG.normal(size=(N, 3))), Tensor(RNG.normal(size=(N, 3))))
MICRO = ClassReduction.Micro

OURS: list[tuple[Metric, Any, list[Metric]]] = [
    (LossMetric(), CLASSES, []),
    (AccuracyMetric(), CLASSES, []),
    (AccuracyMetric().with_pad_token(3), CLASSES, []),
    (TopKAccuracyMetric(2), CLASSES, [TopKAccuracyMetric(3)]),
    (TopKAccuracyMetric(2).with_pad_token(1), CLASSES, []),
    (BinaryAccuracyMetric(), LOGIT, [BinaryAccuracyMetric(0.5)]),
    (BinaryAccuracyMetric(0.5), PROBABILITY, []),
    (HammingScore(), MANY, [HammingScore(0.25)]),
    (PrecisionMetric(), PROBABILITY, [PrecisionMetric.binary(0.25), PrecisionMetric.multilabel(0.5, MICRO)]),
    (PrecisionMetric.multiclass(), CLASSES, [PrecisionMetric.multiclass(2), PrecisionMetric.multiclass(1, MICRO)]),
    (RecallMetric.binary(sigmoid=True), LOGIT, []),
    (RecallMetric.multilabel(0.5, MICRO), MANY, [RecallMetric.multilabel(0.5), PrecisionMetric.multilabel(0.5, MICRO)]),
    (FBetaScoreMetric.multiclass(2.0, 1), CLASSES, [FBetaScoreMetric.multiclass(1.0, 1)]),
    (FBetaScoreMetric.multilabel(), MANY, []),
    (AurocMetric(), LOGIT, [AurocMetric.multiclass(), AurocMetric.multiclass(MICRO)]),
    (AurocMetric(), TWO, []),
    (AurocMetric.multiclass(), CLASSES, []),
    (AurocMetric.multilabel(MICRO), MANY, []),
    (AveragePrecisionMetric(), PROBABILITY, [AurocMetric()]),
    (AveragePrecisionMetric.multiclass(MICRO), CLASSES, []),
    (ConfusionMatrixMetric(4), CLASSES, []),
    (ConfusionMatrixMetric.binary(), PROBABILITY, []),
    (MseMetric(), NUMBERS, []),
    (MaeMetric(), NUMBERS, []),
    (R2ScoreMetric(), NUMBERS, []),
    (PerplexityMetric(), CLASSES, []),
    (PerplexityMetric().with_pad_token(0), CLASSES, []),
    (LearningRateMetric(), CLASSES, []),
    (LossMetric().reading("Other Loss", loss="targets"), CLASSES, [LossMetric()]),
]


@pytest.mark.parametrize(("metric", "item", "others"), OURS, ids=lambda x: x.name() if isinstance(x, Metric) else "")
def test_ours(metric: Metric, item: Any, others: list[Metric]) -> None:
    compared = check_metric(metric, item, others=others)
    assert list(compared) == list(LAWS)
    if isinstance(metric, NumericMetric):
        assert all(compared.values())


def test_those_that_tell_the_time() -> None:
    pytest.importorskip("psutil")
    for metric in IterationSpeedMetric(), CpuUse(), CpuMemory(), CpuTemperature():
        assert "split" not in check_metric(metric, CLASSES, timed=True)


class Sound(NumericMetric):
    """The mean output of each item; what is wrong in a planted one is what it overrides."""

    def name(self) -> str:
        return "Sound"

    def update(self, item: Any, metadata: Any) -> Any:
        return self.record(item.output.data.mean(), metadata.items)


class Renamed(Sound):
    def name(self) -> str:
        return f"Sound of {self._count} items"


class TwoLines(Sound):
    def name(self) -> str:
        return "Sound\nand fury"


class Nameless(Sound):
    def name(self) -> str:
        return ""


class Scaled(Sound):
    def __init__(self, scale: float) -> None:
        super().__init__()
        self.scale = scale


class FromZero(Sound):
    def running_value(self) -> float:
        return self._sum / max(self._count, 1)


class LeavesValue(Sound):
    def clear(self) -> None:
        self._value = 0.0
        self._sum = 0.0
        self._count = 0


class Number(Sound):
    def update(self, item: Any, metadata: Any) -> Any:
        return super().update(item, metadata).value


class Text(Sound):
    def update(self, item: Any, metadata: Any) -> Any:
        entry = super().update(item, metadata)
        return MetricEntry(self.name(), entry.formatted, entry.serialize)


class Misnamed(Sound):
    def update(self, item: Any, metadata: Any) -> Any:
        entry = super().update(item, metadata)
        return NumericEntry(LossMetric(), entry.value, entry.items)


class OtherLine(Sound):
    def update(self, item: Any, metadata: Any) -> Any:
        entry = super().update(item, metadata)
        return NumericEntry(self, 100 * entry.value, entry.items)


class Sorts(Sound):
    def update(self, item: Any, metadata: Any) -> Any:
        item.output.data.sort(0)
        return super().update(item, metadata)


class Shares(Sound):
    seen: list[float] = []  # noqa: RUF012 - the mistake

    def update(self, item: Any, metadata: Any) -> Any:
        self.seen.extend(item.output.data.ravel().tolist())
        return self.record(np.mean(self.seen), metadata.items)

    def running_value(self) -> float:
        return float(np.mean(self.seen)) if self._count else float("nan")


class ValueOfTheEpoch(Sound):
    def value(self) -> float:
        return self.running_value()


class Consumes(Sound):
    def running_value(self) -> float:
        value = super().running_value()
        self._sum = self._count = 0
        return value


class Remembers(Sound):
    seen: list[float]

    def __init__(self) -> None:
        super().__init__()
        self.seen = []

    def update(self, item: Any, metadata: Any) -> Any:
        self.seen.extend(item.output.data.ravel().tolist())
        return super().update(item, metadata)

    def running_value(self) -> float:
        return float(np.mean(self.seen)) if self._count else float("nan")


class NeverClears(Sound):
    def clear(self) -> None:
        if not hasattr(self, "_value"):
            super().clear()


class CountsBatches(Sound):
    def update(self, item: Any, metadata: Any) -> Any:
        return self.record(item.output.data.mean(), 1)


class MeanOfPrecisions(Sound):
    """Burn 0.17's precision."""

    def update(self, item: Any, metadata: Any) -> Any:
        said, meant = item.output.data.ravel() > 0, item.targets.data == 1
        return self.record(np.count_nonzero(said & meant) / max(np.count_nonzero(said), 1), metadata.items)


class NeedsTwo(Sound):
    def update(self, item: Any, metadata: Any) -> Any:
        if len(item.output.data) < 2:
            raise ValueError("a spread needs two items")
        return super().update(item, metadata)


class ByNumber(Sound):
    """Its first batch weighs nothing, as one of a clock that has to start."""

    def update(self, item: Any, metadata: Any) -> Any:
        return self.record(item.output.data.mean(), metadata.items if metadata.iteration > 1 else 0)


class LastItem(Sound):
    def update(self, item: Any, metadata: Any) -> Any:
        self.last = float(item.output.data.ravel()[-1])
        return super().update(item, metadata)

    def running_value(self) -> float:
        return self.last if self._count else float("nan")


class Uncopyable(Sound):
    def __init__(self) -> None:
        super().__init__()
        self.lock = threading.Lock()


class Words(Metric):
    """A text metric whose log tells the epoch."""

    def __init__(self) -> None:
        self.clear()

    def name(self) -> str:
        return "Words"

    def update(self, item: Any, metadata: Any) -> MetricEntry:
        self.items += metadata.items
        return MetricEntry("Words", f"{self.items} items", f"{self.items}")

    def clear(self) -> None:
        self.items = 0


class Lines(Words):
    def update(self, item: Any, metadata: Any) -> MetricEntry:
        return MetricEntry("Words", "words", f"{metadata.items}\n{metadata.items}")


PLANTED: list[tuple[Metric, list[Metric], str, str]] = [
    (Renamed(), [], "name", "name() is 'Sound of 0 items' at first, and 'Sound of 23 items' after two batches"),
    (TwoLines(), [], "name", "name() is 'Sound\\nand fury', and must be one line of text"),
    (Nameless(), [], "name", "name() is '', and must be one line of text"),
    (Scaled(1.0), [Scaled(2.0)], "name", "name() is 'Sound' with other parameters, too, and one log would hold both"),
    (FromZero(), [], "fresh", "running_value() is 0.0 before the first batch, and must be NaN"),
    (LeavesValue(), [], "fresh", "value() is 0.0 before the first batch, and must be NaN"),
    (Uncopyable(), [], "fresh", "copy.deepcopy of it raised TypeError: cannot pickle '_thread.lock' object"),
    (Number(), [], "entry", "update returned float, not NumericEntry\n  return self.record(value, metadata.items)"),
    (Text(), [], "entry", "update returned MetricEntry, not NumericEntry"),
    (Misnamed(), [], "entry", "update returned an entry of 'Loss', and name() is 'Sound'"),
    (OtherLine(), [], "entry", "the entry's line in the log is '"),
    (Sorts(), [], "item", "update wrote to the item, at .output: "),
    (Shares(), [], "apart", "value() is "),
    (ValueOfTheEpoch(), [], "value", "value() is "),
    (Consumes(), [], "asked", "running_value() is "),
    (Remembers(), [], "clear", "running_value() is "),
    (NeverClears(), [], "clear", "value() is "),
    (CountsBatches(), [], "split", "running_value() is "),
    (MeanOfPrecisions(), [], "split", "running_value() is "),
    (NeedsTwo(), [], "split", "update raised ValueError: a spread needs two items\n  in batch 1, of 1 of 23 rows"),
    (ByNumber(), [], "entry", "running_value() is NaN after a batch of the whole item"),
    (LastItem(), [], "order", "running_value() is "),
    (Words(), [], "value", "the log's line is '23' after two batches, and '15' after the second alone"),
    (Lines(), [], "entry", "the entry's serialize and formatted are ['23\\n23', 'words']: each must be one line"),
]


@pytest.mark.parametrize(("metric", "others", "law", "message"), PLANTED, ids=lambda x: type(x).__name__)
def test_planted(metric: Metric, others: list[Metric], law: str, message: str) -> None:
    Shares.seen.clear()
    with pytest.raises(CheckError) as error:
        check_metric(metric, LOGIT, others=others)
    assert error.value.law == law, error.value
    assert str(error.value).startswith(f"{type(metric).__name__} breaks the law {law!r}: {message}")


def test_what_all_planted_ones_have_in_common_is_sound() -> None:
    assert check_metric(Sound(), LOGIT)["split"] == 6


def test_what_depends_on_the_batches() -> None:
    class Largest(Sound):
        def update(self, item: Any, metadata: Any) -> Any:
            return self.record(item.output.data.max(), metadata.items)

    compared = check_metric(Largest(), LOGIT, exact=False)
    assert [law for law in LAWS if law not in compared] == ["split", "order"]
    with pytest.raises(CheckError, match="what does depend on the batches is checked with exact=False"):
        check_metric(Largest(), LOGIT)


def test_any_item() -> None:
    scores = RNG.normal(size=12)

    class OfDict(Sound):
        def update(self, item: Any, metadata: Any) -> Any:
            return self.record(item["scores"].data.mean(), metadata.items)

    assert check_metric(OfDict(), lambda rows: {"scores": Tensor(scores[rows])}, rows=12)["order"] == 2


def test_a_loss_of_one_number_stays() -> None:
    item = ClassificationOutput(Tensor([0.5]), LOGIT.output, LOGIT.targets)
    assert check_metric(LossMetric(), item)["split"] == 6


@dataclass
class Ragged:
    output: Tensor
    targets: Tensor


@pytest.mark.parametrize(
    ("metric", "item", "kwargs", "message"),
    [
        (
            AccuracyMetric,
            CLASSES,
            {},
            "check_metric(<class 'minigrad.train.metric.accuracy.AccuracyMetric'>): it takes ",
        ),
        (
            AccuracyMetric(),
            {"output": 1},
            {},
            "check_metric: the item is dict, and must be a dataclass or a named tuple\n"
            "  check_metric(metric, lambda rows: ..., rows=20) takes a function that makes an item of some of 20 rows",
        ),
        (
            AccuracyMetric(),
            Ragged(Tensor([1.0, 2.0]), Tensor([1, 2, 3])),
            {},
            "check_metric: the tensors of the item have several lengths: output 2, targets 3",
        ),
        (
            AccuracyMetric(),
            Ragged(Tensor([1.0, 2.0]), Tensor([1, 2])),
            {},
            "check_metric: the item has 2 rows, and must have at least 4 to be cut",
        ),
        (
            AccuracyMetric(),
            lambda rows: CLASSES,
            {},
            "check_metric: a function that makes items must be told with rows=, of how many it has",
        ),
        (
            AccuracyMetric(),
            LOGIT,
            {},
            "AccuracyMetric breaks the law 'entry': update raised MetricError: AccuracyMetric: the output has one "
            "column, so argmax would always say class 0\n  for one logit use BinaryAccuracyMetric\n"
            "  in batch 1, of 23 of 23 rows; an epoch's last batch may have one row",
        ),
    ],
)
def test_what_cannot_be_checked(metric: Any, item: Any, kwargs: Any, message: str) -> None:
    with pytest.raises(CheckError) as error:
        check_metric(metric, item, **kwargs)
    assert str(error.value).startswith(message)
