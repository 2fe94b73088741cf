"""Two runs do not share a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import minigrad
from minigrad.errors import LearnerError
from minigrad.train.lock import locked

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there are no such locks")

HOLDER = """
import sys, time
from minigrad.train.lock import locked
with locked(sys.argv[1]):
    print("held", flush=True)
    time.sleep(60)
"""


def holder(folder: Path) -> subprocess.Popen[str]:
    environment = {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])}
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(folder)], env=environment, stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "held\n"
    return process


def test_another_process(job: ModuleType, tmp_path: Path) -> None:
    with holder(tmp_path) as process:
        with pytest.raises(LearnerError) as error:
            job.learner(job.builder(tmp_path), job.model()).fit(*job.loaders())
        assert str(error.value) == (
            f"another run (process {process.pid}) is writing to {tmp_path}\n"
            "  wait for it, or give LearnerBuilder another folder"
        )
        assert [path.name for path in tmp_path.iterdir()] == [".lock"]
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert (tmp_path / ".lock").exists()  # the kernel has let go of it
    job.learner(job.builder(tmp_path), job.model()).fit(*job.loaders())
    assert not (tmp_path / ".lock").exists()


def test_a_run_within_a_run(job: ModuleType, tmp_path: Path) -> None:
    class Nested(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            job.learner(job.builder(tmp_path), job.model()).fit(*job.loaders())

    with pytest.raises(LearnerError, match=rf"another run \(process {os.getpid()}\) is writing to"):
        job.learner(job.builder(tmp_path), job.model(kind=Nested)).fit(*job.loaders())
    job.learner(job.builder(tmp_path), job.model()).fit(*job.loaders())  # an error lets go as well


def test_a_file_that_was_put_in_the_place_of_ours_stays(tmp_path: Path) -> None:
    with locked(tmp_path):
        (tmp_path / ".lock").unlink()
        with locked(tmp_path):
            pass
        (tmp_path / ".lock").write_text("another's")
    assert (tmp_path / ".lock").read_text() == "another's"


def test_a_file_system_without_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl

    def refuse(file: int, how: int) -> None:
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with locked(tmp_path), locked(tmp_path):
        pass
