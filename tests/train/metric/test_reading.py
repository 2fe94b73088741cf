"""Metrics of items whose fields have other names."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.data.dataloader import Progress
from minigrad.errors import MetricError
from minigrad.train import ClassificationOutput
from minigrad.train.metric import (
    AccuracyMetric,
    AurocMetric,
    BinaryAccuracyMetric,
    ConfusionMatrixMetric,
    LossMetric,
    MetricMetadata,
    PrecisionMetric,
)

METADATA = MetricMetadata(Progress(2, 2), 1, 1, 1, 0.1, 2)


class Heads(NamedTuple):
    species: Tensor
    age: Tensor


@dataclass(eq=False)
class Animals:
    """Two answers to one image, and a loss of several parts."""

    loss: Tensor
    kl: Tensor
    heads: Heads
    species: Tensor
    old: Tensor


ANIMALS = Animals(
    loss=Tensor(1.0),
    kl=Tensor([0.25, 0.75]),
    heads=Heads(Tensor([[0.1, 0.9, 0.0], [0.2, 0.3, 0.5]]), Tensor([[0.5], [-0.5]])),
    species=Tensor([1, 0]),
    old=Tensor([1, 0]),
)


def test_fields_by_name() -> None:
    species = AccuracyMetric().reading("Species Accuracy", output="heads.species", targets="species")
    old = BinaryAccuracyMetric().reading("Age Accuracy", output="heads.age", targets="old")
    kl = LossMetric().reading("KL Loss", loss="kl")
    matrix = ConfusionMatrixMetric(3).reading(output="heads.species", targets="species")
    for metric in species, old, kl, matrix:
        assert metric.update(ANIMALS, METADATA).name == metric.name()
    assert (species.value(), old.value(), kl.value()) == (50.0, 100.0, 0.5)
    assert matrix.matrix().tolist() == [[0, 0, 1], [0, 1, 0], [0, 0, 0]]
    assert LossMetric().name() == "Loss"


def test_fields_by_function() -> None:
    tokens = ClassificationOutput(Tensor(0.0), Tensor(np.eye(6).reshape(2, 3, 6)), Tensor([[0, 1, 2], [3, 4, 0]]))
    metric = AccuracyMetric().reading(
        output=lambda item: item.output.reshape((-1, 6)), targets=lambda item: item.targets.reshape(-1)
    )
    assert metric.update(tokens, METADATA).items == 6
    assert metric.value() == pytest.approx(500 / 6)


def test_fields_not_named_keep_their_names() -> None:
    given = ClassificationOutput(Tensor(0.0), Tensor([-3.0, 3.0]), Tensor([0, 1]))
    metric = PrecisionMetric().reading(output=lambda item: item.output.sigmoid())
    metric.update(given, METADATA)
    assert metric.value() == 100.0


def test_it_is_a_value() -> None:
    metric = AurocMetric().reading(output="heads.age", targets="old")
    copy.deepcopy(metric).update(ANIMALS, METADATA)
    assert metric._seen.batches == []
    again = metric.reading("Young AUROC", targets=lambda item: 1 - item.old)
    again.update(ANIMALS, METADATA)
    assert (metric.name(), again.name(), again.value()) == ("AUROC", "Young AUROC", 0.0)  # heads.age is still read


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (
            lambda: AccuracyMetric().reading(scores="logits"),
            "AccuracyMetric.reading(scores=...): it reads `output` and `targets`",
        ),
        (
            lambda: LossMetric().reading(output="kl"),
            "LossMetric.reading(output=...): it reads `loss`",
        ),
        (
            lambda: AccuracyMetric().reading(output=3),  # type: ignore[arg-type]
            "AccuracyMetric.reading(output=3): it takes the name of a field, or a function of the item\n"
            '  AccuracyMetric().reading(output="scores")',
        ),
        (
            lambda: AccuracyMetric().reading(""),
            "AccuracyMetric.reading(''): what comes first is the metric's new name",
        ),
        (
            lambda: AccuracyMetric().reading(output="logits").update(ANIMALS, METADATA),
            "AccuracyMetric: `output` is to be read from `logits`, and 'Animals' object has no attribute 'logits'",
        ),
        (
            lambda: AccuracyMetric().reading(output="heads", targets="old").update(ANIMALS, METADATA),
            "AccuracyMetric: `output` is read from `heads` of Animals, which is no tensor but Heads",
        ),
        (
            lambda: LossMetric().reading(loss=lambda item: 3.0).update(ANIMALS, METADATA),
            "LossMetric: `loss` is read from a function of Animals, which is no tensor but float",
        ),
        (
            lambda: AccuracyMetric().update(
                ClassificationOutput(Tensor(0.0), np.zeros((2, 3)), np.zeros(2, int)),  # type: ignore[arg-type]
                METADATA,
            ),
            "AccuracyMetric: ClassificationOutput has no tensors in the fields `output` and `targets`\n"
            "  return ClassificationOutput(loss, output, targets), or a dataclass of yours with these fields\n"
            '  fields of other names are read by metric.reading(output="scores", targets="labels")',
        ),
    ],
)
def test_message(make: Any, message: str) -> None:
    with pytest.raises(MetricError) as error:
        make()
    assert str(error.value) == message


def test_an_error_in_the_users_function_is_his() -> None:
    with pytest.raises(AttributeError, match="no attribute 'wrong'"):
        LossMetric().reading(loss=lambda item: item.wrong).update(ANIMALS, METADATA)
