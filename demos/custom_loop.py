"""The circle job without the Learner: the same model and loader, and a training loop that one can step through."""

from __future__ import annotations

import argparse

from script import positive, run

from circle import CircleBatcher, CircleDataset, ModelConfig, ReluModel, accuracy
from minigrad.backend import Autodiff, NdArray
from minigrad.data.dataloader import DataLoaderBuilder
from minigrad.optim import AdamConfig


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--epochs", type=positive, default=20, help="how many epochs (20)")
    options = parser.parse_args()

    device = Autodiff(NdArray(seed=42))
    model = ModelConfig(hidden_size=16).init(device, ReluModel)
    optim = AdamConfig().init()
    loader = DataLoaderBuilder(CircleBatcher()).batch_size(150).shuffle(42).build(CircleDataset(10_000, seed=1))
    test = CircleDataset(400, seed=2)
    print(model)

    for epoch in range(1, options.epochs + 1):
        total = 0.0
        for batch in loader:
            item = model.forward_classification(batch)
            grads = item.loss.backward()
            model = optim.step(0.02, model, grads)  # a new model: the old one stays as it was
            total += item.loss.item() * len(batch.targets)
        print(f"epoch {epoch:3}  loss {total / loader.num_items():.4f}  accuracy {accuracy(model, test):.1%}")
    assert accuracy(model, test) > 0.95 or options.epochs < 20


if __name__ == "__main__":
    run(main)
