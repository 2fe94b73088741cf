"""Loggers: the metrics' files, and the run's `experiment.log`."""

from .application import FileApplicationLogger
from .metric import FileMetricLogger, InMemoryMetricLogger, MetricLogger

__all__ = ["FileApplicationLogger", "FileMetricLogger", "InMemoryMetricLogger", "MetricLogger"]
