"""Real data: 178 wines of three growers, 13 measurements of each. Whose is it? With all that one may want to measure.

python demos/wine.py             the data comes with scikit-learn, nothing is downloaded
python demos/wine.py --seed 7    another split, other weights
"""

from __future__ import annotations

import argparse
from pathlib import Path

from script import bundled, natural, positive, run
from table import Array, Batch, Row, Standardise, loader, split, table

from minigrad import Config, Module, Tensor
from minigrad.backend import Autodiff, Device, NdArray
from minigrad.data.dataset import Dataset, MapperDataset, SelectionDataset
from minigrad.nn import Linear, LinearConfig, Relu
from minigrad.nn.loss import CrossEntropyLoss
from minigrad.optim import AdamWConfig
from minigrad.record import DefaultRecorder
from minigrad.train import ClassificationOutput, EvaluatorBuilder, LearnerBuilder, TrainOutput
from minigrad.train.metric import (
    AccuracyMetric,
    AurocMetric,
    ConfusionMatrixMetric,
    FBetaScoreMetric,
    LossMetric,
    PrecisionMetric,
    RecallMetric,
)


class Model(Module):
    linear1: Linear
    linear2: Linear
    activation: Relu = Relu()
    loss: CrossEntropyLoss = CrossEntropyLoss()

    def forward(self, input: Tensor) -> Tensor:
        return self.linear2(self.activation(self.linear1(input)))  # logits [batch, classes]

    def valid_step(self, batch: Batch) -> ClassificationOutput:
        output = self.forward(batch.inputs)
        return ClassificationOutput(self.loss(output, batch.targets), output, batch.targets)

    def train_step(self, batch: Batch) -> TrainOutput[ClassificationOutput]:
        item = self.valid_step(batch)
        return TrainOutput(self, item.loss.backward(), item)


class ModelConfig(Config):
    features: int
    classes: int
    hidden_size: int = 16

    def init(self, device: Device) -> Model:
        return Model(
            LinearConfig(self.features, self.hidden_size).init(device),
            LinearConfig(self.hidden_size, self.classes).init(device),
        )


def measured(model: Model, parts: dict[str, Dataset[Row]], folder: Path) -> tuple[dict[str, dict[str, float]], Array]:
    """Every metric on every part; and which class the wines of the last part were taken for."""
    confusion = ConfusionMatrixMetric(3)
    evaluator = (
        EvaluatorBuilder(folder)
        .metric_numeric(AccuracyMetric())
        .metric_numeric(PrecisionMetric.multiclass())  # the mean of the classes': Macro, unless told
        .metric_numeric(RecallMetric.multiclass())
        .metric_numeric(FBetaScoreMetric.multiclass(beta=1))
        .metric_numeric(AurocMetric.multiclass())
        .metric(confusion)
        .build(model)
    )
    figures = {name: evaluator.eval(name, loader(part)) for name, part in parts.items()}
    return figures, confusion.matrix()


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("--epochs", type=positive, default=30, help="how many epochs (30)")
    parser.add_argument("--seed", type=natural, default=42, help="of split, weights and shuffling (42)")
    parser.add_argument("--out", type=Path, default=Path("artifacts/wine"), help="where to (artifacts/wine)")
    options = parser.parse_args()

    data = bundled("load_wine")
    rows = table(data.data, data.target)
    parts = [SelectionDataset(rows, numbers) for numbers in split(data.target, options.seed)]
    standardise = Standardise(parts[0])
    train, valid, test = (MapperDataset(part, standardise) for part in parts)
    model = ModelConfig(13, 3).init(Autodiff(NdArray(seed=options.seed)))
    learner = (
        LearnerBuilder(options.out)
        .metric_train_numeric(LossMetric())
        .metric_valid_numeric(LossMetric())
        .metric_valid_numeric(AccuracyMetric())
        .with_file_checkpointer(DefaultRecorder())
        .num_epochs(options.epochs)
        .build(model, AdamWConfig(weight_decay=0.5).init(), 0.01)
    )
    learner.fit(loader(train, shuffle=options.seed), loader(valid))

    figures, confusion = measured(learner.best(), {"train": train, "valid": valid, "test": test}, options.out)
    print(f"\n{'In per cent':<34}" + "".join(f"{name:>8}" for name in figures))
    for name in figures["test"]:
        print(f"  {name:<32}" + "".join(f"{part[name]:8.1f}" for part in figures.values()))
    print(f"\nThe {len(test)} wines of the test: whose they are, and (columns) whose the model says they are.")
    for grower, counts in zip(data.target_names, confusion):
        print(f"  {grower:<32}" + "".join(f"{count:8}" for count in counts))
    print(f"Artifacts: {options.out}")


if __name__ == "__main__":
    run(main)
