"""IDX files: every type and any number of axes, packed or not; broken files cost no memory."""

from __future__ import annotations

import gzip
import math
import struct
import tracemalloc
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.data.dataset import read_idx
from minigrad.errors import DatasetError

# number in the header, code in struct, dtype, and values that both can hold
INTS = {0x08: ("B", np.uint8), 0x09: ("b", np.int8), 0x0B: ("h", np.int16), 0x0C: ("i", np.int32)}
FLOATS = {0x0D: ("f", np.float32), 0x0E: ("d", np.float64)}


def file_of(number: int, shape: tuple[int, ...], values: bytes) -> bytes:
    return bytes([0, 0, number, len(shape)]) + struct.pack(f">{len(shape)}I", *shape) + values


@st.composite
def arrays(draw: st.DrawFn) -> tuple[bytes, tuple[int, ...], list[Any], type]:
    """The bytes of a file, packed by struct, and what it holds."""
    number = draw(st.sampled_from([*INTS, *FLOATS]))
    code, dtype = {**INTS, **FLOATS}[number]
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    bits = 8 * struct.calcsize(">" + code)
    value = st.integers(0, 2**bits - 1) if code == "B" else st.integers(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1)
    if number in FLOATS:
        value = st.floats(width=bits)  # type: ignore[assignment]
    values = draw(st.lists(value, min_size=math.prod(shape), max_size=math.prod(shape)))
    return file_of(number, shape, struct.pack(f">{len(values)}{code}", *values)), shape, values, dtype


@given(arrays(), st.booleans())
def test_every_type_and_shape(
    tmp_path_factory: pytest.TempPathFactory, file: tuple[bytes, tuple[int, ...], list[Any], type], packed: bool
) -> None:
    data, shape, values, dtype = file
    path = tmp_path_factory.mktemp("idx") / "array"
    path.write_bytes(gzip.compress(data) if packed else data)
    array = read_idx(path)
    assert array.dtype == dtype and array.dtype.isnative
    assert array.shape == shape
    np.testing.assert_array_equal(array.ravel(), np.array(values, dtype))


@pytest.mark.parametrize(
    ("number", "data", "value"),
    [
        (0x08, "fe", 254),
        (0x09, "fe", -2),
        (0x0B, "0102", 258),
        (0x0C, "00010000", 65536),
        (0x0D, "3fc00000", 1.5),
        (0x0E, "3ff8000000000000", 1.5),
    ],
)
def test_the_first_byte_counts_most(tmp_path: Path, number: int, data: str, value: float) -> None:
    (tmp_path / "a").write_bytes(file_of(number, (1,), bytes.fromhex(data)))
    assert read_idx(tmp_path / "a").tolist() == [value]


def test_nobody_can_write_to_it(tmp_path: Path) -> None:
    for number in (0x08, 0x0B):  # read as it is, and with its bytes swapped
        (tmp_path / "a").write_bytes(file_of(number, (2,), bytes(4 if number == 0x0B else 2)))
        array = read_idx(str(tmp_path / "a"))
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 1
        with pytest.raises(ValueError, match="WRITEABLE"):
            array[:].setflags(write=True)


@pytest.mark.parametrize("name", ["plain.gz", "packed"])
def test_the_content_says_whether_it_is_packed(tmp_path: Path, name: str) -> None:
    data = file_of(0x08, (3,), b"\1\2\3")
    (tmp_path / name).write_bytes(gzip.compress(data) if name == "packed" else data)
    assert read_idx(tmp_path / name).tolist() == [1, 2, 3]


@pytest.mark.parametrize("packed", [False, True])
def test_more_than_one_read(tmp_path: Path, packed: bool) -> None:
    values = np.random.default_rng(1).integers(0, 256, 2_500_000, np.uint8)
    data = file_of(0x08, (2500, 1000), values.tobytes())
    (tmp_path / "a").write_bytes(gzip.compress(data, 1) if packed else data)
    np.testing.assert_array_equal(read_idx(tmp_path / "a"), values.reshape(2500, 1000))


def test_what_packs_best_fits(tmp_path: Path) -> None:
    zeros = bytes(20_000_000)  # a byte of the file is 1,030 of them: near the limit of what a header may claim
    data = gzip.compress(file_of(0x0E, (2_500_000,), zeros), 9)
    assert len(zeros) > 1000 * len(data)
    (tmp_path / "a").write_bytes(data)
    assert read_idx(tmp_path / "a").shape == (2_500_000,)


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("shape", [(2**31,), (2**32 - 1,) * 4, (2**32 - 1,) * 64])
def test_a_header_alone_costs_no_memory(tmp_path: Path, shape: tuple[int, ...], packed: bool) -> None:
    data = file_of(0x0E, shape, b"1234")
    (tmp_path / "a").write_bytes(gzip.compress(data) if packed else data)
    tracemalloc.start()
    try:
        with pytest.raises(DatasetError, match="cut short"):
            read_idx(tmp_path / "a")
        assert tracemalloc.get_traced_memory()[1] < 1_000_000
    finally:
        tracemalloc.stop()


@given(st.integers(0, 25), st.booleans())
def test_a_file_cut_anywhere_is_refused(tmp_path_factory: pytest.TempPathFactory, length: int, packed: bool) -> None:
    data = file_of(0x0C, (3,), struct.pack(">3i", 7, -7, 70_000))
    data = gzip.compress(data, mtime=0) if packed else data
    path = tmp_path_factory.mktemp("idx") / "a"
    path.write_bytes(data[: min(length, len(data) - 1)])
    with pytest.raises(DatasetError):
        read_idx(path)


@given(st.integers(0, 60), st.integers(1, 255))
def test_a_changed_byte_of_a_packed_file_is_found(
    tmp_path_factory: pytest.TempPathFactory, place: int, change: int
) -> None:
    data = bytearray(gzip.compress(file_of(0x0C, (3,), struct.pack(">3i", 7, -7, 70_000)), mtime=0))
    data[place % len(data)] ^= change
    path = tmp_path_factory.mktemp("idx") / "a"
    path.write_bytes(data)
    with suppress(DatasetError):  # a byte that does not matter, such as one of the time, is let pass
        assert read_idx(path).tolist() == [7, -7, 70_000]


def test_zeros_after_a_gzip_are_padding(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(gzip.compress(file_of(0x08, (1,), b"\5")) + bytes(10))
    assert read_idx(tmp_path / "a").tolist() == [5]
