"""A metric fed by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from minigrad import Tensor
from minigrad.data.dataloader import Progress
from minigrad.train import ClassificationOutput
from minigrad.train.metric import MetricMetadata


@pytest.fixture(scope="session")
def feed() -> Callable[..., Any]:
    """`feed(metric, (output, targets), ...)`: the metric, after an epoch of these batches."""

    def fed(metric: Any, *batches: tuple[Any, Any], total: int | None = None) -> Any:
        done, items = 0, sum(len(targets) for _, targets in batches)
        for number, (output, targets) in enumerate(batches, 1):
            done += len(targets)
            metadata = MetricMetadata(Progress(done, total or items), 1, 1, number, 0.1, len(targets))
            metric.update(ClassificationOutput(Tensor(7.0), Tensor(output), Tensor(targets)), metadata)
        return metric

    return fed
