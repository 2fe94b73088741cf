"""MnistDataset: handwritten digits, from the files in which they are published."""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ....errors import DatasetError
from ...column import freeze
from ...items import Items
from ..checks import in_range
from ..dataset import Dataset
from .idx import read_idx

__all__ = ["MnistDataset", "MnistItem"]

PUBLISHED = "https://storage.googleapis.com/cvdf-datasets/mnist/"


@dataclass(frozen=True, eq=False)
class MnistItem:
    """An image [28, 28] of grays from 0.0, the background, to 255.0, and the number of its class."""

    image: NDArray[np.float32]
    label: int


class MnistDataset(Dataset[MnistItem]):
    """The images of one IDX file with the labels of another, in memory as bytes; a batch comes by column, as float32.

    `MnistDataset.train(folder)` and `.test(folder)` are MNIST, from files that you have put there: nothing is
    downloaded. Fashion-MNIST and KMNIST have files of the same names. A batcher for them normalizes with
    `(items.column("image") / 255 - 0.1307) / 0.3081`.

    Raises `DatasetError`, which names the file, where one is missing or holds anything else.

    >>> from pathlib import Path
    >>> _ = Path("images").write_bytes(bytes([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 28, 0, 0, 0, 28]) + bytes(28 * 28))
    >>> _ = Path("labels").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 1, 7]))
    >>> item = MnistDataset("images", "labels").get(0)
    >>> item.label, item.image.shape, item.image.dtype
    (7, (28, 28), dtype('float32'))
    """

    def __init__(self, images: str | os.PathLike[str], labels: str | os.PathLike[str]) -> None:
        self._images = _bytes(images, "images [n, 28, 28]", (28, 28))
        self._labels = freeze(_bytes(labels, "labels [n]", ()).astype(np.int64))
        if len(self._images) != len(self._labels):
            raise DatasetError(
                f"{os.fspath(images)} has {len(self._images)} images, {os.fspath(labels)} {len(self._labels)} labels\n"
                f"  take the two files of one set"
            )

    @classmethod
    def train(cls, folder: str | os.PathLike[str]) -> Self:
        """The 60,000 of train-images-idx3-ubyte and train-labels-idx1-ubyte, each as it is or with .gz."""
        return cls(_published(folder, "train-images-idx3-ubyte"), _published(folder, "train-labels-idx1-ubyte"))

    @classmethod
    def test(cls, folder: str | os.PathLike[str]) -> Self:
        """The 10,000 of t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each as it is or with .gz."""
        return cls(_published(folder, "t10k-images-idx3-ubyte"), _published(folder, "t10k-labels-idx1-ubyte"))

    def get(self, index: int) -> MnistItem | None:
        if not 0 <= index < len(self):
            return None
        return MnistItem(freeze(self._images[index].astype(np.float32)), self._labels.item(index))

    def __len__(self) -> int:
        return len(self._labels)

    def get_batch(self, indices: NDArray[np.intp]) -> Items[MnistItem]:
        indices = in_range(self, indices)
        images = freeze(self._images[indices].astype(np.float32))
        return Items.from_columns({"image": images, "label": freeze(self._labels[indices])}, MnistItem)

    def __repr__(self) -> str:
        return f"MnistDataset({len(self)} images)"


def _bytes(path: str | os.PathLike[str], what: str, shape: tuple[int, ...]) -> NDArray[Any]:
    """The array of a file, when it is of bytes, [n, *shape]."""
    array = read_idx(path)
    if array.dtype != np.uint8 or array.ndim != 1 + len(shape) or array.shape[1:] != shape:
        raise DatasetError(
            f"{os.fspath(path)}: it holds {array.dtype} {[*array.shape]}, and must hold {what} as uint8\n"
            f"  images are in a file called idx3, labels in one called idx1; read_idx reads any array"
        )
    return array


def _published(folder: str | os.PathLike[str], name: str) -> str:
    """The path of this file, as it is or packed."""
    if not isinstance(folder, (str, os.PathLike)):
        raise DatasetError(f"MnistDataset: the folder is {folder!r}, and must be a str or a Path")
    if not os.path.isdir(folder):
        raise DatasetError(
            f"{os.fspath(folder)}: there is no such folder\n"
            f"  make it, and put the four files of MNIST there, which are published at {PUBLISHED}"
        )
    path = os.path.join(folder, name)
    for file in (path, f"{path}.gz"):
        if os.path.exists(file):
            return file
    raise DatasetError(
        f"{path}: there is no such file, nor {name}.gz\n"
        f"  the four files of MNIST are published at {PUBLISHED}: put them into this folder"
    )
