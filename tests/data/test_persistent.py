"""Workers that stay: the same threads for every pass, idle and clean in between, and gone with the loader."""

from __future__ import annotations

import copy
import gc
import os
import pickle
import sys
import threading
import time
import weakref
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import numpy as np
import pytest

from minigrad.backend import NdArray
from minigrad.data.dataloader import DataLoader, DataLoaderBuilder, workers
from minigrad.data.dataset import Dataset
from minigrad.data.dataset.source import CircleDataset
from minigrad.errors import LoaderError

from .loading import LEAVING, ByItem, ByParity, Lists, Sleepy, numbers

pytestmark = pytest.mark.usefixtures("no_thread_is_left")

KINDS = [{"batch_size": 2}, {"batch_strategy": ByParity(2)}]


def loader(dataset: Dataset[Any], number: int, **settings: Any) -> DataLoader[list[Any]]:
    builder = DataLoaderBuilder(Lists()).batch_size(2).num_workers(number).persistent_workers()
    for name, value in settings.items():
        builder = getattr(builder, name)(value)
    return builder.build(dataset)


def own_threads() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith("minigrad-loader")]


class Threads(Dataset[int]):
    """Notes which threads ask."""

    def __init__(self) -> None:
        self.seen: set[threading.Thread] = set()

    def get(self, index: int) -> int:
        self.seen.add(threading.current_thread())
        time.sleep(0.002)
        return index

    def __len__(self) -> int:
        return 24


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("number", [1, 3])
def test_all_passes_have_the_same_threads(number: int, kind: dict[str, Any]) -> None:
    dataset = Threads()
    made = loader(dataset, number, **kind)
    assert own_threads() == []  # they start when there is work
    expected = list(loader(numbers(24), 0, **kind))
    for _ in range(3):
        assert list(made) == expected
    assert dataset.seen == set(own_threads())
    assert len(dataset.seen) == number
    del made
    assert own_threads() == []


def test_there_are_no_more_threads_than_batches() -> None:
    made = loader(numbers(5), 8)
    list(made)
    assert len(own_threads()) == 3


def test_without_workers_there_is_nothing_to_keep() -> None:
    assert list(loader(numbers(4), 0)) == [[0, 1], [2, 3]]
    made = DataLoaderBuilder(Lists()).num_workers(2).persistent_workers().build(CircleDataset(4, seed=1))
    list(made)  # by column
    assert own_threads() == []
    kept = DataLoaderBuilder(Lists()).num_workers(2).persistent_workers()
    unkept = kept.persistent_workers(False).build(numbers(4))
    list(unkept)
    assert own_threads() == []


def test_loaders_made_of_one_share_its_threads_until_the_last_is_gone() -> None:
    made = loader(numbers(24), 2)
    list(made)
    threads = set(own_threads())
    moved, part = made.to_device(NdArray()), made.slice(3, 9)
    del made
    assert [list(part), len(list(moved))] == [[[3, 4], [5, 6], [7, 8]], 12]
    assert set(own_threads()) == threads
    del moved, part
    assert own_threads() == []


def test_a_pass_outlives_its_loader() -> None:
    batches = iter(loader(numbers(24), 2))
    assert len(list(batches)) == 12
    del batches
    assert own_threads() == []


# several passes


def test_two_passes_at_once() -> None:
    made = loader(Sleepy(40, 0.002), 3)
    one, other = iter(made), iter(made)
    pairs = [(next(one), next(other)) for _ in range(8)]
    rest = next(one)
    other.close()
    assert [a for a, _ in pairs] == [b for _, b in pairs]
    assert [*(a for a, _ in pairs), rest, *one] == list(made)
    assert len(own_threads()) == 3


def test_passes_of_several_threads() -> None:
    made = loader(Sleepy(40, 0.001), 2)
    results: list[Any] = []
    callers = [threading.Thread(target=lambda: results.append(list(made))) for _ in range(4)]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join()
    assert results == [list(made)] * 4


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("leave", LEAVING)
def test_a_pass_left_early_leaves_them_idle(leave: Callable[[Any], None], kind: dict[str, Any]) -> None:
    dataset = ByItem(lambda index: time.sleep(0.001) or index, 300)
    made = loader(dataset, 4, **kind)
    first = list(made)
    asked: list[int] = []
    dataset.give = lambda index: time.sleep(0.001) or asked.append(index) or index  # type: ignore[func-returns-value]
    leave(made)
    count = len(asked)
    assert count < 300
    time.sleep(0.02)
    assert len(asked) == count  # nobody gets what nobody waits for
    assert list(made) == first
    assert len(own_threads()) == 4


def test_a_worker_has_the_error_state_of_each_pass() -> None:
    made = loader(ByItem(lambda index: np.float64(1) / np.float64(index), 4), 1)
    for _ in range(2):
        with np.errstate(divide="ignore"):
            assert len(list(made)) == 2
        with np.errstate(divide="raise"), pytest.raises(LoaderError, match=r"get\(0\) raised FloatingPointError"):
            list(made)


def test_after_an_error_the_threads_go_on() -> None:
    def get(index: int) -> int:
        if index == bad:
            raise KeyError("lost")
        return index

    bad, made = 7, loader(ByItem(get, 40), 3)
    for epoch in (1, 2):
        batches = iter(made)
        assert [next(batches), next(batches), next(batches)] == [[0, 1], [2, 3], [4, 5]]
        with pytest.raises(LoaderError, match=rf"^ByItem.get\(7\) raised KeyError in batch 4 of 20 of epoch {epoch}, "):
            next(batches)
    bad = -1
    threads = own_threads()
    assert len(list(made)) == 20
    assert own_threads() == threads


def test_idle_threads_hold_nothing() -> None:
    class Item:
        pass

    gone: list[weakref.ref[Item]] = []

    def get(index: int) -> Item:
        item = Item()
        gone.append(weakref.ref(item))
        return item

    gc.collect()
    gc.disable()
    try:
        dataset = ByItem(get, 20)
        made = loader(dataset, 3)
        for _ in made:
            pass
        next(iter(made))
        del _
        for thread in own_threads():
            assert thread.is_alive()
        deadline = time.monotonic() + 5  # a thread may be about to let go of what it did last
        while any(ref() for ref in gone) and time.monotonic() < deadline:
            time.sleep(0.001)
        assert not any(ref() for ref in gone)
        dropped = weakref.ref(dataset)
        del made, dataset
        assert dropped() is None
    finally:
        gc.enable()


def test_idle_threads_do_not_hold_the_last_epoch() -> None:
    epochs: list[weakref.ref[Dataset[int]]] = []

    class Epochs(Plain):
        def at_epoch(self, epoch: int) -> Dataset[int]:
            changed = Plain(self.length)
            epochs.append(weakref.ref(changed))
            return changed

    made = loader(Epochs(20), 3)
    list(made)
    deadline = time.monotonic() + 5
    while epochs[0]() is not None and time.monotonic() < deadline:
        time.sleep(0.001)
    assert epochs[0]() is None
    assert len(own_threads()) == 3


def test_a_loader_that_a_worker_finds_to_be_garbage() -> None:
    go, found = threading.Event(), threading.Event()

    def get(index: int) -> int:
        if index == 3:
            go.wait()
            gc.collect()
            found.set()
        return index

    gc.collect()
    gc.disable()
    try:
        made = loader(ByItem(get, 20), 2)
        batches = iter(made)
        next(batches)
        batches.close(wait=False)
        circle: list[Any] = [made]
        circle.append(circle)
        gone = weakref.ref(made)
        del made, batches, circle
        threads = own_threads()
        assert gone() is not None
        go.set()
        assert found.wait(5)
        assert gone() is None
        for thread in threads:
            thread.join()
    finally:
        gc.enable()


# copies


@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda loader: pickle.loads(pickle.dumps(loader))],
    ids=["copy", "deep", "pickle"],
)
def test_a_copy_works_in_the_middle_of_a_pass(copied: Callable[[Any], Any]) -> None:
    made = loader(Plain(20), 2)
    batches = iter(made)
    next(batches)
    other = copied(made)
    del made
    assert list(other) == [[index, index + 1] for index in range(0, 20, 2)]
    assert len(list(batches)) == 9
    del batches
    assert len(own_threads()) == 2  # the copy's, which stay too
    del other
    assert own_threads() == []


class Plain(Dataset[int]):
    """At the top of a module, so that it can be pickled."""

    def __init__(self, length: int) -> None:
        self.length = length

    def get(self, index: int) -> int:
        return index

    def __len__(self) -> int:
        return self.length


HEAD = """
import os, signal, sys, threading, time, warnings
warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads
from minigrad.data.dataset import Dataset, InMemDataset
from minigrad.data.dataloader import Batcher, DataLoaderBuilder
from minigrad.errors import LoaderError
class Lists(Batcher):
    def batch(self, items, device):
        return list(items)
class Slow(Dataset):
    def __init__(self, seconds, slow):
        self.seconds, self.slow = seconds, slow
    def get(self, index):
        time.sleep(self.seconds if self.slow(index) else 0)
        return index
    def __len__(self):
        return 100
def loader(dataset, persistent):
    return DataLoaderBuilder(Lists()).num_workers(3).persistent_workers(persistent).build(dataset)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
@pytest.mark.parametrize("persistent", [True, False])
def test_a_forked_process_starts_its_own(persistent: bool, run_python: Callable[..., str]) -> None:
    code = f"""
made = loader(InMemDataset("abcdefgh"), {persistent})
list(made)
batches = iter(made)
next(batches)
child = os.fork()
if child == 0:
    try:
        next(batches)
    except LoaderError as error:
        print(error, flush=True)
    del batches
    print("".join(batch[0] for batch in made), flush=True)
    del made
    print(threading.active_count(), flush=True)
    os._exit(0)
assert os.waitpid(child, 0)[1] == 0
print("".join(batch[0] for batch in batches), "".join(batch[0] for batch in made))
"""
    assert run_python(HEAD + code).splitlines() == [
        "this pass began in another process, and its workers are not in this one",
        "  begin one here: iter(loader)",
        "abcdefgh",
        "1",
        "bcdefgh abcdefgh",
    ]


# what does not end


@pytest.mark.parametrize("persistent", [True, False])
def test_ctrl_c_does_not_wait_for_slow_items(persistent: bool, run_python: Callable[..., str]) -> None:
    """Each item takes longer than this test may."""
    code = f"""
threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
def main():
    for batch in loader(Slow(1_000, lambda index: index > 20), {persistent}):
        pass
try:
    main()
except KeyboardInterrupt:
    print("interrupted")
"""
    assert run_python(HEAD + code) == "interrupted\n"


ENDS = {
    "leaving the loop": "for batch in made:\n    break",
    "an error in the loop": "for batch in made:\n    sys.exit('mine')",
    "a pass that is open": "batches = iter(made)\nnext(batches)",
    "an error of another worker": "list(made)",
}


@pytest.mark.parametrize("persistent", [True, False])
@pytest.mark.parametrize("end", ENDS)
def test_a_stuck_worker_does_not_keep_the_program(end: str, persistent: bool, run_python: Callable[..., str]) -> None:
    code = f"""
from minigrad.data.dataloader import workers
workers.PATIENCE = 0.1  # seconds, so that the test is quick; a stuck item takes a thousand
class Fails(Slow):
    def get(self, index):
        return super().get(index) if index != 3 else 1 // 0
made = loader(Fails(1_000, lambda index: index == 4), {persistent})
try:
{chr(10).join("    " + line for line in ENDS[end].splitlines())}
except (LoaderError, SystemExit) as error:
    print(type(error).__name__)
print("end")
"""
    says = {"an error in the loop": "SystemExit\n", "an error of another worker": "LoaderError\n"}.get(end, "")
    assert run_python(HEAD + code) == says + "end\n"


def test_leaving_waits_for_a_stuck_item_no_longer_than_its_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "PATIENCE", 0.01)
    free = threading.Event()
    dataset = ByItem(lambda index: free.wait() if index == 3 else index, 20)
    for made in (loader(dataset, 2), DataLoaderBuilder(Lists()).num_workers(2).build(dataset)):
        next(iter(made))
        assert sum(thread.is_alive() for thread in own_threads()) >= 1  # it is still in there
        free.set()
        assert len(list(made)) in (10, 20)
        del made
    for thread in own_threads():
        thread.join()


@pytest.mark.parametrize("settings", [{}, {"persistent_workers": False}])
def test_a_system_without_threads(settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    start = threading.Thread.start

    def few(thread: threading.Thread) -> None:
        if thread.name == "minigrad-loader-2":
            raise RuntimeError("can't start new thread")
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", few)
    says = "^worker 3 cannot be started: can't start new thread\n  write a smaller number: num_workers\\(2\\)$"
    with pytest.raises(LoaderError, match=says):
        list(loader(numbers(40), 1_000, **settings))
    gc.collect()


def test_an_interrupted_pass_leaves_them_to_the_next() -> None:
    made = loader(Sleepy(60, 0.002), 3)
    list(made)
    threads = own_threads()
    with suppress(KeyboardInterrupt):
        for _ in made:
            raise KeyboardInterrupt
    batches = iter(made)
    next(batches)
    batches.close(wait=False)
    assert len(list(made)) == 30
    assert own_threads() == threads


def test_a_get_may_read_from_a_loader_with_the_same_workers() -> None:
    inner: list[DataLoader[list[Any]]] = []

    def get(index: int) -> int:
        return index if index >= 4 else sum(map(sum, inner[0]))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # a worker is in its first `get` before the caller knows that it has started
    try:
        for _ in range(20):
            made = DataLoaderBuilder(Lists()).num_workers(2).persistent_workers().build(ByItem(get, 8))
            inner.append(made.slice(4, 8))
            got: list[Any] = []
            thread = threading.Thread(target=got.extend, args=(made,), daemon=True)  # which would wait for good
            thread.start()
            thread.join(10)
            assert got == [[22], [22], [22], [22], [4], [5], [6], [7]]
            inner.clear()  # a cycle, and the threads end with the loaders
    finally:
        sys.setswitchinterval(interval)
