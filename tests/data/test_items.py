"""Items: a sequence, and columns with the declared types' dtypes, however the items are held."""

from __future__ import annotations

import math
import pickle
from collections import namedtuple
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data.dataloader import Items
from minigrad.data.dataset import InMemDataset
from minigrad.errors import DatasetError


@dataclass(frozen=True)
class Point:
    at: tuple[float, float]
    label: int
    weight: float
    inside: bool

    @property
    def radius(self) -> float:
        return math.hypot(*self.at)


POINTS = [Point((0.5, 1.0), 3, 0.1, True), Point((-2.0, 0.25), -1, 1.0, False), Point((3.0, 4.0), 7, 2.5, True)]
floats = st.floats(width=32)
halves = st.floats(width=16)
points = st.builds(Point, st.tuples(floats, floats), st.integers(-(2**63), 2**63 - 1), halves, st.booleans())


def same(actual: np.ndarray, expected: np.ndarray) -> None:
    assert actual.dtype == expected.dtype
    assert actual.shape == expected.shape
    assert actual.tobytes() == expected.tobytes()


def test_columns_have_the_dtypes_of_the_declared_types() -> None:
    items = Items(POINTS)
    same(items.column("at"), np.array([[0.5, 1.0], [-2.0, 0.25], [3.0, 4.0]], np.float32))
    same(items.column("label"), np.array([3, -1, 7], np.int64))
    same(items.column("weight"), np.array([0.1, 1.0, 2.5], np.float32))
    same(items.column("inside"), np.array([True, False, True]))
    same(items.column("radius"), np.array([math.hypot(0.5, 1.0), math.hypot(-2.0, 0.25), 5.0], np.float32))


def test_a_declared_float_is_a_float_whatever_this_batch_holds() -> None:
    whole = [Point((1, 2), 0, 1, True), Point((3, 4), 0, 0, True)]  # ints, as a batch may happen to have
    same(Items(whole).column("weight"), np.array([1, 0], np.float32))
    same(Items(whole).column("at"), np.array([[1, 2], [3, 4]], np.float32))


def test_a_dtype_can_be_asked_for() -> None:
    items = Items(POINTS)
    same(items.column("weight", np.float64), np.array([0.1, 1.0, 2.5]))  # not 0.1 rounded to float32 first
    same(items.column("weight", "float16"), np.array([0.1, 1.0, 2.5], np.float16))
    same(items.column("label", np.float32), np.array([3, -1, 7], np.float32))
    same(items.column("inside", np.int64), np.array([1, 0, 1]))
    same(items.column("at", np.dtype(">f4")), np.array([[0.5, 1.0], [-2.0, 0.25], [3.0, 4.0]], ">f4"))
    same(Items([Point((0.0, 0.0), 0, 1.0, True)]).column("weight", np.int64), np.array([1]))


@pytest.mark.parametrize(
    ("dtype", "name", "says"),
    [
        (np.int64, "weight", "item 0 has 0.1, which int64 cannot hold"),
        (np.uint8, "label", "item 1 has -1, which uint8 cannot hold"),
        (np.bool_, "label", "item 0 has 3, which bool cannot hold"),
    ],
)
def test_what_becomes_an_int_or_a_bool_keeps_its_value(dtype: Any, name: str, says: str) -> None:
    with pytest.raises(DatasetError, match=says):
        Items(POINTS).column(name, dtype)


def test_nan_and_infinity_pass_as_floats_alone() -> None:
    items = Items([Point((math.nan, math.inf), 0, math.nan, True), Point((-math.inf, 0.0), 0, 1.0, True)])
    assert np.isnan(items.column("weight")).tolist() == [True, False]
    assert items.column("at")[0, 1] == -items.column("at")[1, 0] == np.inf
    with pytest.raises(DatasetError, match="item 0 has nan, which int64 cannot hold"):
        items.column("weight", np.int64)


@pytest.mark.parametrize("first", [(0.0, 1.0), (math.nan, math.inf)])
def test_a_number_too_large_for_the_dtype_is_no_infinity(first: tuple[float, float]) -> None:
    items = Items([Point(first, 0, 1.0, True), Point((1.0, -1e300), 0, 1e5, True)])
    with pytest.raises(DatasetError) as caught:
        items.column("at")
    assert str(caught.value) == (
        "column('at'): item 1 has -1e+300, which float32 cannot hold\n"
        "  ask for a dtype that can: items.column('at', np.float64)"
    )
    same(items.column("at", np.float64), np.array([first, (1.0, -1e300)]))
    with pytest.raises(DatasetError, match=r"item 1 has 100000.0, which float16 cannot hold"):
        items.column("weight", np.float16)


@pytest.mark.parametrize("make", [dict, namedtuple("Pair", "x y"), SimpleNamespace])
def test_mappings_named_tuples_and_objects_are_items_too(make: Callable[..., Any]) -> None:
    items = Items([make(x=[1.0, 2.0], y=1), make(x=[3.0, 4.0], y=0)])
    same(items.column("x"), np.array([[1.0, 2.0], [3.0, 4.0]], np.float32))
    same(items.column("y"), np.array([1, 0]))


def test_values_may_be_arrays_of_any_shape() -> None:
    images = np.arange(24, dtype=np.uint8).reshape(2, 3, 4)
    items = Items([{"image": image, "scale": np.float32(0.5), "grid": ((1, 2), (3, 4))} for image in images])
    same(items.column("image"), images.astype(np.int64))
    same(items.column("image", np.uint8), images)
    same(items.column("scale"), np.array([0.5, 0.5], np.float32))
    same(items.column("grid"), np.array([[[1, 2], [3, 4]]] * 2))
    same(Items([{"x": ()}, {"x": ()}]).column("x"), np.zeros((2, 0), np.float32))


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ([(1.0, 2.0), (1.0,)], r"item 40 has shape \(1,\), item 30 has \(2,\)\n  bring them"),
        ([(1.0, 2.0), (1.0,), (1.0, 2.0, 3.0)], r"item 40 has shape \(1,\), item 30 has \(2,\)"),
        ([(1.0, 2.0), (1.0, "2.0")], r"item 40 has \(1.0, '2.0'\), which no array of numbers can hold"),
        ([1.0, None], "item 40 has None, which no array of numbers can hold"),
        ([1.0, "1.5"], "item 40 has '1.5', which no array of numbers can hold"),
        (["0.5", "1.5"], "item 30 has '0.5', which no array of numbers can hold"),
        ([1.0, 1j], "item 40 has 1j, which no array of numbers can hold"),
        ([[1.0, 2.0], 1.0], r"item 40 has shape \(\), item 30 has \(2,\)"),
        ([[[1.0], [2.0, 3.0]], [[1.0], [2.0, 3.0]]], r"item 30 has \[\[1.0\], \[2.0, 3.0\]\], which no array"),
    ],
)
@pytest.mark.parametrize("declared", [True, False])
def test_what_is_no_column_is_named_by_its_item(values: list[Any], says: str, declared: bool) -> None:
    annotations: Any = float if declared else object
    item = type("Item", (), {"__annotations__": {"x": annotations}, "__init__": lambda self, x: vars(self).update(x=x)})
    with pytest.raises(DatasetError, match=says):
        Items([item(value) for value in values], indices=range(30, 60, 10)[: len(values)]).column("x")


def test_an_int_that_is_too_large_is_named() -> None:
    with pytest.raises(DatasetError, match="item 1 has 1180591620717411303424, which no array of numbers can hold"):
        Items([{"x": 1}, {"x": 2**70}]).column("x")
    with pytest.raises(DatasetError, match="item 0 has 9223372036854775808, which int64 cannot hold"):
        Items([{"x": 2**63}]).column("x")


def test_a_wrong_name_is_answered_with_the_right_one() -> None:
    with pytest.raises(DatasetError) as caught:
        Items(POINTS).column("weigth")
    assert str(caught.value) == (
        "column('weigth'): there is no such field\n"
        "  did you mean 'weight'? item 0, of Point, has at, label, weight, inside"
    )
    with pytest.raises(DatasetError, match="item 1, of dict, has y"):
        Items([{"x": 1}, {"y": 2}]).column("x")
    with pytest.raises(DatasetError, match="did you mean 'x'"):
        Items.from_columns({"x": np.zeros(2)}, dict).column("xx")


def test_no_items_have_no_columns() -> None:
    with pytest.raises(DatasetError, match="column\\('x'\\) of no items"):
        Items([]).column("x")


@given(st.lists(points, min_size=1, max_size=12), st.data())
def test_a_gathered_column_is_the_items_column_bit_for_bit(items: list[Point], data: st.DataObject) -> None:
    indices = data.draw(st.lists(st.integers(0, len(items) - 1), min_size=1, max_size=20))
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(indices))] * 2)))
    gathered = InMemDataset(items).get_batch(np.array(indices))
    assert gathered is not None
    chosen = [items[index] for index in indices][start:stop]
    assert list(gathered[start:stop]) == chosen
    assert [id(item) for item in gathered[start:stop]] == [id(item) for item in chosen]
    for name, dtype in [("at", None), ("at", np.float64), ("label", None), ("weight", np.float16), ("inside", "int64")]:
        if chosen:
            same(gathered.part(start, stop).column(name, dtype), Items(chosen).column(name, dtype))


@given(st.lists(st.integers(), max_size=8), st.slices(8), st.slices(8))
def test_slices_are_those_of_a_list(values: list[int], first: slice, second: slice) -> None:
    for items in (Items(values), Items([*values, 0]).take(range(len(values)))):
        assert list(items[first]) == values[first]
        assert list(items[first][second]) == values[first][second]
        assert len(items[first][second]) == len(values[first][second])
        assert [items[first][i] for i in range(-len(items[first]), 0)] == values[first]


def test_parts_of_parts() -> None:
    for items in (Items(POINTS), Items([*POINTS, *POINTS]).take([0, 1, 2])):
        assert list(items[1:].part(1, 2)) == [POINTS[2]]
        assert list(items[1:].take([1, 0])) == [POINTS[2], POINTS[1]]
        assert list(items[::-1][:2]) == [POINTS[2], POINTS[1]]
        same(items[1:].take([1, 0]).column("label"), np.array([7, -1]))
        same(items[1:].part(1, 2).column("label"), np.array([7]))


def test_a_sequence_in_full() -> None:
    items = Items("abca")
    assert (items[-1], items[np.int64(1)], "b" in items, items.index("c"), items.count("a")) == ("a", "b", True, 2, 2)
    assert list(reversed(items)) == list("acba")
    assert repr(items) == "Items(4 items)"
    with pytest.raises(IndexError):
        items[4]
    with pytest.raises(DatasetError, match="there is no position -1 among 4 items"):
        items.take([0, -1])


def test_items_of_columns_make_items_when_asked() -> None:
    at = np.array([[0.5, 1.0], [-2.0, 0.25], [3.0, 4.0]])
    items = Items.from_columns(
        {"at": at, "label": np.array([3, -1, 7], np.int32)}, lambda at, label: (tuple(at), label)
    )
    assert list(items[1:]) == [((-2.0, 0.25), -1), ((3.0, 4.0), 7)]
    assert type(items[0][1]) is int
    same(items.column("at"), at.astype(np.float32))
    same(items[1:].column("label"), np.array([-1, 7]))
    assert at.flags.writeable


@pytest.mark.parametrize(
    ("columns", "says"),
    [
        ({"x": np.zeros(3), "y": np.zeros((2, 3))}, r"got x \(3,\), y \(2, 3\)"),
        ({"x": np.float32(1)}, r"got x \(\)"),
        ({}, "got none"),
    ],
)
def test_columns_of_different_lengths_are_refused(columns: dict[str, Any], says: str) -> None:
    with pytest.raises(DatasetError, match=says):
        Items.from_columns(columns, dict)


def test_columns_cannot_be_written_to() -> None:
    mine = np.zeros((4, 2), np.float32)
    sources = [Items(POINTS), Items(POINTS).take([2, 0]), Items.from_columns({"at": mine}, dict)]
    for items in sources:
        for column in (items.column("at"), items[:2].column("at"), items.column("at", np.float64)):
            with pytest.raises(ValueError, match="read-only"):
                column[0] = 1
            if column.base is not mine and not np.shares_memory(column, mine):
                with pytest.raises(ValueError, match="WRITEABLE"):
                    column.setflags(write=True)
    assert np.shares_memory(sources[2].column("at"), mine)  # no copy of what is right already


def test_annotations_that_exist_for_the_type_checker_alone_are_no_harm() -> None:
    @dataclass
    class Item:
        x: NoSuchName  # noqa: F821  # type: ignore[name-defined]
        tags: list[str] = field(default_factory=list)

    same(Items([Item(0.5), Item(1)]).column("x"), np.array([0.5, 1], np.float32))


def test_one_item_without_a_number_spoils_no_column_of_others() -> None:
    @dataclass
    class Item:
        age: float | None

    items = Items([Item(3.0), Item(None), Item(5.0)])
    same(items.take([2, 0]).column("age"), np.array([5, 3], np.float32))
    with pytest.raises(DatasetError, match="item 1 has None"):
        items.take([2, 1]).column("age")


def test_what_one_item_has_spoils_no_column_of_a_part_without_it() -> None:
    ragged: list[dict[str, Any]] = [{"x": [1.0, 2.0]}, {"x": [3.0, 4.0]}, {"x": [5.0]}, {"x": [6.0]}]
    for items in (Items(ragged), Items(ragged[::-1]).take([3, 2, 1, 0])):
        same(items[:2].column("x"), np.array([[1, 2], [3, 4]], np.float32))
        same(items.part(2, 4).column("x"), np.array([[5], [6]], np.float32))
        with pytest.raises(DatasetError, match=r"item \d has shape"):
            items[1:3].column("x")
        with pytest.raises(DatasetError, match=r"item \d has shape"):
            items.column("x")
    given = Items.from_columns({"n": np.array([1, 2, 1000]), "o": np.array([1, 2, None])}, dict)
    same(given[:2].column("n", np.int8), np.array([1, 2], np.int8))
    same(given[:2].column("o"), np.array([1, 2]))
    with pytest.raises(DatasetError, match="item 2 has 1000, which int8 cannot hold"):
        given[1:].column("n", np.int8)
    with pytest.raises(DatasetError, match="item 2 has None"):
        given[1:].column("o")


def test_a_column_that_cannot_be_is_tried_once() -> None:
    class Counted(dict[str, Any]):
        read = 0

        def __getitem__(self, name: str) -> Any:
            Counted.read += 1
            return super().__getitem__(name)

    items = Items([Counted(x=float(index) if index < 999 else "bad") for index in range(1000)])
    for index in range(999):
        assert items[index : index + 1].column("x").tolist() == [index]
    assert Counted.read < 5000  # not 1000 for each of them


@pytest.mark.parametrize("dtype", [str, object, complex, "M8[s]", "flort"])
def test_a_dtype_of_no_numbers_is_refused(dtype: Any) -> None:
    with pytest.raises(DatasetError, match=r"column\('x', .*\): (a column holds|data type)"):
        Items([{"x": 1}]).column("x", dtype)


def test_the_dtype_that_is_proposed_can_hold_the_value() -> None:
    for value, dtype in ((2**63, None), (1000, np.int8), (-1, np.uint8), (0.5, np.int64), (1e300, np.float32)):
        items = Items([{"x": value}])
        with pytest.raises(DatasetError) as caught:
            items.column("x", dtype)
        proposed = str(caught.value).rpartition("np.")[2].rstrip(")")
        assert items.column("x", np.dtype(proposed)).tolist() == [value]


@pytest.mark.parametrize("positions", [[True, False], [0.5], [[0, 1]], 0, ["a"]])
def test_positions_are_integers_in_a_row(positions: Any) -> None:
    with pytest.raises(DatasetError, match="take: the positions are"):
        Items("ab").take(positions)


def test_a_field_goes_by_its_name() -> None:
    with pytest.raises(DatasetError, match=r"item 0, of tuple, has no fields; make it a dataclass"):
        Items([(1.0, 2), (3.0, 4)]).column("x")
    with pytest.raises(DatasetError, match=r"column\(0\): a field goes by its name"):
        Items([(1.0, 2), (3.0, 4)]).column(0)  # type: ignore[arg-type]


def test_columns_cannot_be_written_to_after_pickle() -> None:
    for items in (Items(POINTS), Items(POINTS).take([2, 0]), Items.from_columns({"label": np.arange(3)}, dict)):
        items.column("label")
        again = pickle.loads(pickle.dumps(items))
        same(again.column("label"), items.column("label"))
        assert not again.column("label").flags.writeable
