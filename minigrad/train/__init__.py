"""Training: a Learner runs a model's steps over two loaders, measures, saves, shows and sums up."""

from .builder import LearnerBuilder
from .checkpoint import ComposedCheckpointingStrategy, KeepLastNCheckpoints, MetricCheckpointingStrategy
from .early_stopping import EarlyStoppingStrategy, MetricEarlyStoppingStrategy, StoppingCondition
from .evaluator import Evaluator, EvaluatorBuilder
from .interrupter import TrainingInterrupter
from .learner import Learner
from .metric.history import Aggregate, Direction, Split
from .plot import plot_curves
from .state import TrainState
from .step import (
    ClassificationOutput,
    MultiLabelClassificationOutput,
    RegressionOutput,
    TrainOutput,
    TrainStep,
    ValidStep,
)
from .summary import LearnerSummary

__all__ = [
    "Aggregate",
    "ClassificationOutput",
    "ComposedCheckpointingStrategy",
    "Direction",
    "EarlyStoppingStrategy",
    "Evaluator",
    "EvaluatorBuilder",
    "KeepLastNCheckpoints",
    "Learner",
    "LearnerBuilder",
    "LearnerSummary",
    "MetricCheckpointingStrategy",
    "MetricEarlyStoppingStrategy",
    "MultiLabelClassificationOutput",
    "RegressionOutput",
    "Split",
    "StoppingCondition",
    "TrainOutput",
    "TrainState",
    "TrainStep",
    "TrainingInterrupter",
    "ValidStep",
    "plot_curves",
]
