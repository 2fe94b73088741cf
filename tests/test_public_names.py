"""The names that users import, and `__all__` as the one list of them."""

from __future__ import annotations

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable

import pytest

import minigrad

PACKAGES = ["minigrad", *(found.name for found in pkgutil.walk_packages(minigrad.__path__, "minigrad.") if found.ispkg)]
MODULES = [found.name for found in pkgutil.iter_modules(minigrad.__path__, "minigrad.") if not found.ispkg]

CONTRACT = """
from minigrad import Tensor, Module, Param, Config, grad, value_and_grad, vjp, jacobian, hessian
from minigrad.backend import Device, NdArray, Autodiff
from minigrad.nn import Linear, LinearConfig, Relu, Sigmoid, Tanh
from minigrad.nn import Conv2d, Conv2dConfig, MaxPool2dConfig, PaddingConfig2d, Interpolate2dConfig, InterpolateMode
from minigrad.nn.conv import ConvTranspose1dConfig; from minigrad.nn.pool import AdaptiveAvgPool2dConfig
from minigrad.functional import conv2d, conv_transpose2d, interpolate, max_pool2d_with_indices, unfold4d
from minigrad.nn import BatchNormConfig, Dropout, DropoutConfig, EmbeddingConfig, Gelu, LayerNorm, LayerNormConfig
from minigrad.nn import MhaInput, MultiHeadAttentionConfig, TransformerEncoderConfig, TransformerEncoderInput
from minigrad.nn import GruConfig, LstmConfig, LstmState, BiLstmConfig, PositionalEncodingConfig, RotaryEncodingConfig
from minigrad.nn.attention import generate_autoregressive_mask; from minigrad.nn.transformer import TransformerDecoder
from minigrad.nn.loss import BinaryCrossEntropyLoss, BinaryCrossEntropyLossConfig, MseLoss
from minigrad.nn.loss import CrossEntropyLoss, CrossEntropyLossConfig, HuberLossConfig, PoissonNllLossConfig, Reduction
from minigrad.activation import gelu, log_softmax, relu, silu, softmax; from minigrad import logsumexp
from minigrad.functional import cross_entropy, layer_norm, scaled_dot_product_attention
from minigrad.optim import AdamConfig, GradientsParams, GradientsAccumulator
from minigrad.optim import AdaGradConfig, AdamWConfig, MomentumConfig, RmsPropConfig, SgdConfig, WeightDecayConfig
from minigrad.optim.lr_scheduler import ConstantLr, CosineAnnealingLrSchedulerConfig, LinearLrSchedulerConfig
from minigrad.optim.lr_scheduler import ComposedLrSchedulerConfig, SchedulerReduction, SequentialLrSchedulerConfig
from minigrad.data.dataset import Dataset, InMemDataset
from minigrad.data.dataset import MapperDataset, PartialDataset, SamplerDataset, SelectionDataset, ShuffledDataset
from minigrad.data.dataset import ComposedDataset, Mapper, WindowsDataset, CircleDataset, MoonsDataset, XorDataset
from minigrad.data.dataset import DataframeDataset, SequenceDataset, SqliteDataset, SqliteDatasetStorage
from minigrad.data.dataset import SqliteDatasetWriter, ImageDatasetItem, ImageFolderDataset
from minigrad.data.dataset import MnistDataset, MnistItem, read_idx
from minigrad.data.dataset.source import BlobsDataset, PointItem, SpiralsDataset
from minigrad.testing import check_dataset
from minigrad.data.dataloader import Batcher, DataLoader, DataLoaderBuilder, Items, Progress
from minigrad.data.dataloader import BatchStrategy, FixBatchStrategy, split_dataloader
from minigrad.record import CompactRecorder, DefaultRecorder, NamedMpkFileRecorder
from minigrad.record import FullPrecisionSettings, HalfPrecisionSettings
from minigrad.train import LearnerBuilder, Learner, TrainStep, ValidStep, TrainOutput
from minigrad.train import ClassificationOutput, RegressionOutput
from minigrad.train.renderer import LiveRenderer, NotebookRenderer, PlainRenderer, SilentRenderer, TerminalRenderer
from minigrad.train.metric import LossMetric, AccuracyMetric, BinaryAccuracyMetric
from minigrad.train import plot_curves; from minigrad.train.logger import FileMetricLogger, JsonLinesMetricLogger
from minigrad.train import Aggregate, Direction, Split, StoppingCondition, MetricEarlyStoppingStrategy, EvaluatorBuilder
from minigrad.train import KeepLastNCheckpoints, MetricCheckpointingStrategy, ComposedCheckpointingStrategy
from minigrad.train.metric import PrecisionMetric, RecallMetric, FBetaScoreMetric, AurocMetric, ClassReduction
from minigrad.optim import AdamWConfig, SgdConfig, MomentumConfig, RmsPropConfig, AdaGradConfig
from minigrad.optim.lr_scheduler import LinearLrSchedulerConfig, CosineAnnealingLrSchedulerConfig, SchedulerReduction
from minigrad.testing import check_dataset, check_gradients, check_metric
"""


def order(name: str) -> tuple[int, list[str | int]]:
    """CONSTANTS, then Classes, then functions; `Conv2d` before `Conv10d`."""
    kind = 0 if name.isupper() and len(name) > 1 else 1 if name.lstrip("_")[:1].isupper() else 2
    return kind, [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


@pytest.mark.parametrize("line", CONTRACT.strip().splitlines())
def test_the_contract_imports(line: str, run_python: Callable[..., str]) -> None:
    # in a fresh interpreter: a line that works only after another one would not work for a user
    assert run_python(f"{line}\nprint('imported')") == "imported\n"


@pytest.mark.parametrize("name", PACKAGES)
def test_a_package_lists_what_it_brings(name: str) -> None:
    package = importlib.import_module(name)
    listed = [entry for entry in getattr(package, "__all__", []) if not entry.startswith("__")]
    assert listed == sorted(set(listed), key=order)
    assert [entry for entry in listed if not hasattr(package, entry)] == []
    brought = {
        alias.asname or alias.name
        for node in ast.parse(inspect.getsource(package)).body
        if isinstance(node, ast.ImportFrom) and node.level
        for alias in node.names
    }
    assert {entry for entry in brought if not entry.startswith("_")} - set(listed) == set(), "imported, not in __all__"


@pytest.mark.parametrize("name", MODULES)
def test_a_module_has_what_it_lists(name: str) -> None:
    module = importlib.import_module(name)
    assert [entry for entry in module.__all__ if not hasattr(module, entry)] == []


def test_the_version_is_a_release_number() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", minigrad.__version__)
