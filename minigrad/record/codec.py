"""One step on the way from a record to a file's bytes, and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

__all__ = ["Codec"]

T = TypeVar("T")


@dataclass(frozen=True)
class Codec(Generic[T]):
    """A format turns a document into bytes, a compression bytes into bytes.

    `name` is its part of Burn's recorder name, `extension` its part of the file's. `decode(data, source)` raises
    `RecordError` that begins with `source`, whatever the bytes are.
    """

    name: str
    extension: str
    encode: Callable[[T], bytes] = field(repr=False)
    decode: Callable[[bytes, str], T] = field(repr=False)
