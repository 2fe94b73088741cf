"""Metrics: one a file."""

from .accuracy import AccuracyMetric
from .base import Metric, MetricEntry, MetricMetadata, NumericEntry, NumericMetric
from .binary_accuracy import BinaryAccuracyMetric
from .format import format_float
from .history import Aggregate, Direction, History, Split
from .loss import LossMetric

__all__ = [
    "AccuracyMetric",
    "Aggregate",
    "BinaryAccuracyMetric",
    "Direction",
    "History",
    "LossMetric",
    "Metric",
    "MetricEntry",
    "MetricMetadata",
    "NumericEntry",
    "NumericMetric",
    "Split",
    "format_float",
]
