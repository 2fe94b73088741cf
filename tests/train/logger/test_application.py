"""The handler of `experiment.log`: it hears minigrad during fit, and changes nothing for anybody else."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

from minigrad.errors import MinigradWarning
from minigrad.train.logger import FileApplicationLogger
from minigrad.train.logger.application import attached

LOG = logging.getLogger("minigrad.test")


class Heard(logging.Handler):
    def __init__(self, level: int = logging.NOTSET) -> None:
        super().__init__(level)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


@pytest.fixture
def root() -> Iterator[Heard]:
    """A handler of the user's on the root logger."""
    heard = Heard()
    logger = logging.getLogger()
    level = logger.level
    logger.addHandler(heard)
    yield heard
    logger.removeHandler(heard)
    logger.setLevel(level)


def say() -> None:
    LOG.debug("debug")
    LOG.info("info")
    LOG.warning("warning")


@pytest.mark.parametrize("level", [logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR])
def test_the_root_hears_what_it_would_have_heard(root: Heard, level: int) -> None:
    logging.getLogger().setLevel(level)
    say()
    without, root.messages = root.messages, []
    ours = Heard(logging.INFO)
    with attached(ours):
        say()
    assert root.messages == without
    assert ours.messages == ["info", "warning"]
    root.messages = []
    say()
    assert root.messages == without
    assert ours.messages == ["info", "warning"]


def test_a_logger_that_was_set_to_debug_stays_so() -> None:
    logger = logging.getLogger("minigrad")
    heard = Heard()
    logger.addHandler(heard)
    logger.setLevel(logging.DEBUG)
    try:
        with attached(Heard(logging.INFO)):
            say()
        assert heard.messages == ["debug", "info", "warning"]
        assert logger.level == logging.DEBUG
        assert logger.propagate
    finally:
        logger.removeHandler(heard)
        logger.setLevel(logging.NOTSET)


def test_two_runs_in_two_threads_keep_two_diaries() -> None:
    diaries = Heard(), Heard()
    meet = threading.Barrier(2, timeout=10)

    def run(number: int) -> None:
        with attached(diaries[number]):
            meet.wait()
            LOG.info("run %d", number)
            meet.wait()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [diary.messages for diary in diaries] == [["run 0"], ["run 1"]]
    logger = logging.getLogger("minigrad")
    assert logger.propagate
    assert logger.level == logging.NOTSET


def test_a_file_that_cannot_be_written_costs_a_warning(tmp_path: Path) -> None:
    handler = FileApplicationLogger(tmp_path / "missing" / "experiment.log")
    with attached(handler):
        with pytest.warns(MinigradWarning, match=r"experiment\.log cannot be written, the run goes on without it"):
            LOG.warning("first")
        LOG.warning("second")  # is lost, and no second time said


def test_lines_are_on_disk_when_a_warning_was_given(tmp_path: Path) -> None:
    path = tmp_path / "experiment.log"
    with attached(FileApplicationLogger(path)):
        LOG.info("one")
        LOG.info("two")
        LOG.warning("three")
        assert [line.split(": ")[1] for line in path.read_text().splitlines()] == ["one", "two", "three"]
        assert " WARN minigrad.test: three" in path.read_text()


def test_another_handler_and_none(job: ModuleType, tmp_path: Path) -> None:
    heard = Heard()
    job.learner(job.builder(tmp_path / "a", 1).with_application_logger(heard), job.model()).fit(*job.loaders())
    assert heard.messages[1] == "Executing training step for epoch 1"
    job.learner(job.builder(tmp_path / "b", 1).with_application_logger(None), job.model()).fit(*job.loaders())
    assert not list(tmp_path.glob("*/experiment.log"))


def test_two_runs_share_a_handler() -> None:
    ours, both = Heard(), threading.Barrier(2)

    def run() -> None:
        with attached(ours):
            both.wait()
            say()
            both.wait()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ours.messages) == ["info", "info", "warning", "warning"]


def test_a_run_within_a_run_shares_a_handler() -> None:
    ours = Heard()
    with attached(ours):
        with attached(ours):
            say()
        say()
    assert ours.messages == ["info", "warning"] * 2
