"""The metrics as JSON lines: each whole, each once, whatever the run went through."""

from __future__ import annotations

import errno
import json
import math
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad.errors import LearnerError, MetricError
from minigrad.train import LearnerBuilder, LearnerSummary
from minigrad.train.event import EpochDone, Event, StateReady
from minigrad.train.logger import FileMetricLogger, JsonLinesMetricLogger
from minigrad.train.metric import LossMetric, Metric, MetricEntry, MetricMetadata, NumericEntry, Split


def no_constant(text: str) -> None:
    raise AssertionError(f"{text} is no JSON")


def read(path: Path) -> list[dict[str, Any]]:
    text = path.read_text("utf-8")
    assert text.endswith("\n")
    return [json.loads(line, parse_constant=no_constant) for line in text.splitlines()]


def run(job: ModuleType, folder: Path, epochs: int = 3, resume: bool = False, **options: Any) -> Path:
    """A run that logs to files too; where its lines are."""
    log = JsonLinesMetricLogger(folder / "metrics.jsonl", **options)
    files = [FileMetricLogger(folder / split.value) for split in Split]
    builder: LearnerBuilder = job.builder(folder, epochs).metric_loggers(log, log).metric_loggers(*files)
    job.learner(builder.resume() if resume else builder, job.model()).fit(*job.loaders())
    return folder / "metrics.jsonl"


def done(split: Split, epoch: int, *losses: float) -> EpochDone:
    metric = LossMetric()
    column: list[MetricEntry | NumericEntry] = [NumericEntry(metric, loss, 5) for loss in losses]
    value = sum(losses) / len(losses)
    return EpochDone(split, epoch, 9, len(losses), {"Loss": column}, {"Loss": value}, 0.1)


def places(path: Path) -> list[tuple[str, int]]:
    return [(line["split"], line["epoch"]) for line in read(path)]


def test_a_line_a_pass_with_the_epochs_values(job: ModuleType, tmp_path: Path) -> None:
    path = run(job, tmp_path)
    assert places(path) == [(split, epoch) for epoch in (1, 2, 3) for split in ("train", "valid")]
    names = {"train": ["Loss", "Binary Accuracy"], "valid": ["Loss"]}
    assert all(list(line) == ["split", "epoch", *names[line["split"]]] for line in read(path))
    summary = LearnerSummary(tmp_path, ["Loss", "Binary Accuracy"])
    for split, metrics in (("train", summary.train), ("valid", summary.valid)):
        for metric in metrics:
            logged = {line["epoch"]: line[metric.name] for line in read(path) if line["split"] == split}
            assert logged == pytest.approx(metric.values, rel=1e-12)


def test_a_line_a_batch(job: ModuleType, tmp_path: Path) -> None:
    path = run(job, tmp_path, epochs=2, batches=True)
    lines = [line for line in read(path) if line["split"] == "train" and line["epoch"] == 2]
    assert [line["iteration"] for line in lines] == [1, 2, 3]
    for name in "Loss", "Binary_Accuracy":
        logged = [line.split(",")[0] for line in (tmp_path / f"train/epoch-2/{name}.log").read_text().splitlines()]
        assert [line[name.replace("_", " ")] for line in lines] == [float(value) for value in logged]


class Words(Metric):
    def __init__(self, name: str) -> None:
        self._name = name

    def name(self) -> str:
        return self._name

    def update(self, item: Any, metadata: MetricMetadata) -> MetricEntry:
        return MetricEntry(self._name, "", f"{metadata.items} °C")

    def clear(self) -> None:
        pass


def test_words_stand_in_the_lines_of_batches(job: ModuleType, tmp_path: Path) -> None:
    epochs, batches = JsonLinesMetricLogger(tmp_path / "a"), JsonLinesMetricLogger(tmp_path / "b", batches=True)
    builder = LearnerBuilder(tmp_path).metric_train(Words("Warmth")).renderer(job.SilentRenderer())
    builder = builder.metric_loggers(epochs, epochs).metric_loggers(batches, batches)
    job.learner(builder, job.model()).fit(*job.loaders())
    assert not (tmp_path / "a").exists()  # there is no number to tell of an epoch
    assert read(tmp_path / "b") == [
        {"split": "train", "epoch": 1, "iteration": number, "Warmth": f"{items} °C"}
        for number, items in enumerate((7, 7, 6), 1)
    ]


def test_what_is_no_number_is_null(tmp_path: Path) -> None:
    for batches in False, True:
        log = JsonLinesMetricLogger(tmp_path / "a" / str(batches), batches=batches)
        for epoch, value in enumerate([math.nan, math.inf, -math.inf, 1e-300], 1):
            log.log_epoch(done(Split.Train, epoch, value))
        assert [line["Loss"] for line in read(tmp_path / "a" / str(batches))] == [None, None, None, 1e-300]


def test_pandas_reads_it(job: ModuleType, tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    table = pandas.read_json(run(job, tmp_path), lines=True)
    assert table[table.split == "valid"].epoch.tolist() == [1, 2, 3]
    assert math.isnan(table["Binary Accuracy"].iloc[1])


@pytest.mark.parametrize("loggers", [1, 2])
def test_a_run_that_goes_back_replaces_what_it_does_again(tmp_path: Path, loggers: int) -> None:
    """One logger of both splits, or one of each on the same file."""
    path = tmp_path / "a"

    def passes(*epochs: int, loss: float, until: str = "valid") -> None:
        logs = [JsonLinesMetricLogger(path) for _ in range(loggers)]
        for epoch in epochs:
            for place, split in enumerate(Split):
                if (epoch, split.value) <= (epochs[-1], until):
                    logs[place % loggers].log_epoch(done(split, epoch, loss))

    passes(1, 2, 3, 4, loss=1.0)
    passes(3, 4, loss=2.0, until="train")
    assert [(line["split"], line["epoch"], line["Loss"]) for line in read(path)] == [
        *[("train", 1, 1.0), ("valid", 1, 1.0), ("train", 2, 1.0), ("valid", 2, 1.0)],
        *[("train", 3, 2.0), ("valid", 3, 2.0), ("train", 4, 2.0)],
    ]
    passes(1, loss=3.0)
    assert [line["Loss"] for line in read(path)] == [3.0, 3.0]


def test_a_logger_serves_one_fit_after_the_other(tmp_path: Path) -> None:
    log = JsonLinesMetricLogger(tmp_path / "a")
    for epoch in 1, 2, 3, 2, 3, 4, 1:
        log.log_epoch(done(Split.Valid, epoch, 1.0))
        seen = places(tmp_path / "a")
        assert seen == [("valid", number) for number in range(1, epoch + 1)]


def test_a_line_cut_short_is_removed(tmp_path: Path) -> None:
    whole = JsonLinesMetricLogger(tmp_path / "whole")
    for epoch in 1, 2, 3:
        whole.log_epoch(done(Split.Train, epoch, 0.5))
    data = (tmp_path / "whole").read_bytes()
    second = data.index(b"\n") + 1
    for length in range(len(data)):  # every way in which a write may end
        (tmp_path / "cut").write_bytes(data[:length])
        log = JsonLinesMetricLogger(tmp_path / "cut")
        first = 1 if length < second else 2
        for epoch in range(first, 4):
            log.log_epoch(done(Split.Train, epoch, 0.5))
        assert (tmp_path / "cut").read_bytes() == data


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs os.fork")
def test_a_run_that_is_killed_at_any_write_and_resumed_leaves_the_same_lines(job: ModuleType, tmp_path: Path) -> None:
    whole = run(job, tmp_path / "whole").read_bytes()
    for moment in counted(1):
        folder = tmp_path / str(moment)
        child = os.fork()
        if not child:
            try:
                kill_at(moment)
                run(job, folder)
            finally:
                os._exit(0)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status):
            break
        resumed = run(job, folder, resume=True)
        assert resumed.read_bytes() == whole, moment
    assert moment > 15


def counted(first: int) -> Iterator[int]:
    while True:
        yield first
        first += 1


def kill_at(moment: int) -> None:
    """At this call of os.write half of the bytes get through."""
    write, calls = os.write, counted(1)

    def fatal(file: int, data: Any) -> int:
        if next(calls) == moment:
            write(file, data[: len(data) // 2])
            os.kill(os.getpid(), signal.SIGKILL)
        return write(file, data)

    os.write = fatal


def test_a_new_run_that_fails_before_its_first_checkpoint_leaves_the_lines(job: ModuleType, tmp_path: Path) -> None:
    path = run(job, tmp_path)
    before = path.read_bytes()

    def fail(event: Event) -> None:
        if isinstance(event, EpochDone) and event.split is Split.Valid:
            raise KeyboardInterrupt

    log = JsonLinesMetricLogger(path)
    builder = job.builder(tmp_path).metric_loggers(log, log).renderer(fail)
    with pytest.raises(KeyboardInterrupt):
        job.learner(builder, job.model()).fit(*job.loaders())
    assert path.read_bytes() == before
    run(job, tmp_path, epochs=4, resume=True)
    assert places(path)[-1] == ("valid", 4)
    assert path.read_bytes().startswith(before)


@pytest.mark.parametrize("epoch", [1, 2])
def test_a_full_disk_leaves_no_part_of_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, epoch: int) -> None:
    write, log = os.write, JsonLinesMetricLogger(tmp_path / "a")
    for number in range(1, epoch):
        log.log_epoch(done(Split.Train, number, 0.5))
    before = (tmp_path / "a").read_bytes() if epoch > 1 else b""

    def full(file: int, data: Any) -> int:
        if len(data) < 20:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[: len(data) // 2])

    monkeypatch.setattr(os, "write", full)
    with pytest.raises(LearnerError) as error:
        log.log_epoch(done(Split.Train, epoch, 0.5))
    assert str(error.value) == (
        f"{tmp_path}/a cannot be written: No space left on device\n  what was written before is whole; make room"
    )
    assert (tmp_path / "a").read_bytes() == before
    monkeypatch.undo()
    log.log_epoch(done(Split.Train, epoch, 0.5))
    assert places(tmp_path / "a") == [("train", number) for number in range(1, epoch + 1)]


@pytest.mark.parametrize(
    "text", ["# mine\n", "mine", '{"split": "test", "epoch": 1}\n', "[1, 2]\n", "\n", '{"a": 1}\n']
)
def test_a_file_of_something_else_is_left_alone(tmp_path: Path, text: str) -> None:
    (tmp_path / "a").write_text(text)
    with pytest.raises(LearnerError) as error:
        JsonLinesMetricLogger(tmp_path / "a").log_epoch(done(Split.Train, 1, 0.5))
    shown = text.removesuffix("\n")
    assert str(error.value) == (
        f"{tmp_path}/a, line 1 is not of a JsonLinesMetricLogger: {shown!r}\n"
        "  nothing was written to it; give the logger a file of its own"
    )
    assert (tmp_path / "a").read_text() == text


def test_a_place_where_no_file_can_be(job: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    with pytest.raises(LearnerError) as error:
        JsonLinesMetricLogger(tmp_path / "a").log_epoch(done(Split.Train, 1, 0.5))
    assert str(error.value) == f"{tmp_path}/a cannot be written: Is a directory\n  move away what stands there"
    with pytest.raises(LearnerError) as error:
        JsonLinesMetricLogger(3)  # type: ignore[arg-type]
    assert str(error.value) == (
        "JsonLinesMetricLogger(3): it takes the file to write\n"
        '  JsonLinesMetricLogger("artifacts/circle/metrics.jsonl")'
    )


@pytest.mark.parametrize("name", ["split", "epoch", "iteration"])
def test_a_metric_that_is_called_as_the_lines_begin(job: ModuleType, tmp_path: Path, name: str) -> None:
    log = JsonLinesMetricLogger(tmp_path / "a", batches=True)
    builder = LearnerBuilder(tmp_path).metric_train(Words(name)).metric_loggers(log, log)
    with pytest.raises(MetricError) as error:
        job.learner(builder.renderer(job.SilentRenderer()), job.model()).fit(*job.loaders())
    assert str(error.value) == (
        f"a metric is called {name}, and so is what every line of JsonLinesMetricLogger begins with\n"
        "  give the metric another name()"
    )


def test_a_logger_of_ones_own_that_fails_is_named(job: ModuleType, tmp_path: Path) -> None:
    class Remote:
        def log_epoch(self, done: EpochDone) -> None:
            raise ConnectionResetError(104, "Connection reset by peer")

    builder = job.builder(tmp_path).metric_loggers(Remote(), Remote())
    with pytest.raises(LearnerError) as error:
        job.learner(builder, job.model()).fit(*job.loaders())
    assert str(error.value) == (
        "Remote cannot log epoch 1 of train: ConnectionResetError: [Errno 104] Connection reset by peer"
    )


def test_what_is_no_logger(tmp_path: Path) -> None:
    log = JsonLinesMetricLogger(tmp_path / "a")
    for given, shown in (JsonLinesMetricLogger, "JsonLinesMetricLogger, a class"), (None, "None"), ("a", "a str"):
        with pytest.raises(LearnerError) as error:
            LearnerBuilder(tmp_path).metric_loggers(log, given)  # type: ignore[arg-type]
        assert str(error.value) == (
            f"metric_loggers({shown}): it takes a logger for each split, with a method log_epoch\n"
            "  metric_loggers(InMemoryMetricLogger(), InMemoryMetricLogger())"
        )


def test_it_logs_after_a_state_is_ready_and_in_the_order_of_the_splits(job: ModuleType, tmp_path: Path) -> None:
    seen: list[Any] = []

    class Listening:
        def log_epoch(self, done: EpochDone) -> None:
            seen.append((done.split, done.epoch, sorted(done.values), done.iterations))

    def listen(event: Event) -> None:
        if isinstance(event, StateReady):
            seen.append(event.state.epoch)

    log = Listening()
    job.learner(job.builder(tmp_path, 2).metric_loggers(log, log).renderer(listen), job.model()).fit(*job.loaders())
    one = [(Split.Train, 1, ["Binary Accuracy", "Loss"], 3), (Split.Valid, 1, ["Loss"], 2)]
    assert seen == [*one, 1, *[(split, 2, *rest) for split, _, *rest in one], 2]
