"""Burn's other layout: the column `item` holds each item whole, in MessagePack, its fields by position."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .....errors import MissingExtraError
from ..schema import Schema, Unreadable, plain, struct_reader

__all__ = ["is_serialized", "item_reader", "msgpack_library", "pack"]

I_co = TypeVar("I_co", covariant=True)

COLUMNS = [("row_id", "integer"), ("item", "blob")]


def is_serialized(columns: list[tuple[str, str]]) -> bool:
    """Whether the columns, by name and type, are those of this layout and no others, as Burn decides it."""
    return [(name.lower(), kind.lower()) for name, kind in columns] == COLUMNS


def pack(item: Any) -> bytes:
    """The item as rmp_serde writes a struct: a list of its fields. Raises `Unreadable`."""
    try:
        packed: bytes = msgpack_library().packb(plain(item, by_position=True))
    except (OverflowError, ValueError) as error:
        raise error if isinstance(error, Unreadable) else Unreadable(str(error), "MessagePack cannot hold it") from None
    return packed


def item_reader(schema: Schema[I_co]) -> Callable[[Any], I_co]:
    """Reads the bytes of the column. Readers raise `Unreadable`."""
    msgpack = msgpack_library()
    read_value = struct_reader(schema)

    def read(data: Any) -> I_co:
        try:
            value = msgpack.unpackb(data)
        except Exception as error:  # many, and the bytes are what is wrong
            raise Unreadable(f"{str(error) or 'cut short'}: no MessagePack", "write the row anew") from None
        return read_value(value)

    return read


def msgpack_library() -> Any:
    """The library. Raises `MissingExtraError`."""
    try:
        import msgpack
    except ImportError:
        raise MissingExtraError("items whole in SQLite are MessagePack, which needs: pip install msgpack") from None
    return msgpack
