"""Parameter ids as Burn writes them: 64 bits as 13 characters."""

from __future__ import annotations

import base64
import re

from ..errors import RecordError

__all__ = ["decode_id", "encode_id"]


def encode_id(value: int) -> str:
    """The 13 characters for a parameter id: base32hex of its eight little-endian bytes, lower case, unpadded.

    Raises `RecordError` when `value` does not fit into 64 bits.

    >>> encode_id(123456)
    '83h0200000000'
    """
    if not 0 <= value < 1 << 64:
        raise RecordError(f"parameter id {value}: an id is an integer from 0 to 2**64 - 1")
    return base64.b32hexencode(value.to_bytes(8, "little")).decode().rstrip("=").lower()


def decode_id(text: str) -> int:
    """The parameter id that `text` stands for.

    Takes what `encode_id` writes, in either case, and what older Burns wrote: ten characters for six bytes, or a
    UUID, whose halves are folded into one. Raises `RecordError` for anything else.

    >>> decode_id("83h0200000000")
    123456
    """
    if re.fullmatch(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", text, re.IGNORECASE | re.ASCII):
        digits = int(text.replace("-", ""), 16)
        return (digits >> 64) ^ (digits % (1 << 64))
    if re.fullmatch(r"[0-9a-v]{13}|[0-9a-v]{10}", text, re.IGNORECASE | re.ASCII):
        raw = base64.b32hexdecode(text.upper() + "=" * (-len(text) % 8))
        value = int.from_bytes(raw, "little")
        # 13 characters hold 65 bits: a last one that is set means another text than we would write for this id.
        if encode_id(value).startswith(text.lower()):
            return value
    raise RecordError(
        f"{text[:40]!r} is no parameter id: 13 characters out of 0-9 and a-v, such as {encode_id(123456)!r}"
    )
