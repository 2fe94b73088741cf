"""A loader in parts: slices of slices, equal parts, one for each device."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.backend import Autodiff, Device, NdArray
from minigrad.data.dataloader import Batcher, DataLoaderBuilder, Items, split_dataloader
from minigrad.errors import DeviceError, LoaderError

from .loading import joined, loader, numbers


@given(st.integers(1, 60), st.integers(1, 20), st.none() | st.integers(0, 3), st.data())
def test_parts_hold_every_item_once(length: int, size: int, seed: int | None, data: st.DataObject) -> None:
    parts = data.draw(st.integers(1, length))
    made = loader(length, size, **({} if seed is None else {"shuffle": seed}))
    split = made.split(parts)
    assert [part.num_items() for part in split] == [length // parts] * (parts - 1) + [
        length - length // parts * (parts - 1)
    ]
    assert [sorted(joined(part)) for part in split] == [joined(loader(length).slice(*r)) for r in edges(length, parts)]


def edges(length: int, parts: int) -> list[tuple[int, int | None]]:
    """As Burn's split_dataloader: equal steps, and the last part runs to the end."""
    step = length // parts
    return [(part * step, (part + 1) * step if part < parts - 1 else None) for part in range(parts)]


@given(st.integers(1, 30), *[st.none() | st.integers(-35, 35)] * 4)
def test_slices_compose(length: int, a: int | None, b: int | None, c: int | None, d: int | None) -> None:
    items = list(range(length))[a:b][c:d]
    made = loader(length).slice(a, b).slice(c, d)
    assert (joined(made), made.num_items()) == (items, len(items))


def test_parts_begin_where_the_loader_would() -> None:
    made = loader(12, shuffle=5)
    list(made)
    late = loader(12, shuffle=5).slice(6, None)
    list(late)
    assert list(made.split(2)[1]) == list(late)


class Devices(Batcher[int, tuple[Device, list[int]]]):
    def batch(self, items: Items[int], device: Device) -> tuple[Device, list[int]]:
        return device, list(items)


def test_a_part_for_each_device() -> None:
    made = DataLoaderBuilder(Devices()).batch_size(9).build(numbers(10))
    devices = [NdArray(), Autodiff(NdArray(seed=1)), NdArray()]
    parts = [next(iter(part)) for part in split_dataloader(made, devices)]
    assert parts == [(devices[0], [0, 1, 2]), (devices[1], [3, 4, 5]), (devices[2], [6, 7, 8, 9])]


def test_for_one_device_the_loader_is_as_it_was() -> None:
    made = loader()
    assert split_dataloader(made, [NdArray()])[0] is made


@pytest.mark.parametrize(
    ("wrong", "error", "says"),
    [
        (lambda: loader().split(11), LoaderError, r"^split\(11\): there are 10 items\n  write split\(10\) or less$"),
        (
            lambda: loader().split(0),
            LoaderError,
            r"^split\(0\): give an integer >= 1, how many loaders to make of this",
        ),
        (lambda: loader().split(2.0), LoaderError, r"^split\(2.0\)"),  # type: ignore[arg-type]
        (
            lambda: split_dataloader(loader(), []),
            DeviceError,
            r"^split_dataloader\(loader, \[\]\): give a list of devi",
        ),
        (lambda: split_dataloader(loader(), NdArray()), DeviceError, "give a list of devices, such as "),  # type: ignore[arg-type]
        (lambda: split_dataloader(loader(), ["cpu", "gpu"]), DeviceError, r"\('cpu'\): give a device"),  # type: ignore[list-item]
        (lambda: split_dataloader(loader(1), [NdArray()] * 2), LoaderError, r"^split\(2\): there are 1 items"),
    ],
)
def test_parts_that_cannot_be(wrong: Callable[[], Any], error: type[Exception], says: str) -> None:
    with pytest.raises(error, match=says):
        wrong()
