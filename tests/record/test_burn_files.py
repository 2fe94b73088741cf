"""What Burn wrote is read, and written back byte for byte."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import msgpack
import numpy as np
import pytest

from minigrad.record import (
    CompactRecorder,
    DefaultRecorder,
    DoublePrecisionSettings,
    NamedMpkFileRecorder,
    NamedMpkGzFileRecorder,
    ParamRecord,
    Recorder,
    check,
    decode_id,
)

FIXTURES = Path(__file__).parents[1] / "fixtures"
RECORDS = FIXTURES / "records"
FILES = sorted([*RECORDS.glob("*.mpk"), *(FIXTURES / "learner/circle/checkpoint").glob("*.mpk")])


def recorder_of(file: Path) -> Recorder:
    """The recorder of the precision that is written in the file's own metadata."""
    settings = msgpack.unpackb(file.read_bytes())["metadata"]["settings"]
    return {
        "HalfPrecisionSettings": CompactRecorder(),
        "FullPrecisionSettings": DefaultRecorder(),
        "DoublePrecisionSettings": NamedMpkFileRecorder(DoublePrecisionSettings),
    }[settings]


def burn_run() -> tuple[dict[str, object], list[np.ndarray]]:
    """The run that wrote the files: its description, and its last weights as Burn had them in memory."""
    with np.load(FIXTURES / "trajectories/records.npz") as run:
        return json.loads(bytes(run["meta"])), [run[f"final_{i}"] for i in range(4)]


def burn_model() -> dict[str, object]:
    meta, (w1, b1, w2, b2) = burn_run()
    ids = meta["ids"]
    return {
        "layers": [
            {"weight": ParamRecord(ids[0], w1), "bias": ParamRecord(ids[1], b1)},
            {"weight": ParamRecord(ids[2], w2), "bias": ParamRecord(ids[3], b2)},
        ]
    }


def test_all_files_are_here() -> None:
    assert len(FILES) == 11


@pytest.mark.parametrize("file", FILES, ids=lambda file: f"{file.parent.name}/{file.name}")
def test_read_and_written_back(file: Path, tmp_path: Path) -> None:
    recorder = recorder_of(file)
    written = recorder.record(recorder.load(file), tmp_path / file.name)
    assert written == tmp_path / file.name
    assert written.read_bytes() == file.read_bytes()


@pytest.mark.parametrize("precision", ["half", "full", "double"])
def test_built_from_the_weights_it_is_burns_file(precision: str) -> None:
    file = RECORDS / f"model-{precision}.mpk"
    assert recorder_of(file).to_bytes(burn_model()) == file.read_bytes()


def test_one_weight_changes_its_own_bytes() -> None:
    data = (RECORDS / "model-full.mpk").read_bytes()
    record = burn_model()
    old = record["layers"][1]["weight"]
    new = old.value.copy()
    new[1, 0] = 0.75
    record["layers"][1]["weight"] = ParamRecord(old.id, new)
    start = data.index(old.value.tobytes()) + 4  # the second of three float32
    expected = data[:start] + b"\x00\x00\x40\x3f" + data[start + 4 :]  # 0.75
    assert DefaultRecorder().to_bytes(record) == expected


def test_gzip_holds_burns_document(tmp_path: Path) -> None:
    recorder = NamedMpkGzFileRecorder()
    record = recorder.load(RECORDS / "model-full.mpk.gz")
    assert DefaultRecorder().to_bytes(record) == (RECORDS / "model-full.mpk").read_bytes()
    written = recorder.record(record, tmp_path / "model")
    assert written.name == "model.mpk.gz"
    # Compressors differ in their bytes; what is in them may not.
    assert gzip.decompress(written.read_bytes()) == gzip.decompress((RECORDS / "model-full.mpk.gz").read_bytes())


@pytest.mark.parametrize("precision", ["half", "full", "double"])
@pytest.mark.parametrize("recorder", [CompactRecorder(), DefaultRecorder()], ids=repr)
def test_any_precision_is_read(recorder: Recorder, precision: str) -> None:
    record = recorder.load(RECORDS / f"model-{precision}.mpk")
    for got, want in zip(record["layers"], burn_model()["layers"], strict=True):
        for name in ("weight", "bias"):
            assert got[name].id == want[name].id
            tolerance = 5e-4 if precision == "half" else 0.0
            np.testing.assert_allclose(got[name].value, want[name].value, rtol=tolerance, atol=0)


def test_the_adam_record_is_by_parameter() -> None:
    meta, weights = burn_run()
    record = DefaultRecorder().load(RECORDS / "optim-full.mpk")
    assert sorted(map(decode_id, record)) == sorted(meta["ids"])
    for encoded, entry in record.items():
        ((version, ranks),) = entry.items()
        ((rank, state),) = ranks.items()
        weight = weights[meta["ids"].index(decode_id(encoded))]
        assert (version, rank) == ("V1", f"Rank{weight.ndim}")
        assert state["momentum"]["time"] == meta["steps"]
        assert state["momentum"]["moment_1"].shape == state["momentum"]["moment_2"].shape == weight.shape
        assert state["momentum"]["moment_1"].dtype == np.float32


def test_the_checkpoint_of_a_constant_rate_is_none() -> None:
    assert CompactRecorder().load(FIXTURES / "learner/circle/checkpoint/scheduler-3") is None


def test_burns_model_fits_ours() -> None:
    fitting = check(CompactRecorder().load(RECORDS / "model-half"), burn_model())
    assert fitting["layers"][0]["weight"].value.dtype == np.float32
    assert fitting["layers"][0]["weight"].id == 9007199254740993
