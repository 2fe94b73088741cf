"""ImageFolderDataset: images in folders that are named for their classes, or listed with their labels."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

from ....errors import DatasetError
from ..dataset import Dataset
from .image_file import pillow, read_image
from .image_paths import image_paths
from .schema import meant
from .text_file import checked_path

__all__ = ["ImageDatasetItem", "ImageFolderDataset"]

A = TypeVar("A")
B = TypeVar("B")

EXTENSIONS = ("bmp", "jpg", "jpeg", "png")


@dataclass(frozen=True, eq=False)
class ImageDatasetItem(Generic[A]):
    """An image [height, width, channels], what it shows, and its file.

    The annotation is the number of a class; with several labels, a tuple of such numbers.
    """

    image: NDArray[np.uint8 | np.uint16 | np.int32 | np.float32]
    annotation: A
    image_path: str


class ImageFolderDataset(Dataset[ImageDatasetItem[A]]):
    """Image files, each read when it is asked for, and the classes that they are of. It is made by:

    - `new_classification(root)`: a folder of folders named for their classes
    - `new_classification_with(root, extensions)`: the same, of other formats
    - `new_classification_with_items([(path, label), ...], classes)`: files listed with their labels
    - `new_multilabel_classification_with_items([(path, [label, ...]), ...], classes)`: with any number of labels

    An image has the channels and the depth of its file: 1 for gray, 2 with alpha, 3 for red, green and blue, 4 with
    alpha; uint8, of 16 bits of gray uint16, and what TIFF has beside: int32 or float32. Bits become 0 and 255, palettes
    and CMYK red, green and blue. Pillow gives 8 bits of each color where the file has 16. Images are upright, as
    viewers show them: a camera's note on how it was held is obeyed.

    `items.column("image")` is float32, from 0.0 to 255.0, [batch, height, width, channels], of images of one size;
    others a mapper brings to one. `items.column("annotation")` is the classes' numbers.

    Raises `MissingExtraError` without Pillow, and `DatasetError` for folders, labels and files that cannot be used;
    reading, for a file that is missing or broken, and for an image of more than twice `PIL.Image.MAX_IMAGE_PIXELS`.

    >>> from pathlib import Path
    >>> from PIL import Image
    >>> for name in ("red", "blue"):
    ...     Path("colors", name).mkdir(parents=True)
    ...     Image.new("RGB", (4, 3), name).save(f"colors/{name}/one.png")
    >>> dataset = ImageFolderDataset.new_classification("colors")
    >>> dataset.classes, len(dataset)
    (('blue', 'red'), 2)
    >>> item = dataset.get(1)
    >>> item.annotation, item.image.shape, item.image[0, 0]
    (1, (3, 4, 3), array([255,   0,   0], dtype=uint8))
    """

    def __init__(self, items: Iterable[tuple[str, A]], classes: Iterable[str]) -> None:
        pillow()
        self._items = tuple(items)
        self._classes = tuple(classes)

    @classmethod
    def new_classification(cls, root: str | os.PathLike[str]) -> ImageFolderDataset[int]:
        """The .bmp, .jpg, .jpeg and .png files in the folders below `root`; see `new_classification_with`."""
        return cls.new_classification_with(root, EXTENSIONS)

    @classmethod
    def new_classification_with(
        cls, root: str | os.PathLike[str], extensions: Iterable[str]
    ) -> ImageFolderDataset[int]:
        """The files with these extensions, in small letters or capitals, in the folders below `root` at any depth.

        A file is of the class that its folder is named for. Classes are sorted by name, images by path. Links are
        followed, but not to a folder that they are in. What begins with a dot is passed over.

        A class is there when an image is: compare the `classes` of two folders, of which one is to test the other.
        """
        paths = image_paths(root, _listed(extensions, "extensions is", "['png', 'tif']"))
        labels = [os.path.basename(os.path.dirname(path)) for path in paths]
        numbers = {name: number for number, name in enumerate(sorted({*labels}))}
        return cls._made([(path, numbers[label]) for path, label in zip(paths, labels)], numbers)

    @classmethod
    def new_classification_with_items(
        cls,
        items: Iterable[tuple[str | os.PathLike[str], str]],
        classes: Iterable[str],
    ) -> ImageFolderDataset[int]:
        """These files in this order, each with its label. A class has the number of its place in `classes`."""
        call = "new_classification_with_items"
        numbers = _numbers(call, classes)
        pairs = _pairs(call, items, "a label")
        return cls._made(
            [(path, _number(label, numbers, f"{call}: item {place}")) for place, path, label in pairs], numbers
        )

    @classmethod
    def new_multilabel_classification_with_items(
        cls,
        items: Iterable[tuple[str | os.PathLike[str], Iterable[str]]],
        classes: Iterable[str],
    ) -> ImageFolderDataset[tuple[int, ...]]:
        """These files in this order, each with its labels, or with none. The annotation is their numbers, a tuple."""
        call = "new_multilabel_classification_with_items"
        numbers = _numbers(call, classes)
        annotated = []
        for place, path, labels in _pairs(call, items, "a list of labels"):
            where = f"{call}: item {place}"
            listed = _listed(labels, f"{where} has the labels", "['cat', 'dog']")
            annotated.append((path, tuple(_number(label, numbers, where) for label in listed)))
        return cls._made(annotated, numbers)

    @classmethod
    def _made(cls, items: list[tuple[str, B]], classes: Iterable[str]) -> ImageFolderDataset[B]:
        """The dataset, of this class or of a user's that inherits from it."""
        return cast("type[ImageFolderDataset[B]]", cls)(items, classes)

    @property
    def classes(self) -> tuple[str, ...]:
        """The names of the classes; an annotation is a place among them."""
        return self._classes

    def get(self, index: int) -> ImageDatasetItem[A] | None:
        if not 0 <= index < len(self._items):
            return None
        path, annotation = self._items[index]
        return ImageDatasetItem(read_image(path), annotation, path)

    def __len__(self) -> int:
        return len(self._items)

    def __repr__(self) -> str:
        return f"ImageFolderDataset({len(self)} images of {len(self._classes)} classes)"


def _numbers(call: str, classes: Iterable[str]) -> dict[str, int]:
    """The number of each class."""
    listed = _listed(classes, f"{call}: classes is", "['cat', 'dog']")
    numbers = {name: number for number, name in enumerate(listed)}
    if len(numbers) < len(listed):
        name = next(name for name in listed if listed.count(name) > 1)
        raise DatasetError(f"{call}: {listed.count(name)} classes are called {name!r}\n  give each a name of its own")
    return numbers


def _number(label: object, numbers: dict[str, int], where: str) -> int:
    if isinstance(label, str) and label in numbers:
        return numbers[label]
    instead = meant(str(label), numbers, "the classes are")
    raise DatasetError(f"{where} has the label {label!r}, which is no class\n  {instead}")


def _pairs(call: str, items: Iterable[tuple[str | os.PathLike[str], A]], what: str) -> Iterator[tuple[int, str, A]]:
    """The items with their place, when each is a tuple of two and its file is there."""
    if not isinstance(items, Iterable):
        raise DatasetError(f"{call}: items is {items!r}, and must be a list of tuples of a path and {what}")
    for place, item in enumerate(items):
        if not isinstance(item, (tuple, list)) or len(item) != 2:
            raise DatasetError(f"{call}: item {place} is {item!r}, and must be a tuple of a path and {what}")
        yield place, os.path.abspath(checked_path(item[0], call)), item[1]


def _listed(names: Iterable[str], what: str, example: str) -> list[str]:
    """The names as a list. A text, which Python would take for a list of its letters, is refused."""
    listed = list(names) if isinstance(names, Iterable) and not isinstance(names, (str, bytes)) else [None]
    if not all(isinstance(name, str) for name in listed):
        raise DatasetError(f"{what} {names!r}, and must be a list of texts: {example}")
    return cast(list[str], listed)
