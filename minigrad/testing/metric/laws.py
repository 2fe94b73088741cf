"""The laws that every metric keeps, each a function of its own.

A law takes a `Subject`, raises `CheckError` where the metric breaks it, and says how much it compared.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np

from ...errors import CheckError
from ...train.metric import MetricEntry, NumericEntry, NumericMetric
from ..difference import difference
from .subject import Subject, agree, same

__all__ = ["LAWS"]


def fresh(subject: Subject) -> int:
    """Before the first batch both values are NaN."""
    return _valueless(subject.fresh(), "before the first batch", "there is no value yet: return math.nan")


def entry(subject: Subject) -> int:
    """`update` returns what the metric says of the batch, in a line that is read back from the logs."""
    metric = subject.fresh()
    given = subject.update(metric, subject.part(range(subject.rows)), 1, subject.rows, subject.rows)
    wanted = NumericEntry if isinstance(metric, NumericMetric) else MetricEntry
    if not isinstance(given, wanted):
        way = "self.record(value, metadata.items)" if wanted is NumericEntry else "MetricEntry(name, formatted, line)"
        raise CheckError(f"update returned {type(given).__name__}, not {wanted.__name__}\n  return {way}")
    if isinstance(metric, NumericMetric) and math.isnan(metric.running_value()) and not subject.timed:
        raise CheckError(
            "running_value() is NaN after a batch of the whole item\n"
            "  give check_metric an item of which the metric has a value"
        )
    if given.name != metric.name():
        raise CheckError(f"update returned an entry of {given.name!r}, and name() is {metric.name()!r}")
    words: list[Any] = [given.serialize, given.formatted]
    if not all(isinstance(text, str) and len(text.splitlines()) == 1 for text in words):
        raise CheckError(f"the entry's serialize and formatted are {words}: each must be one line of text")
    if isinstance(given, NumericEntry):
        _reads_back(metric, given.serialize)
    return 1


def name(subject: Subject) -> int:
    """`name()` is one line, the same at any time, and another one with other parameters."""
    metric = subject.fresh()
    first: Any = metric.name()
    if not isinstance(first, str) or len(first.splitlines()) != 1:
        raise CheckError(f"name() is {first!r}, and must be one line of text: a log's file is named so")
    subject.feed(metric, subject.two)
    fed = metric.name()
    metric.clear()
    for now, when in (fed, "after two batches"), (metric.name(), "after clear()"):
        if now != first:
            raise CheckError(f"name() is {first!r} at first, and {now!r} {when}\n  make the name in __init__")
    for other in subject.others:
        if other.name() == first:
            raise CheckError(
                f"name() is {first!r} with other parameters, too, and one log would hold both\n"
                "  say the parameters in the name, as 'Top-K Accuracy @ TopK(3)' does"
            )
    return 2 + len(subject.others)


def item(subject: Subject) -> int:
    """The item is not written to."""
    before, whole = (subject.part(range(subject.rows)) for _ in range(2))
    subject.update(subject.fresh(), whole, 1, subject.rows, subject.rows)
    found = difference(before, whole)
    if found:
        raise CheckError(f"update wrote to the item, {found}\n  work on a copy: np.sort(x) and not x.sort()")
    return 1


def apart(subject: Subject) -> int:
    """Two metrics of one class share nothing."""
    first, last = subject.two
    before = subject.feed(subject.fresh(), [first])
    subject.feed(subject.fresh(), [last])
    after = subject.feed(subject.fresh(), [first])
    if not subject.timed:
        agree(before, after, "another one was updated before", "keep the epoch in self, and set it up in clear()")
    return 1


def value(subject: Subject) -> int:
    """`value()` is of the last batch alone."""
    first, last = subject.two
    both, alone = subject.feed(subject.fresh(), [first, last]), subject.feed(subject.fresh(), [last])
    if subject.timed:
        return 0
    if not same(both.value, alone.value):
        raise CheckError(
            f"value() is {both.value!r} after two batches, and {alone.value!r} after the second alone\n"
            "  value() is the last batch's, running_value() the epoch's"
        )
    if not isinstance(subject.metric, NumericMetric) and both.serialize != alone.serialize:
        raise CheckError(
            f"the log's line is {both.serialize!r} after two batches, and {alone.serialize!r} after the second alone\n"
            "  serialize is of the last batch, formatted may be of the epoch"
        )
    return 1


def asked(subject: Subject) -> int:
    """Asking for the values, at any time and any number of times, changes nothing."""
    batches = subject.cuts[3]
    if subject.timed:
        return 0
    silent = subject.feed(subject.fresh(), batches)
    asked = subject.feed(subject.fresh(), batches, ask=True)
    agree(silent, asked, "it was asked after every batch", "a display may ask at any time: let asking change nothing")
    return len(batches)


def clear(subject: Subject) -> int:
    """`clear` forgets the epoch."""
    first, last = subject.two
    metric = subject.fresh()
    subject.feed(metric, [first])
    metric.clear()
    _valueless(metric, "after clear()", "set everything of the epoch back in clear(), with super().clear()")
    again, alone = subject.feed(metric, [last]), subject.feed(subject.fresh(), [last])
    if not subject.timed:
        agree(alone, again, "an epoch came before", "set everything of the epoch back in clear()")
    return 1


def split(subject: Subject) -> int:
    """`running_value()` is the same however the rows are cut into batches, of one row too."""
    return _exact(
        subject,
        [(f"batches of {', '.join(str(len(rows)) for rows in cut)}", cut) for cut in subject.cuts],
        "count over the epoch and divide in running_value(), or let a batch weigh metadata.items\n"
        "  what does depend on the batches is checked with exact=False",
    )


def order(subject: Subject) -> int:
    """`running_value()` is the same in whichever order the rows come."""
    cut = len(subject.two[0])
    shuffled = np.split(np.random.default_rng(1).permutation(subject.rows), [cut])
    ways = [("the last batch first", subject.two[::-1]), ("the rows in another order", shuffled)]
    return _exact(subject, ways, "an epoch is shuffled; what does depend on the order is checked with exact=False")


def _exact(subject: Subject, ways: list[tuple[str, Any]], help: str) -> int:
    """How many ways to hand the rows out were tried."""
    if not isinstance(subject.metric, NumericMetric):
        return 0
    whole = subject.feed(subject.fresh(), [range(subject.rows)]).running_value
    for way, batches in ways:
        got = subject.feed(subject.fresh(), batches).running_value
        if not same(whole, got):
            raise CheckError(
                f"running_value() is {whole!r} of one batch of {subject.rows}, and {got!r} of {way}\n  {help}"
            )
    return len(ways)


def _valueless(metric: Any, when: str, help: str) -> int:
    if not isinstance(metric, NumericMetric):
        return 0
    for call, number in ("value()", metric.value()), ("running_value()", metric.running_value()):
        if not math.isnan(number):
            raise CheckError(f"{call} is {number!r} {when}, and must be NaN\n  {help}")
    return 2


def _reads_back(metric: NumericMetric, line: str) -> None:
    """Raises `CheckError` for a line that is not the batch's value and its items."""
    try:
        number, items = map(float, line.split(","))
    except ValueError:
        raise CheckError(f"the entry's line in the log is {line!r}, and must be value,items") from None
    if not same(number, metric.value()) or not items >= 0:
        raise CheckError(f"the entry's line in the log is {line!r}, and value() is {metric.value()!r}")


LAWS: dict[str, Callable[[Subject], int]] = {
    law.__name__: law for law in (fresh, entry, name, item, apart, value, asked, clear, split, order)
}
