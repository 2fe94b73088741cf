"""gzip, the one compression that Burn's recorders have."""

from __future__ import annotations

import zlib

from ..errors import RecordError
from .codec import Codec

__all__ = ["Gz"]


def encode(data: bytes) -> bytes:
    """`data` compressed, the same bytes for the same data: the header carries no time."""
    packer = zlib.compressobj(wbits=31)  # 31: zlib's way of saying gzip
    return packer.compress(data) + packer.flush()


def decode(data: bytes, source: str) -> bytes:
    """What was compressed, its checksum tested; at most 1032 times as long, which is as far as deflate goes."""
    unpacker = zlib.decompressobj(wbits=31)
    try:
        unpacked = unpacker.decompress(data)
    except zlib.error:
        unpacked = None
    if unpacked is None or not unpacker.eof or unpacker.unused_data:
        raise RecordError(f"{source}: its {len(data)} bytes are no gzip: cut short, damaged or of another kind")
    return unpacked


Gz: Codec[bytes] = Codec("Gz", "gz", encode, decode)
