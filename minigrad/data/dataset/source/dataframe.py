"""DataframeDataset: the rows of a frame of pandas or Polars as items."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, time, timedelta
from typing import Any, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from ....errors import DatasetError
from ..dataset import InMemDataset
from .schema import Field, ItemType, Unreadable, column_items, meant, plain, schema_of, shown, value_reader

__all__ = ["DataframeDataset"]

I_co = TypeVar("I_co", covariant=True)

_TAKEN = {float: "fiu", int: "iu", bool: "b"}  # the arrays that are what the field declares, by dtype.kind


class Frame(Protocol):
    """What is asked of a frame. Its columns are arrays, or become arrays, and may have `to_list()` and `isna()`."""

    @property
    def columns(self) -> Iterable[Any]: ...
    def __len__(self) -> int: ...
    def __getitem__(self, name: str, /) -> Any: ...


class DataframeDataset(InMemDataset[I_co]):
    """The rows of a frame of pandas, Polars, or of any library whose frames look alike.

    `item` is what `InMemDataset.from_csv` takes. Its fields name columns, in any order; other columns are passed over.
    What the frame counts as missing (in pandas that is NaN, too) is None where the field declares it. With `item=dict`
    items have every column. The values are copied, so a change of the frame changes no item; the frame is not kept.

    Raises `DatasetError` for columns that are missing, and for values that are not what the fields declare.

    >>> class DataFrame(dict):  # as that of pandas or of Polars
    ...     columns = property(list)
    >>> frame = DataFrame({"species": ["setosa", "virginica"], "width": [3.5, 3.3]})
    >>> DataframeDataset(frame, {"width": float}).get(1)
    {'width': 3.3}
    """

    def __init__(self, df: Frame, item: ItemType[I_co]) -> None:
        kind = type(df)
        if isinstance(df, type) or not all(hasattr(kind, name) for name in ("columns", "__len__", "__getitem__")):
            raise DatasetError(
                f"DataframeDataset: {kind.__name__} is no frame\n"
                "  give a DataFrame of pandas or of Polars; of a LazyFrame, what .collect() returns"
            )
        schema = schema_of(item)
        keys = [*df.columns]
        names = [str(key) for key in keys]  # pandas numbers columns without a header
        if not names:
            raise DatasetError(f"DataframeDataset: this {kind.__name__} has no columns\n  give one with columns")
        fields = [Field(name, Any) for name in names] if schema.is_open else list(schema.fields)
        columns = {}
        for field in fields:
            if names.count(field.name) > 1:
                raise DatasetError(
                    f"DataFrame: {names.count(field.name)} columns are called {field.name!r}\n  rename one"
                )
            if field.name in names:
                columns[field.name] = _column(df[keys[names.index(field.name)]], field, schema.name)
            elif field.required:
                raise DatasetError(
                    f"DataFrame: there is no column {field.name!r}, which {schema.name} needs\n"
                    f"  {meant(field.name, names, 'it has')}"
                )
        items = column_items(schema, columns)
        super().__init__(items if len(columns) == len(fields) else list(items))  # defaults have no column


def _column(series: Any, field: Field, item: str) -> NDArray[Any]:
    """The values of one column: an array of numbers where all are numbers, and of objects elsewhere."""
    read = value_reader(field.kind, f"{item}.{field.name}")
    array: NDArray[Any] = np.array(series)
    find = getattr(series, "is_null", None) or getattr(series, "isna", None)
    missing = np.zeros(len(array), np.bool_) if find is None else np.asarray(find())
    taken = "fiub" if field.kind is Any else _TAKEN.get(field.kind, "")
    if array.ndim == 1 and array.dtype.kind in taken and not missing.any():
        return array.astype(np.float64) if field.kind is float and array.dtype.kind != "f" else array
    values = series.to_list() if hasattr(series, "to_list") else array.tolist()  # an array has 1.0 for 1 beside a null
    result = np.empty(len(values), object)
    for row, (value, is_missing) in enumerate(zip(values, missing.tolist(), strict=True)):
        try:
            result[row] = read(None if is_missing else plain(value))
        except Unreadable as error:
            if isinstance(value, (date, time, timedelta)):
                error.problem = f"{shown(value)} is no number and no text"
                error.help = f"make it numbers or texts: df[{field.name!r}].astype(str); or leave it out: item={{...}}"
            raise error.within(f"row {row}, column {field.name!r}").at("DataFrame") from None
    return result
