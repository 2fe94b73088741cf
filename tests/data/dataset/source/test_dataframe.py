"""DataframeDataset, on a stand-in, on pandas and on Polars."""

from __future__ import annotations

import datetime
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from minigrad.data.dataset import DataframeDataset, InMemDataset
from minigrad.errors import DatasetError
from minigrad.testing import check_dataset


class Frame(dict[str, Any]):
    """The least that a frame is: columns by name."""

    columns = property(list)


def pandas(**columns: list[Any]) -> Any:
    return pytest.importorskip("pandas").DataFrame(columns)


def nullable(**columns: list[Any]) -> Any:
    return pandas(**columns).convert_dtypes()


def polars(**columns: list[Any]) -> Any:
    return pytest.importorskip("polars").DataFrame(columns)


FRAMES = [Frame, pandas, nullable, polars]


@dataclass
class Row:
    name: str
    x: float
    n: int
    ok: bool = True
    maybe: float | None = None
    count: int | None = None
    at: tuple[float, ...] = ()


@pytest.fixture(params=FRAMES, ids=lambda make: make.__name__)
def frame(request: pytest.FixtureRequest) -> Any:
    make: Callable[..., Any] = request.param
    return make


def test_fields_are_columns(frame: Any) -> None:
    df = frame(n=[1, 2], other=[0, 0], name=["a", "b"], x=[0.5, -1.5], ok=[True, False], at=[[1.0, 2.0], [3.0, 4.0]])
    dataset = DataframeDataset(df, Row)
    assert list(dataset) == [
        Row("a", 0.5, 1, True, at=(1.0, 2.0)),
        Row("b", -1.5, 2, False, at=(3.0, 4.0)),
    ]
    assert [type(value) for value in (dataset.get(0).x, dataset.get(0).n, dataset.get(0).ok)] == [float, int, bool]  # type: ignore[union-attr]
    assert (dataset.get(2), dataset.get(-1), len(dataset)) == (None, None, 2)
    assert isinstance(dataset, InMemDataset)


def test_it_keeps_the_laws_and_has_columns(frame: Any) -> None:
    df = frame(x=[i / 3 for i in range(9)], n=list(range(9)), name=list("abcdefghi"), ok=[i % 2 == 0 for i in range(9)])
    dataset = DataframeDataset(df, {"name": str, "x": float, "n": int, "ok": bool})
    batch = dataset.get_batch(np.array([7, 7, 0]))
    assert batch is not None
    assert [batch.column(name).dtype.name for name in ("x", "n", "ok")] == ["float32", "int64", "bool"]
    assert batch.column("n").tolist() == [7, 7, 0]
    assert batch.column("x").tolist() == [np.float32(7 / 3)] * 2 + [0.0]
    assert check_dataset(dataset, pickles=True)["pickles"] == 9


def test_ints_are_floats_where_floats_are_declared_and_the_other_way_not(frame: Any) -> None:
    item = DataframeDataset(frame(x=[1, 2]), {"x": float}).get(1)
    assert repr(item) == "{'x': 2.0}"
    with pytest.raises(DatasetError, match=r"DataFrame, row 0, column 'x': 1.5 is no int"):
        DataframeDataset(frame(x=[1.5, 2.0]), {"x": int})
    with pytest.raises(DatasetError, match=r"DataFrame, row 0, column 'x': True is no float"):
        DataframeDataset(frame(x=[True, False]), {"x": float})
    with pytest.raises(DatasetError, match=r"DataFrame, row 0, column 'x': 'a' is no float"):
        DataframeDataset(frame(x=["a", "b"]), {"x": float})


def test_what_is_missing_is_none(frame: Any) -> None:
    big = 2**60 + 1  # in a column of floats, which some libraries make of ints beside a null, it would be 2**60
    kinds = {"n": int | None, "x": float | None, "name": str | None, "ok": bool | None}
    columns: dict[str, list[Any]] = {"n": [big, None], "x": [0.5, None], "name": ["a", None], "ok": [True, None]}
    if frame in (pandas, nullable):  # pandas itself does, before we see it
        columns["n"][0] = 2**50
        kinds["n"] = float | None if frame is pandas else int | None
    dataset = DataframeDataset(frame(**columns), kinds)
    assert list(dataset) == [
        {"n": columns["n"][0], "x": 0.5, "name": "a", "ok": True},
        {"n": None, "x": None, "name": None, "ok": None},
    ]
    assert DataframeDataset(frame(**columns), dict).get(1) == {"n": None, "x": None, "name": None, "ok": None}
    for name, kind in (("x", float), ("name", str), ("ok", bool)):
        with pytest.raises(DatasetError, match=f"DataFrame, row 1, column '{name}': {kind.__name__} is declared, and"):
            DataframeDataset(frame(**columns), {name: kind})


def test_a_column_says_so_where_it_has_none(frame: Any) -> None:
    dataset = DataframeDataset(frame(x=[0.5, None, 1.5]), {"x": float | None})
    whole, holed = dataset.get_batch(np.array([0, 2])), dataset.get_batch(np.array([2, 1]))
    assert whole is not None and holed is not None
    assert whole.column("x").tolist() == [0.5, 1.5]
    with pytest.raises(DatasetError, match="item 1 has None, which no array of numbers can hold"):
        holed.column("x")


def test_nan_is_missing_for_pandas_alone() -> None:
    item = DataframeDataset(polars(x=[math.nan, 1.0]), {"x": float}).get(0)
    assert item is not None
    assert math.isnan(item["x"])
    assert DataframeDataset(pandas(x=[math.nan, 1.0]), {"x": float | None}).get(0) == {"x": None}


def test_a_change_of_the_frame_changes_nothing() -> None:
    array = np.array([1.0, 2.0])
    dataset = DataframeDataset(Frame(x=array), {"x": float})
    array[0] = 9.0
    assert list(dataset) == [{"x": 1.0}, {"x": 2.0}]


def test_float32_stays() -> None:
    dataset = DataframeDataset(Frame(x=np.array([0.1], np.float32)), {"x": float})
    assert dataset.get(0) == {"x": float(np.float32(0.1))}


def test_two_columns_of_one_name() -> None:
    df = pandas(x=[1.0], y=[2.0])
    df.columns = ["x", "x"]
    with pytest.raises(DatasetError, match="DataFrame: 2 columns are called 'x'"):
        DataframeDataset(df, {"x": float})


def test_what_is_no_frame(tmp_path: Path) -> None:
    for wrong in ({"x": [1.0]}, [1.0], np.zeros((2, 2)), Frame, None, "a.csv"):
        with pytest.raises(DatasetError, match="is no frame\n  give a DataFrame"):
            DataframeDataset(wrong, {"x": float})  # type: ignore[arg-type]
    with pytest.raises(DatasetError, match=r"no column 'xx', which item needs\n  did you mean 'x'\? it has x, y"):
        DataframeDataset(Frame(x=[1.0], y=[1.0]), {"xx": float})


def test_a_lazy_frame_is_told_to_collect() -> None:
    with pytest.raises(DatasetError, match=r"LazyFrame is no frame\n .*what \.collect"):
        DataframeDataset(polars(x=[1.0]).lazy(), {"x": float})


def test_columns_that_are_numbered_go_by_their_number_as_a_text() -> None:
    frame = Frame({0: [0.5, 1.0], 1: [1, 2]})  # type: ignore[dict-item]
    assert DataframeDataset(frame, {"1": int}).get(1) == {"1": 2}
    assert DataframeDataset(frame, dict).get(0) == {"0": 0.5, "1": 1}


def test_without_columns_there_are_no_items() -> None:
    with pytest.raises(DatasetError, match="this Frame has no columns"):
        DataframeDataset(Frame(), dict)


def test_a_date_is_to_be_made_something_else() -> None:
    frame = Frame(day=[datetime.date(2020, 2, 29)])
    with pytest.raises(DatasetError) as error:
        DataframeDataset(frame, dict)
    assert str(error.value) == (
        "DataFrame, row 0, column 'day': datetime.date(2020, 2, 29) is no number and no text\n"
        "  make it numbers or texts: df['day'].astype(str); or leave it out: item={...}"
    )
