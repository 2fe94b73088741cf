"""What there is to show of a run, by a clock that is set by hand."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from minigrad.train.metric import BinaryAccuracyMetric, History, MetricEntry, Split
from minigrad.train.renderer.pace import Place
from minigrad.train.renderer.view import SAMPLES


def test_where_it_stands(run: Any) -> None:
    r = run(epochs=10).begin(Split.Train).batch(0.5)
    assert (r.view.epoch, r.view.place, r.view.lr) == (1, Place(Split.Train, 50, 100, 1), 0.02)
    r.batch(0.4).done().begin(Split.Valid, 40)
    assert r.view.place == Place(Split.Valid, 0, 40, 0)


def test_the_bar_is_of_the_whole_run(run: Any) -> None:
    r = run(epochs=4)
    assert r.view.done == 0
    r.begin(Split.Train).batch(1.0)
    assert r.view.done == pytest.approx(0.5 / 4)
    r.batch(1.0, seconds=3.0).done().begin(Split.Valid).batch(1.0, 100, seconds=1.0).done().ready()
    assert r.view.done == pytest.approx(1 / 4)
    r.begin(Split.Train).batch(1.0).batch(1.0).done()  # training is three quarters of an epoch's time
    assert r.view.done == pytest.approx((1 + 0.75) / 4)
    r.begin(Split.Valid).batch(1.0, 50)
    assert r.view.done == pytest.approx((1 + 0.875) / 4)


def test_the_bar_of_a_resumed_run_starts_where_it_was_stopped(run: Any) -> None:
    r = run(epochs=4, first=3).begin(Split.Train)
    assert r.view.done == pytest.approx(2 / 4)
    assert r.batch(1.0).view.done == pytest.approx(2.5 / 4)


def test_the_time_left_is_that_of_recent_epochs(run: Any) -> None:
    r = run(epochs=10)
    assert r.view.seconds_left is None
    r.begin(Split.Train).batch(1.0, seconds=0.5)
    assert r.view.seconds_left is None  # too early to say
    r.time = 4.0
    assert r.view.seconds_left == pytest.approx(8 * 10 - 4)  # half an epoch took 4 s
    r.batch(1.0, seconds=2.0).done().begin(Split.Valid).batch(1.0, 100, seconds=4.0).done().ready()  # 10 s
    assert r.view.seconds_left == pytest.approx(90)
    r.time += 3.0
    assert r.view.seconds_left == pytest.approx(87)
    r.time += 60.0  # much longer than usual: it does not go below the epochs to come
    assert r.view.seconds_left == pytest.approx(80)
    r.time -= 63.0
    for _ in range(5):
        r.whole_epoch(1.0, 1.0, seconds=2.0)
    assert r.view.seconds_left == pytest.approx(4 * 2)  # the slow first one is forgotten


def test_the_time_left_of_a_resumed_run_counts_its_own_epochs(run: Any) -> None:
    r = run(epochs=10, first=8).whole_epoch(1.0, 1.0, seconds=5.0)
    assert r.view.seconds_left == pytest.approx(2 * 5)


def test_what_a_metric_says(run: Any) -> None:
    r = run()
    r.metrics[Split.Valid].append(BinaryAccuracyMetric())
    for train, valid in [(0.75, 0.5), (0.5, 0.25), (0.25, 0.375)]:
        r.whole_epoch(train, valid)
    r.begin(Split.Train).batch(1.0).batch(0.0)
    rows = [(x.name, x.split, x.batch, x.epoch, x.last, x.best, x.best_epoch) for x in r.view.readings() if x.numeric]
    assert rows == [
        ("Loss", Split.Train, "0.000e0", "0.500", "0.250", "0.250", "3"),
        ("Loss", Split.Valid, "0.375", "0.375", "0.375", "0.250", "2"),
        ("Binary Accuracy", Split.Valid, "0.375", "0.375", "0.375", "0.500", "1"),
    ]


def test_nan_is_never_the_best(run: Any) -> None:
    r = run().whole_epoch(float("nan"), float("nan")).whole_epoch(0.5, float("nan"))
    train, valid = r.view.readings()
    assert (train.last, train.best, train.best_epoch) == ("0.500", "0.500", "2")
    assert (valid.last, valid.best, valid.best_epoch) == ("NaN", "", "")


def test_a_metric_of_words(run: Any) -> None:
    r = run()
    r.texts = [MetricEntry("Mood", "rather good", "1")]
    reading = r.begin(Split.Train).batch(1.0).view.readings()[1]
    assert (reading.name, reading.batch, reading.numeric) == ("Mood", "rather good", False)
    assert r.view.curves == ["Loss"]


def test_a_resumed_run_knows_its_earlier_epochs(run: Any) -> None:
    history = History().with_epoch(Split.Train, 1, {"Loss": 0.125}).with_epoch(Split.Train, 2, {"Loss": 0.5})
    r = run(first=3, history=history).begin(Split.Train).batch(1.0)
    assert (r.view.readings()[0].best, r.view.readings()[0].best_epoch) == ("0.125", "1")
    assert r.view.curve("Loss") == ("epoch", [{1: 0.125, 2: 0.5}, {}])


def test_curves_are_of_batches_until_there_are_two_epochs(run: Any) -> None:
    r = run().begin(Split.Train).batch(3.0).batch(2.0).done().begin(Split.Valid).batch(1.0, 100)
    assert r.view.curve("Loss") == ("batch", [{1: 3.0, 2: 2.0}, {3: 1.0}])
    r.done().ready().whole_epoch(1.0, 0.5)
    assert r.view.curve("Loss") == ("epoch", [{1: 2.5, 2: 1.0}, {1: 1.0, 2: 0.5}])


def test_many_batches_are_thinned(run: Any) -> None:
    r = run(epochs=1).begin(Split.Train, 10**6)
    for number in range(3 * SAMPLES):
        r.batch(float(number), 1)
    _, (train, _) = r.view.curve("Loss")
    assert SAMPLES / 2 <= len(train) <= SAMPLES
    assert list(train) == sorted(train)
    assert next(iter(train)) == 1
    assert next(reversed(train)) == 3 * SAMPLES
    assert all(value == number - 1 for number, value in train.items())


def test_numbers_are_read_in_the_thread_that_trains(run: Any) -> None:
    read: list[int] = []
    r = run()
    r.metrics[Split.Train][0].running_value = lambda: read.append(threading.get_ident()) or 0.5
    r.begin(Split.Train)
    drawing = threading.Thread(target=r.view.look)
    drawing.start()
    drawing.join()
    assert (len(r.asked), read) == (1, [])
    r.batch(1.0)
    assert read == [threading.get_ident()]
    assert r.view.readings()[0].epoch == "0.500"


def test_it_asks_again_only_when_it_was_answered(run: Any) -> None:
    r = run().begin(Split.Train)
    for _ in range(3):
        r.view.look()
    assert len(r.asked) == 1


def test_a_dear_value_is_asked_for_less_often(run: Any) -> None:
    r = run()

    def dear() -> float:
        r.time += 1.0
        return 0.5

    r.metrics[Split.Train][0].running_value = dear
    r.begin(Split.Train).batch(1.0)
    now = r.time
    r.time = now + 18.9  # one second in twenty
    r.view.look()
    assert r.asked == []
    r.time = now + 19.1
    r.view.look()
    assert len(r.asked) == 1


def test_a_metric_that_raises_when_it_is_shown_does_not_raise_in_the_loop(run: Any) -> None:
    r = run()

    def broken() -> float:
        raise ZeroDivisionError("no items")

    r.metrics[Split.Train][0].running_value = broken
    r.begin(Split.Train).batch(1.0)
    with pytest.raises(ZeroDivisionError, match="no items"):
        r.view.look()


def test_it_stops_the_run(run: Any) -> None:
    r = run().begin(Split.Train)
    assert not r.view.stopping
    r.view.stop()
    assert r.view.stopping
    assert r.interrupter.should_stop()
    assert r.interrupter.reason == "q was pressed"
    assert not r.end(finished=False).view.stopping
