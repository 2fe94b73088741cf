"""The one traversal of nested values."""

from __future__ import annotations

import copy
import pickle
from collections import namedtuple
from typing import Any

import pytest

from minigrad import Module, tree
from minigrad.tree import FrozenDict


class Leafy(Module):
    a: Any
    b: Any = 2


Point = namedtuple("Point", "x y")

NESTED = {"m": Leafy((1, {"k": 3})), "p": Point(4, [5]), "none": None, "": "text"}


def test_leaves_depth_first_in_order_with_paths() -> None:
    assert list(tree.leaves(NESTED)) == [
        ("m.a.0", 1),
        ("m.a.1.k", 3),
        ("m.b", 2),
        ("p.0", 4),
        ("p.1.0", 5),
        ("none", None),
        ("", "text"),
    ]
    assert list(tree.leaves(7)) == [("", 7)]
    assert list(tree.leaves([])) == []


def test_map_keeps_the_structure() -> None:
    mapped = tree.map_leaves(lambda leaf: [leaf], NESTED)
    assert isinstance(mapped["m"], Leafy)
    assert mapped["m"].a == ([1], {"k": [3]})
    assert isinstance(mapped["m"].a[1], FrozenDict)
    assert mapped["p"] == Point([4], [[5]])
    assert isinstance(mapped["p"], Point)
    assert mapped["none"] == [None]
    assert NESTED["m"].a == (1, {"k": 3}), "the original stays"


def test_map_paths_gives_the_same_paths_as_leaves() -> None:
    seen: list[str] = []
    tree.map_paths(lambda path, leaf: seen.append(path), NESTED)
    assert seen == [path for path, _ in tree.leaves(NESTED)]


def test_children() -> None:
    assert tree.children(Leafy(1)) == {"a": 1, "b": 2}
    assert tree.children([8, 9]) == {0: 8, 1: 9}
    assert tree.children({"k": 1}) == {"k": 1}
    assert tree.children("text") is None
    assert tree.children(None) is None


def test_freeze() -> None:
    frozen = tree.freeze({"a": [1, [2, {"b": []}]], "p": Point(1, 2)})
    assert frozen == {"a": (1, (2, {"b": ()})), "p": Point(1, 2)}
    assert isinstance(frozen, FrozenDict)
    assert isinstance(frozen["a"][1][1], FrozenDict)
    assert isinstance(frozen["p"], Point)
    original = {"k": [1]}
    tree.freeze(original)["k"]
    original["k"].append(2)
    assert original == {"k": [1, 2]}


def test_a_frozen_dictionary() -> None:
    d: Any = FrozenDict(a=1)
    writes = [
        lambda: d.__setitem__("a", 2),
        lambda: d.__delitem__("a"),
        lambda: d.update(a=2),
        lambda: d.pop("a"),
        lambda: d.popitem(),
        lambda: d.clear(),
        lambda: d.setdefault("b", 1),
        lambda: d.__ior__({"a": 2}),
    ]
    for write in writes:
        with pytest.raises(AttributeError, match="cannot be changed"):
            write()
    assert d == {"a": 1}
    assert d | {"b": 2} == {"a": 1, "b": 2}
    for again in (pickle.loads(pickle.dumps(d)), copy.deepcopy(d), copy.copy(d)):
        assert again == d
        assert isinstance(again, FrozenDict)
