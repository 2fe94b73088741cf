"""The image files below a folder."""

from __future__ import annotations

import os
from collections.abc import Iterator

from ....errors import DatasetError
from .image_file import pillow
from .schema import meant

__all__ = ["image_paths"]


def image_paths(root: str | os.PathLike[str], extensions: list[str]) -> list[str]:
    """The files with these extensions in the folders below `root`, sorted by path, folder by folder.

    Raises `DatasetError` where there are none, for one that lies in `root` itself, for a folder that cannot be read,
    and for an extension of files that Pillow does not read.
    """
    wanted = _formats(extensions)
    folder = _folder(root)
    files = [*_files(folder)]
    paths = sorted((path for path in files if _extension(path) in wanted), key=lambda path: path.split(os.sep))
    if not paths:
        others = sorted({*map(_extension, files)} - {""})
        has = f"with files of {', '.join(others[:20])}" if others else "without any"
        raise DatasetError(
            f"{folder}: there are no images ({', '.join(wanted)})\n"
            f"  the folders in it are named for the classes and hold the images; here they are {has}"
        )
    for path in paths:
        if os.path.dirname(path) == folder:
            raise DatasetError(
                f"{path}: this image is in no folder of a class\n"
                f"  move it into one, or list the images: new_classification_with_items([(path, label)], classes)"
            )
    return paths


def _formats(extensions: list[str]) -> list[str]:
    """The extensions in small letters, without a dot, when Pillow reads such files."""
    image = pillow().Image
    known = sorted(name[1:] for name, kind in image.registered_extensions().items() if kind in image.OPEN)
    wanted = [each.removeprefix(".").lower() for each in extensions]
    for name in wanted:
        if name not in known:
            raise DatasetError(f"extensions: Pillow reads no files of {name!r}\n  {meant(name, known, 'it reads')}")
    if not wanted:
        raise DatasetError("extensions is empty\n  new_classification(root) takes bmp, jpg, jpeg and png")
    return wanted


def _folder(root: str | os.PathLike[str]) -> str:
    if not isinstance(root, (str, os.PathLike)):
        raise DatasetError(f"the folder of images is {root!r}, and must be a str or a Path")
    if os.path.isdir(root):
        return os.path.abspath(root)
    if os.path.exists(root):
        raise DatasetError(f"{os.fspath(root)}: this is a file\n  give the folder that holds the classes' folders")
    where = "" if os.path.isabs(root) else f", which begins in {os.getcwd()}"
    raise DatasetError(f"{os.fspath(root)}: there is no such folder\n  check the path{where}")


def _files(root: str) -> Iterator[str]:
    """Every file below this folder. Links are followed, but not back to a folder that they are in."""
    waiting: list[tuple[str, tuple[tuple[int, int], ...]]] = [(root, ())]
    while waiting:
        folder, above = waiting.pop()
        try:
            status = os.stat(folder)
            names = os.listdir(folder)
        except OSError as error:
            raise DatasetError(
                f"{folder}: this folder cannot be read: {error.strerror}\n  let this user read it"
            ) from None
        identity = status.st_dev, status.st_ino
        if identity in above:
            continue
        for name in names:
            path = os.path.join(folder, name)
            if name.startswith("."):  # such as .ipynb_checkpoints, with copies of images
                continue
            if os.path.isdir(path):
                waiting.append((path, (*above, identity)))
            else:
                yield path


def _extension(path: str) -> str:
    return os.path.splitext(path)[1][1:].lower()
