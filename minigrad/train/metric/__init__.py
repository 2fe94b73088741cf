"""Metrics: one a file."""

from .accuracy import AccuracyMetric
from .auroc import AurocMetric
from .average_precision import AveragePrecisionMetric
from .base import Metric, MetricEntry, MetricMetadata, NumericEntry, NumericMetric
from .binary_accuracy import BinaryAccuracyMetric
from .confusion import ConfusionStats
from .confusion_matrix import ConfusionMatrixMetric
from .cpu import CpuMemory, CpuTemperature, CpuUse
from .f_beta_score import FBetaScoreMetric
from .format import format_float
from .hamming_score import HammingScore
from .history import Aggregate, Direction, History, Split
from .iteration_speed import IterationSpeedMetric
from .learning_rate import LearningRateMetric
from .loss import LossMetric
from .mae import MaeMetric
from .mse import MseMetric
from .perplexity import PerplexityMetric
from .precision import PrecisionMetric
from .r2_score import R2ScoreMetric
from .recall import RecallMetric
from .reduction import ClassReduction
from .top_k_accuracy import TopKAccuracyMetric

__all__ = [
    "AccuracyMetric",
    "Aggregate",
    "AurocMetric",
    "AveragePrecisionMetric",
    "BinaryAccuracyMetric",
    "ClassReduction",
    "ConfusionMatrixMetric",
    "ConfusionStats",
    "CpuMemory",
    "CpuTemperature",
    "CpuUse",
    "Direction",
    "FBetaScoreMetric",
    "HammingScore",
    "History",
    "IterationSpeedMetric",
    "LearningRateMetric",
    "LossMetric",
    "MaeMetric",
    "Metric",
    "MetricEntry",
    "MetricMetadata",
    "MseMetric",
    "NumericEntry",
    "NumericMetric",
    "PerplexityMetric",
    "PrecisionMetric",
    "R2ScoreMetric",
    "RecallMetric",
    "Split",
    "TopKAccuracyMetric",
    "format_float",
]
