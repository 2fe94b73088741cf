"""What the machine is busy with."""

from __future__ import annotations

import math
import time
from abc import abstractmethod
from importlib.util import find_spec
from typing import Any

from ...errors import MissingExtraError
from .base import MetricMetadata, NumericEntry, NumericMetric

__all__ = ["CpuMemory", "CpuTemperature", "CpuUse"]

EVERY = 0.2  # seconds between two readings
CPU_SENSORS = "coretemp", "k10temp", "zenpower", "cpu_thermal"  # as Linux names them


class _MachineMetric(NumericMetric):
    """Read at most five times a second; batches in between have the last reading. The epoch's value is their mean."""

    def __init__(self) -> None:
        if find_spec("psutil") is None:
            raise MissingExtraError(
                f"{type(self).__name__} reads the machine with the psutil library: pip install psutil"
            )
        super().__init__()
        self._read_at = -math.inf
        self._reading = math.nan

    @abstractmethod
    def read(self) -> float:
        """The machine's state now."""

    def update(self, item: Any, metadata: MetricMetadata) -> NumericEntry:
        now = time.monotonic()
        if now - self._read_at >= EVERY:
            self._reading, self._read_at = self.read(), now
        return self.record(self._reading, 1)


class CpuUse(_MachineMetric):
    """`CPU Usage` in per cent, the mean of all cores since the last reading.

    Raises `MissingExtraError` without psutil.
    """

    unit = "%"

    def __init__(self) -> None:
        super().__init__()
        self.read()  # the first reading counts from here

    def name(self) -> str:
        return "CPU Usage"

    def read(self) -> float:
        import psutil

        return float(psutil.cpu_percent())


class CpuMemory(_MachineMetric):
    """`CPU Memory` in use, in Gb of 10⁹ bytes. Raises `MissingExtraError` without psutil."""

    unit = "Gb"

    def name(self) -> str:
        return "CPU Memory"

    def read(self) -> float:
        import psutil

        return float(psutil.virtual_memory().used) / 1e9


class CpuTemperature(_MachineMetric):
    """`CPU Temperature` in °C, the mean of the sensors; NaN on a machine that tells none.

    Raises `MissingExtraError` without psutil.
    """

    unit = "°C"

    def name(self) -> str:
        return "CPU Temperature"

    def read(self) -> float:
        import psutil

        sensors: dict[str, Any] = getattr(psutil, "sensors_temperatures", dict)()  # not on every system
        read = [float(sensor.current) for name in CPU_SENSORS for sensor in sensors.get(name, ())]
        return sum(read) / len(read) if read else math.nan
