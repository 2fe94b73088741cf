"""MnistDataset, on files of four digits that the tests write."""

from __future__ import annotations

import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from minigrad import Tensor
from minigrad.backend import Device
from minigrad.data.dataloader import Batcher, DataLoaderBuilder, Items
from minigrad.data.dataset import MnistDataset, MnistItem
from minigrad.errors import DatasetError
from minigrad.testing import check_dataset

NAMES = {"train": "train", "test": "t10k"}
N = {"train": 5, "test": 3}


def pixels(split: str) -> NDArray[np.uint8]:
    return np.random.default_rng(N[split]).integers(0, 256, (N[split], 28, 28), np.uint8)


def labels(split: str) -> list[int]:
    return [9, 0, 4, 1, 7][: N[split]]


@pytest.fixture(params=["plain", "packed"])
def folder(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    for split, prefix in NAMES.items():
        for kind, data in {
            "images-idx3": struct.pack(">4I", 0x803, N[split], 28, 28) + pixels(split).tobytes(),
            "labels-idx1": struct.pack(">2I", 0x801, N[split]) + bytes(labels(split)),
        }.items():
            name = f"{prefix}-{kind}-ubyte"
            if request.param == "plain":
                (tmp_path / name).write_bytes(data)
            else:
                (tmp_path / f"{name}.gz").write_bytes(gzip.compress(data))
    return tmp_path


@pytest.mark.parametrize("split", NAMES)
def test_items_are_raw_pixels_and_labels(folder: Path, split: str) -> None:
    dataset: MnistDataset = getattr(MnistDataset, split)(folder)
    assert len(dataset) == N[split]
    for index, item in enumerate(dataset):
        assert item.image.dtype == np.float32 and not item.image.flags.writeable
        assert item.image.tolist() == pixels(split)[index].tolist()
        assert type(item.label) is int and item.label == labels(split)[index]


def test_it_keeps_the_laws(folder: Path) -> None:
    compared = check_dataset(MnistDataset.train(str(folder)), pickles=True)
    assert compared["columns"] > 0 and compared["pickles"] == N["train"]


class Images(Batcher[MnistItem, Tensor]):
    def batch(self, items: Items[MnistItem], device: Device) -> Tensor:
        return Tensor.from_data((items.column("image") / 255 - 0.1307) / 0.3081, device)


def test_a_loader_makes_no_items(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(MnistDataset, "get", None)
    (batch,) = DataLoaderBuilder(Images()).batch_size(5).build(MnistDataset.train(folder))
    assert batch.dtype == np.float32
    np.testing.assert_allclose(batch.numpy(), (pixels("train") / 255 - 0.1307) / 0.3081, rtol=1e-5, atol=1e-6)


def test_columns_are_read_only(folder: Path) -> None:
    items = MnistDataset.train(folder).get_batch(np.array([2, 0]))
    assert items.column("label").tolist() == [4, 9]
    for name in ("image", "label"):
        with pytest.raises(ValueError, match="read-only"):
            items.column(name)[0] = 0
        with pytest.raises(ValueError, match="WRITEABLE"):  # so that a tensor may share it
            items.column(name).setflags(write=True)


@pytest.mark.parametrize("index", [-1, 5])
def test_an_index_outside(folder: Path, index: int) -> None:
    with pytest.raises(DatasetError, match=f"there is no item {index} among 5"):
        MnistDataset.train(folder).get_batch(np.array([0, index]))


def test_files_of_other_names(folder: Path) -> None:
    images, answers = sorted(folder.glob("t10k*"))
    images = images.rename(folder / "emnist-images")
    assert [item.label for item in MnistDataset(images, answers)] == labels("test")


@pytest.mark.parametrize("kind", ["images-idx3", "labels-idx1"])
def test_each_missing_file_is_named(folder: Path, kind: str) -> None:
    next(folder.glob(f"train-{kind}*")).unlink()
    with pytest.raises(DatasetError, match=f"train-{kind}-ubyte: there is no such file"):
        MnistDataset.train(folder)
    assert len(MnistDataset.test(folder)) == 3
