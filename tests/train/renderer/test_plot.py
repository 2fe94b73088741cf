"""Curves as lines of text."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from minigrad.train.renderer.plot import Row, plot

NAN = float("nan")
ROWS = 7


def texts(rows: list[Row]) -> list[str]:
    return ["".join(text for text, _ in row).rstrip() for row in rows]


def cells(values: list[float], *others: dict[int, float]) -> list[str]:
    """The inside of an ASCII picture that has a column for every value, and seven rows."""
    series = [dict(enumerate(values)), *others]
    margin = len(plot(series, 200, ROWS + 2, ascii=True)[0][0][0])  # up to the axis
    rows = plot(series, margin + len(values), ROWS + 2, ascii=True)
    return ["".join(text for text, _ in row[1:]).ljust(len(values)) for row in rows[:-2]]


def test_a_falling_line() -> None:
    assert texts(plot([{1: 3.0, 2: 2.0, 3: 1.0}], 20, 6)) == [
        "3.000 ┤⠑⠢⣀",
        "      │   ⠑⠢⣀",
        "      │      ⠑⠢⢄⡀",
        "1.000 ┤         ⠈⠑⠢⢄",
        "      └─────────────",
        "       1   epoch   3",
    ]


def test_the_second_series_is_dashed_and_has_its_own_pieces() -> None:
    rows = plot([{1: 0.0, 9: 0.0}, {1: 1.0, 9: 1.0}], 20, 6)
    assert texts(rows)[0] == "1.000 ┤⠉ ⠉ ⠉ ⠉ ⠉ ⠉ ⠉"
    assert texts(rows)[3] == "0.000 ┤⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀⣀"
    owners = [{owner for _, owner in row[1:]} for row in rows]
    assert owners[0] == {1, None}
    assert owners[3] == {0}


def test_where_there_are_colours_many_points_are_a_solid_line() -> None:
    many, few = (dict.fromkeys(range(size), 1.0) for size in (100, 3))
    dashes = "⠉ ⠉ ⠉ ⠉ ⠉ ⠉ ⠉"
    assert texts(plot([{0: 0.0}, many], 20, 6))[0].endswith(dashes)
    assert texts(plot([{0: 0.0}, many], 20, 6, coloured=True))[0].endswith("⠉" * 13)
    assert texts(plot([{0: 0.0}, few], 20, 6, coloured=True))[0].endswith(dashes)


@given(st.lists(st.integers(0, ROWS - 1), min_size=2, max_size=60))
def test_every_point_is_where_it_belongs(levels: list[int]) -> None:
    levels = [0, ROWS - 1, *levels]
    picture = cells([float(level) for level in levels])
    for column, level in enumerate(levels):
        assert picture[ROWS - 1 - level][column] == "*"


@given(st.lists(st.integers(0, ROWS - 1), min_size=2, max_size=60))
def test_a_line_has_no_holes(levels: list[int]) -> None:
    picture = cells([float(level) for level in [0, ROWS - 1, *levels]])
    marked = {(x, y) for y, row in enumerate(picture) for x, sign in enumerate(row) if sign != " "}
    reached, edge = set(), {min(marked)}
    while edge:
        reached |= edge
        edge = {(x + i, y + j) for x, y in edge for i in (-1, 0, 1) for j in (-1, 0, 1)} & marked - reached
    assert reached == marked


@pytest.mark.parametrize("gap", [NAN, math.inf, -math.inf])
def test_what_is_no_number_is_a_gap(gap: float) -> None:
    picture = cells([0.0, 6.0, 6.0, gap, 6.0, 0.0])
    assert picture[0] == " ** * "
    assert all(row[3] == " " for row in picture)
    assert cells([gap, 0.0, 6.0, gap])[0] == "  * "


def test_numbers_are_joined_over_an_epoch_that_has_none() -> None:
    rows = plot([{1: 2.0, 9: 2.0}], 40, 5, ascii=True)
    assert "*" * 30 in texts(rows)[1]


def test_one_point() -> None:
    assert texts(plot([{5: 0.25}], 20, 5, ascii=True)) == [
        "      |",
        "0.250 +*",
        "      |",
        "      +-------------",
        "       5   epoch",
    ]


def test_a_series_that_does_not_change_is_a_line_in_the_middle() -> None:
    assert texts(plot([{1: 2.0, 2: 2.0}], 20, 5, ascii=True)) == [
        "      |",
        "2.000 +*************",
        "      |",
        "      +-------------",
        "       1   epoch   2",
    ]


@pytest.mark.parametrize("series", [[], [{}], [{}, {}], [{1: NAN, 2: NAN}]])
def test_nothing_to_draw(series: list[dict[int, float]]) -> None:
    rows = texts(plot(series, 20, 5))
    assert len(rows) == 5
    assert rows[:3] == [" │"] * 3


def test_a_spike_among_ten_thousand_points_stays() -> None:
    values = dict.fromkeys(range(10_000), 0.5) | {4321: 1.0, 8765: 0.0}
    rows = texts(plot([values], 70, 12))
    assert len(rows) == 12
    assert sum(sign not in " │┤" for sign in rows[1][8:]) == 1  # the way up, and down again, is within a sign or two
    assert sum(sign not in " │┤" for sign in rows[8][8:]) == 1
    assert rows[11].split() == ["0", "epoch", "9999"]


def test_numbers_as_large_as_they_come() -> None:
    rows = texts(plot([{1: -1.7e308, 2: 0.0, 3: 1.7e308}], 40, 7, ascii=True))
    assert rows[0].startswith(" 1.700e308 +")
    assert rows[4].startswith("-1.700e308 +*")
    assert rows[2].rstrip()[13:].strip(" *") == ""
    assert max(map(len, rows)) <= 40


@given(
    st.lists(
        st.dictionaries(st.integers(1, 50), st.floats(width=32), max_size=30).map(lambda d: dict(sorted(d.items()))),
        max_size=2,
    ),
    st.integers(0, 50),
    st.integers(0, 20),
    st.booleans(),
)
def test_it_keeps_to_its_size(series: list[dict[int, float]], width: int, height: int, ascii: bool) -> None:
    rows = texts(plot(series, width, height, ascii=ascii))
    assert len(rows) in (0, height)
    assert all(len(row) <= width for row in rows)
    if ascii:
        assert all(row.isascii() for row in rows)
    if width >= 30 and height >= 3:
        assert rows
