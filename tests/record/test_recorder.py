"""Recorders: names, paths, precisions, and what a tree looks like in a file."""

from __future__ import annotations

import os
import pickle
import sys
from pathlib import Path
from types import SimpleNamespace

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from minigrad.errors import MissingExtraError, RecordError
from minigrad.record import (
    CompactRecorder,
    DefaultRecorder,
    DoublePrecisionSettings,
    FullPrecisionSettings,
    HalfPrecisionSettings,
    NamedMpkFileRecorder,
    NamedMpkGzFileRecorder,
    ParamRecord,
    decode_id,
    encode_id,
)

DOUBLE = NamedMpkFileRecorder(DoublePrecisionSettings)


def same(a: object, b: object) -> bool:
    """Whether two record trees agree in structure, types and bits (NaN is NaN)."""
    if isinstance(a, ParamRecord):
        return isinstance(b, ParamRecord) and a.id == b.id and same(a.value, b.value)
    if isinstance(a, np.ndarray):
        return isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return isinstance(b, dict) and list(a) == list(b) and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return isinstance(b, list) and len(a) == len(b) and all(map(same, a, b))
    return type(a) is type(b) and (a == b or (a != a and b != b))


def test_names_are_burns() -> None:
    assert repr(CompactRecorder()) == "NamedMpkFileRecorder(HalfPrecisionSettings)"
    assert repr(NamedMpkGzFileRecorder()) == "NamedMpkGzFileRecorder(FullPrecisionSettings)"
    assert DefaultRecorder() == NamedMpkFileRecorder() == NamedMpkFileRecorder(FullPrecisionSettings)
    assert CompactRecorder() == NamedMpkFileRecorder(HalfPrecisionSettings) != DefaultRecorder()
    assert (CompactRecorder().extension, NamedMpkGzFileRecorder().extension) == ("mpk", "mpk.gz")
    assert pickle.loads(pickle.dumps(CompactRecorder())) == CompactRecorder()


@pytest.mark.parametrize(
    ("given_path", "mpk", "gz"),
    [
        ("model", "model.mpk", "model.mpk.gz"),
        ("model.mpk", "model.mpk", "model.mpk.gz"),
        ("model.v1", "model.v1.mpk", "model.v1.mpk.gz"),
        ("a.b/model-0.02", "a.b/model-0.02.mpk", "a.b/model-0.02.mpk.gz"),
        ("model.mpk.gz", "model.mpk.gz.mpk", "model.mpk.gz"),
        ("mpk", "mpk.mpk", "mpk.mpk.gz"),
        ("model.mpk.mpk", "model.mpk.mpk", "model.mpk.mpk.gz"),
    ],
)
def test_extension_is_appended_unless_there(given_path: str, mpk: str, gz: str) -> None:
    assert CompactRecorder().path(given_path) == Path(mpk)
    assert NamedMpkGzFileRecorder().path(Path(given_path)) == Path(gz)


def test_folders_are_made_and_old_files_replaced(tmp_path: Path) -> None:
    path = tmp_path / "a/b/model"
    assert DefaultRecorder().record({"x": 1}, path) == tmp_path / "a/b/model.mpk"
    DefaultRecorder().record({"x": 2}, path)
    assert DefaultRecorder().load(path) == {"x": 2}
    assert os.listdir(tmp_path / "a/b") == ["model.mpk"]


def test_the_document(tmp_path: Path) -> None:
    record = {
        "weight": ParamRecord(3, np.array([[1.0, 2.0]])),
        "steps": np.array([1, -2]),
        "mask": np.array([True, False]),
        "activation": None,
        "stride": (None, None),
        "time": 12,
        "rate": 0.5,
    }
    assert msgpack.unpackb(CompactRecorder().to_bytes(record)) == {
        "metadata": {
            "float": "half::binary16::f16",
            "int": "i16",
            "format": "burn_core::record::file::NamedMpkFileRecorder"
            "<burn_core::record::settings::HalfPrecisionSettings>",
            "version": "0.17.1",
            "settings": "HalfPrecisionSettings",
        },
        "item": {
            "weight": {
                "id": "0c00000000000",
                "param": {"bytes": b"\x00\x3c\x00\x40", "shape": [1, 2], "dtype": "F16"},
            },
            "steps": {"bytes": b"\x01\x00\xfe\xff", "shape": [2], "dtype": "I16"},
            "mask": {"bytes": b"\x01\x00", "shape": [2], "dtype": "Bool"},
            "activation": None,
            "stride": [None, None],
            "time": 12,
            "rate": 0.5,
        },
        "_b": [],
    }


@pytest.mark.parametrize(
    ("value", "tail"),
    [
        (0, "00"), (127, "7f"), (128, "cc80"), (256, "cd0100"), (1 << 16, "ce00010000"), (2**64 - 1, "cf" + "ff" * 8),
        (-1, "ff"), (-32, "e0"), (-33, "d0df"), (-129, "d1ff7f"), (0.5, "cb3fe0000000000000"), (None, "c0"),
        (np.float64(0.5), "cb3fe0000000000000"), (np.int32(-1), "ff"), (True, "c3"), (np.bool_(False), "c2"),
        ("é", "a2c3a9"),
    ],
)  # fmt: skip
def test_bare_values_take_the_shortest_form(value: object, tail: str) -> None:
    assert DefaultRecorder().to_bytes(value).hex().endswith(b"\xa4item".hex() + tail + b"\xa2_b\x90".hex())


def test_layout_in_memory_does_not_matter() -> None:
    plain = np.arange(6, dtype=np.float32).reshape(2, 3)
    expected = DefaultRecorder().to_bytes({"w": plain})
    for other in (np.asfortranarray(plain), plain.astype(">f4"), np.repeat(plain, 2, axis=1)[:, ::2]):
        assert DefaultRecorder().to_bytes({"w": other}) == expected


def test_half_rounds_to_the_nearest_even_and_small_to_zero() -> None:
    values = np.array([1 + 2**-11, 1 + 3 * 2**-11, 1e-9, 65519.0, -np.inf, np.nan], np.float32)
    loaded = CompactRecorder().from_bytes(CompactRecorder().to_bytes(values))
    assert loaded.dtype == np.float16
    np.testing.assert_array_equal(loaded, np.array([1, 1 + 2**-9, 0, 65504, -np.inf, np.nan], np.float16))


def test_device_decides_the_types() -> None:
    record = {"w": ParamRecord(1, np.ones(2)), "n": np.array([300]), "b": np.array([True]), "time": 3}
    data = CompactRecorder().to_bytes(record)
    kept = CompactRecorder().from_bytes(data)
    assert (kept["w"].value.dtype, kept["n"].dtype, kept["b"].dtype) == (np.float16, np.int16, np.bool_)
    moved = CompactRecorder().from_bytes(data, SimpleNamespace(dtype=np.dtype(np.float64)))
    assert (moved["w"].value.dtype, moved["n"].dtype, moved["b"].dtype) == (np.float64, np.int64, np.bool_)
    assert (moved["n"][0], moved["time"]) == (300, 3)


def test_loaded_arrays_cannot_be_written() -> None:
    data = CompactRecorder().to_bytes({"w": np.ones(2, np.float32)})
    for device in (None, SimpleNamespace(dtype=np.dtype(np.float32))):
        with pytest.raises(ValueError, match="read-only"):
            CompactRecorder().from_bytes(data, device)["w"][0] = 5


def tensor(data: bytes, shape: list[int], dtype: object) -> bytes:
    """A file whose record is one tensor, as another program might have written it."""
    metadata = {"float": "f32", "int": "i32", "format": "x", "version": "0.18.0", "settings": "x"}
    return msgpack.packb({"_b": [], "item": {"bytes": data, "shape": shape, "dtype": dtype}, "metadata": metadata})


@pytest.mark.parametrize(
    ("data", "shape", "dtype", "expected"),
    [
        ("803f 00c0", [2], "BF16", np.array([1, -2], np.float32)),
        ("0000803f", [1, 1], "Flex32", np.array([[1]], np.float32)),
        ("ff", [1], "U8", np.array([255], np.uint8)),
        ("ff", [1], "I8", np.array([-1], np.int8)),
        ("ffffffffffffffff", [], "U64", np.array(2**64 - 1, np.uint64)),
        ("0100", [2], "Bool", np.array([True, False])),
        ("", [0, 3], "F64", np.zeros((0, 3))),
    ],
)
def test_types_that_only_others_write(data: str, shape: list[int], dtype: str, expected: np.ndarray) -> None:
    loaded = DefaultRecorder().from_bytes(tensor(bytes.fromhex(data), shape, dtype))
    assert same(loaded, expected)


def test_unknown_keys_and_any_order_are_read() -> None:
    document = msgpack.unpackb(DefaultRecorder().to_bytes({"a": 1}))
    document = {"new": 5, **dict(reversed(document.items()))}
    del document["_b"]
    assert DefaultRecorder().from_bytes(msgpack.packb(document)) == {"a": 1}


@given(st.integers(0, 2**64 - 1))
def test_ids_come_back(value: int) -> None:
    assert len(encode_id(value)) == 13
    assert decode_id(encode_id(value)) == decode_id(encode_id(value).upper()) == value


def test_ids_of_older_burns() -> None:
    assert decode_id("83h0200000") == 123456  # six bytes
    uuid = "67e55044-10b1-426f-9247-bb680e5fe0c8"
    assert decode_id(uuid) == decode_id(uuid.upper()) < 2**64
    assert decode_id(uuid) != decode_id(uuid.replace("67", "68"))


NAMES = st.text("abcdefgh_0129é", min_size=1, max_size=6)
ARRAYS = hnp.arrays(
    st.sampled_from([np.float64, np.int64, np.bool_]), hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
)
LEAVES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(),
    st.text(st.characters(codec="utf-8"), max_size=5),
    ARRAYS,
    st.builds(ParamRecord, st.integers(0, 2**64 - 1), ARRAYS),
)
TREES = st.recursive(
    LEAVES, lambda tree: st.one_of(st.lists(tree, max_size=4), st.dictionaries(NAMES, tree, max_size=4)), max_leaves=12
)


@given(TREES)
def test_any_tree_comes_back(tree: object) -> None:
    data = DOUBLE.to_bytes(tree)
    again = DOUBLE.from_bytes(data)
    assert same(tree, again)
    assert DOUBLE.to_bytes(again) == data


def test_a_big_tensor_keeps_its_bits(tmp_path: Path) -> None:
    weights = np.random.default_rng(0).normal(size=(300, 200)).astype(np.float32)  # bin32
    path = DefaultRecorder().record({"w": weights}, tmp_path / "big")
    assert same(DefaultRecorder().load(path)["w"], weights)


def test_without_msgpack(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msgpack", None)
    with pytest.raises(MissingExtraError, match=r"need the msgpack library: pip install msgpack$"):
        CompactRecorder().to_bytes({})
    with pytest.raises(MissingExtraError, match=r"pip install msgpack$"):
        CompactRecorder().from_bytes(b"\x80")


def test_the_path_is_checked_before_the_disk_is_touched(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RecordError, match="does not fit"):
        CompactRecorder().record({"w": np.array([1e6])}, "new/model")
    assert os.listdir(tmp_path) == []
