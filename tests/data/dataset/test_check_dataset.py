"""`check_dataset`: every dataset of ours keeps the laws, and each wrong one is caught by the law that it breaks."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from copy import copy
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.data.dataloader import Items
from minigrad.data.dataset import (
    BlobsDataset,
    CircleDataset,
    ComposedDataset,
    Dataset,
    InMemDataset,
    Mapper,
    MapperDataset,
    MoonsDataset,
    PartialDataset,
    SamplerDataset,
    SelectionDataset,
    ShuffledDataset,
    SpiralsDataset,
    WindowsDataset,
    XorDataset,
)
from minigrad.errors import CheckError, DatasetError
from minigrad.testing import check_dataset
from minigrad.testing.dataset import LAWS, Subject
from minigrad.testing.difference import difference

N = 7
Item = dict[str, Any]


class Right(Dataset[Item]):
    """Keeps every law; the wrong ones below differ from it in one thing."""

    def __init__(self) -> None:
        self.x = np.arange(10, 10 + N).astype(np.float32)
        self.local = threading.local()

    def get(self, index: int) -> Item | None:
        return {"x": self.x[index].item()} if 0 <= index < N else None

    def __len__(self) -> int:
        return N

    def get_batch(self, indices: np.ndarray) -> Any:
        return Items.from_columns({"x": self.x[indices]}, dict)

    def __getstate__(self) -> Any:
        return {name: value for name, value in vars(self).items() if name != "local"}

    def __setstate__(self, state: Any) -> None:
        self.__dict__.update(state)
        self.local = threading.local()


class Grows(Right):
    read = False

    def get(self, index: int) -> Item | None:
        self.read = True
        return super().get(index)

    def __len__(self) -> int:
        return N + self.read

    def __iter__(self) -> Iterator[Item]:
        return iter(Right())

    def at_epoch(self, epoch: int) -> Dataset[Item]:
        return Right()

    def __reduce__(self) -> Any:
        return Right, ()


class Negative(Right):
    def __len__(self) -> int:
        return -1


class Hole(Right):
    def get(self, index: int) -> Item | None:
        return None if index == 3 else super().get(index)


class Fails(Right):
    def get(self, index: int) -> Item | None:
        return super().get(index) if index != 3 else {}["three"]


class CountsFromTheEnd(Right):
    def get(self, index: int) -> Item | None:
        return {"x": self.x[index].item()} if -N <= index < N else None


class OneTooMany(Right):
    def get(self, index: int) -> Item | None:
        return {"x": 0.0} if index == N else super().get(index)


class RaisesOutside(Right):
    def get(self, index: int) -> Item | None:
        if index >= N:
            raise IndexError(index)
        return super().get(index)


class OnlyForwards(Right):
    """As a reader of a file that cannot go back, but for a rewind."""

    def get(self, index: int) -> Item | None:
        last = getattr(self.local, "last", 0)
        self.local.last = index if 0 <= index < N else 0
        return super().get(last if 0 < index < last else index)


class OneItemForAll(Right):
    def get(self, index: int) -> Item | None:
        if not 0 <= index < N:
            return None
        item = self.local.__dict__.setdefault("item", {})
        item["x"] = self.x[index].item()
        return item  # type: ignore[no-any-return]


class Backwards(Right):
    def __iter__(self) -> Iterator[Item]:
        return reversed(list(Right()))


class EndsEarly(Right):
    def __iter__(self) -> Iterator[Item]:
        return iter(list(Right())[:-1])


class GoesOn(Right):
    def __iter__(self) -> Iterator[Item]:
        yield from Right()
        yield {"x": 0.0}


class BreaksTheLoop(Right):
    def __iter__(self) -> Iterator[Item]:
        yield {"x": 10.0}
        raise KeyError("x")


class OtherValues(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        return Items.from_columns({"x": self.x[indices] + (indices == 4)}, dict)


class OwnOrder(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        return super().get_batch(np.sort(indices))


class EachOnce(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        return super().get_batch(np.array(list(dict.fromkeys(indices.tolist())), np.intp))


class NoneOfNone(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        return super().get_batch(indices) if len(indices) else None


class FailsOfNone(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        return super().get_batch(indices + 0 * indices.max())


class AList(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        return [self.get(index) for index in indices]


class OtherType(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        return Items.from_columns({"x": self.x.astype(np.int64)[indices]}, dict)


class OtherShape(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        return Items.from_columns({"x": self.x[indices, None]}, lambda x: {"x": x.item()})


class OtherName(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        return Items.from_columns({"y": self.x[indices]}, lambda y: {"x": y})


class OneArrayForAll(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        buffer = self.local.__dict__.setdefault("buffer", np.zeros(100, np.float32))
        buffer[: len(indices)] = self.x[indices]
        return Items.from_columns({"x": buffer[: len(indices)]}, dict)


class WritesToIndices(Right):
    def get_batch(self, indices: np.ndarray) -> Any:
        indices += 0
        return super().get_batch(indices)


class SharedCursor(Right):
    at = 0

    def get(self, index: int) -> Item | None:
        self.at = index
        time.sleep(1e-4)
        return super().get(self.at)


class OneThread(Right):
    def __init__(self) -> None:
        super().__init__()
        self.owner = threading.get_ident()

    def get(self, index: int) -> Item | None:
        if threading.get_ident() != self.owner:
            raise RuntimeError("made in another thread")
        return super().get(index)


class ByEpoch(Right):
    epoch = 0

    def get(self, index: int) -> Item | None:
        return {"x": self.x[index].item() + 100 * self.epoch} if 0 <= index < N else None

    def get_batch(self, indices: np.ndarray) -> Any:
        return Items.from_columns({"x": self.x[indices] + np.float32(100 * self.epoch)}, dict)

    def at_epoch(self, epoch: int) -> Dataset[Item]:
        changed = copy(self)
        changed.epoch = epoch
        return changed


class ChangesItself(ByEpoch):
    def at_epoch(self, epoch: int) -> Dataset[Item]:
        self.epoch = epoch
        return self


class OneMore(ByEpoch):
    def at_epoch(self, epoch: int) -> Dataset[Item]:
        return super().at_epoch(self.epoch + epoch)


class NewDrawEachTime(ByEpoch):
    asked = [0]  # noqa: RUF012

    def at_epoch(self, epoch: int) -> Dataset[Item]:
        self.asked[0] += 1
        return super().at_epoch(self.asked[0])


class ShorterLater(Right):
    def at_epoch(self, epoch: int) -> Dataset[Item]:
        return PartialDataset(self, 0, N - epoch)


class NothingLater(Right):
    def at_epoch(self, epoch: int) -> Any:
        return None


class HoleLater(ByEpoch):
    def get(self, index: int) -> Item | None:
        return None if self.epoch and index == 3 else super().get(index)


class Unpicklable(Right):
    def __init__(self) -> None:
        super().__init__()
        self.function = lambda: 0


class ForgetsItself(Right):
    def __getstate__(self) -> Any:
        return {"x": self.x * 0}


class ShorterAfterPickle(Right):
    def __reduce__(self) -> Any:
        return InMemDataset, (list(Right())[1:],)


class Doubts(Dataset[Item]):
    """Reads from another dataset, whose items it writes to: always the same, so that nobody notices it here."""

    def __init__(self, source: Dataset[Item]) -> None:
        self.source = source

    def get(self, index: int) -> Item | None:
        item = self.source.get(index)
        if item is not None:
            item["x"] = abs(item["x"])
        return item

    def __len__(self) -> int:
        return len(self.source)


WRONG: list[tuple[type[Dataset[Any]], str, str]] = [
    (Grows, "length", r"len\(\) was 7 at first, and 8 when some items had been read"),
    (Hole, "items", r"get\(3\) returned None, but len\(\) is 7"),
    (Fails, "items", r"get\(3\) raised KeyError: 'three', but len\(\) is 7"),
    (CountsFromTheEnd, "outside", r"get\(-1\) returned {'x': 16.0}, but there is no such item"),
    (OneTooMany, "outside", r"get\(7\) returned {'x': 0.0}"),
    (RaisesOutside, "outside", r"get\(7\) raised IndexError: 7"),
    (OnlyForwards, "twice", r"get\(\d\) gave another item the second time: at \['x'\]: 1\d.0 and 1\d.0"),
    (OneItemForAll, "kept", r"the item of get\(0\) changed when others were read: at \['x'\]: 10.0 and 16.0"),
    (Backwards, "iteration", r"gives another item than get\(0\): at \['x'\]: 10.0 and 16.0"),
    (EndsEarly, "iteration", r"a loop over the dataset ends after 6 items, but len\(\) is 7"),
    (GoesOn, "iteration", r"a loop over the dataset goes on after 7 items, but len\(\) is 7"),
    (BreaksTheLoop, "iteration", r"a loop over the dataset raised KeyError: 'x' after 1 items"),
    (OtherValues, "columns", r"get_batch\(\[.*\]\)\[4\] is not the item of get\(4\): at \['x'\]: 15.0 and 14.0"),
    (OwnOrder, "columns", r"get_batch\(\[6, 5, 4, 3, 2, 1, 0\]\)\[0\] is not the item of get\(6\)"),
    (EachOnce, "columns", r"returned 7 items for 10 indices"),
    (NoneOfNone, "columns", r"get_batch\(\[0, 1, .*\]\) returned Items, and get_batch\(\[\]\) returned None"),
    (FailsOfNone, "columns", r"get_batch\(\[\]\) raised ValueError: zero-size array"),
    (AList, "columns", r"returned list\n  return Items.from_columns"),
    (
        OtherType,
        "columns",
        r"column\('x'\) is int64 \[items\], and from the items of get it would be float32 \[items\]",
    ),
    (OtherShape, "columns", r"column\('x'\) is float32 \[items, 1\], and from the items of get"),
    (OtherName, "columns", r"column\('x'\) cannot be made, but x is a field of get\(0\)"),
    (OneArrayForAll, "columns", r"\[1\] is not the item of get\(1\): at \['x'\]: 10.0 and 11.0"),
    (WritesToIndices, "columns", r"raised ValueError: output array is read-only"),
    (SharedCursor, "threads", r"gave another item in one of 4 threads: at \['x'\]"),
    (OneThread, "threads", r"in one of 4 threads: it raised RuntimeError: made in another thread"),
    (ChangesItself, "epochs", r"at_epoch changed the dataset itself, in get\(0\): at \['x'\]: 10.0 and 210.0"),
    (OneMore, "epochs", r"at_epoch\(2\).at_epoch\(1\) is another dataset than at_epoch\(1\), in get\(0\)"),
    (NewDrawEachTime, "epochs", r"at_epoch\(1\), made a second time, is another dataset than at_epoch\(1\)"),
    (ShorterLater, "epochs", r"at_epoch\(1\) has 6 items, the dataset 7"),
    (NothingLater, "epochs", r"at_epoch\(1\) returned NoneType"),
    (HoleLater, "epochs", r"at_epoch\(1\).get\(3\) returned None"),
    (Unpicklable, "pickles", r"pickle raised \w+: "),
    (ForgetsItself, "pickles", r"get\(0\) gave another item after pickle: at \['x'\]: 10.0 and 0.0"),
    (ShorterAfterPickle, "pickles", r"it had 7 items, and 6 when it came back from pickle"),
]


@pytest.mark.parametrize(("kind", "law", "message"), WRONG, ids=[kind.__name__ for kind, *_ in WRONG])
def test_a_wrong_dataset_is_caught_by_the_law_that_it_breaks(
    kind: Callable[[], Dataset[Any]], law: str, message: str
) -> None:
    with pytest.raises(CheckError, match=f"^{kind.__name__} breaks the law '{law}': .*{message}") as caught:
        check_dataset(kind(), pickles=True)
    assert caught.value.law == law


@pytest.mark.parametrize(("kind", "law", "message"), WRONG, ids=[kind.__name__ for kind, *_ in WRONG])
def test_and_by_no_other(kind: Callable[[], Dataset[Any]], law: str, message: str) -> None:
    broken = []
    for name, check in LAWS.items():
        try:
            check(Subject(kind()))
        except CheckError:
            broken.append(name)
    assert broken == [law]


def test_every_law_has_a_wrong_dataset() -> None:
    assert {law for _, law, _ in WRONG} | {"source"} == set(LAWS)


def test_a_length_that_cannot_be() -> None:
    with pytest.raises(CheckError, match=r"^Negative breaks the law 'length': len\(Negative\) failed: ") as caught:
        check_dataset(Negative())
    assert caught.value.law == "length"


def test_what_is_no_dataset() -> None:
    with pytest.raises(DatasetError, match=r"^check_dataset got list, which is no Dataset"):
        check_dataset([1, 2])  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match=r"^check_dataset got the class Right for a dataset"):
        check_dataset(Right)  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match="samples is 0, and must be an integer of at least 1"):
        check_dataset(Right(), samples=0)


def test_a_source_that_is_written_to() -> None:
    def fresh() -> InMemDataset[Item]:
        return InMemDataset([{"x": 1.0}, {"x": -2.0}])

    assert check_dataset(Doubts(fresh()))["twice"] == 2
    source = fresh()
    with pytest.raises(CheckError, match=r"item 1 of its source has changed, at \['x'\]: -2.0 and 2.0") as caught:
        check_dataset(Doubts(source), source=source)
    assert caught.value.law == "source"


def test_right_ones() -> None:
    assert check_dataset(Right(), pickles=True)["columns"] == 7 + 7 + 10 + 1
    check_dataset(ByEpoch(), pickles=True)


def test_one_that_draws_anew_each_time() -> None:
    class Random(Right):
        def get(self, index: int) -> Item | None:
            return {"x": time.perf_counter_ns()} if 0 <= index < N else None

        def get_batch(self, indices: np.ndarray) -> Any:
            return None

    with pytest.raises(CheckError, match="breaks the law 'twice'"):
        check_dataset(Random())
    assert check_dataset(Random(), random=True)["items"] == N

    class Wrong(Random):
        def get(self, index: int) -> Item | None:
            return super().get(index) or super().get(0)

    with pytest.raises(CheckError, match="breaks the law 'outside'"):
        check_dataset(Wrong(), random=True)


def test_of_a_large_dataset_some_items_are_asked_for() -> None:
    class Large(Dataset[int]):
        asked: set[int] = set()  # noqa: RUF012

        def get(self, index: int) -> int | None:
            self.asked.add(index)
            return index if 0 <= index < 10**9 else None

        def __len__(self) -> int:
            return 10**9

    assert check_dataset(Large(), samples=20)["items"] == 20
    inside = sorted(index for index in Large.asked if 0 <= index < 10**9)
    assert inside[:10] == list(range(10)) and len(inside) == 20 and inside[-1] == 10**9 - 1


@dataclass
class Sample:
    image: np.ndarray
    name: str


def increased(item: Item) -> Item:
    return {"x": item["x"] + 1}


def jittered(item: Item, rng: np.random.Generator) -> Item:
    return {"x": item["x"] + rng.normal()}


class Tenfold(Mapper[Item, Item]):
    def map(self, item: Item) -> Item:
        return {"x": 10 * item["x"]}

    def map_batch(self, items: Items[Item]) -> Items[Item]:
        return Items.from_columns({"x": 10 * items.column("x")}, dict)


OURS: dict[str, Callable[[Dataset[Any]], Dataset[Any]]] = {
    "circle": lambda source: CircleDataset(150, seed=1),
    "moons": lambda source: MoonsDataset(5, seed=1),
    "spirals": lambda source: SpiralsDataset(5, seed=1, classes=3),
    "xor": lambda source: XorDataset(5, seed=1, noise=0.1),
    "blobs": lambda source: BlobsDataset(1, seed=1),
    "in memory": lambda source: source,
    "texts": lambda source: InMemDataset("abc"),
    "arrays": lambda source: InMemDataset([Sample(np.zeros((2, 2)), "zero"), Sample(np.ones((2, 2)), "one")]),
    "empty": lambda source: InMemDataset([]),
    "mapped": lambda source: MapperDataset(source, increased),
    "mapped by column": lambda source: MapperDataset(source, Tenfold()),
    "augmented": lambda source: MapperDataset(source, jittered, seed=1),
    "shuffled": lambda source: ShuffledDataset.with_seed(source, 1),
    "partial": lambda source: PartialDataset(source, 2, 6),
    "part": lambda source: PartialDataset.split(source, 3)[2],
    "no part": lambda source: PartialDataset(source, 2, 2),
    "drawn": lambda source: SamplerDataset.with_replacement(source, 20, weights=range(N), seed=3),
    "drawn in rounds": lambda source: SamplerDataset.without_replacement(source, 20, seed=3),
    "composed": lambda source: ComposedDataset([source, InMemDataset([]), Right()]),
    "composed in part": lambda source: ComposedDataset([source, MapperDataset(source, increased)]),
    "windows": lambda source: WindowsDataset(source, 3),
    "windows of windows": lambda source: WindowsDataset(WindowsDataset(source, 3), 2),
    "no windows": lambda source: WindowsDataset(source, N + 1),
    "selection": lambda source: SelectionDataset.from_indices_checked(source, [3, 3, 0, 6]),
}


@pytest.mark.parametrize("name", OURS)
def test_ours_keep_the_laws(name: str) -> None:
    source = InMemDataset(list(Right()))
    compared = check_dataset(OURS[name](source), pickles=True, source=source)
    assert list(compared) == list(LAWS)


def test_those_with_columns_have_them() -> None:
    source = InMemDataset(list(Right()))
    by_item = {name for name, make in OURS.items() if make(source).get_batch(np.arange(0)) is None}
    assert by_item == {"texts", "arrays", "empty", "mapped", "augmented", "composed in part"}


# --- differences ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("a", "b", "loose", "found"),
    [
        (1.0, 1.0, False, ""),
        (float("nan"), float("nan"), False, ""),
        (1, 1.0, False, "1 and 1.0, of int and float"),
        (1, 1.0, True, ""),
        (True, 1, False, "True and 1, of bool and int"),
        ((1.0, [2.0, 3.0]), (1.0, [2.0, 4.0]), False, "at [1][1]: 3.0 and 4.0"),
        ((1.0, 2.0), np.array([1.0, 2.0]), True, ""),
        ((1.0, 2.0), (1.0, 2.0, 3.0), False, "(1.0, 2.0) and (1.0, 2.0, 3.0)"),
        ((1.0, 2.0), (1.0, 2.0, 3.0), True, "(1.0, 2.0) and (1.0, 2.0, 3.0)"),
        (0.1, float(np.float32(0.1)), True, ""),
        (0.1, float(np.float32(0.1)), False, "0.1 and 0.10000000149011612"),
        (2**24, 2**24 + 1, True, "16777216 and 16777217"),
        (np.zeros(2), np.zeros(2, np.float32), False, "array([0., 0.]) and array([0., 0.], dtype=float32)"),
        (Tensor([1.0]), Tensor([1.0]), False, ""),
        (Sample(np.zeros(1), "a"), Sample(np.ones(1), "a"), False, "at .image: array([0.]) and array([1.])"),
        (SimpleNamespace(a=1), SimpleNamespace(a=2), False, "namespace(a=1) and namespace(a=2)"),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}, False, ""),
        ({"a": 1}, {"b": 1}, False, "{'a': 1} and {'b': 1}"),
        ("a", "b", True, "'a' and 'b'"),
        (object(), object(), False, ""),
        ("a" * 200, "b", False, f"'{'a' * 76}... and 'b'"),
    ],
)
def test_difference(a: Any, b: Any, loose: bool, found: str) -> None:
    assert difference(a, b, loose) == found


def test_objects_without_equality_are_compared_by_their_fields() -> None:
    class Plain:
        def __init__(self, x: float) -> None:
            self.x = x

    assert difference(Plain(1.0), Plain(1.0)) == ""
    assert difference([Plain(1.0)], [Plain(2.0)]) == "at [0].x: 1.0 and 2.0"
