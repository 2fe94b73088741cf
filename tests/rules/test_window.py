"""The geometry of windows, and the blocks of a convolution: their borders, and what memory they take."""

from __future__ import annotations

import tracemalloc
from typing import Any

import numpy as np
import pytest

from minigrad.rules import RULES, kernels, pool, resample, window
from minigrad.rules.window import Window, taps

from .calls_window import conv_by_hand, conv_transpose_by_hand, conv_weight_by_hand, seen

BY_HAND = {"conv": conv_by_hand, "conv_transpose": conv_transpose_by_hand, "conv_weight": conv_weight_by_hand}

GEOMETRIES = [
    (Window((3,), (1,), (1,), (1,)), (5,)),
    (Window((2,), (3,), (2,), (2,)), (4,)),
    (Window((3, 2), (2, 1), (1, 0), (1, 2)), (5, 4)),
    (Window((3,), (2,), (4,), (1,)), (2,)),  # windows in the padding alone
    (Window((2, 1, 3), (1, 2, 1), (1, 0, 2), (2, 1, 1)), (3, 3, 2)),
]


@pytest.mark.parametrize(("shape", "sizes"), GEOMETRIES)
def test_taps_see_what_windows_see(shape: Window, sizes: tuple[int, ...]) -> None:
    inputs, outputs = np.indices(sizes), np.indices(shape.outputs(sizes))
    found = set()
    for tap in taps(shape, sizes):
        place = tap.windows[1 : 1 + len(sizes)]
        pairs = zip(outputs[tap.outs].reshape(len(sizes), -1).T, inputs[tap.ins].reshape(len(sizes), -1).T)
        found |= {(place, tuple(map(int, output)), tuple(map(int, at))) for output, at in pairs}
    assert found == set(seen(shape, sizes))


def test_sizes_there_and_back() -> None:
    shape = Window((3, 2), (2, 3), (1, 0), (1, 2))
    assert shape.extent() == (3, 3)
    assert shape.outputs((7, 9)) == (4, 3)
    assert shape.inputs((4, 3)) == (7, 9)
    assert shape.outputs((8, 11)) == (4, 3)  # the last rows are left over
    assert shape.outputs((1, 2)) == (1, 0)  # and here no window fits


def call(name: str, seed: int, sizes: tuple[int, ...], groups: int = 1) -> tuple[list[Any], dict[str, Any]]:
    rng = np.random.default_rng(seed)
    shape = Window((3, 2)[: len(sizes)], (2, 1)[: len(sizes)], (1, 1)[: len(sizes)], (1, 2)[: len(sizes)])
    x, g = rng.standard_normal((5, 2 * groups, *sizes)), rng.standard_normal((5, 3 * groups, *shape.outputs(sizes)))
    weight = rng.standard_normal((3 * groups, 2, *shape.kernel))
    static = {"window": shape, "groups": groups}
    if name == "conv_transpose":
        return [g, weight], {**static, "sizes": sizes}
    return [x, g if name == "conv_weight" else weight], static


@pytest.mark.parametrize("name", BY_HAND)
@pytest.mark.parametrize("sizes", [(20, 9), (3, 3), (140,)])
@pytest.mark.parametrize("block", [1, 100, 2_000, 1 << 17])
@pytest.mark.parametrize("narrow", [0, 64, 1_000])
def test_blocks_of_any_size_give_the_same(
    name: str, sizes: tuple[int, ...], block: int, narrow: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(window, "BLOCK", block)
    monkeypatch.setattr(window, "NARROW", narrow)
    arrays, static = call(name, block, sizes, groups=2)
    value = RULES[name](kernels, *arrays, **static)[0]
    np.testing.assert_allclose(value, BY_HAND[name](*arrays, **static), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", BY_HAND)
def test_a_convolution_makes_its_windows_block_by_block(name: str) -> None:
    rng = np.random.default_rng(0)
    same = Window((5, 5), (1, 1), (2, 2), (1, 1))
    x, weight = rng.standard_normal((1, 4, 256, 256), np.float32), rng.standard_normal((4, 4, 5, 5), np.float32)
    static = {"window": same, "groups": 1} | ({"sizes": (256, 256)} if name == "conv_transpose" else {})
    arguments = (x, x) if name == "conv_weight" else (x, weight)
    tracemalloc.start()
    RULES[name](kernels, *arguments, **static)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * x.nbytes  # all windows at once would take 25 times the memory of x, 26 MB


def test_a_plan_and_its_transpose_are_each_other() -> None:
    plan = resample.linear(5, 8)
    assert plan.T.T is plan
    assert plan.T.index.shape[1] == 5
    matrix = np.zeros((8, 5))
    for index, weight in zip(plan.index, plan.weight):
        np.add.at(matrix, (np.arange(8), index), weight)
    back = np.zeros((5, 8))
    for index, weight in zip(plan.T.index, plan.T.weight):
        np.add.at(back, (np.arange(5), index), weight)
    np.testing.assert_array_equal(back, matrix.T)


def test_evenly_spaced_elements_are_slices_and_equal_weights_one_number() -> None:
    assert resample.average(5, 2, 2, 0, True).picks == [(slice(0, 3, 2), 0.5), (slice(1, 4, 2), 0.5)]
    assert resample.average(3, 2, 1, 0, True).picks == [(slice(0, 2, 1), 0.5), (slice(1, 3, 1), 0.5)]
    assert resample.average(4, 2, 2, 0, True).T.index.tolist() == [[0, 0, 1, 1]]
    assert resample.area(3, 1).picks == [(slice(i, i + 1, 1), 1 / 3) for i in range(3)]
    assert len(resample.area(8, 2).index) == 4
    ((index, weight),) = resample.nearest(2, 4).picks
    assert index.tolist() == [0, 0, 1, 1] and type(weight) is float
    assert all(isinstance(weight, np.ndarray) for _, weight in resample.linear(3, 5).picks)


@pytest.mark.parametrize("index", [[[1, 1]], [[0, 1]]])
def test_weights_of_any_size(index: list[list[int]]) -> None:
    for weight in ([[2.0, 2.0]], [[2.0, 3.0]], [[1.0, 1.0]]):
        plan = resample.Plan(np.array(index), np.array(weight), 2)
        value, back = RULES["resample"](kernels, np.array([[5.0, 7.0]]), axis=1, plan=plan)
        assert value.tolist() == [[[5, 7][i] * w for i, w in zip(index[0], weight[0])]]
        assert back(np.array([[1.0, 10.0]])).sum() == weight[0][0] + 10 * weight[0][1]


def test_positions_count_the_spatial_axes_alone() -> None:
    pairs = Window((1, 2), (1, 1), (0, 0), (1, 1))
    assert pool.positions(np.array([[1.0, 2, 0], [5, 4, 4]]), pairs).tolist() == [[1, 1], [3, 4]]
    assert pool.positions(np.array([[[1.0, 2.0], [4.0, 3.0]]] * 2), pairs).tolist() == [[[1], [2]]] * 2
