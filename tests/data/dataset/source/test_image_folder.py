"""ImageFolderDataset: what is found, what an image is read as, and what a loader makes of it."""

from __future__ import annotations

import os
import pickle
import struct
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from minigrad import Tensor
from minigrad.backend import Device
from minigrad.data.dataloader import Batcher, DataLoaderBuilder, Items
from minigrad.data.dataset import ImageDatasetItem, ImageFolderDataset, MapperDataset
from minigrad.errors import DatasetError, LoaderError
from minigrad.testing import check_dataset

Image = pytest.importorskip("PIL.Image")
ImageOps = pytest.importorskip("PIL.ImageOps")


def save(path: Path, image: Any = None, **options: Any) -> Path:
    """An image file, of noise where no image is given."""
    path.parent.mkdir(parents=True, exist_ok=True)
    noise = np.random.default_rng(zlib.crc32(path.name.encode())).integers(0, 256, (3, 4, 3), np.uint8)
    (Image.fromarray(noise) if image is None else image).save(path, **options)
    return path


def one(path: Path) -> ImageDatasetItem[int]:
    item = ImageFolderDataset.new_classification_with_items([(path, "a")], ["a"]).get(0)
    assert item is not None
    return item


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("cat/1.png", "cat/2.jpg", "dog/3.bmp", "dog/4.png", "emu/5.png"):
        save(tmp_path / name)
    return tmp_path


def names(root: Path, dataset: ImageFolderDataset[int]) -> list[str]:
    return [Path(item.image_path).relative_to(root).as_posix() for item in dataset]


# What is found


def test_folders_are_classes_in_order(tmp_path: Path) -> None:
    for name in ("dog/b.png", "dog/a.JPG", "cat/2.bmp", "cat/10.jpeg", "cat/deep/ant/x.PNG", "dog/notes.txt"):
        if name.endswith("txt"):
            (tmp_path / name).write_text("no image")
        else:
            save(tmp_path / name)
    dataset = ImageFolderDataset.new_classification(tmp_path)
    assert names(tmp_path, dataset) == ["cat/10.jpeg", "cat/2.bmp", "cat/deep/ant/x.PNG", "dog/a.JPG", "dog/b.png"]
    assert dataset.classes == ("ant", "cat", "dog")
    assert [item.annotation for item in dataset] == [1, 1, 0, 2, 2]


def test_paths_are_sorted_folder_by_folder(tmp_path: Path) -> None:
    for name in ("a/z/1.png", "a-b/1.png", "a/1.png"):  # as texts, "a-b" stands before "a/"
        save(tmp_path / name)
    dataset = ImageFolderDataset.new_classification(str(tmp_path))
    assert names(tmp_path, dataset) == ["a/1.png", "a/z/1.png", "a-b/1.png"]


@pytest.mark.parametrize("extensions", [["webp"], [".webp"], ("WebP", "webp"), iter(["WEBP"])])
def test_extensions_of_ones_own(tmp_path: Path, extensions: Any) -> None:
    save(tmp_path / "a" / "1.png")
    save(tmp_path / "b" / "1.webp")
    dataset = ImageFolderDataset.new_classification_with(tmp_path, extensions)
    assert names(tmp_path, dataset) == ["b/1.webp"] and dataset.classes == ("b",)


def test_what_begins_with_a_dot_is_passed_over(tmp_path: Path) -> None:
    for name in ("a/1.png", "a/.ipynb_checkpoints/1.png", "a/._1.png", ".hidden/1.png"):
        save(tmp_path / name)
    assert names(tmp_path, ImageFolderDataset.new_classification(tmp_path)) == ["a/1.png"]


def test_a_root_whose_name_is_a_pattern(tmp_path: Path) -> None:
    save(tmp_path / "[ab]*" / "a" / "1.png")
    save(tmp_path / "ab" / "b" / "1.png")
    assert ImageFolderDataset.new_classification(tmp_path / "[ab]*").classes == ("a",)


def test_paths_hold_in_another_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save(tmp_path / "data" / "a" / "1.png")
    monkeypatch.chdir(tmp_path)
    found = ImageFolderDataset.new_classification("data")
    listed = ImageFolderDataset.new_classification_with_items([("data/a/1.png", "a")], ["a"])
    monkeypatch.chdir("data")
    for dataset in (found, listed):
        item = dataset.get(0)
        assert item is not None and item.image_path == str(tmp_path / "data" / "a" / "1.png")


@pytest.fixture
def link(tmp_path: Path) -> Callable[[str, str], None]:
    def make(name: str, to: str) -> None:
        try:
            (tmp_path / name).symlink_to(to)
        except OSError:
            pytest.skip("no links here")

    return make


def test_links_are_followed_and_loops_end(tmp_path: Path, link: Callable[[str, str], None]) -> None:
    for name in ("cat/1.png", "dog/2.png"):
        save(tmp_path / name)
    link("cat/up", "..")  # to the root, of which all is known
    link("dog/self", ".")
    link("cat/other", "../dog")  # each holds the other
    link("dog/other", "../cat")
    link("felis", "cat")  # the same images, by another name
    link("dog/3.png", "../cat/1.png")
    found = names(tmp_path, ImageFolderDataset.new_classification(tmp_path))
    assert found == sorted(found, key=lambda name: name.split("/"))
    assert {"cat/1.png", "dog/2.png", "dog/3.png", "felis/1.png", "cat/other/2.png", "dog/other/1.png"} <= {*found}
    assert not [name for name in found if "up" in name or "self" in name]
    assert len(found) == len({*found})


def test_a_link_to_nowhere_is_not_forgotten(tmp_path: Path, link: Callable[[str, str], None]) -> None:
    save(tmp_path / "a" / "1.png")
    link("a/2.png", "gone.png")
    link("a/3.png", "3.png")
    dataset = ImageFolderDataset.new_classification(tmp_path)
    assert len(dataset) == 3
    for index, words in (1, "the file is gone"), (2, "cannot be read"):
        with pytest.raises(DatasetError, match=words):
            dataset.get(index)


def test_items_keep_their_order_and_classes_theirs(tmp_path: Path) -> None:
    first, second = save(tmp_path / "z.png"), save(tmp_path / "a.png")
    classes = (name for name in ["dog", "cat", "bird"])
    dataset = ImageFolderDataset.new_classification_with_items([(first, "cat"), (str(second), "dog")], classes)
    assert [(Path(item.image_path), item.annotation) for item in dataset] == [(first, 1), (second, 0)]
    assert dataset.classes == ("dog", "cat", "bird")


def test_several_labels(tmp_path: Path) -> None:
    path = save(tmp_path / "a.png")
    items = [(path, ["cat", "dog"]), (path, []), (path, ("dog",))]
    dataset = ImageFolderDataset.new_multilabel_classification_with_items(items, ["dog", "cat"])
    assert [item.annotation for item in dataset] == [(1, 0), (), (0,)]


class Mine(ImageFolderDataset[Any]):
    pass


def test_a_subclass_makes_its_own(tmp_path: Path) -> None:
    path = save(tmp_path / "a" / "1.png")
    for dataset in (
        Mine.new_classification(tmp_path),
        Mine.new_classification_with_items([(path, "a")], ["a"]),
        Mine.new_multilabel_classification_with_items([(path, ["a"])], ["a"]),
    ):
        assert type(dataset) is Mine


# What an image is read as

GRAY = np.array([[0, 10, 200, 255]], np.uint8)
COLORS = np.array([[[255, 0, 0], [0, 128, 0], [0, 0, 64]]], np.uint8)
GRAY_16 = np.array([[0, 255, 256, 65535]], np.uint16)


def palette(**info: Any) -> Any:
    image = Image.fromarray(COLORS).convert("P", palette=Image.Palette.ADAPTIVE)
    image.info.update(info)
    return image


def cmyk() -> Any:
    return Image.merge("CMYK", [Image.new("L", (2, 1), value) for value in (0, 255, 255, 0)])  # pure red


def with_alpha(array: NDArray[np.uint8], alpha: int) -> Any:
    image = Image.fromarray(array)
    image.putalpha(alpha)
    return image


FILES: dict[str, tuple[str, Callable[[], Any], NDArray[Any]]] = {
    "bits": ("png", lambda: Image.fromarray(GRAY >= 200), np.array([[[0], [0], [255], [255]]], np.uint8)),
    "gray": ("png", lambda: Image.fromarray(GRAY), GRAY[:, :, None]),
    "gray, as bmp": ("bmp", lambda: Image.fromarray(GRAY), GRAY[:, :, None]),
    "gray and alpha": ("png", lambda: with_alpha(GRAY, 7), np.stack([GRAY, np.full_like(GRAY, 7)], 2)),
    "16 bits of gray": ("png", lambda: Image.fromarray(GRAY_16), GRAY_16[:, :, None]),
    "16 bits, big-endian": (
        "tif",
        lambda: Image.frombytes("I;16B", (4, 1), GRAY_16.astype(">u2").tobytes()),
        GRAY_16[:, :, None],
    ),
    "32 bits": (
        "tif",
        lambda: Image.fromarray(np.array([[-5, 70_000]], np.int32)),
        np.array([[[-5], [70_000]]], np.int32),
    ),
    "floats": (
        "tif",
        lambda: Image.fromarray(np.array([[0.5, -2.0]], np.float32)),
        np.array([[[0.5], [-2.0]]], np.float32),
    ),
    "colors": ("png", lambda: Image.fromarray(COLORS), COLORS),
    "colors and alpha": (
        "png",
        lambda: with_alpha(COLORS, 9),
        np.concatenate([COLORS, np.full((1, 3, 1), 9, np.uint8)], 2),
    ),
    "a palette": ("png", palette, COLORS),
    "a palette, as gif": ("gif", palette, COLORS),
    "cmyk": ("tif", cmyk, np.array([[[255, 0, 0]] * 2], np.uint8)),
}


@pytest.mark.parametrize("name", FILES)
def test_modes(name: str, tmp_path: Path) -> None:
    extension, make, expected = FILES[name]
    image = one(save(tmp_path / f"a.{extension}", make())).image
    assert (image.dtype, image.shape) == (expected.dtype, expected.shape) and image.dtype.isnative
    np.testing.assert_array_equal(image, expected)
    assert not image.flags.writeable and image.flags.c_contiguous


def test_a_palette_with_alpha(tmp_path: Path) -> None:
    image = palette()
    clear = image.getpixel((1, 0))  # the green one
    pixels = one(save(tmp_path / "a.png", image, transparency=clear)).image
    assert pixels.shape == (1, 3, 4)
    assert pixels[0, :, 3].tolist() == [255, 0, 255]
    assert pixels[0, 0].tolist() == [255, 0, 0, 255]


def test_cmyk_as_jpeg(tmp_path: Path) -> None:
    image = one(save(tmp_path / "a.jpg", cmyk().resize((16, 16)), quality=100)).image
    np.testing.assert_allclose(image, np.broadcast_to([255, 0, 0], (16, 16, 3)), atol=4)


def test_the_first_frame_of_an_animation(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (2, 2), color) for color in ("red", "blue")]
    path = save(tmp_path / "a.gif", frames[0], save_all=True, append_images=frames[1:])
    assert one(path).image.tolist() == [[[255, 0, 0]] * 2] * 2


@pytest.mark.parametrize("extension", ["png", "tif", "webp"])
@pytest.mark.parametrize("orientation", range(1, 9))
def test_images_are_upright(tmp_path: Path, orientation: int, extension: str) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    noise = np.random.default_rng(3).integers(0, 256, (3, 5, 3), np.uint8)
    options = {"lossless": True} if extension == "webp" else {}
    path = save(tmp_path / f"a.{extension}", Image.fromarray(noise), exif=exif, **options)
    image = one(path).image
    assert image.flags.c_contiguous
    assert image.shape == ((5, 3, 3) if orientation >= 5 else (3, 5, 3))
    # where the standard says that row 0 and column 0 of the file are; the first pixel of the file, in the image
    corner = {1: (0, 0), 2: (0, -1), 3: (-1, -1), 4: (-1, 0), 5: (0, 0), 6: (0, -1), 7: (-1, -1), 8: (-1, 0)}
    assert image[corner[orientation]].tolist() == noise[0, 0].tolist()
    turned = Image.fromarray(noise)
    turned.getexif()[0x0112] = orientation
    np.testing.assert_array_equal(image, np.asarray(ImageOps.exif_transpose(turned)))


@pytest.mark.parametrize(
    "exif", [b"Exif\0\0nonsense", b"Exif\0\0II*\0\xff\xff\xff\xff", b"Exif\0\0MM\0*\0\0\0\x08\0\x01"]
)
@pytest.mark.parametrize("extension", ["jpg", "png"])
@pytest.mark.filterwarnings("ignore:Corrupt EXIF|Truncated File Read")
def test_broken_notes_break_no_image(tmp_path: Path, exif: bytes, extension: str) -> None:
    plain = one(save(tmp_path / f"a.{extension}")).image
    assert plain.any()
    np.testing.assert_array_equal(one(save(tmp_path / "b" / f"a.{extension}", exif=exif)).image, plain)


# Files that are no images


@pytest.mark.parametrize("extension", ["png", "jpg", "bmp", "gif", "tif", "webp"])
def test_a_file_cut_anywhere_is_named(tmp_path: Path, extension: str) -> None:
    noise = np.random.default_rng(4).integers(0, 256, (40, 40, 3), np.uint8)
    data = save(tmp_path / f"whole.{extension}", Image.fromarray(noise)).read_bytes()
    path = tmp_path / f"a.{extension}"
    refused = 0
    for length in [0, 1, 5, 9, 20, 50, *range(100, len(data) // 2, len(data) // 20)]:
        path.write_bytes(data[:length])
        with pytest.raises(DatasetError) as error:
            one(path)
        assert str(error.value).startswith(str(path))
        refused += 1
    assert refused >= 10


def test_bytes_changed_at_random_are_an_image_or_an_error(tmp_path: Path) -> None:
    rng = np.random.default_rng(5)
    for extension in ("png", "jpg", "bmp", "gif", "tif"):
        data = np.frombuffer(save(tmp_path / f"whole.{extension}").read_bytes(), np.uint8)
        path = tmp_path / f"a.{extension}"
        for _ in range(40):
            changed = data.copy()
            changed[rng.integers(0, len(data), 3)] = rng.integers(0, 256, 3)
            path.write_bytes(changed.tobytes())
            with suppress(DatasetError):  # nothing else is raised
                assert one(path).image.ndim == 3


def test_an_image_that_would_fill_the_memory(tmp_path: Path) -> None:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    path = tmp_path / "a.png"
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b""))
    with pytest.raises(DatasetError, match="3600000000 pixels"):
        one(path)


def test_out_of_memory_is_not_called_a_broken_image(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = save(tmp_path / "a.png")

    def full(_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(np, "asarray", full)
    with pytest.raises(DatasetError, match="cannot read this image: MemoryError"):
        one(path)


def test_a_file_that_vanished(tmp_path: Path) -> None:
    save(tmp_path / "a" / "1.png")
    last = save(tmp_path / "a" / "2.png")
    dataset = ImageFolderDataset.new_classification(tmp_path)
    last.unlink()
    assert dataset.get(0) is not None
    with pytest.raises(DatasetError, match=r"2\.png: the file is gone"):
        dataset.get(1)


def refuse(*_: object, **__: object) -> None:
    raise PermissionError(13, "Permission denied")


def test_what_may_not_be_read_is_not_passed_over(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    dataset = ImageFolderDataset.new_classification(folder)
    with monkeypatch.context() as closed:
        closed.setattr(os, "listdir", refuse)
        with pytest.raises(
            DatasetError, match="this folder cannot be read: Permission denied\n  let this user read it"
        ):
            ImageFolderDataset.new_classification(folder)
    monkeypatch.setattr(Image, "open", refuse)
    with pytest.raises(DatasetError, match=r"1\.png: it cannot be read: Permission denied\n  let this user read it"):
        dataset.get(0)


def test_no_file_stays_open(tmp_path: Path) -> None:
    if not os.path.isdir("/proc/self/fd"):
        pytest.skip("no list of open files here")
    good, bad = save(tmp_path / "a.png"), tmp_path / "b.png"
    bad.write_bytes(good.read_bytes()[:40])
    one(good)
    before = len(os.listdir("/proc/self/fd"))
    for _ in range(5):
        one(good)
        with pytest.raises(DatasetError) as error:
            one(bad)
        del error
    assert len(os.listdir("/proc/self/fd")) == before


# As a dataset


def test_it_keeps_the_laws(folder: Path) -> None:
    compared = check_dataset(ImageFolderDataset.new_classification(folder), pickles=True)
    assert compared["threads"] > 0 and compared["pickles"] == 5


def test_a_pickle_keeps_the_classes(folder: Path) -> None:
    dataset = ImageFolderDataset.new_classification(folder)
    assert pickle.loads(pickle.dumps(dataset)).classes == dataset.classes == ("cat", "dog", "emu")


class Images(Batcher[ImageDatasetItem[int], tuple[Tensor, Tensor]]):
    def batch(self, items: Items[ImageDatasetItem[int]], device: Device) -> tuple[Tensor, Tensor]:
        image, label = items.column("image"), items.column("annotation")
        return Tensor.from_data(image, device), Tensor.from_data(label, device)


@pytest.mark.parametrize("workers", [0, 3])
def test_a_loader_makes_batches(folder: Path, workers: int) -> None:
    dataset = ImageFolderDataset.new_classification(folder)
    loader = DataLoaderBuilder(Images()).batch_size(3).num_workers(workers).build(dataset)
    batches = list(loader)
    assert [(batch.shape, batch.dtype) for batch, _ in batches] == [
        ((3, 3, 4, 3), np.float32),
        ((2, 3, 4, 3), np.float32),
    ]
    assert [label for _, labels in batches for label in labels.numpy().tolist()] == [0, 0, 1, 1, 2]
    for index, pixels in enumerate(np.concatenate([batch.numpy() for batch, _ in batches])):
        item = dataset.get(index)
        assert item is not None
        np.testing.assert_array_equal(pixels, item.image)


def test_16_bits_keep_their_values_in_a_batch(tmp_path: Path) -> None:
    save(tmp_path / "a" / "1.png", Image.fromarray(GRAY_16))
    (batch,) = DataLoaderBuilder(Images()).batch_size(1).build(ImageFolderDataset.new_classification(tmp_path))
    assert batch[0].numpy().ravel().tolist() == GRAY_16.ravel().tolist()


def to_size(item: ImageDatasetItem[int]) -> ImageDatasetItem[int]:
    return ImageDatasetItem(item.image[:3, :3], item.annotation, item.image_path)


def test_sizes_that_differ_are_named_and_a_mapper_helps(folder: Path) -> None:
    save(folder / "emu" / "6.png", Image.new("RGB", (7, 5)))
    dataset = ImageFolderDataset.new_classification(folder)
    with pytest.raises(LoaderError, match=r"item 5 has shape \(5, 7, 3\), item 3 has \(3, 4, 3\)\n  bring them to one"):
        list(DataLoaderBuilder(Images()).batch_size(3).build(dataset))
    batches = list(DataLoaderBuilder(Images()).batch_size(3).build(MapperDataset(dataset, to_size)))
    assert [batch.shape for batch, _ in batches] == [(3, 3, 3, 3)] * 2


MISSING = """
import sys
sys.modules["PIL"] = None  # as if it were not installed
from minigrad.data.dataset import ImageFolderDataset, MnistDataset
from minigrad.errors import MissingExtraError
for make in (
    lambda: ImageFolderDataset.new_classification("."),
    lambda: ImageFolderDataset.new_classification_with(".", ["png"]),
    lambda: ImageFolderDataset.new_classification_with_items([], ["a"]),
    lambda: ImageFolderDataset.new_multilabel_classification_with_items([], ["a"]),
):
    try:
        make()
    except MissingExtraError as error:
        print(error)
"""


def test_without_pillow(run_python: Callable[..., str]) -> None:
    assert run_python(MISSING) == "images are read with the Pillow library: pip install pillow\n" * 4


def test_pillow_is_imported_where_it_is_used(run_python: Callable[..., str]) -> None:
    code = "import sys, minigrad.data.dataset; print([name for name in sys.modules if name.startswith('PIL')])"
    assert run_python(code) == "[]\n"
