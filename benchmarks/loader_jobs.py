"""Passes over a dataset: shuffled batches of arrays by hand, by minigrad's loader, by PyTorch's; and items that sleep.

Milliseconds a pass. `total` is the sum of all numbers that came, which is the same for all rows of one dataset.
"""

from __future__ import annotations

import argparse
import json
import threading
import time
from dataclasses import dataclass

import numpy as np

ITEMS, BATCH = 10_000, 150
NAPS, NAP, WORKERS = 400, 0.005, 8  # items that sleep, seconds each, and who gets them


@dataclass(frozen=True)
class Point:
    at: tuple[float, float]
    inside: float


def points():
    """Their coordinates are multiples of 1/64, so that their sums are exact in any order."""
    at = np.random.default_rng(0).integers(-64, 64, (ITEMS, 2)) / 64
    return [Point((x, y), float(x * x + y * y < 1)) for x, y in at.tolist()]


def total(batches):
    return sum(float(at.sum()) + float(inside.sum()) for at, inside in batches)


def sliced():
    """The arrays permuted once an epoch, and slices of them."""
    items, epochs = points(), iter(range(1 << 30))
    at = np.array([item.at for item in items], np.float32)
    inside = np.array([item.inside for item in items], np.float32)

    def batches():
        order = np.random.default_rng((1, next(epochs))).permutation(ITEMS)
        a, b = at[order], inside[order]
        return ((a[i : i + BATCH], b[i : i + BATCH]) for i in range(0, ITEMS, BATCH))

    return batches


def loader(dataset, batch_size=BATCH, workers=0):
    from minigrad.data.dataloader import Batcher, DataLoaderBuilder

    class Arrays(Batcher):
        def batch(self, items, device):
            return items.column("at"), items.column("inside")

    built = DataLoaderBuilder(Arrays()).batch_size(batch_size).shuffle(1).num_workers(workers).build(dataset)
    return lambda: built


def columns():
    from minigrad.data.dataset import InMemDataset

    return loader(InMemDataset(points()))


def get_only(get, length):
    from minigrad.data.dataset import Dataset

    class GetOnly(Dataset):
        def get(self, index):
            return get(index)

        def __len__(self):
            return length

    return GetOnly()


def items():
    return loader(get_only(points().__getitem__, ITEMS))


def in_torch():
    """Items and a function that collates them: default_collate, on tuples, takes longer."""
    import torch
    from torch.utils.data import DataLoader

    def collate(items):
        return torch.tensor([item.at for item in items]), torch.tensor([item.inside for item in items])

    torch.set_num_threads(1)
    built = DataLoader(points(), batch_size=BATCH, shuffle=True, collate_fn=collate)
    return lambda: built


def sleeping():
    def get(index):
        time.sleep(NAP)
        return Point((float(index), 0.0), 0.0)

    return loader(get_only(get, NAPS), NAPS // WORKERS // 10, WORKERS)


def ideal():
    """As many threads that do nothing but sleep through their share."""

    def share():
        for _ in range(NAPS // WORKERS):
            time.sleep(NAP)

    def batches():
        threads = [threading.Thread(target=share) for _ in range(WORKERS)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        return [(np.arange(NAPS), np.zeros(0))]

    return batches


ROWS = {"sliced": sliced, "columns": columns, "items": items, "torch": in_torch, "sleeping": sleeping, "ideal": ideal}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("row", choices=ROWS)
    parser.add_argument("--passes", type=int)
    options = parser.parse_args()
    passes = options.passes or (4 if options.row in ("sleeping", "ideal") else 40)
    batches = ROWS[options.row]()
    summed = total(batches())  # a first pass, before the clock starts
    start = time.perf_counter()
    for _ in range(passes):
        for _ in batches():
            pass
    seconds = time.perf_counter() - start
    print(json.dumps({"value": seconds / passes * 1e3, "total": summed}))


if __name__ == "__main__":
    main()
