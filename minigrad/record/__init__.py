"""Records: the state of a model, an optimizer or a scheduler as a plain tree, in the files that Burn writes.

A recorder is a codec (`mpk.py`) times a precision (`precision.py`) times a compression (`gz.py`); Burn's names are
choices of the three (`recorder.py`). `document.py` is what Burn's formats with names say of a tree.

>>> CompactRecorder(), NamedMpkFileRecorder(FullPrecisionSettings) == DefaultRecorder()
(NamedMpkFileRecorder(HalfPrecisionSettings), True)
"""

from __future__ import annotations

from .check import check
from .ids import decode_id, encode_id
from .precision import DoublePrecisionSettings, FullPrecisionSettings, HalfPrecisionSettings, PrecisionSettings
from .recorder import CompactRecorder, DefaultRecorder, NamedMpkFileRecorder, NamedMpkGzFileRecorder, Recorder
from .tree import ParamRecord, Record

__all__ = [
    "CompactRecorder",
    "DefaultRecorder",
    "DoublePrecisionSettings",
    "FullPrecisionSettings",
    "HalfPrecisionSettings",
    "NamedMpkFileRecorder",
    "NamedMpkGzFileRecorder",
    "ParamRecord",
    "PrecisionSettings",
    "Record",
    "Recorder",
    "check",
    "decode_id",
    "encode_id",
]
