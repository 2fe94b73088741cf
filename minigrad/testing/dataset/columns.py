"""The law of columns: `get_batch` gives what `get` gives, whatever it is asked for."""

from __future__ import annotations

from typing import Any

import numpy as np

from ...data.column import field_names, is_window
from ...data.dataset import Dataset
from ...data.items import Items
from ...errors import CheckError, DatasetError
from ..difference import difference
from .subject import Raised, Subject

__all__ = ["columns"]


def columns(subject: Subject) -> int:
    """`get_batch` gives one item an index, in that order, by row and by column; or always None."""
    own = list(subject.items)
    mixed = np.random.default_rng(2).permutation([*own, *own[:3]]).tolist()
    asked = [own, own[::-1], mixed, own[:1], []]
    # all are asked before any is read: arrays that are handed out are not to be written to again
    batches = [_batch(subject.dataset, indices) for indices in asked]
    for indices, batch in zip(asked, batches):
        if (batch is None) != (batches[0] is None):
            kinds = [f"{_call(i)} returned {_kind(b)}" for i, b in ((own, batches[0]), (indices, batch))]
            raise CheckError(
                f"{kinds[0]}, and {kinds[1]}\n"
                f"  return Items for any indices, none at all too; or, of a dataset without columns, None always"
            )
    if subject.random:
        return 0
    return sum(_agrees(subject, indices, batch) for indices, batch in zip(asked, batches) if batch is not None)


def _batch(dataset: Dataset[Any], indices: list[int]) -> Items[Any] | None:
    array = np.array(indices, np.intp)
    array.setflags(write=False)  # as a loader's are
    try:
        batch: object = dataset.get_batch(array)
    except Exception as error:
        raise CheckError(f"{_call(indices)} raised {Raised(error)}") from error
    if batch is None:
        return None
    if not isinstance(batch, Items):
        raise CheckError(
            f"{_call(indices)} returned {_kind(batch)}\n"
            f"  return Items.from_columns({{name: array[indices], ...}}, Item), or None for no columns"
        )
    if len(batch) != len(indices):
        raise CheckError(
            f"{_call(indices)} returned {len(batch)} items for {len(indices)} indices\n"
            f"  return one item an index, in the order of the indices; an index may come several times"
        )
    return batch


def _agrees(subject: Subject, indices: list[int], batch: Items[Any]) -> int:
    """How many items were compared, each as a row and each of its fields as an element of a column."""
    call, rows = _call(indices), [subject.items[index] for index in indices]
    for place, (index, row) in enumerate(zip(indices, batch)):
        found = difference(row, subject.items[index], loose=True)
        if found:
            raise CheckError(f"{call}[{place}] is not the item of get({index}): {found}")
    for name in _fields(rows):
        try:
            expected = Items(rows, indices).column(name)
        except DatasetError:  # it holds no numbers
            continue
        try:
            column = batch.column(name)
        except DatasetError as error:
            raise CheckError(
                f"{call}.column({name!r}) cannot be made, but {name} is a field of get({indices[0]})"
            ) from error
        wanted, got = (
            f"{array.dtype} [items{''.join(f', {n}' for n in array.shape[1:])}]" for array in (expected, column)
        )
        if wanted != got:
            raise CheckError(f"{call}.column({name!r}) is {got}, and from the items of get it would be {wanted}")
        for index, element, own in zip(indices, column, expected):
            found = difference(element, own)
            if found:
                raise CheckError(f"{call}.column({name!r}) is not that of get for item {index}: {found}")
    return len(indices)


def _fields(rows: list[Any]) -> list[str]:
    if not rows:
        return []
    row = rows[0]
    while is_window(row):
        row = row[0]
    return field_names(row)


def _call(indices: list[int]) -> str:
    return f"get_batch([{', '.join(map(str, indices[:8]))}{', ...' if len(indices) > 8 else ''}])"


def _kind(batch: object) -> str:
    return "None" if batch is None else type(batch).__name__
