"""Workers: any number of them gives the same batches, many of them are faster, and none outlives its epoch."""

from __future__ import annotations

import gc
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad.backend import Device
from minigrad.data.dataloader import Batcher, DataLoader, DataLoaderBuilder, Items
from minigrad.data.dataset import Dataset
from minigrad.errors import LoaderError

from .loading import LEAVING, ByItem, Lists, Sleepy


class Arrays(Batcher[Any, np.ndarray]):
    def batch(self, items: Items[Any], device: Device) -> np.ndarray:
        return items.column("x")


pytestmark = pytest.mark.usefixtures("no_thread_is_left")


def loader(dataset: Dataset[Any], workers: int, size: int = 2) -> DataLoader[np.ndarray]:
    return DataLoaderBuilder(Arrays()).batch_size(size).shuffle(7).num_workers(workers).build(dataset)


def test_any_number_of_workers_gives_the_same_batches_in_the_same_order() -> None:
    expected = [batch.tobytes() for batch in loader(Sleepy(50, 0), 0)]
    for workers in range(9):
        dataset = Sleepy(50, 0.003)
        assert [batch.tobytes() for batch in loader(dataset, workers)] == expected
        assert len(dataset.threads) <= max(1, workers)
        assert (threading.get_ident() in dataset.threads) == (workers == 0)
    assert len(dataset.threads) >= 4


def test_eight_workers_are_at_least_six_times_faster_than_none() -> None:
    def seconds(workers: int) -> float:
        start = time.perf_counter()
        assert len(list(loader(Sleepy(400, 0.005), workers))) == 200
        return time.perf_counter() - start

    # The items sleep for a second in all. The better of three, because a busy machine may hold up any one of them.
    assert seconds(0) / min(seconds(8) for _ in range(3)) >= 6


def test_workers_run_at_most_two_batches_ahead_each() -> None:
    for workers in (1, 3):
        dataset = Sleepy(60, 0)
        batches = iter(loader(dataset, workers))
        next(batches)
        time.sleep(0.05)
        assert dataset.asked <= 2 * (2 * workers + 1)
        batches.close()


def test_there_are_no_more_threads_than_batches() -> None:
    batches = iter(loader(Sleepy(6, 0.01), 8))
    next(batches)
    assert sum(thread.name.startswith("minigrad-loader") for thread in threading.enumerate()) <= 3
    list(batches)


def test_a_worker_has_the_callers_error_state() -> None:
    class Divides(Dataset[Any]):
        def get(self, index: int) -> Any:
            return {"x": np.float64(1) / np.float64(index)}

        def __len__(self) -> int:
            return 4

    for workers in (0, 2):
        with np.errstate(divide="ignore"):
            assert np.isinf(np.concatenate(list(loader(Divides(), workers)))).sum() == 1
        with np.errstate(divide="raise"), pytest.raises(LoaderError, match=r"get\(0\) raised FloatingPointError"):
            list(loader(Divides(), workers))


# leaving early: the fixture of this module looks for threads


@pytest.mark.parametrize("leave", LEAVING)
@pytest.mark.parametrize("workers", [1, 8])
def test_an_epoch_left_early_ends_its_threads(leave: Callable[[Any], None], workers: int) -> None:
    batches = loader(Sleepy(100, 0.002), workers)
    leave(batches)
    assert not any(thread.name.startswith("minigrad-loader") for thread in threading.enumerate())
    assert len(list(batches)) == 50  # and the next epoch is whole


def test_an_error_ends_the_threads() -> None:
    with pytest.raises(LoaderError, match=r"get\(33\) raised OSError") as caught:
        list(loader(Sleepy(100, 0.002, failing=33), 8))
    assert isinstance(caught.value.__cause__, OSError)


def test_leaving_waits_for_items_not_for_batches() -> None:
    dataset = Sleepy(4_000, 0.004)
    batches = iter(loader(dataset, 2, size=40))
    next(batches)
    asked = dataset.asked
    batches.close()
    assert dataset.asked - asked < 40  # one item a worker, and what a busy machine lets slip


@pytest.mark.parametrize("waiting", [True, False])
def test_ctrl_c(waiting: bool, run_python: Callable[..., str]) -> None:
    """While the loop waits for a batch, and while it works on one."""
    code = """
import os, signal, sys, threading, time
from minigrad.data.dataset import Dataset
from minigrad.data.dataloader import Batcher, DataLoaderBuilder
waiting = sys.argv[1] == "True"
class Sleepy(Dataset):
    def get(self, index):
        time.sleep(0.01 if waiting else 0.0)
        return index
    def __len__(self):
        return 10_000
class Lists(Batcher):
    def batch(self, items, device):
        return list(items)
threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    for batch in DataLoaderBuilder(Lists()).batch_size(500).num_workers(4).build(Sleepy()):
        time.sleep(0.0 if waiting else 10.0)
except KeyboardInterrupt:
    for thread in threading.enumerate():
        if thread.name.startswith("minigrad"):
            thread.join()  # it was told to end, and does so after the item at hand
    print("interrupted, threads:", threading.active_count())
"""
    assert run_python(code, str(waiting)) == "interrupted, threads: 1\n"


def test_a_program_may_end_with_an_epoch_open(tmp_path: Path, run_python: Callable[..., str]) -> None:
    # In a module of its own: what the threads know of the program would keep the iterator from being closed at the end.
    (tmp_path / "lists.py").write_text("""
from minigrad.data.dataloader import Batcher
class Lists(Batcher):
    def batch(self, items, device):
        return list(items)
""")
    code = """
from lists import Lists
from minigrad.data.dataset import InMemDataset
from minigrad.data.dataloader import DataLoaderBuilder
batches = iter(DataLoaderBuilder(Lists()).num_workers(4).build(InMemDataset("abcdefghijklmnop")))
print(next(batches))
"""
    assert run_python(code) == "['a']\n"


def test_a_pass_is_for_one_thread() -> None:
    entered, leave = threading.Event(), threading.Event()

    def get(index: int) -> int:
        entered.set()
        assert leave.wait(10)
        return index

    batches = iter(DataLoaderBuilder(Lists()).batch_size(2).build(ByItem(get, 4)))
    got: list[Any] = []
    thread = threading.Thread(target=lambda: got.extend(batches))
    thread.start()
    assert entered.wait(10)
    with pytest.raises(LoaderError, match=r"another thread .*\n.*loader\.split\(n\)"):
        next(batches)
    leave.set()
    thread.join(10)
    assert got == [[0, 1], [2, 3]]  # the other one is not disturbed


def test_what_a_worker_held_when_it_was_stopped_is_freed_at_once() -> None:
    class Item:
        pass

    held: list[weakref.ref[Item]] = []
    entered, leave = threading.Event(), threading.Event()

    def get(index: int) -> Item:
        item = Item()
        if index >= 3:
            held.append(weakref.ref(item))
        if index == 4:
            entered.set()
            assert leave.wait(10)
        return item

    gc.disable()
    try:
        batches = iter(DataLoaderBuilder(Lists()).batch_size(3).num_workers(1).build(ByItem(get, 9)))
        next(batches)
        assert entered.wait(10)
        batches.close(wait=False)
        leave.set()
        for thread in threading.enumerate():
            if thread.name.startswith("minigrad"):
                thread.join()
        assert [ref() for ref in held] == [None, None]  # it stopped before the third one
    finally:
        gc.enable()
