"""Loggers: the metrics' files, and the run's `experiment.log`."""

from .application import FileApplicationLogger
from .json_lines import JsonLinesMetricLogger
from .metric import FileMetricLogger, InMemoryMetricLogger, MetricLogger

__all__ = ["FileApplicationLogger", "FileMetricLogger", "InMemoryMetricLogger", "JsonLinesMetricLogger", "MetricLogger"]
