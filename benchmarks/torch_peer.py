"""The circle job in PyTorch: at its best, and as most programs are written."""

from __future__ import annotations

import torch
from torch import nn
from torch.utils.data import DataLoader, Dataset

import circle
from circle import BATCH, LR
from numpy_adam import BETA_1, BETA_2, EPSILON

torch.set_num_threads(1)


def make_model():
    first, second = nn.Linear(2, circle.HIDDEN), nn.Linear(circle.HIDDEN, 1)
    with torch.no_grad():
        for parameter, value in zip(
            (first.weight, first.bias, second.weight, second.bias), circle.start_weights(), strict=True
        ):
            parameter.copy_(torch.from_numpy(value.T))
    return nn.Sequential(first, second)


def make_adam(model, **how):
    return torch.optim.Adam(model.parameters(), lr=LR, betas=(BETA_1, BETA_2), eps=EPSILON, **how)


def best(epochs, shuffled):
    """Batches are slices of tensors shuffled once an epoch, the functions are called directly, Adam is fused."""
    x, t = map(torch.from_numpy, circle.train_points())
    x_valid, t_valid = map(torch.from_numpy, circle.valid_points())
    model = make_model()
    optimizer = make_adam(model, fused=True)
    w1, b1, w2, b2 = model.parameters()
    linear, loss_of = nn.functional.linear, nn.functional.binary_cross_entropy_with_logits
    history = []
    for order in circle.orders(epochs, shuffled):
        order = torch.from_numpy(order)
        train = valid = 0.0
        for x_batch, t_batch in zip(x[order].split(BATCH), t[order].split(BATCH), strict=True):
            loss = loss_of(linear(linear(x_batch, w1, b1), w2, b2).squeeze(1), t_batch)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            train += loss.item() * len(t_batch)
        with torch.inference_mode():
            for x_batch, t_batch in zip(x_valid.split(BATCH), t_valid.split(BATCH), strict=True):
                loss = loss_of(linear(linear(x_batch, w1, b1), w2, b2).squeeze(1), t_batch)
                valid += loss.item() * len(t_batch)
        history.append((train / len(x), valid / len(x_valid)))
    return history


class Points(Dataset):
    def __init__(self, points):
        self.x, self.t = map(torch.from_numpy, points)

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return self.x[index], self.t[index]


def idiomatic(epochs, shuffled):
    """Dataset, DataLoader, BCEWithLogitsLoss, Adam, `.item()` in each step."""
    torch.manual_seed(42)
    train_loader = DataLoader(Points(circle.train_points()), batch_size=BATCH, shuffle=shuffled)
    valid_loader = DataLoader(Points(circle.valid_points()), batch_size=BATCH)
    model = make_model()
    optimizer = make_adam(model)
    criterion = nn.BCEWithLogitsLoss()
    history = []
    for _ in range(epochs):
        train = valid = 0.0
        for x_batch, t_batch in train_loader:
            optimizer.zero_grad()
            loss = criterion(model(x_batch).squeeze(1), t_batch)
            loss.backward()
            optimizer.step()
            train += loss.item() * len(t_batch)
        with torch.no_grad():
            for x_batch, t_batch in valid_loader:
                valid += criterion(model(x_batch).squeeze(1), t_batch).item() * len(t_batch)
        history.append((train / circle.TRAIN, valid / circle.VALID))
    return history


if __name__ == "__main__":
    circle.main({"best": best, "idiomatic": idiomatic})
