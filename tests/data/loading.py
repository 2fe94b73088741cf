"""What the tests of loaders share: datasets, batchers and strategies that are as small as they can be."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from typing import Any

from minigrad.backend import Device
from minigrad.data.dataloader import Batcher, BatchStrategy, DataLoader, DataLoaderBuilder, Items
from minigrad.data.dataset import Dataset


class Lists(Batcher[Any, list[Any]]):
    def batch(self, items: Items[Any], device: Device) -> list[Any]:
        return list(items)


class ByItem(Dataset[Any]):
    """Has `get` alone, of whatever is given."""

    def __init__(self, get: Callable[[int], Any], length: Any) -> None:
        self.give = get
        self.length = length

    def get(self, index: int) -> Any:
        return self.give(index)

    def __len__(self) -> int:
        return self.length  # type: ignore[no-any-return]


def numbers(length: int) -> ByItem:
    return ByItem(lambda index: index, length)


def loader(length: int = 10, size: int = 3, **settings: Any) -> DataLoader[list[int]]:
    builder = DataLoaderBuilder(Lists()).batch_size(size)
    for name, value in settings.items():
        builder = getattr(builder, name)(value)
    return builder.build(numbers(length))


def joined(batches: Iterable[list[Any]]) -> list[Any]:
    return [item for batch in batches for item in batch]


class ByParity(BatchStrategy[int]):
    """So many even numbers, or so many odd ones: a bucket each."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.held: tuple[list[int], list[int]] = ([], [])

    def add(self, item: int) -> None:
        self.held[item % 2].append(item)

    def batch(self, force: bool) -> list[int] | None:
        for bucket in self.held:
            if len(bucket) >= self.size or (force and bucket):
                batch = bucket[: self.size]
                del bucket[: self.size]
                return batch
        return None

    def clone_dyn(self) -> ByParity:
        return ByParity(self.size)


class Sorted(ByParity):
    """Keeps all of them until it has `size`, and hands those out from the smallest to the largest, two by two."""

    def batch(self, force: bool) -> list[int] | None:
        held, ready = self.held
        held += ready
        ready.clear()
        held.sort()
        if len(held) < (1 if force else self.size):
            return None
        batch = held[:2]
        del held[:2]
        return batch

    def clone_dyn(self) -> Sorted:
        return Sorted(self.size)


# slow items, and ways to leave a pass


class Sleepy(Dataset[dict[str, float]]):
    """Each item takes its own time; the threads that asked are noted."""

    def __init__(self, length: int, longest: float, failing: int | None = None) -> None:
        self.naps = [random.Random(index).uniform(0, longest) for index in range(length)]
        self.failing = failing
        self.threads: set[int] = set()
        self.asked = 0

    def get(self, index: int) -> dict[str, float] | None:
        self.threads.add(threading.get_ident())
        self.asked += 1
        time.sleep(self.naps[index])
        if index == self.failing:
            raise OSError("unreadable")
        return {"x": 1 / (index + 1)}

    def __len__(self) -> int:
        return len(self.naps)


def left_by_break(batches: Any) -> None:
    for _ in batches:
        break


def left_by_dropping(batches: Any) -> None:
    iterator = iter(batches)
    next(iterator)
    del iterator


def left_by_closing(batches: Any) -> None:
    iterator = iter(batches)
    next(iterator)
    iterator.close()
    assert list(iterator) == []


def left_before_the_first(batches: Any) -> None:
    iter(batches)


def left_by_an_exception(batches: Any) -> None:
    with suppress(ZeroDivisionError):
        for _ in batches:
            raise ZeroDivisionError


def left_by_an_interrupt(batches: Any) -> None:
    with suppress(KeyboardInterrupt):
        for _ in batches:
            raise KeyboardInterrupt


def left_by_a_closed_generator(batches: Any) -> None:
    def first_elements() -> Iterator[float]:
        for batch in batches:
            yield batch[0]

    generator = first_elements()
    next(generator)
    generator.close()


def left_by_two_at_once(batches: Any) -> None:
    one, other = iter(batches), iter(batches)
    next(one), next(other), next(one)


LEAVING = [
    left_by_break, left_by_dropping, left_by_closing, left_before_the_first, left_by_an_exception,
    left_by_an_interrupt, left_by_a_closed_generator, left_by_two_at_once,
]  # fmt: skip
