"""The words of errors for files and folders of images: what was wrong, where, and what to write instead."""

from __future__ import annotations

import gzip
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from minigrad.data.dataset import ImageFolderDataset, MnistDataset, read_idx
from minigrad.errors import DatasetError


def file(name: str, data: bytes) -> str:
    path = Path(name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return name


def idx(data: bytes) -> Callable[[], Any]:
    return lambda: read_idx(file("a.idx", data))


def header(*shape: int, kind: int = 0x08) -> bytes:
    return bytes([0, 0, kind, len(shape)]) + struct.pack(f">{len(shape)}I", *shape)


def folder(*names: str, data: bytes = b"") -> Callable[[], Any]:
    """The first item of the folder "images" with these files."""

    def run() -> Any:
        Path("images").mkdir()
        for name in names:
            file(f"images/{name}", data)
        return ImageFolderDataset.new_classification(Path("images")).get(0)

    return run


def with_items(items: Any, classes: Any) -> Callable[[], Any]:
    def run() -> Any:
        file("a.png", b"")
        return ImageFolderDataset.new_classification_with_items(items, classes)

    return run


def multilabel(items: Any) -> Callable[[], Any]:
    def run() -> Any:
        file("a.png", b"")
        return ImageFolderDataset.new_multilabel_classification_with_items(items, ["cat", "dog"])

    return run


def mnist() -> Any:
    Path("digits").mkdir()
    return MnistDataset.train("digits")


def uneven() -> Any:
    return MnistDataset(file("images", header(2, 28, 28) + bytes(2 * 784)), file("labels", header(3) + bytes(3)))


PUBLISHED = "https://storage.googleapis.com/cvdf-datasets/mnist/"
BEGINS = "  one begins with two zeros, the number of a type and the number of axes: b'\\x00\\x00\\x08\\x03'"

FILES: dict[str, tuple[Callable[[], Any], str]] = {
    "a page in place of a file": (
        idx(b"<!DOCTYPE html>"),
        f"a.idx: this is no IDX file: it begins with b'<!DO'\n{BEGINS}",
    ),
    "nothing": (idx(b""), f"a.idx: this is no IDX file: it begins with b''\n{BEGINS}"),
    "half a header": (idx(header(1, 2, 3)[:9]), "a.idx: the file ends in its header, of 3 axes\n  download it again"),
    "many axes": (
        idx(header(*[1] * 99)),
        "a.idx: its header says 99 axes, and an array has at most 64\n  download it again",
    ),
    "too short": (
        idx(header(2, 3, kind=0x0B) + bytes(5)),
        "a.idx: the file is cut short: its header says int16 [2, 3], 12 bytes, and 5 follow\n  download it again",
    ),
    "an absurd header": (
        idx(header(4_000_000_000, 4_000_000_000)),
        "a.idx: the file is cut short: its header says uint8 [4000000000, 4000000000], 16000000000000000000 bytes, "
        "and the whole file has 12\n  download it again",
    ),
    "too long": (
        idx(header(2) + bytes(3)),
        "a.idx: the file goes on after what its header says: uint8 [2], 2 bytes\n  download it again",
    ),
    "half a gzip": (
        idx(gzip.compress(header(2) + bytes(2))[:-9]),
        "a.idx: its gzip is broken: Compressed file ended before the end-of-stream marker was reached\n"
        "  download it again",
    ),
    "no file": (
        lambda: read_idx("a.idx"),
        "a.idx: there is no such file\n  check the path, which begins in HERE",
    ),
    "no path": (
        lambda: read_idx(b"a.idx"),  # type: ignore[arg-type]
        "read_idx: the path is b'a.idx', and must be a str or a Path\n  give the path of one file",
    ),
    "no file of MNIST": (
        mnist,
        "digits/train-images-idx3-ubyte: there is no such file, nor train-images-idx3-ubyte.gz\n"
        f"  the four files of MNIST are published at {PUBLISHED}: put them into this folder",
    ),
    "no folder of MNIST": (
        lambda: MnistDataset.test("digits"),
        "digits: there is no such folder\n"
        f"  make it, and put the four files of MNIST there, which are published at {PUBLISHED}",
    ),
    "no path of MNIST": (
        lambda: MnistDataset.test(None),  # type: ignore[arg-type]
        "MnistDataset: the folder is None, and must be a str or a Path",
    ),
    "labels for images": (
        lambda: MnistDataset(file("labels", header(3) + bytes(3)), "images"),
        "labels: it holds uint8 [3], and must hold images [n, 28, 28] as uint8\n"
        "  images are in a file called idx3, labels in one called idx1; read_idx reads any array",
    ),
    "images of another size": (
        lambda: MnistDataset(file("images", header(2, 5, 5) + bytes(50)), "labels"),
        "images: it holds uint8 [2, 5, 5], and must hold images [n, 28, 28] as uint8\n"
        "  images are in a file called idx3, labels in one called idx1; read_idx reads any array",
    ),
    "files of two sets": (uneven, "images has 2 images, labels 3 labels\n  take the two files of one set"),
}

FOLDERS: dict[str, tuple[Callable[[], Any], str]] = {
    "an empty folder": (
        folder(),
        "HERE/images: there are no images (bmp, jpg, jpeg, png)\n"
        "  the folders in it are named for the classes and hold the images; here they are without any",
    ),
    "other files": (
        folder("cat/1.webp", "cat/notes.TXT", "cat/README"),
        "HERE/images: there are no images (bmp, jpg, jpeg, png)\n"
        "  the folders in it are named for the classes and hold the images; here they are with files of txt, webp",
    ),
    "an image in no class": (
        folder("cat/1.png", "2.png"),
        "HERE/images/2.png: this image is in no folder of a class\n"
        "  move it into one, or list the images: new_classification_with_items([(path, label)], classes)",
    ),
    "no image": (
        folder("cat/1.png", data=b"a text"),
        "HERE/images/cat/1.png: this is no image that Pillow knows\n  take it out of the dataset",
    ),
    "no folder": (
        lambda: ImageFolderDataset.new_classification("images"),
        "images: there is no such folder\n  check the path, which begins in HERE",
    ),
    "a file for a folder": (
        lambda: ImageFolderDataset.new_classification(file("1.png", b"")),
        "1.png: this is a file\n  give the folder that holds the classes' folders",
    ),
    "no path": (
        lambda: ImageFolderDataset.new_classification(3),  # type: ignore[arg-type]
        "the folder of images is 3, and must be a str or a Path",
    ),
    "a text for extensions": (
        lambda: ImageFolderDataset.new_classification_with(".", "png"),
        "extensions is 'png', and must be a list of texts: ['png', 'tif']",
    ),
    "no extensions": (
        lambda: ImageFolderDataset.new_classification_with(".", []),
        "extensions is empty\n  new_classification(root) takes bmp, jpg, jpeg and png",
    ),
    "no label": (
        with_items([("a.png", "cat"), ("a.png", "dgo")], ["cat", "dog"]),
        "new_classification_with_items: item 1 has the label 'dgo', which is no class\n"
        "  did you mean 'dog'? the classes are cat, dog",
    ),
    "a number for a label": (
        with_items([("a.png", 0)], ["cat", "dog"]),
        "new_classification_with_items: item 0 has the label 0, which is no class\n  the classes are cat, dog",
    ),
    "paths alone": (
        with_items(["a.png"], ["cat"]),
        "new_classification_with_items: item 0 is 'a.png', and must be a tuple of a path and a label",
    ),
    "no items": (
        with_items(None, ["cat"]),
        "new_classification_with_items: items is None, and must be a list of tuples of a path and a label",
    ),
    "no file": (
        with_items([("b.png", "cat")], ["cat"]),
        "b.png: there is no such file\n  check the path, which begins in HERE",
    ),
    "a text for classes": (
        with_items([("a.png", "c")], "cat"),
        "new_classification_with_items: classes is 'cat', and must be a list of texts: ['cat', 'dog']",
    ),
    "numbers for classes": (
        with_items([("a.png", 0)], [0, 1]),
        "new_classification_with_items: classes is [0, 1], and must be a list of texts: ['cat', 'dog']",
    ),
    "a class twice": (
        with_items([], ["cat", "dog", "cat"]),
        "new_classification_with_items: 2 classes are called 'cat'\n  give each a name of its own",
    ),
    "one label for several": (
        multilabel([("a.png", "cat")]),
        "new_multilabel_classification_with_items: item 0 has the labels 'cat', and must be a list of texts: "
        "['cat', 'dog']",
    ),
    "no label of several": (
        multilabel([("a.png", ["cat", "cow"])]),
        "new_multilabel_classification_with_items: item 0 has the label 'cow', which is no class\n"
        "  the classes are cat, dog",
    ),
}


def check(run: Callable[[], Any], words: str, here: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(here)
    with pytest.raises(DatasetError) as error:
        run()
    assert str(error.value).replace(str(here), "HERE") == words


@pytest.mark.parametrize("name", FILES)
def test_files(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check(*FILES[name], tmp_path, monkeypatch)


@pytest.mark.parametrize("name", FOLDERS)
def test_folders(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("PIL")
    check(*FOLDERS[name], tmp_path, monkeypatch)


def test_an_extension_that_pillow_does_not_read(tmp_path: Path) -> None:
    pytest.importorskip("PIL")
    with pytest.raises(DatasetError) as error:
        ImageFolderDataset.new_classification_with(tmp_path, ["png", ".jpgg"])
    words = "extensions: Pillow reads no files of 'jpgg'\n  did you mean 'jpg'? it reads "  # which depends on Pillow
    assert str(error.value).startswith(words)


def test_an_image_too_large(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image = pytest.importorskip("PIL.Image")
    image.new("L", (4, 3)).save(tmp_path / "a.png")
    monkeypatch.setattr(image, "MAX_IMAGE_PIXELS", 5)
    dataset = ImageFolderDataset.new_classification_with_items([(tmp_path / "a.png", "cat")], ["cat"])
    with pytest.raises(DatasetError) as error:
        dataset.get(0)
    first, last = str(error.value).split("\n")
    assert first.startswith(f"{tmp_path / 'a.png'}: Image size (12 pixels) exceeds limit of 10 pixels")
    assert last == "  make it smaller; or, where it is meant: PIL.Image.MAX_IMAGE_PIXELS = None"
