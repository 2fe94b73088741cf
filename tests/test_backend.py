"""Devices: what they hold, what they draw, and how they decorate each other."""

from __future__ import annotations

import copy
import pickle
import threading

import numpy as np
import pytest

from minigrad import Tensor
from minigrad.backend import Autodiff, Device, NdArray
from minigrad.errors import DeviceError, DtypeError


def test_ndarray() -> None:
    device = NdArray(seed=42)
    assert (device.seed, device.draws, device.dtype, device.tracks) == (42, 0, np.float32, False)
    assert device.inner is device
    assert isinstance(device, Device)
    assert repr(device) == "NdArray(seed=42)"
    assert repr(NdArray(seed=1, dtype=np.float64)) == "NdArray(seed=1, dtype=np.float64)"
    assert repr(NdArray(seed=1, dtype="f2")) == "NdArray(seed=1, dtype=np.float16)"
    assert NdArray(dtype=float).dtype is np.dtype(np.float64)
    assert NdArray(dtype=">f8").dtype is np.dtype(np.float64), "in this machine's byte order"


def test_autodiff_decorates() -> None:
    inner = NdArray(seed=42, dtype=np.float64)
    device = Autodiff(inner)
    assert (device.seed, device.dtype, device.tracks) == (42, np.float64, True)
    assert device.inner is inner
    assert repr(device) == "Autodiff(NdArray(seed=42, dtype=np.float64))"
    assert Autodiff().inner.tracks is False


def test_the_seed_is_the_only_random_state() -> None:
    def draws(device: Device, count: int) -> list[float]:
        return [device.rng().random() for _ in range(count)]

    all_five = draws(NdArray(seed=1), 5)
    assert draws(NdArray(seed=1), 5) == all_five
    assert draws(NdArray(seed=2), 5) != all_five
    assert len(set(all_five)) == 5
    resumed = NdArray(seed=1)
    resumed.draws = 3
    assert draws(resumed, 2) == all_five[3:]
    assert resumed.draws == 5


def test_autodiff_shares_its_inner_devices_draws() -> None:
    inner = NdArray(seed=1)
    device = Autodiff(inner)
    first, second = inner.rng().random(), device.rng().random()
    assert [first, second] == [NdArray(seed=1).rng().random(), second]
    assert first != second
    assert (inner.draws, device.draws) == (2, 2)
    device.draws = 0
    assert inner.draws == 0
    assert device.rng().random() == first


def test_without_a_seed_entropy_gives_one() -> None:
    a, b = NdArray(), NdArray()
    assert a.seed != b.seed
    assert a.rng().random() == NdArray(seed=a.seed).rng().random()
    assert a.seed.bit_length() <= 63, "fits an int64 of any record"


def test_two_threads_never_share_a_draw() -> None:
    device = NdArray(seed=1)
    found: list[list[float]] = [[] for _ in range(8)]

    def work(i: int) -> None:
        found[i] = [device.rng().random() for _ in range(50)]

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert device.draws == 400
    assert len({x for each in found for x in each}) == 400


def test_seeds() -> None:
    assert NdArray(seed=np.int64(3)).seed == 3
    assert NdArray(seed=0).rng().random() == NdArray(seed=0).rng().random()
    assert 0 <= NdArray(seed=1 << 80).rng().random() < 1
    for wrong in (-1, 1.5, "1", True):
        with pytest.raises(DeviceError, match="a seed is an integer >= 0"):
            NdArray(seed=wrong)  # type: ignore[arg-type]


def test_what_is_no_float_type() -> None:
    for wrong in (int, np.int32, bool, complex, "U3"):
        with pytest.raises(DtypeError):
            NdArray(dtype=wrong)


@pytest.mark.parametrize("device", [NdArray(seed=5), Autodiff(NdArray(seed=5, dtype=np.float64))])
def test_copies_go_on_where_the_device_is(device: Device) -> None:
    device.rng()
    for again in (pickle.loads(pickle.dumps(device)), copy.deepcopy(device)):
        assert repr(again) == repr(device)
        assert (again.draws, again.tracks, again.dtype) == (device.draws, device.tracks, device.dtype)
        assert again.dtype is device.dtype, "operations compare dtypes by identity"
        drawn = again.rng().random()
        following = NdArray(seed=5)
        following.draws = device.draws
        assert drawn == following.rng().random()
        assert (Tensor([1.0], again) + Tensor([1.0], device)).dtype is device.dtype
