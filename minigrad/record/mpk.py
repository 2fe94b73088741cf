"""MessagePack with field names, as Burn's NamedMpk recorders write it; the msgpack library is imported when used."""

from __future__ import annotations

from typing import Any

from ..errors import MissingExtraError, RecordError
from .codec import Codec

__all__ = ["NamedMpk"]

# Lists in a record are shapes and lists of modules. The msgpack library reserves what a list claims as its length
# before it looks at the items, at each of a thousand levels of nesting, so a small file could ask for gigabytes.
MAX_ITEMS = 1 << 14

# How files begin that are easily taken for ours.
FOREIGN = {
    b"\x1f\x8b": "gzip (.mpk.gz is read by NamedMpkGzFileRecorder())",
    b"PK": "a zip archive (.npz, .pt)",
    b"NRUB": "a burnpack (.bpk)",
    b"{": "JSON",
}


def _msgpack() -> Any:
    try:
        import msgpack
    except ImportError:
        raise MissingExtraError("records in MessagePack (.mpk) need the msgpack library: pip install msgpack") from None
    return msgpack


def encode(document: Any) -> bytes:
    """The shortest encoding of every number, string and length; bytes as bin, dicts in their order."""
    try:
        packed: bytes = _msgpack().packb(document)
    except (ValueError, OverflowError, UnicodeError) as error:
        raise RecordError(f"the record cannot be written as MessagePack: {error}") from None
    return packed


def decode(data: bytes, source: str) -> Any:
    """The one object in `data`; whatever its lengths claim, it costs no more than a small multiple of the data."""
    msgpack = _msgpack()
    try:
        return msgpack.unpackb(data, max_array_len=min(MAX_ITEMS, len(data)), max_ext_len=0)
    except msgpack.ExtraData as error:
        problem = f"{len(error.extra)} bytes follow the record"
    except Exception:  # ValueError, TypeError, RecursionError: what the bytes make of it, and none says more
        problem = f"its {len(data)} bytes are no MessagePack: cut short or damaged" if data else "the file is empty"
    for start, kind in FOREIGN.items():
        if data.startswith(start):
            problem = f"it looks like {kind}, not like MessagePack"
    raise RecordError(f"{source}: {problem}") from None


NamedMpk: Codec[Any] = Codec("NamedMpk", "mpk", encode, decode)
