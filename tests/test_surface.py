"""docs/data-and-training.md has a row for every name of Burn's data and training, and what stands beside it runs."""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from minigrad.data.dataloader import Batcher, DataLoaderBuilder, Items
from minigrad.data.dataset import InMemDataset
from minigrad.train import LearnerBuilder, MetricEarlyStoppingStrategy, StoppingCondition
from minigrad.train.metric import Aggregate, Direction, LossMetric, Split

PAGE = (Path(__file__).parents[1] / "docs" / "data-and-training.md").read_text("utf-8")

NAMES = """
Batcher Progress DataLoader to_device slice DataLoaderIterator BatchStrategy FixBatchStrategy DataLoaderBuilder
batch_size shuffle num_workers set_device build BatchDataLoader MultiThreadDataLoader split_dataloader Dataset get len
is_empty iter DatasetIterator InMemDataset from_dataset from_json_rows from_csv FakeDataset DataframeDataset
SqliteDataset SqliteDatasetStorage SqliteDatasetWriter HuggingfaceDatasetLoader Mapper MapperDataset ShuffledDataset
PartialDataset SamplerDataset ComposedDataset Window Windows WindowsIterator WindowsDataset MnistDataset
ImageFolderDataset SpeechCommandsDataset SelectionDataset TextFolderDataset CifarDataset AgNewsDataset
LearnerBuilder num_epochs devices grads_accumulation checkpoint with_file_checkpointer with_checkpointing_strategy
early_stopping metric_train metric_valid metric_train_numeric metric_valid_numeric metric_loggers renderer interrupter
with_application_logger summary Learner fit TrainStep step optimize ValidStep TrainOutput ClassificationOutput
MultiLabelClassificationOutput RegressionOutput ItemLazy Adaptor TrainEpoch ValidEpoch MultiDevicesTrainStep
GradientsAccumulator Metric Numeric MetricEntry NumericEntry MetricMetadata NumericMetricState FormatOptions
format_float LossMetric AccuracyMetric TopKAccuracyMetric HammingScore AurocMetric PrecisionMetric RecallMetric
FBetaScoreMetric LearningRateMetric IterationSpeedMetric CpuTemperature CpuUse CpuMemory CudaMetric ConfusionStats
ClassReduction DecisionRule EventProcessor EventStore LogEventStore EventStoreClient Aggregate Direction Split
MetricLogger FileMetricLogger InMemoryMetricLogger AsyncLogger Checkpointer FileCheckpointer AsyncCheckpointer
CheckpointingStrategy KeepLastNCheckpoints MetricCheckpointingStrategy ComposedCheckpointingStrategy
EarlyStoppingStrategy MetricEarlyStoppingStrategy StoppingCondition TrainingInterrupter MetricsRenderer
TuiMetricsRenderer CliMetricsRenderer LearnerSummary ApplicationLoggerInstaller FileApplicationLoggerInstaller
ConstantLr LinearLrSchedulerConfig CosineAnnealingLrSchedulerConfig ExponentialLrSchedulerConfig NoamLrSchedulerConfig
StepLrSchedulerConfig AdamConfig AdamWConfig SgdConfig AdaGradConfig RmsPropConfig
"""

PACKAGES = """
backend record optim optim.lr_scheduler data.dataset data.dataloader train train.metric train.logger train.renderer
train.checkpoint train.event
"""


def rows() -> Iterator[tuple[str, str, str]]:
    for line in PAGE[: PAGE.index("## Defects")].splitlines():
        cells = re.split(r"(?<!\\)\|", line)
        if line.startswith("|") and len(cells) == 5 and "---" not in line and "Burn 0.17" not in line:
            yield cells[1], cells[2], cells[3]


def spans(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


class Lists(Batcher[int, list[int]]):
    def batch(self, items: Items[int], device: Any) -> list[int]:
        return list(items)


def names() -> dict[str, Any]:
    found: dict[str, Any] = {"Lists": Lists}
    for package in PACKAGES.split():
        module = importlib.import_module(f"minigrad.{package}")
        found |= {name: getattr(module, name) for name in module.__all__}
    dataset = InMemDataset([1, 2, 3])
    builder = DataLoaderBuilder(Lists())
    condition = StoppingCondition.NoImprovementSince(2)
    stopping = MetricEarlyStoppingStrategy(
        LossMetric(), Aggregate.Mean, Direction.Lowest, Split.Valid, condition, min_delta=0.0
    )
    given = {"dataset": dataset, "builder": builder, "loader": builder.build(dataset)}
    return found | given | {"run": LearnerBuilder("unused"), "stopping": stopping}


def test_every_name_of_burn_has_its_row() -> None:
    told = [name for left, _, _ in rows() for name in spans(left)]
    assert set(NAMES.split()) - set(told) == set()


@pytest.mark.parametrize(("left", "right", "note"), list(rows()))
def test_what_stands_beside_a_name_runs(left: str, right: str, note: str) -> None:
    codes = spans(right)
    assert codes or (right.strip() == "none" and "left out on purpose" in note), f"{left} has neither code nor a reason"
    for code in codes:
        assert eval(code, names()) is not None, code
