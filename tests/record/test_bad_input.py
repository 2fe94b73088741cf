"""Damaged, foreign and missing files, full disks, records that do not fit: one clear error, and nothing lost."""

from __future__ import annotations

import errno
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent
from types import SimpleNamespace

import msgpack
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.errors import RecordError
from minigrad.record import (
    CompactRecorder,
    DefaultRecorder,
    NamedMpkFileRecorder,
    NamedMpkGzFileRecorder,
    ParamRecord,
    check,
    decode_id,
    encode_id,
)

FIXTURES = Path(__file__).parents[1] / "fixtures"
MODEL = (FIXTURES / "records/model-full.mpk").read_bytes()
ADAM = (FIXTURES / "records/optim-half.mpk").read_bytes()


def weight(*shape: int, dtype: type = np.float32, fill: float = 1) -> ParamRecord:
    return ParamRecord(3, np.full(shape, fill, dtype))


def edited(**changes: object) -> bytes:
    """A valid file of one tensor, with other things said in it."""
    item = {"bytes": b"\x00\x00\x80\x3f", "shape": [1], "dtype": "F32"}
    document = {"metadata": {"version": "0.17.1"}, "item": {"w": item}}
    for key, value in changes.items():
        (document if key in ("metadata", "item") else item)[key] = value
    return msgpack.packb(document)


def read(data: bytes, device: object = None) -> Callable[[], object]:
    return lambda: CompactRecorder().from_bytes(data, device, "model.mpk")


def write(tree: object) -> Callable[[], object]:
    return lambda: CompactRecorder().to_bytes(tree)


def fit(record: object, model: object, **names: str) -> Callable[[], object]:
    return lambda: check(record, model, **names)


def load(name: str) -> Callable[[], object]:
    return lambda: CompactRecorder().load(name)


NESTED: dict[str, object] = {}
NESTED["again"] = NESTED

MESSAGES: dict[str, tuple[Callable[[], object], str]] = {
    # --- reading bytes
    "empty": (read(b""), "model.mpk: the file is empty"),
    "cut short": (read(MODEL[:200]), "model.mpk: its 200 bytes are no MessagePack: cut short or damaged"),
    "something after it": (read(MODEL + b"abc"), "model.mpk: 3 bytes follow the record"),
    "JSON": (read(b'{"metadata": 1}'), "model.mpk: it looks like JSON, not like MessagePack"),
    "zip": (
        read(b"PK\x03\x04" + bytes(50)),
        "model.mpk: it looks like a zip archive (.npz, .pt), not like MessagePack",
    ),
    "burnpack": (
        read((FIXTURES / "records/model.bpk").read_bytes()),
        "model.mpk: it looks like a burnpack (.bpk), not like MessagePack",
    ),
    "gzip": (
        read((FIXTURES / "records/model-full.mpk.gz").read_bytes()),
        "model.mpk: it looks like gzip (.mpk.gz is read by NamedMpkGzFileRecorder()), not like MessagePack",
    ),
    "other MessagePack": (
        read(msgpack.packb({"epoch": 3})),
        "model.mpk: no record of Burn or minigrad: it has no metadata and item",
    ),
    "no map at all": (
        read(msgpack.packb([1, 2])),
        "model.mpk: no record of Burn or minigrad: it has no metadata and item",
    ),
    "newer": (
        read(edited(metadata={"version": "0.22.0-pre.2"})),
        """\
        model.mpk: written by version 0.22.0-pre.2; versions up to 0.21 can be read
          help: save it with Burn 0.21 or older""",
    ),
    "no version": (
        read(edited(metadata={"version": "0.1x"})),
        "model.mpk: its version is '0.1x', which is none: the file is damaged",
    ),
    "sizes that lie": (
        read(edited(shape=[2**40, 2**20])),
        "model.mpk: w: 4 bytes are no [1099511627776, 1048576] of F32: the file is damaged",
    ),
    "nothing times much": (
        read(edited(bytes=b"", shape=[0, 2**70 // 2**8])),
        "model.mpk: w: NumPy has no arrays of shape [0, 4611686018427387904]",
    ),
    "no shape": (
        read(edited(shape=[-1])),
        "model.mpk: w: its shape is [-1], not a list of sizes: the file is damaged",
    ),
    "dtype": (
        read(edited(dtype="F8")),
        "model.mpk: w: its dtype is 'F8', not one of F64, F32, Flex32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, "
        "U8, Bool",
    ),
    "quantised": (
        read(edited(dtype={"QFloat": {"PerTensor": ["Symmetric", "QInt8"]}})),
        "model.mpk: w: a quantised tensor (QFloat); dequantise it before saving",
    ),
    "bools": (
        read(edited(bytes=b"\x01\x07", shape=[2], dtype="Bool")),
        "model.mpk: w: a bool is 0 or 1, and 7 is in it: the file is damaged",
    ),
    "id": (
        read(edited(item={"w": {"id": "0c", "param": {"bytes": b"", "shape": [0], "dtype": "F32"}}})),
        "model.mpk: w: '0c' is no parameter id: 13 characters out of 0-9 and a-v, such as '83h0200000000'",
    ),
    "before 0.14": (
        read(edited(item={"w": {"id": "0c00000000000", "param": {"value": [1.0], "shape": [1]}}})),
        "model.mpk: w: a parameter without a tensor; files from before Burn 0.14 are not read",
    ),
    "parameters in parameters": (
        read(edited(item=None)[:-1] + b"\x82\xa2id\xad0c00000000000\xa5param" * 400 + b"\xc0"),
        "model.mpk: the record: a parameter without a tensor; files from before Burn 0.14 are not read",
    ),
    "stray bytes": (read(edited(item=[b"abc"])), "model.mpk: 0: bytes outside of a tensor: the file is damaged"),
    "key": (read(edited(item={b"w": 1})), "model.mpk: the record: a key that is no string: the file is damaged"),
    "too deep": (
        read(edited(item=None)[:-1] + b"\x91" * 200 + b"\xc0"),
        "model.mpk: nested deeper than 100: no record, or a damaged one",
    ),
    "too wide for the device": (
        read(edited(bytes=b"\x00" * 7 + b"\x7f", dtype="F64"), SimpleNamespace(dtype=np.dtype(np.float32))),
        """\
        model.mpk: w: 5.48612e+303 does not fit into float32 (largest 3.40282e+38)
          help: load it on NdArray(dtype=np.float64)""",
    ),
    "gz cut short": (
        lambda: NamedMpkGzFileRecorder().from_bytes(NamedMpkGzFileRecorder().to_bytes({})[:20], source="model.mpk.gz"),
        "model.mpk.gz: its 20 bytes are no gzip: cut short, damaged or of another kind",
    ),
    # --- files
    "missing": (
        load("modle"),
        """\
        'modle.mpk' does not exist
          help: beside it: model.mpk""",
    ),
    "missing folder": (load("circle/model"), "'circle/model.mpk' does not exist: there is no folder 'circle'"),
    "wrong extension": (
        load("model.bin"),
        """\
        'model.bin' is no .mpk file
          help: use the recorder of its format""",
    ),
    "a folder": (load("dir"), "'dir.mpk' cannot be read: Is a directory"),
    "no name": (
        load(""),
        """\
        '' names no file
          help: give a name such as 'artifacts/model'""",
    ),
    "zero byte": (load("a\0b"), r"'a\x00b.mpk' cannot be read: embedded null byte"),
    "onto a folder": (lambda: CompactRecorder().record({}, "dir"), "'dir.mpk' was not written: Is a directory"),
    "under a file": (
        lambda: CompactRecorder().record({}, "model.mpk/epoch"),
        "'model.mpk/epoch.mpk' was not written: File exists",
    ),
    "arguments swapped": (
        lambda: CompactRecorder().record("model", {}),
        """\
        a path is wanted, not a dict
          help: recorder.record(record, path)""",
    ),
    "settings": (
        lambda: NamedMpkFileRecorder("half"),
        """\
        NamedMpkFileRecorder('half'): the precision is one of the constants of minigrad.record
          help: NamedMpkFileRecorder(FullPrecisionSettings), or HalfPrecisionSettings, DoublePrecisionSettings""",
    ),
    # --- writing
    "float too large": (
        write({"linear1": {"weight": weight(2, fill=1e6)}}),
        """\
        linear1.weight: 1e+06 does not fit into float16 (largest 65504)
          help: DefaultRecorder() keeps float32 and int32, NamedMpkFileRecorder(DoublePrecisionSettings) twice that""",
    ),
    "integer too large": (
        write([{"steps": np.array([3, -40000])}]),
        """\
        0.steps: -40000 does not fit into int16 (largest 32767)
          help: DefaultRecorder() keeps float32 and int32, NamedMpkFileRecorder(DoublePrecisionSettings) twice that""",
    ),
    "number too large": (write({"time": 2**64}), "time: 18446744073709551616 does not fit into 64 bits"),
    "complex": (
        write({"w": np.ones(1, complex)}),
        "w: complex128 cannot be recorded: a tensor holds floats, integers or bools",
    ),
    "another type": (
        write({"w": {1.5}}),
        """\
        w: a set cannot be recorded
          a record holds dicts, lists, ParamRecords, arrays, numbers, strings and None""",
    ),
    "a model": (
        write(SimpleNamespace(into_record=None)),
        """\
        the record: a SimpleNamespace cannot be recorded
          help: record its record: recorder.record(model.into_record(), path)""",
    ),
    "integer key": (
        write({"a": {3: None}}),
        "a: the key 3 is no string; encode_id makes one of an id",
    ),
    "itself": (
        write(NESTED),
        "again.again.again.again...: nested deeper than 100; does the record contain itself?",
    ),
    "negative id": (
        write({"w": ParamRecord(-1, np.ones(1))}),
        "w: parameter id -1: an id is an integer from 0 to 2**64 - 1",
    ),
    "not Unicode": (
        write({"name": "\ud800"}),
        "the record cannot be written as MessagePack: 'utf-8' codec can't encode character '\\ud800' in position 0: "
        "surrogates not allowed",
    ),
    # --- fitting
    "shape": (
        fit({"linear1": {"weight": weight(2, 16)}}, {"linear1": {"weight": weight(2, 8)}}, source="model.mpk"),
        """\
        model.mpk: linear1.weight: the file has [2, 16], the model wants [2, 8]
          help: build the model with the config that it was saved with""",
    ),
    "names": (
        fit(
            {"fc1": {"weight": weight(2), "bias": weight(1)}, "norm": weight(4)},
            {"fc2": {"weight": weight(2), "bias": weight(1)}, "scale": weight(3)},
        ),
        """\
        fc2.weight: missing in the file, which has fc1.weight instead
          fc2.bias: missing in the file, which has fc1.bias instead
          scale: missing in the file
          fc1.weight: in the file, but not in the model
          fc1.bias: in the file, but not in the model
          norm: in the file, but not in the model
          help: build the model with the config that it was saved with""",
    ),
    "kinds": (
        fit(
            [weight(2, dtype=np.int64), np.ones(2), {"a": 1}, 1.5, [1], True],
            [weight(2), weight(2), [None, weight(1)], 3, [1, 2], 1],
            owner="the optimizer",
        ),
        """\
        0: the file has int64, the optimizer wants float32
          1: the file has a tensor [2] without an id, the optimizer wants a parameter [2]
          2: the file has a group of a, the optimizer wants a list of 2
          3: the file has the number 1.5, the optimizer wants the number 3
          4: the file has a list of 1, the optimizer wants a list of 2
          5: the file has True, the optimizer wants the number 1
          help: build the optimizer with the config that it was saved with""",
    ),
    "no bias in the file": (
        fit({"linear": {"weight": weight(2), "bias": None}}, {"linear": {"weight": weight(2), "bias": weight(1)}}),
        """\
        linear.bias: missing in the file
          help: build the model with the config that it was saved with""",
    ),
    "no bias in the model": (
        fit({"linear": {"weight": weight(2), "bias": weight(1)}}, {"linear": {"weight": weight(2), "bias": None}}),
        """\
        linear.bias: in the file, but not in the model
          help: build the model with the config that it was saved with""",
    ),
    "shared in the model alone": (
        fit({"a": ParamRecord(1, np.ones(1)), "b": ParamRecord(2, np.ones(1))}, {"a": weight(1), "b": weight(1)}),
        """\
        b: one parameter with a in the model, another one in the file
          help: build the model with the config that it was saved with""",
    ),
    "very many": (
        fit(None, {"layers": [weight(1)] * 20}),
        "layers.0: missing in the file\n"
        + "".join(f"  layers.{i}: missing in the file\n" for i in range(1, 8))
        + "  ... and 12 more\n  help: build the model with the config that it was saved with",
    ),
    "value too large for the model": (
        fit({"w": weight(1, dtype=np.float64, fill=1e300)}, {"w": weight(1)}),
        """\
        w: 1e+300 does not fit into float32 (largest 3.40282e+38)
          help: use a wider precision""",
    ),
}


@pytest.mark.parametrize("case", MESSAGES)
def test_message(case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("model.mpk").write_bytes(MODEL)
    Path("model.bin").write_bytes(b"\x03f32")
    Path("dir.mpk").mkdir()
    before = sorted(os.listdir())
    act, message = MESSAGES[case]
    with pytest.raises(RecordError) as caught:
        act()
    assert str(caught.value) == dedent(message)
    assert sorted(os.listdir()) == before
    assert Path("model.mpk").read_bytes() == MODEL


def test_no_permission(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> bytes:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", denied)
    with pytest.raises(RecordError, match=r"model.mpk' cannot be read: Permission denied$"):
        CompactRecorder().load(tmp_path / "model")
    monkeypatch.setattr(Path, "mkdir", denied)
    with pytest.raises(RecordError, match=r"model.mpk' was not written: Permission denied$"):
        CompactRecorder().record({}, tmp_path / "new/model")


@pytest.mark.parametrize("call", ["write", "fsync", "replace"])
def test_full_disk_loses_nothing(call: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = DefaultRecorder().record({"w": np.ones(3)}, tmp_path / "model")
    before = path.read_bytes()

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, call, full)
    with pytest.raises(RecordError, match=r"model.mpk' was not written: No space left on device$") as caught:
        DefaultRecorder().record({"w": np.zeros(3)}, path)
    assert isinstance(caught.value.__cause__, OSError)
    assert caught.value.__cause__.errno == errno.ENOSPC
    assert os.listdir(tmp_path) == ["model.mpk"]
    assert path.read_bytes() == before


def well_formed(tree: object, depth: int = 0) -> bool:
    if depth > 100:
        return False
    if isinstance(tree, dict):
        return all(isinstance(key, str) and well_formed(value, depth + 1) for key, value in tree.items())
    if isinstance(tree, list):
        return all(well_formed(value, depth + 1) for value in tree)
    if isinstance(tree, ParamRecord):
        return 0 <= tree.id < 2**64 and isinstance(tree.value, np.ndarray)
    return tree is None or isinstance(tree, (bool, int, float, str, np.ndarray))


def read_damaged(data: bytes) -> bool:
    """Whether it could be read; a RecordError says no, and anything else is not caught."""
    try:
        tree = DefaultRecorder().from_bytes(data)
    except RecordError:
        return False
    assert well_formed(tree)
    return True


@pytest.mark.parametrize("data", [MODEL, ADAM], ids=["model", "adam"])
def test_cut_anywhere_it_is_refused(data: bytes) -> None:
    assert [end for end in range(len(data)) if read_damaged(data[:end])] == []


@pytest.mark.parametrize("data", [MODEL, ADAM], ids=["model", "adam"])
def test_any_one_byte_may_be_wrong(data: bytes) -> None:
    rng = np.random.default_rng(0)
    read = 0
    for position in range(len(data)):
        for byte in (*rng.integers(0, 256, 3), data[position] ^ 1, 0xC1, 0xDF, 0xDD, 0xC6, 0xC9):
            read += read_damaged(data[:position] + bytes([byte]) + data[position + 1 :])
    assert read > len(data)  # a changed weight is still a weight: most of the file is weights and names


@given(st.binary(max_size=60) | st.binary(max_size=60).map(lambda tail: MODEL[:300] + tail))
def test_any_bytes_are_a_record_or_refused(data: bytes) -> None:
    read_damaged(data)


@given(st.data())
def test_whatever_stands_in_a_document_is_a_record_or_refused(data: st.DataObject) -> None:
    """Valid MessagePack with the right words in the wrong places."""
    values = st.one_of(
        st.none(), st.booleans(), st.integers(-5, 2**64 - 1), st.floats(), st.binary(max_size=9),
        st.sampled_from(["F32", "Bool", "U8", "BF16", "0.17.1", "0c00000000000", "0400000000g00"]),
        st.just(msgpack.ExtType(5, b"x")), st.just(msgpack.Timestamp(1)),
    )  # fmt: skip
    keys = st.sampled_from(["bytes", "shape", "dtype", "id", "param", "item", "metadata", "version", "x", b"y"])
    trees = st.recursive(
        values, lambda tree: st.lists(tree, max_size=3) | st.dictionaries(keys, tree, max_size=4), max_leaves=8
    )
    read_damaged(msgpack.packb({"metadata": {"version": "0.17.1"}, "item": data.draw(trees)}))


@pytest.mark.parametrize(
    "bomb",
    {
        "one list": b"\xdd\xff\xff\xff\xff",
        "one map": b"\xdf\xff\xff\xff\xff",
        "one binary": b"\xc6\xff\xff\xff\xff",
        "lists in lists": b"\xdd\x00\x0f\xff\xff" * 1000 + b"\xc0" * (1 << 20),
        "short lists in lists": b"\xdc\x3f\xff" * 1000 + b"\xc0" * (1 << 20),
        "maps in maps": b"\xdf\x00\x07\xff\xff\xa1a" * 1000 + b"\xc0" * (1 << 20),
        "endless lists": b"\x91" * 2_000_000,
        "many axes": msgpack.packb(
            {"metadata": {"version": "0.17.1"}, "item": {"bytes": b"", "shape": [2**63] * 16_000, "dtype": "F32"}}
        ),
    }.items(),
    ids=lambda item: item[0],
)
def test_a_bomb_costs_no_memory(bomb: tuple[str, bytes]) -> None:
    tracemalloc.start()
    try:
        assert not read_damaged(bomb[1])
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 160 << 20  # a thousand nested lists of 16384 claimed items; unbounded, these files ask for gigabytes


# --- what fits


def test_constants_may_come_and_go() -> None:
    file = {"linear": {"weight": weight(2), "stride": [None, None], "old": 3, "gone": {"deep": None}}, "relu": None}
    model = {"new": None, "linear": {"dropout": {"p": None}, "stride": None, "weight": weight(2)}, "pool": []}
    fitting = check(file, model)
    assert list(fitting) == ["new", "linear", "pool"]
    assert list(fitting["linear"]) == ["dropout", "stride", "weight"]
    assert (fitting["new"], fitting["linear"]["stride"], fitting["linear"]["dropout"], fitting["pool"]) == (
        None, None, {"p": None}, [],
    )  # fmt: skip


def test_widths_become_the_models_and_ids_the_files() -> None:
    file = {
        "w": ParamRecord(7, np.array([0.5], np.float16)),
        "n": np.array([3], np.int16),
        "time": 2,
        "b": np.array([True]),
    }
    model = {"w": weight(1), "n": np.zeros(1, np.int64), "time": np.int64(0), "b": np.array([False])}
    fitting = check(file, model)
    assert (fitting["w"].id, fitting["w"].value, fitting["w"].value.dtype) == (7, np.float32(0.5), np.float32)
    assert (fitting["n"].item(), fitting["n"].dtype, fitting["time"], fitting["b"].item()) == (3, np.int64, 2, True)


@pytest.mark.parametrize(
    "text", ["", "0c0000000000", "0c000000000000", "0c0000000000w", "000000000000v", "ı" * 13, "0" * 9]
)
def test_what_is_no_id(text: str) -> None:
    with pytest.raises(RecordError, match="is no parameter id"):
        decode_id(text)
    with pytest.raises(RecordError, match="parameter id -1"):
        encode_id(-1)
