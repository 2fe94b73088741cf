"""The learning rate, the clock and the machine."""

from __future__ import annotations

import math
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from minigrad.data.dataloader import Progress
from minigrad.errors import MissingExtraError
from minigrad.train.metric import (
    CpuMemory,
    CpuTemperature,
    CpuUse,
    IterationSpeedMetric,
    LearningRateMetric,
    MetricMetadata,
)


def metadata(lr: float | None = 0.1) -> MetricMetadata:
    return MetricMetadata(Progress(150, 150), 1, 1, 1, lr, 150)


def test_learning_rate() -> None:
    metric = LearningRateMetric()
    lines = [metric.update(None, metadata(lr)).serialize for lr in (0.02, 0.01)]
    assert lines == ["0.02,1", "0.01,1"]
    assert metric.running_value() == pytest.approx(0.015)
    assert metric.update(None, metadata(None)).serialize == "NaN,1"  # validation has none


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def test_iteration_speed(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Clock()
    monkeypatch.setattr("time.perf_counter", clock)
    metric = IterationSpeedMetric()
    assert math.isnan(metric.running_value())
    clock.now = 200.0
    metric.clear()  # an epoch begins
    values = []
    for seconds in (0.5, 0.25, 0.25):
        clock.now += seconds
        metric.update(None, metadata())
        values.append((metric.value(), metric.running_value()))
    assert values == [(2.0, 2.0), (4.0, 2 / 0.75), (4.0, 3.0)]
    clock.now += 1000.0
    assert metric.running_value() == 3.0
    metric.update(None, metadata())
    assert metric.update(None, metadata()).value == math.inf  # a coarse clock did not move
    metric.clear()
    assert math.isnan(metric.running_value())


def readings(monkeypatch: pytest.MonkeyPatch, **functions: Any) -> Clock:
    """A machine of our own; its clock."""
    monkeypatch.setitem(sys.modules, "psutil", SimpleNamespace(__spec__=SimpleNamespace(), **functions))
    clock = Clock()
    monkeypatch.setattr("time.monotonic", clock)
    return clock


def test_cpu_use_is_read_five_times_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    given = iter([0.0, 10.0, 30.0])
    clock = readings(monkeypatch, cpu_percent=lambda: next(given))
    metric = CpuUse()  # the first reading, of no time at all, is thrown away
    lines = []
    for seconds in (0.125, 0.125, 0.125, 0.125):
        clock.now += seconds
        lines.append(metric.update(None, metadata()).serialize)
    assert lines == ["10,1", "10,1", "30,1", "30,1"]
    assert metric.running_value() == 20.0
    assert metric.update(None, metadata()).formatted == "epoch 22.00 % - batch 30.00 %"


def test_cpu_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    readings(monkeypatch, virtual_memory=lambda: SimpleNamespace(used=3_500_000_000))
    entry = CpuMemory().update(None, metadata())
    assert (entry.name, entry.serialize, entry.formatted) == ("CPU Memory", "3.5,1", "epoch 3.50 Gb - batch 3.50 Gb")


def test_cpu_temperature(monkeypatch: pytest.MonkeyPatch) -> None:
    sensors = {
        "coretemp": [SimpleNamespace(current=40.0), SimpleNamespace(current=50.0)],
        "nvme": [SimpleNamespace(current=99.0)],
    }
    readings(monkeypatch, sensors_temperatures=lambda: sensors)
    assert CpuTemperature().update(None, metadata()).value == 45.0
    readings(monkeypatch, sensors_temperatures=dict)  # a machine that tells none
    assert math.isnan(CpuTemperature().update(None, metadata()).value)
    readings(monkeypatch)  # a system where nobody can ask
    assert math.isnan(CpuTemperature().update(None, metadata()).value)


def test_this_machine() -> None:
    pytest.importorskip("psutil")
    assert 0 <= CpuUse().update(None, metadata()).value <= 100
    assert CpuMemory().update(None, metadata()).value > 0
    assert CpuTemperature().update(None, metadata()).items == 1


@pytest.mark.parametrize("kind", [CpuUse, CpuMemory, CpuTemperature])
def test_without_psutil(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    with pytest.raises(
        MissingExtraError, match=f"^{kind.__name__} reads the machine with the psutil library: pip install psutil$"
    ):
        kind()
