"""Folders that cannot be written, full disks: one clear error, and what was on disk stays good."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad.errors import CheckpointError, LearnerError
from minigrad.train.event import EpochDone, Event, StateReady


def weights(model: Any) -> list[bytes]:
    return [param.numpy().tobytes() for param in model.params()]


def fit_error(job: ModuleType, folder: Path, **options: Any) -> Exception:
    with pytest.raises((LearnerError, CheckpointError)) as error:
        job.learner(job.builder(folder, **options), job.model()).fit(*job.loaders())
    return error.value


def test_a_file_in_place_of_the_folder(job: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a").write_text("mine")
    assert str(fit_error(job, tmp_path / "a")) == (
        f"artifact folder {tmp_path}/a: a file stands in its way\n  give LearnerBuilder another folder"
    )
    assert str(fit_error(job, tmp_path / "a" / "b")) == (
        f"artifact folder {tmp_path}/a/b: a file stands in its way\n  give LearnerBuilder another folder"
    )
    assert (tmp_path / "a").read_text() == "mine"


def test_a_folder_that_may_not_be_made(job: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(path: Any, *arguments: Any) -> None:
        raise PermissionError(errno.EACCES, "Permission denied", str(path))

    monkeypatch.setattr(os, "mkdir", refuse)
    assert str(fit_error(job, tmp_path / "a")) == (
        f"artifact folder {tmp_path}/a cannot be written: Permission denied\n"
        "  let this user write to it, or give LearnerBuilder another folder"
    )


def test_a_folder_that_may_not_be_written(job: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert str(fit_error(job, tmp_path)) == (
        f"artifact folder {tmp_path} cannot be written: Permission denied\n"
        "  let this user write to it, or give LearnerBuilder another folder"
    )


def test_a_folder_that_vanishes(job: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "a"

    def remove(event: Event) -> None:
        if isinstance(event, StateReady) and event.state.epoch == 2:
            shutil.rmtree(folder)

    with pytest.raises(LearnerError) as error:
        job.learner(job.builder(folder, 4).renderer(remove).with_application_logger(None), job.model()).fit(
            *job.loaders()
        )
    assert str(error.value) == (
        f"artifact folder {folder} has vanished while training\n"
        "  nothing was written in its place; put it back, or train anew"
    )
    assert not folder.exists()


def test_a_checkpoint_folder_that_vanishes(job: ModuleType, tmp_path: Path) -> None:
    def remove(event: Event) -> None:
        if isinstance(event, EpochDone) and event.epoch == 2:
            shutil.rmtree(tmp_path / "checkpoint", ignore_errors=True)

    with pytest.raises(CheckpointError) as error:
        job.learner(job.builder(tmp_path, 4).renderer(remove), job.model()).fit(*job.loaders())
    assert str(error.value) == (
        f"checkpoint 2 cannot be written: {tmp_path}/checkpoint has vanished while training\n"
        "  put it back and go on with .resume(), or train anew"
    )


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[str], bool]], None]:
    """`full_disk(when)`: files for which `when(name)` says so get half of their bytes."""

    def install(when: Callable[[str], bool]) -> None:
        names: dict[int, str] = {}
        open_, write = os.open, os.write

        def opened(path: Any, *arguments: Any, **keywords: Any) -> int:
            file = open_(path, *arguments, **keywords)
            names[file] = os.path.basename(path)
            return file

        def written(file: int, data: Any) -> int:
            if not when(names.get(file, "")):
                return write(file, data)
            write(file, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr(os, "open", opened)
        monkeypatch.setattr(os, "write", written)

    return install


@pytest.mark.parametrize("part", ["model", "optim", "scheduler", "state"])
def test_a_disk_that_is_full_at_a_checkpoint(
    job: ModuleType, tmp_path: Path, full_disk: Any, monkeypatch: pytest.MonkeyPatch, part: str
) -> None:
    full_disk(lambda name: f".{part}-3." in name)
    error = fit_error(job, tmp_path, epochs=4)
    assert type(error) is CheckpointError
    assert str(error) == (
        f"checkpoint 3 cannot be written to {tmp_path}/checkpoint: No space left on device\n"
        "  the last complete one is 2; make room, and go on with .resume()"
    )
    assert not list(tmp_path.rglob("*-3.*"))  # nothing of it takes room
    assert not list(tmp_path.rglob("*.tmp"))
    monkeypatch.undo()
    resumed = job.learner(job.builder(tmp_path, 4).resume(), job.model()).fit(*job.loaders())
    assert weights(resumed) == weights(job.learner(job.builder(tmp_path / "whole", 4), job.model()).fit(*job.loaders()))


def test_a_disk_that_is_full_at_a_log(
    job: ModuleType, tmp_path: Path, full_disk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = []

    def when(name: str) -> bool:
        done.append(name)
        return "Loss.log" in name and sum("Loss.log" in each for each in done) == 5  # train, valid, train, valid, train

    full_disk(when)
    error = fit_error(job, tmp_path, epochs=4)
    assert type(error) is LearnerError
    assert str(error) == (
        f"artifact folder {tmp_path} cannot be written: No space left on device\n"
        "  what was written before is whole; make room, or give LearnerBuilder another folder"
    )
    monkeypatch.undo()
    resumed = job.learner(job.builder(tmp_path, 4).resume(), job.model()).fit(*job.loaders())
    assert weights(resumed) == weights(job.learner(job.builder(tmp_path / "whole", 4), job.model()).fit(*job.loaders()))


def test_a_disk_that_is_full_from_the_first_byte(job: ModuleType, tmp_path: Path, full_disk: Any) -> None:
    full_disk(lambda name: True)
    assert "No space left on device" in str(fit_error(job, tmp_path))
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["experiment.log"]


@pytest.mark.parametrize(
    ("reason", "words"),
    [
        (errno.EROFS, "let this user write to it"),
        (errno.ENAMETOOLONG, "give it a shorter path"),
        (errno.EISDIR, "move away what stands there"),
        (errno.EIO, "what was written before is whole; mend that"),
    ],
)
def test_what_to_do_depends_on_the_reason(
    job: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reason: int, words: str
) -> None:
    replace = os.replace

    def refuse(old: Any, new: Any) -> None:
        if str(new).endswith("train/epoch-2/Loss.log"):
            raise OSError(reason, "no", str(new))
        replace(old, new)

    monkeypatch.setattr(os, "replace", refuse)
    assert str(fit_error(job, tmp_path)) == (
        f"artifact folder {tmp_path} cannot be written: no (train/epoch-2/Loss.log)\n"
        f"  {words}, or give LearnerBuilder another folder"
    )


def test_a_path_that_is_too_long_is_shown_once_and_in_short(job: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / ("a" * 4000)
    first, second = str(fit_error(job, folder)).splitlines()
    assert first.startswith(f"artifact folder {str(tmp_path)[:40]}")
    assert first.endswith(f"...{'a' * 80} cannot be written: File name too long")
    assert len(first) < 300
    assert second == "  give it a shorter path, or give LearnerBuilder another folder"


def test_a_full_disk_at_the_first_checkpoint(job: ModuleType, tmp_path: Path, full_disk: Any) -> None:
    full_disk(lambda name: ".optim-1." in name)
    assert str(fit_error(job, tmp_path)) == (
        f"checkpoint 1 cannot be written to {tmp_path}/checkpoint: No space left on device\n"
        "  there is no complete one yet; make room, and run it again"
    )
