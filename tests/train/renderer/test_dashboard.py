"""The terminal's picture, as lines of text."""

from __future__ import annotations

from typing import Any

import pytest

from minigrad.train.metric import BinaryAccuracyMetric, History, LossMetric, MetricEntry, NumericEntry, Split
from minigrad.train.renderer.dashboard import dashboard

pytest.importorskip("rich")


def picture(
    run: Any, width: int = 79, height: int = 23, chosen: str | None = "Loss", ascii: bool = False, keys: bool = True
) -> list[str]:
    return [line.plain.rstrip() for line in dashboard(run.view, chosen, width, height, ascii, keys, coloured=False)]


def trained(run: Any, epochs: int = 10) -> Any:
    """Three epochs and a half."""
    r = run(epochs=epochs)
    r.metrics[Split.Valid].append(BinaryAccuracyMetric())
    for train, valid in [(0.75, 0.5), (0.5, 0.25), (0.25, 0.375)]:
        r.whole_epoch(train, valid, seconds=10.0)
    return r.begin(Split.Train, 10_000).batch(1.0, 2500).batch(0.5, 2500)


def test_before_the_first_batch(run: Any) -> None:
    assert picture(run(epochs=5), chosen=None) == [
        "Epoch 1/5  waiting for the first batch",
        "─" * 59 + "   0%",
        "q stop after this batch",
    ]


def test_all_of_it(run: Any) -> None:
    lines = picture(trained(run))
    assert lines[:6] == [
        "Epoch 4/10  train 5000/10000 items  iteration 2  lr 0.02",
        "━" * 19 + "─" * 40 + "  34%  1:10 left",
        "Metric                     Batch   Running      Last      Best Epoch",
        "Loss             train     0.500     0.750     0.250     0.250     3",
        "Loss             valid     0.375     0.375     0.375     0.250     2",
        "Binary Accuracy  valid     0.375     0.375     0.375     0.500     1",
    ]
    assert lines[6] == "Loss  ─ train  ╌ valid"
    assert lines[7].startswith("0.750 ┤")
    assert lines[18].startswith("0.250 ┤")
    assert lines[20].split() == ["1", "epoch", "3"]
    assert lines[21] == "q stop after this batch   ← → other metrics"
    assert len(lines) == 22


def test_the_end(run: Any) -> None:
    r = run(epochs=2).whole_epoch(1.0, 1.0).whole_epoch(0.5, 0.5).end()
    lines = picture(r)
    assert lines[1] == "━" * 59 + " 100%"
    assert lines[-1].split() == ["1", "epoch", "2"]


def test_a_run_that_is_stopped(run: Any) -> None:
    r = trained(run)
    r.view.stop()
    assert picture(r)[1].endswith("34%  stopping after this batch")
    assert picture(r.end(finished=False))[1].endswith("34%  stopped")


@pytest.mark.parametrize(
    ("width", "columns"),
    [
        (79, "Batch Running Last Best Epoch"),
        (59, "Batch Running Best Epoch"),
        (49, "Running Best Epoch"),
        (45, "Running Best Epoch"),
        (39, "Running Best"),
        (29, "Running"),
    ],
)
def test_a_narrow_window_has_fewer_columns(run: Any, width: int, columns: str) -> None:
    lines = picture(trained(run), width)
    assert lines[2].split() == ["Metric", *columns.split()]
    assert max(len(line) for line in lines[2:6]) <= width


@pytest.mark.parametrize("height", range(1, 24))
@pytest.mark.parametrize("width", [1, 10, 39, 79])
def test_it_fits_into_any_window(run: Any, width: int, height: int) -> None:
    assert len(picture(trained(run), width, height)) <= height


def test_a_low_window_has_no_curve(run: Any) -> None:
    lines = picture(trained(run), 39, 9)
    assert [line.split()[0] for line in lines[2:6]] == ["Metric", "Loss", "Loss", "Binary"]
    assert lines[6].startswith("q stop after this batch")
    assert len(lines) == 7


class Numbered(LossMetric):
    def __init__(self, number: int) -> None:
        super().__init__()
        self.number = number

    def name(self) -> str:
        return f"Loss {self.number}"


def test_of_many_metrics_the_chosen_one_is_to_be_seen(run: Any) -> None:
    r = run()
    r.metrics[Split.Train] = [Numbered(n) for n in range(30)]
    r.begin(Split.Train).batch(1.0).batch(0.5)
    for chosen in 0, 17, 29:
        lines = picture(r, chosen=f"Loss {chosen}")
        assert lines[2].startswith("30 metrics")
        assert any(line.startswith(f"Loss {chosen} ") and "train" in line for line in lines[3:])
        assert f"Loss {chosen}  ─ train" in lines
        assert lines[-1].startswith("q stop")


def test_signs_that_any_terminal_has(run: Any) -> None:
    assert all(line.isascii() for line in picture(trained(run), ascii=True))


def test_without_keys_it_names_none(run: Any) -> None:
    assert not any("stop after" in line for line in picture(trained(run), keys=False))


def test_words_and_wide_names(run: Any) -> None:
    r = run()
    r.texts = [MetricEntry("気分", "rather good", "1")]
    lines = picture(r.begin(Split.Train).batch(1.0))
    assert lines[3] == "Loss        train     1.000     1.000"
    assert lines[4] == "気分        train   rather good"


def test_a_metric_of_validation_alone_has_a_curve(run: Any) -> None:
    lines = picture(trained(run), chosen="Binary Accuracy")
    assert "Binary Accuracy  ╌ valid" in lines


def test_a_metric_that_is_not_in_the_summary_has_the_curve_of_its_batches(run: Any) -> None:
    r = run(history=History())
    r.begin(Split.Train).batch(1.0).batch(0.5)
    assert isinstance(r.entries[0], NumericEntry)
    assert picture(r)[-2].split() == ["1", "batch", "2"]
