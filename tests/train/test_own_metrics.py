"""Metrics of the user's own that are not what they should be."""

from __future__ import annotations

import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad.errors import MetricError
from minigrad.train import EvaluatorBuilder, LearnerBuilder
from minigrad.train.metric import Metric, MetricEntry, MetricMetadata, NumericMetric


class Own(NumericMetric):
    def __init__(self, name: Any = "Own", entry: Any = None, value: Any = 1.0) -> None:
        super().__init__()
        self._name, self._entry, self._given = name, entry, value

    def name(self) -> str:
        return self._name  # type: ignore[no-any-return]

    def update(self, item: Any, metadata: MetricMetadata) -> Any:
        return self.record(1.0, metadata.items) if self._entry is None else self._entry(metadata)

    def running_value(self) -> float:
        return self._given  # type: ignore[no-any-return]


class Words(Metric):
    def name(self) -> str:
        return "Words"

    def update(self, item: Any, metadata: MetricMetadata) -> Any:
        return "all is well"

    def clear(self) -> None:
        pass


@pytest.mark.parametrize("name", ["", "a\0b", "two\nlines", "x" * 201, "x\udcff", 3, None])
def test_a_name_that_no_file_can_have(name: Any) -> None:
    with pytest.raises(MetricError, match=r"metric_valid_numeric: name\(\) of Own is .*\n  return printable text"):
        LearnerBuilder("a").metric_valid_numeric(Own(name))
    with pytest.raises(MetricError, match=r"metric_numeric: name\(\) of Own is "):
        EvaluatorBuilder("a").metric_numeric(Own(name))


@pytest.mark.parametrize("one", ["a b", "a/b", "a\\b", "a_b", "A b"])
def test_two_names_of_one_file(one: str) -> None:
    said = re.escape(f"metric_train: 'a b ' and {one + ' '!r} would both be logged to a_b_.log\n  give one of them")
    builder = LearnerBuilder("a").metric_train(Own(one + " "))
    if one == "a b":
        said = "metric_train: train measures a b  already"
    with pytest.raises(MetricError, match=said):
        builder.metric_train(Own("a b "))
    builder.metric_valid(Own("a b "))
    with pytest.raises(MetricError, match="already" if one == "a b" else "would both be logged"):
        EvaluatorBuilder("a").metric(Own(one)).metric(Own("a b"))


def test_the_longest_name_is_logged(job: ModuleType, tmp_path: Path) -> None:
    name = "ü" * 100
    job.learner(job.builder(tmp_path, epochs=1).metric_train_numeric(Own(name)), job.model()).fit(*job.loaders())
    assert (tmp_path / f"train/epoch-1/{name}.log").read_text() == "1,7\n1,7\n1,6\n"


@pytest.mark.parametrize(("metric", "message"), [
    (
        Own(entry=lambda metadata: 0.5),
        "Own.update returned a float for batch 1, and must return an entry\n"
        "  return self.record(value, metadata.items)",
    ),
    (
        Own(entry=lambda metadata: MetricEntry("Own", "x", "x") if metadata.iteration < 3 else 7),
        "Own.update returned an int for batch 3, and must return an entry\n"
        "  return self.record(value, metadata.items)",
    ),
    (
        Words(),
        "Words.update returned a str for batch 1, and must return an entry\n"
        "  return MetricEntry(self.name(), words, words)",
    ),
    (
        Own(value="high"),
        "Own.running_value returned a str, and must return the epoch's value\n  a float, NaN where there is none",
    ),
    (
        Own(value=None),
        "Own.running_value returned None, and must return the epoch's value\n  a float, NaN where there is none",
    ),
])  # fmt: skip
def test_what_is_no_entry_and_no_number(job: ModuleType, tmp_path: Path, metric: Any, message: str) -> None:
    builder = job.builder(tmp_path)
    run = builder.metric_train_numeric(metric) if isinstance(metric, Own) else builder.metric_train(metric)
    with pytest.raises(MetricError, match=re.escape(message)):
        job.learner(run, job.model()).fit(*job.loaders())
    assert not (tmp_path / "train").exists()
