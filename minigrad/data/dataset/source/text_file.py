"""Text files, read whole, and what to say of one that is not there or no text."""

from __future__ import annotations

import os

from ....errors import DatasetError

__all__ = ["checked_path", "read_text"]


def checked_path(path: str | os.PathLike[str], call: str, help: str = "") -> str:
    """The path as a text. Raises `DatasetError` when it is none, or no file is there; `help` is for that case."""
    if not isinstance(path, (str, os.PathLike)):
        raise DatasetError(f"{call}: the path is {path!r}, and must be a str or a Path\n  give the path of one file")
    text = os.fspath(path)
    if os.path.isdir(text):
        raise DatasetError(f"{text}: this is a folder\n  give {call} one file in it")
    if not os.path.exists(text):
        where = "" if os.path.isabs(text) else f", which begins in {os.getcwd()}"
        raise DatasetError(f"{text}: there is no such file\n  check the path{where}{help}")
    return text


def read_text(path: str | os.PathLike[str], call: str) -> tuple[str, str]:
    """The path, and the text of a file in UTF-8, with or without a byte order mark.

    Raises `DatasetError`, which names the line, for another encoding, and for what cannot be opened.
    """
    name = checked_path(path, call)
    try:
        with open(name, "rb") as file:
            data = file.read()
        return name, data.decode("utf-8-sig")
    except OSError as error:
        raise DatasetError(f"{name}: it cannot be read: {error.strerror}\n  let this user read it") from None
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DatasetError(
            f"{name}, line {line}: byte 0x{data[error.start]:02x} is not UTF-8\n"
            f"  save the file in UTF-8: Path(new).write_text(Path(old).read_text(encoding={_guess(data)!r}), 'utf-8')"
        ) from None


def _guess(data: bytes) -> str:
    return "utf-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "cp1252"
