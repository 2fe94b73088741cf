"""What schedulers ask of a record before they go on from it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, NoReturn

from ...errors import RecordError

if TYPE_CHECKING:
    from .base import LrScheduler

__all__ = ["count_in", "parts_in", "record_of_parts", "refuse"]


def refuse(scheduler: object, record: Any, wanted: str) -> NoReturn:
    """Raises the `RecordError` of a record that is not `wanted`."""
    raise RecordError(
        f"{type(scheduler).__name__}: its record is {record!r:.80}, and must be {wanted}\n"
        "  it is of another scheduler, or of other settings: give the run those that it was started with"
    )


def count_in(scheduler: object, record: Any, least: int = 0, most: int = 2**63 - 1) -> int:
    """`record`, an integer from `least` to `most`. Raises `RecordError`."""
    if type(record) is not int or not least <= record <= most:
        refuse(scheduler, record, f"an integer from {least} to {most}")
    return record


def record_of_parts(schedulers: Sequence[LrScheduler]) -> list[dict[str, Any]]:
    """The records of several schedulers, each under its kind, in Burn 0.19's form: `[{"Linear": 5}]`."""
    return [{_kind(each): each.to_record()} for each in schedulers]


def parts_in(owner: object, schedulers: Sequence[LrScheduler], record: Any) -> list[LrScheduler]:
    """The schedulers as they were when `record_of_parts` made `record`. Raises `RecordError`."""
    kinds = [_kind(each) for each in schedulers]
    parts = record if isinstance(record, (list, tuple)) else [None]
    if [list(part) if isinstance(part, dict) else None for part in parts] != [[kind] for kind in kinds]:
        refuse(owner, record, f"the records of {', '.join(kinds)}")
    return [each.load_record(part[kind]) for each, kind, part in zip(schedulers, kinds, parts, strict=True)]


def _kind(scheduler: LrScheduler) -> str:
    """Burn's name: LinearLrScheduler is Linear, CosineAnnealingLrScheduler is Cosine, ConstantLr is Constant."""
    return re.sub("(Annealing)?Lr(Scheduler)?$", "", type(scheduler).__name__)
