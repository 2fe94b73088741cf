"""Recorders: a codec, a precision and a compression make one, and Burn's names are choices of the three."""

from __future__ import annotations

import os
from dataclasses import dataclass
from difflib import get_close_matches
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..atomic import atomic_write
from ..errors import RecordError
from .codec import Codec
from .document import read_document, write_document
from .gz import Gz
from .mpk import NamedMpk
from .precision import FullPrecisionSettings, HalfPrecisionSettings, PrecisionSettings
from .tree import Record

if TYPE_CHECKING:
    from ..backend import Device

__all__ = ["CompactRecorder", "DefaultRecorder", "NamedMpkFileRecorder", "NamedMpkGzFileRecorder", "Recorder"]


@dataclass(frozen=True, repr=False)
class Recorder:
    """Writes records in one format and precision; reads that format in any precision.

    A path is given with or without the extension: `model`, `model.mpk` are one file, and `model.v1` is
    `model.v1.mpk`. Burn, which replaces what follows the last dot, would write `model.mpk` for it.

    >>> import tempfile
    >>> from minigrad.record import ParamRecord
    >>> import numpy as np
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = DefaultRecorder().record({"weight": ParamRecord(3, np.ones(2))}, f"{folder}/model.v1")
    ...     path.name, CompactRecorder().load(path)
    ('model.v1.mpk', {'weight': ParamRecord(id=3, value=array([1., 1.], dtype=float32))})
    """

    codec: Codec[Any]
    settings: PrecisionSettings = FullPrecisionSettings
    compression: Codec[bytes] | None = None

    def __post_init__(self) -> None:
        if not isinstance(self.settings, PrecisionSettings):
            raise RecordError(
                f"{self.name}({self.settings!r}): the precision is one of the constants of minigrad.record\n"
                f"  help: {self.name}(FullPrecisionSettings), or HalfPrecisionSettings, DoublePrecisionSettings"
            )

    def __repr__(self) -> str:
        return f"{self.name}({self.settings!r})"

    @property
    def name(self) -> str:
        """Burn's name of this recorder, without the precision."""
        return f"{self.codec.name}{self.compression.name if self.compression else ''}FileRecorder"

    @property
    def extension(self) -> str:
        """Without the leading dot: `mpk`, `mpk.gz`."""
        return self.codec.extension + (f".{self.compression.extension}" if self.compression else "")

    def path(self, path: str | os.PathLike[str]) -> Path:
        """The file that `path` names: the extension is appended unless it, or its first half, is there.

        >>> CompactRecorder().path("model.v1").name, NamedMpkGzFileRecorder().path("model.mpk").name
        ('model.v1.mpk', 'model.mpk.gz')
        """
        if not isinstance(path, (str, os.PathLike)):
            raise RecordError(f"a path is wanted, not a {type(path).__name__}\n  help: recorder.record(record, path)")
        file = Path(path)
        if not file.name or file.name == "..":
            raise RecordError(f"{str(path)!r} names no file\n  help: give a name such as 'artifacts/model'")
        if file.name.endswith(f".{self.extension}"):
            return file
        return file.with_name(f"{file.name.removesuffix(f'.{self.codec.extension}')}.{self.extension}")

    def to_bytes(self, record: Record) -> bytes:
        """The bytes of `record`'s file; the same record gives the same bytes.

        Raises `RecordError`, which names the tensor, for what cannot be written in this precision.
        """
        data = self.codec.encode(write_document(record, self.settings, self.name))
        return self.compression.encode(data) if self.compression else data

    def from_bytes(self, data: bytes, device: Device | None = None, source: str = "") -> Record:
        """The record in a file's bytes, of any precision; `source` begins every message.

        Arrays keep the file's types, or with a `device` become its float type and int64; they are read-only. Raises
        `RecordError` for whatever is no record: cut short, damaged, of another format or a newer version.
        """
        source = source or "these bytes"
        if self.compression:
            data = self.compression.decode(data, source)
        return read_document(self.codec.decode(data, source), device, source)

    def record(self, record: Record, path: str | os.PathLike[str]) -> Path:
        """Write `record` and return the file's path; missing folders are made.

        The file is written whole or not at all: after an error the old one stands as it was. Raises `RecordError`.
        """
        file = self.path(path)
        data = self.to_bytes(record)
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            atomic_write(file, data)
        except (OSError, ValueError) as error:  # ValueError: a path with a zero byte
            raise RecordError(f"{str(file)!r} was not written: {_reason(error)}") from error
        return file

    def load(self, path: str | os.PathLike[str], device: Device | None = None) -> Record:
        """The record in a file, as `from_bytes` gives it. Raises `RecordError`, which names the file."""
        file = self.path(path)
        try:
            data = file.read_bytes()
        except FileNotFoundError:
            raise RecordError(_missing(file, Path(path))) from None
        except (OSError, ValueError) as error:
            raise RecordError(f"{str(file)!r} cannot be read: {_reason(error)}") from error
        return self.from_bytes(data, device, str(file))


def _reason(error: OSError | ValueError) -> str:
    return (error.strerror if isinstance(error, OSError) else None) or str(error)


def _missing(file: Path, given: Path) -> str:
    """What to say when `file` is not there: which file may have been meant."""
    if not file.parent.is_dir():
        return f"{str(file)!r} does not exist: there is no folder {str(file.parent)!r}"
    if given.is_file():
        return f"{str(given)!r} is no {file.name.removeprefix(given.name)} file\n  help: use the recorder of its format"
    near = get_close_matches(file.name, sorted(os.listdir(file.parent)), 3, cutoff=0.7)
    return f"{str(file)!r} does not exist" + (f"\n  help: beside it: {', '.join(near)}" if near else "")


# Burn's names. Called, each gives a Recorder: NamedMpkFileRecorder(DoublePrecisionSettings), CompactRecorder().
NamedMpkFileRecorder = partial(Recorder, NamedMpk)
NamedMpkGzFileRecorder = partial(Recorder, NamedMpk, compression=Gz)
DefaultRecorder = partial(NamedMpkFileRecorder, FullPrecisionSettings)
CompactRecorder = partial(NamedMpkFileRecorder, HalfPrecisionSettings)
