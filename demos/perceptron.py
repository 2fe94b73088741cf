"""The network of `csv_table.py`: two linear layers, for classes or for a number."""

from __future__ import annotations

from table import Batch

from minigrad import Config, Module, Tensor
from minigrad.backend import Device
from minigrad.nn import Dropout, DropoutConfig, Linear, LinearConfig, Relu
from minigrad.nn.loss import CrossEntropyLoss, MseLoss
from minigrad.train import ClassificationOutput, RegressionOutput, TrainOutput


class Perceptron(Module):
    linear1: Linear
    linear2: Linear
    dropout: Dropout
    activation: Relu = Relu()

    def forward(self, input: Tensor) -> Tensor:
        return self.linear2(self.dropout(self.activation(self.linear1(input))))


class Classifier(Perceptron):
    loss: CrossEntropyLoss = CrossEntropyLoss()

    def valid_step(self, batch: Batch) -> ClassificationOutput:
        output = self.forward(batch.inputs)  # logits [batch, classes]
        return ClassificationOutput(self.loss(output, batch.targets), output, batch.targets)

    def train_step(self, batch: Batch) -> TrainOutput[ClassificationOutput]:
        item = self.valid_step(batch)
        return TrainOutput(self, item.loss.backward(), item)


class Regressor(Perceptron):
    loss: MseLoss = MseLoss()

    def valid_step(self, batch: Batch) -> RegressionOutput:
        output = self.forward(batch.inputs).squeeze(1)  # [batch]
        return RegressionOutput(self.loss(output, batch.targets), output, batch.targets)

    def train_step(self, batch: Batch) -> TrainOutput[RegressionOutput]:
        item = self.valid_step(batch)
        return TrainOutput(self, item.loss.backward(), item)


class PerceptronConfig(Config):
    features: int
    hidden_size: int
    outputs: int
    dropout: float = 0.1

    def init(self, device: Device, kind: type[Perceptron]) -> Perceptron:
        return kind(
            LinearConfig(self.features, self.hidden_size).init(device),
            LinearConfig(self.hidden_size, self.outputs).init(device),
            DropoutConfig(self.dropout).init(),
        )
