"""The laws that every dataset keeps, each a function of its own.

A law takes a `Subject`, raises `CheckError` where the dataset breaks it, and says how much it compared. What another
law speaks of it passes over, so that the name of the law tells what is wrong.
"""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable
from itertools import islice
from threading import Barrier, Thread
from typing import Any

import numpy as np

from ...data.dataset import Dataset
from ...errors import CheckError
from ..difference import difference
from .columns import columns
from .subject import Raised, Subject, copied, read

__all__ = ["LAWS"]

THREADS = 4


def length(subject: Subject) -> int:
    """`len` is the same at any time."""
    now = len(subject.dataset)
    if now != subject.length:
        raise CheckError(
            f"len() was {subject.length} at first, and {now} when some items had been read\n"
            f"  a loader plans an epoch before it begins: count the items once, in __init__"
        )
    return 1


def items(subject: Subject) -> int:
    """Every index from 0 to `len - 1` has an item."""
    for index, item in subject.missing.items():
        what = "returned None" if item is None else f"raised {item}"
        raise CheckError(
            f"get({index}) {what}, but len() is {subject.length}\n"
            f"  get must return an item for every index from 0 to len() - 1"
        ) from getattr(item, "error", None)
    return len(subject.items)


def outside(subject: Subject) -> int:
    """Every other index, a negative one too, gives None."""
    n = subject.length
    indices = sorted({-n - 1, min(-n, -1), -1, n, n + 1, n + 1000}, key=abs)
    for index, item in read(subject.dataset, indices).items():
        if item is not None:
            what = f"raised {item}" if isinstance(item, Raised) else f"returned {item!r}"
            raise CheckError(
                f"get({index}) {what}, but there is no such item\n"
                f"  begin it with: if not 0 <= index < len(self): return None"
            ) from getattr(item, "error", None)
    return len(indices)


def twice(subject: Subject) -> int:
    """`get` gives the same item again, whatever was asked in between."""
    order = np.random.default_rng(1).permutation(subject.indices).tolist()
    return subject.compare(
        read(subject.dataset, order),
        "get({}) gave another item the second time",
        "\n  make a new item each time, and leave what a source gives as it is; draw from a seed, the epoch and the"
        "\n  index, as MapperDataset(dataset, function, seed=0) does; or, of a dataset that is to draw anew each time,"
        "\n  say check_dataset(dataset, random=True)",
    )


def kept(subject: Subject) -> int:
    """An item that was handed out is never written to again."""
    given: dict[int, Any] = {}
    before: dict[int, Any] = {}
    for index in subject.items:
        given[index] = subject.dataset.get(index)
        before[index] = copied(given[index])  # at once: all of them may be one and the same
    read(subject.dataset, subject.indices)
    for index, item in given.items():
        found = difference(before[index], item)
        if found:
            raise CheckError(
                f"the item of get({index}) changed when others were read: {found}\n"
                f"  make a new one each time, and leave what a source gives as it is"
            )
    return len(given)


def iteration(subject: Subject) -> int:
    """A loop over the dataset gives the items of `get` in order, and ends with the last one."""
    count = next((place for place, index in enumerate(subject.indices) if place != index), len(subject.indices))
    count = min([count, *subject.missing])
    whole = count == subject.length
    given: list[Any] = []
    try:
        given.extend(map(copied, islice(subject.dataset, count + whole)))
    except Exception as error:
        raise CheckError(f"a loop over the dataset raised {Raised(error)} after {len(given)} items") from error
    subject.compare(dict(enumerate(given[:count])), "a loop over the dataset gives another item than get({})")
    if len(given) != count:
        more = "goes on" if len(given) > count else "ends"
        raise CheckError(
            f"a loop over the dataset {more} after {min(len(given), count)} items, but len() is {subject.length}\n"
            f"  leave __iter__ out: Dataset has one, that asks get for each item"
        )
    return count


def threads(subject: Subject) -> int:
    """Several threads at once get what one gets: a loader's workers do that."""
    results: list[dict[int, Any]] = [{} for _ in range(THREADS)]
    start = Barrier(THREADS)

    def work(number: int) -> None:
        turn = number * len(subject.indices) // THREADS
        start.wait()
        results[number] = read(subject.dataset, subject.indices[turn:] + subject.indices[:turn])

    workers = [Thread(target=work, args=(number,), daemon=True) for number in range(THREADS)]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)  # as often as can be, so that what can go wrong does
    try:
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(interval)
    help = (
        "\n  keep what belongs to one call in local variables, and a file or a connection for each thread,"
        "\n  in a threading.local()"
    )
    return sum(
        subject.compare(result, f"get({{}}) gave another item in one of {THREADS} threads", help) for result in results
    )


def epochs(subject: Subject) -> int:
    """`at_epoch` gives the dataset of that epoch, the same whenever it is asked for, and changes no other."""
    one, two = _at(subject, subject.dataset, 1), _at(subject, subject.dataset, 2)
    items = read(one, subject.indices)
    read(two, subject.indices)
    help = "\n  return a copy that knows the epoch: changed = copy(self); changed.epoch = epoch; return changed"
    subject.compare(read(subject.dataset, subject.indices), "at_epoch changed the dataset itself, in get({})", help)
    for index, item in items.items():
        if item is None and index not in subject.missing:
            raise CheckError(f"at_epoch(1).get({index}) returned None, but there is such an item in the dataset")
    for name, same in {
        "at_epoch(1), when it was asked a second time,": one,
        "at_epoch(1), made a second time,": _at(subject, subject.dataset, 1),
        "at_epoch(2).at_epoch(1)": _at(subject, two, 1),
    }.items():
        for index, item in read(same, subject.indices).items():
            found = "" if subject.random else difference(items[index], item)
            if found:
                raise CheckError(f"{name} is another dataset than at_epoch(1), in get({index}): {found}{help}")
    return len(subject.indices)


def _at(subject: Subject, dataset: Dataset[Any], epoch: int) -> Dataset[Any]:
    found: object = dataset.at_epoch(epoch)
    if not isinstance(found, Dataset):
        raise CheckError(f"at_epoch({epoch}) returned {type(found).__name__}\n  return self, or a changed copy of it")
    if len(found) != subject.length:
        raise CheckError(
            f"at_epoch({epoch}) has {len(found)} items, the dataset {subject.length}: a loader counts once"
        )
    return found


def pickles(subject: Subject) -> int:
    """What comes back from `pickle` is the same dataset."""
    try:
        again = pickle.loads(pickle.dumps(subject.dataset))
    except Exception as error:
        raise CheckError(
            f"pickle raised {Raised(error)}\n"
            f"  functions and classes are pickled by their name in a module: no lambdas, nothing defined in a function"
        ) from error
    if len(again) != subject.length:
        raise CheckError(f"it had {subject.length} items, and {len(again)} when it came back from pickle")
    return subject.compare(read(again, subject.indices), "get({}) gave another item after pickle")


def source(subject: Subject) -> int:
    """The dataset that it reads from is as it was."""
    if subject.source is None:
        return 0
    for index, item in read(subject.source, subject.source_items).items():
        found = difference(subject.source_items[index], item)
        if found:
            raise CheckError(
                f"item {index} of its source has changed, {found}\n  make a new item, and leave its own be"
            )
    return len(subject.source_items)


LAWS: dict[str, Callable[[Subject], int]] = {
    law.__name__: law
    for law in (length, items, outside, twice, kept, iteration, columns, threads, epochs, pickles, source)
}
