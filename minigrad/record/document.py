"""The document that Burn's formats with names write: a record tree in plain dicts, lists and bytes, and its metadata.

    {"metadata": {"float": ..., "int": ..., "format": ..., "version": "0.17.1", "settings": ...},
     "item": {"linear1": {"weight": {"id": "0400000000g00",
                                     "param": {"bytes": b"...", "shape": [2, 16], "dtype": "F32"}}, ...}, ...},
     "_b": []}

A tensor's bytes are its elements row by row, little-endian. Constants (a Relu, a size) are None.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, Any

import numpy as np

from ..errors import RecordError
from .ids import decode_id, encode_id
from .precision import PrecisionSettings, cast
from .tree import MAX_DEPTH, ParamRecord, Path, Record, dotted

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from ..backend import Device

__all__ = ["read_document", "write_document"]

MAX_RANK = 64  # NumPy's
VERSION = "0.17.1"  # burn-core's, whose files ours are
NEWEST = (0, 21)  # the last version with this layout: 0.22 has no recorders

DTYPES = {
    name: np.dtype(code)
    for name, code in {
        "F64": "<f8", "F32": "<f4", "Flex32": "<f4", "F16": "<f2", "BF16": "<u2", "I64": "<i8", "I32": "<i4",
        "I16": "<i2", "I8": "i1", "U64": "<u8", "U32": "<u4", "U16": "<u2", "U8": "u1", "Bool": "u1",
    }.items()
}  # fmt: skip
NAMES = {"f8": "F64", "f4": "F32", "f2": "F16", "i8": "I64", "i4": "I32", "i2": "I16", "b1": "Bool"}


def write_document(record: Record, settings: PrecisionSettings, format: str) -> dict[str, Any]:
    """The document of `record`, tensors in the types of `settings`.

    Raises `RecordError`, which names the place, for a value that a record cannot hold or that does not fit.
    """
    metadata = {
        "float": settings.float_name,
        "int": settings.int_name,
        "format": f"burn_core::record::file::{format}<burn_core::record::settings::{settings.name}>",
        "version": VERSION,
        "settings": settings.name,
    }
    return {"metadata": metadata, "item": _write(record, settings, ()), "_b": []}


def _write(node: Any, settings: PrecisionSettings, path: Path) -> Any:
    if len(path) > MAX_DEPTH:
        raise RecordError(f"{dotted(path[:4])}...: nested deeper than {MAX_DEPTH}; does the record contain itself?")
    if isinstance(node, ParamRecord):
        try:
            name = encode_id(node.id)
        except RecordError as error:
            raise RecordError(f"{dotted(path)}: {error}") from None
        return {"id": name, "param": _write_tensor(node.value, settings, path)}
    if isinstance(node, np.ndarray):
        return _write_tensor(node, settings, path)
    if isinstance(node, np.generic):  # before float, which np.float64 is too
        node = node.item()
    if isinstance(node, dict):
        for key in node:
            if not isinstance(key, str):
                raise RecordError(f"{dotted(path)}: the key {key!r} is no string; encode_id makes one of an id")
        return {key: _write(child, settings, (*path, key)) for key, child in node.items()}
    if isinstance(node, (list, tuple)):
        return [_write(child, settings, (*path, str(index))) for index, child in enumerate(node)]
    if isinstance(node, int) and not -(1 << 63) <= node < 1 << 64:
        raise RecordError(f"{dotted(path)}: {node} does not fit into 64 bits")
    if node is None or isinstance(node, (bool, int, float, str)):
        return node
    raise RecordError(
        f"{dotted(path)}: a {type(node).__name__} cannot be recorded\n  "
        + (
            "help: record its record: recorder.record(model.into_record(), path)"
            if hasattr(node, "into_record")
            else "a record holds dicts, lists, ParamRecords, arrays, numbers, strings and None"
        )
    )


def _write_tensor(value: NDArray[Any], settings: PrecisionSettings, path: Path) -> dict[str, Any]:
    wider = "DefaultRecorder() keeps float32 and int32, NamedMpkFileRecorder(DoublePrecisionSettings) twice that"
    array = cast(value, settings.floats, settings.ints, dotted(path), wider)
    little = array.astype(array.dtype.newbyteorder("<"), copy=False)
    return {"bytes": little.tobytes(), "shape": list(array.shape), "dtype": NAMES[array.dtype.str[1:]]}


def read_document(document: Any, device: Device | None, source: str) -> Record:
    """The record in `document`; its arrays are read-only.

    They keep the file's types (BF16 becomes float32); with a `device`, floats take its type and integers int64.
    Unknown keys beside metadata and item are ignored. Raises `RecordError`, which begins with `source`.
    """
    metadata = document.get("metadata") if isinstance(document, dict) else None
    version = metadata.get("version") if isinstance(metadata, dict) else None
    if not isinstance(version, str) or "item" not in document:
        raise RecordError(f"{source}: no record of Burn or minigrad: it has no metadata and item")
    number = re.match(r"(\d{1,9})\.(\d{1,9})\.", version, re.ASCII)
    if number is None:
        raise RecordError(f"{source}: its version is {version[:40]!r}, which is none: the file is damaged")
    if (int(number[1]), int(number[2])) > NEWEST:
        raise RecordError(
            f"{source}: written by version {version[:40]}; versions up to {NEWEST[0]}.{NEWEST[1]} can be read\n"
            f"  help: save it with Burn {NEWEST[0]}.{NEWEST[1]} or older"
        )
    return _read(document["item"], device, source, ())


def _read(node: Any, device: Device | None, source: str, path: Path) -> Record:
    where = f"{source}: {dotted(path)}"
    if len(path) > MAX_DEPTH:
        raise RecordError(f"{source}: nested deeper than {MAX_DEPTH}: no record, or a damaged one")
    if isinstance(node, dict):
        if isinstance(node.get("bytes"), bytes):
            return _read_tensor(node, device, where)
        if node.keys() == {"id", "param"} and isinstance(node["id"], str):
            tensor = node["param"]
            if not isinstance(tensor, dict) or not isinstance(tensor.get("bytes"), bytes):
                raise RecordError(f"{where}: a parameter without a tensor; files from before Burn 0.14 are not read")
            value = _read_tensor(tensor, device, where)
            try:
                return ParamRecord(decode_id(node["id"]), value)
            except RecordError as error:
                raise RecordError(f"{where}: {error}") from None
        for key in node:
            if not isinstance(key, str):
                raise RecordError(f"{where}: a key that is no string: the file is damaged")
        return {key: _read(child, device, source, (*path, key)) for key, child in node.items()}
    if isinstance(node, list):
        return [_read(child, device, source, (*path, str(index))) for index, child in enumerate(node)]
    if node is None or isinstance(node, (bool, int, float, str)):
        return node
    raise RecordError(f"{where}: {type(node).__name__} outside of a tensor: the file is damaged")


def _read_tensor(node: dict[str, Any], device: Device | None, where: str) -> NDArray[Any]:
    data: bytes = node["bytes"]
    shape: Any = node.get("shape")
    name: Any = node.get("dtype")
    if isinstance(name, dict):
        raise RecordError(f"{where}: a quantised tensor ({', '.join(map(str, name))}); dequantise it before saving")
    if not isinstance(name, str) or name not in DTYPES:
        raise RecordError(f"{where}: its dtype is {str(name)[:40]!r}, not one of {', '.join(DTYPES)}")
    sizes = isinstance(shape, list) and len(shape) <= MAX_RANK and all(type(n) is int and n >= 0 for n in shape)
    if not sizes:
        raise RecordError(f"{where}: its shape is {str(shape)[:40]}, not a list of sizes: the file is damaged")
    dtype = DTYPES[name]
    # The sizes are compared before anything is made of them: what a file claims costs no memory.
    if math.prod(shape) * dtype.itemsize != len(data):
        raise RecordError(f"{where}: {len(data)} bytes are no {shape} of {name}: the file is damaged")
    try:
        array = np.frombuffer(data, dtype).reshape(shape)
    except ValueError:  # such as [0, 2**70]
        raise RecordError(f"{where}: NumPy has no arrays of shape {str(shape)[:40]}") from None
    if name == "BF16":  # the upper half of a float32
        array = (array.astype(np.uint32) << 16).view(np.float32)
    elif name == "Bool":
        if array.max(initial=0) > 1:
            raise RecordError(f"{where}: a bool is 0 or 1, and {array.max()} is in it: the file is damaged")
        array = array.view(np.bool_)
    array = array.astype(array.dtype.newbyteorder("="), copy=False)
    if device is not None:
        array = cast(array, device.dtype, np.int64, where, "load it on NdArray(dtype=np.float64)")
    array.flags.writeable = False
    return array
