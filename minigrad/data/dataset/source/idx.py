"""The IDX format, in which MNIST and its kin are published: one array a file."""

from __future__ import annotations

import os
from math import prod
from struct import unpack
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ....errors import DatasetError
from ...column import freeze
from .text_file import checked_path

if TYPE_CHECKING:
    from io import BufferedIOBase

__all__ = ["read_idx"]

TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
GZIP = b"\x1f\x8b"
RATIO = 1032  # bytes that a byte of gzip becomes at the very most: two bits stand for 258 bytes
CHUNK = 1 << 20
MOST_AXES = 64  # that NumPy's arrays can have


def read_idx(path: str | os.PathLike[str]) -> NDArray[Any]:
    """The array in an IDX file, read-only and in this machine's byte order. The file may be packed with gzip.

    Such a file is two zeros, a byte for the type (uint8, int8, int16, int32, float32 or float64), a byte for the number
    of axes, the length of each axis as a big-endian uint32, and the elements, big-endian, the last axis the fastest.

    Raises `DatasetError` for what is no such file, for one with less or more than its header says, and for an array
    that does not fit into memory.

    >>> from pathlib import Path
    >>> _ = Path("labels-idx1-ubyte").write_bytes(bytes([0, 0, 8, 1, 0, 0, 0, 3, 7, 2, 1]))
    >>> read_idx("labels-idx1-ubyte")
    array([7, 2, 1], dtype=uint8)
    """
    import gzip
    import zlib

    name = checked_path(path, "read_idx")
    try:
        with open(name, "rb") as file:
            is_packed = file.read(2) == GZIP  # the name does not tell: browsers unpack a .gz and leave it its name
            file.seek(0)
            size = os.fstat(file.fileno()).st_size
            return _array(gzip.GzipFile(fileobj=file), size, RATIO, name) if is_packed else _array(file, size, 1, name)
    except (gzip.BadGzipFile, zlib.error, EOFError) as error:
        raise DatasetError(f"{name}: its gzip is broken: {error}\n  download it again") from None
    except OSError as error:
        raise DatasetError(f"{name}: it cannot be read: {error.strerror}\n  let this user read it") from None


def _array(file: BufferedIOBase, size: int, ratio: int, name: str) -> NDArray[Any]:
    """The array; no byte of the file's `size` is more than `ratio` bytes of what it holds."""
    start = file.read(4)
    if len(start) < 4 or start[:2] != b"\0\0" or start[2] not in TYPES:
        raise DatasetError(
            f"{name}: this is no IDX file: it begins with {start!r}\n"
            f"  one begins with two zeros, the number of a type and the number of axes: b'\\x00\\x00\\x08\\x03'"
        )
    dtype, axes = np.dtype(TYPES[start[2]]), start[3]
    if axes > MOST_AXES:
        raise DatasetError(
            f"{name}: its header says {axes} axes, and an array has at most {MOST_AXES}\n  download it again"
        )
    sizes = file.read(4 * axes)
    if len(sizes) < 4 * axes:
        raise DatasetError(f"{name}: the file ends in its header, of {axes} axes\n  download it again")
    shape = unpack(f">{axes}I", sizes)
    need = prod(shape) * dtype.itemsize
    what = f"{dtype.newbyteorder('=')} [{', '.join(map(str, shape))}], {need} bytes"
    short = f"{name}: the file is cut short: its header says {what}, and "
    if need > size * ratio:  # before any memory is asked for
        raise DatasetError(f"{short}the whole file has {size}\n  download it again")
    try:
        array = np.empty(shape, dtype)
    except (MemoryError, ValueError) as error:
        raise DatasetError(f"{name}: no array can be {what}: {error}\n  use a part of it") from None
    count = _fill(array.reshape(-1).view(np.uint8), file)
    if count < need:
        raise DatasetError(f"{short}{count} follow\n  download it again")
    if file.read(1):  # at the end of a gzip this also compares its checksum
        raise DatasetError(f"{name}: the file goes on after what its header says: {what}\n  download it again")
    return freeze(array.astype(dtype.newbyteorder("="), copy=False))


def _fill(data: NDArray[np.uint8], file: BufferedIOBase) -> int:
    """Read into all of `data`, as far as the file goes. Returns how many bytes that is."""
    count = 0
    # by the chunk: gzip would first make bytes of all that it is asked for
    while size := file.readinto(data[count : count + CHUNK].data):
        count += size
    return count
