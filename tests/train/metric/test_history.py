"""The history that chooses checkpoints."""

from __future__ import annotations

import json
import math

import pytest

from minigrad.train.metric import Direction, History, Split


def history(*losses: float) -> History:
    made = History()
    for epoch, loss in enumerate(losses, 1):
        made = made.with_epoch(Split.Valid, epoch, {"Loss": loss})
    return made


@pytest.mark.parametrize(
    ("losses", "lowest", "highest"),
    [
        ([0.5, 0.4, 0.4, 0.6], 2, 4),
        ([0.5, 0.6, 0.6], 1, 2),
        ([math.nan, 0.9, 0.5], 3, 2),
        ([math.nan, math.inf], 2, 2),
        ([math.nan, math.nan], None, None),
        ([], None, None),
    ],
)
def test_the_best_epoch(losses: list[float], lowest: int | None, highest: int | None) -> None:
    """The earliest of equals; never one of NaN."""
    made = history(*losses)
    assert made.best("Loss", Split.Valid) == lowest
    assert made.best("Loss", Split.Valid, Direction.Highest) == highest
    assert made.best("Loss", Split.Train) is None
    assert made.best("Accuracy", Split.Valid) is None


def test_the_best_of_some() -> None:
    assert history(0.1, 0.3, 0.2).best("Loss", Split.Valid, among=[2, 3, 9]) == 3


def test_histories_are_values_and_survive_json() -> None:
    short = history(0.1, math.nan)
    longer = short.with_epoch(Split.Valid, 3, {"Loss": 1 / 3, "Accuracy": 50.0}).with_epoch(
        Split.Train, 3, {"Loss": math.inf}
    )
    assert list(short.values[Split.Valid]["Loss"]) == [1, 2]
    again = History.from_record(json.loads(json.dumps(longer.to_record(), allow_nan=False)))
    assert repr(again) == repr(longer)  # NaN is not equal to itself
    assert repr(again.until(2)) == repr(longer.until(2))
    assert again.until(2).values[Split.Valid] == {
        "Loss": {1: 0.1, 2: pytest.approx(math.nan, nan_ok=True)},
        "Accuracy": {},
    }
