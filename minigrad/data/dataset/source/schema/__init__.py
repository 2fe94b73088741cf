"""Items of declared fields: what their types promise, and strict readers for text, JSON and MessagePack."""

from .cells import cell_reader
from .plain import item_names, plain
from .rows import column_items, number_form, row_reader
from .schema import Field, ItemType, Schema, schema_of, unaliased
from .unreadable import Unreadable, kind_name, meant, refused, shown
from .values import struct_reader, value_reader

__all__ = [
    "Field",
    "ItemType",
    "Schema",
    "Unreadable",
    "cell_reader",
    "column_items",
    "item_names",
    "kind_name",
    "meant",
    "number_form",
    "plain",
    "refused",
    "row_reader",
    "schema_of",
    "shown",
    "struct_reader",
    "unaliased",
    "value_reader",
]
