"""Every call that can fail, in turn, and folders as real systems leave them: one clear error, and the run goes on."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad.errors import CheckpointError, LearnerError
from minigrad.train import LearnerSummary
from minigrad.train.event import Event, FitStarted, StateReady

pytestmark = pytest.mark.skipif(os.name != "posix", reason="files of POSIX")
EVERY = 1 if os.environ.get("HYPOTHESIS_PROFILE") == "deep" else 5  # of the moments, one in so many
CALLS = ("open", "write", "fsync", "replace", "mkdir", "unlink")


def fit(job: ModuleType, folder: Path, resume: bool = False, epochs: int = 4) -> Any:
    builder = job.builder(folder, epochs).with_application_logger(None)  # which warns where it cannot write
    return job.learner(builder.resume() if resume else builder, job.model()).fit(*job.loaders())


def weights(model: Any) -> list[bytes]:
    return [param.numpy().tobytes() for param in model.params()]


def left(folder: Path) -> dict[str, Any]:
    """What a run has left, in comparable form."""
    found: dict[str, Any] = {}
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file.name not in ("experiment.log", "run.json", ".lock"):
            content: Any = file.read_bytes()
            found[str(file.relative_to(folder))] = (
                json.loads(content) | {"run": ""} if file.suffix == ".json" else content
            )
    return found


@pytest.fixture(scope="module")
def whole(job: ModuleType, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], list[bytes]]:
    """What a run without faults leaves and returns."""
    folder = tmp_path_factory.mktemp("whole")
    model = fit(job, folder)
    return left(folder), weights(model)


@contextmanager
def failing(name: str, at: int, reason: int) -> Iterator[list[int]]:
    """The `at`-th call of `os.NAME` that is about an artifact fails; what it gives counts them in its first place."""
    call, count = getattr(os, name), [0]

    def wrapped(*arguments: Any, **keywords: Any) -> Any:
        count[0] += 1
        if count[0] == at:
            if name == "write":
                call(arguments[0], arguments[1][: len(arguments[1]) // 2])
            raise OSError(reason, os.strerror(reason), *[each for each in arguments[:1] if isinstance(each, str)])
        return call(*arguments, **keywords)

    setattr(os, name, wrapped)
    try:
        yield count
    finally:
        setattr(os, name, call)


def temporary(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.suffix == ".tmp"]


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("earlier", [False, True], ids=["alone", "over an earlier run"])
def test_every_call_that_fails(
    job: ModuleType, tmp_path: Path, whole: tuple[dict[str, Any], list[bytes]], name: str, earlier: bool
) -> None:
    reason = errno.EACCES if name == "unlink" else errno.ENOSPC
    if earlier:
        fit(job, tmp_path / "earlier", epochs=2)
    said = 0
    for at in range(1, 1000, 1 if name == "unlink" else EVERY):
        folder = tmp_path / str(at)
        if earlier:
            shutil.copytree(tmp_path / "earlier", folder)
        error: Exception | None = None
        with failing(name, at, reason) as count:
            try:
                fit(job, folder)
            except (CheckpointError, LearnerError) as raised:
                error = raised
        if count[0] < at:
            break
        if error is not None:
            said += 1
            assert str(folder) in str(error)
            assert os.strerror(reason) in str(error)
            assert ("make room" if reason == errno.ENOSPC else "let this user write to it") in str(error)
        if name != "unlink":
            assert not folder.exists() or temporary(folder) == []
        if earlier and folder.exists():  # whatever happened, there is a checkpoint, this run's or the earlier one's
            job.learner(job.builder(folder), job.model()).best()
        if not earlier or error is not None:
            fit(job, folder, resume=not earlier)
        found = left(folder)
        if name == "unlink":  # what could not be removed may be there still
            found = {file: content for file, content in found.items() if file in whole[0]}
        assert found == whole[0], f"{name} {at}"
        shutil.rmtree(folder)
    assert said > 0


def test_a_resumed_run_returns_the_same_model(
    job: ModuleType, tmp_path: Path, whole: tuple[dict[str, Any], list[bytes]]
) -> None:
    for at in range(1, 200, EVERY):
        folder = tmp_path / str(at)
        with failing("open", at, errno.ENOSPC) as count:
            try:
                model = fit(job, folder)
            except (CheckpointError, LearnerError):
                model = None
        assert weights(model or fit(job, folder, resume=True)) == whole[1]
        if count[0] < at:
            break


@pytest.mark.parametrize("what", ["", "checkpoint", "train"])
def test_a_folder_that_vanishes_at_any_moment(
    job: ModuleType, tmp_path: Path, whole: tuple[dict[str, Any], list[bytes]], what: str
) -> None:
    open_ = os.open
    for at in range(1, 1000, EVERY):
        folder, count = tmp_path / str(at), 0

        def opened(path: Any, *arguments: Any, folder: Path = folder, at: int = at, **keywords: Any) -> int:
            nonlocal count
            count += str(path).startswith(str(folder))
            if count == at:
                shutil.rmtree(folder / what, ignore_errors=True)
                count += 1
            return open_(path, *arguments, **keywords)

        os.open = opened
        try:
            error = ""
            fit(job, folder)
        except (CheckpointError, LearnerError) as raised:
            error = str(raised)
        finally:
            os.open = open_
        if count < at:
            break
        if not what:
            assert "has vanished while training" in error or "No such file or directory" in error
            assert not folder.exists()  # nothing was written in its place
        assert weights(fit(job, folder, resume=True)) == whole[1]
    assert at > 20


def test_a_folder_that_vanishes_before_the_first_write(job: ModuleType, tmp_path: Path) -> None:
    folder = tmp_path / "a"

    def remove(event: Event) -> None:
        if isinstance(event, FitStarted):
            shutil.rmtree(folder)

    with pytest.raises(LearnerError, match="has vanished while training"):
        job.learner(job.builder(folder).renderer(remove).with_application_logger(None), job.model()).fit(*job.loaders())
    assert not folder.exists()


@pytest.mark.parametrize("part", [".", "checkpoint", "train"])
def test_a_folder_that_a_file_takes_the_place_of(job: ModuleType, tmp_path: Path, part: str) -> None:
    folder = tmp_path / "a"

    def replace(event: Event) -> None:
        if isinstance(event, StateReady) and event.state.epoch == 2:
            (folder / part).resolve().rename(tmp_path / "kept")
            (folder / part).resolve().write_text("mine")

    with pytest.raises((LearnerError, CheckpointError)) as error:
        job.learner(job.builder(folder, 4).renderer(replace).with_application_logger(None), job.model()).fit(
            *job.loaders()
        )
    assert (
        str(error.value)
        == {
            ".": f"artifact folder {folder} has vanished while training\n"
            "  nothing was written in its place; put it back, or train anew",
            "checkpoint": f"checkpoint 3 cannot be written: {folder}/checkpoint has vanished while training\n"
            "  put it back and go on with .resume(), or train anew",
            "train": f"artifact folder {folder} cannot be written: Not a directory (train/epoch-3)\n"
            "  move away what stands there, or give LearnerBuilder another folder",
        }[part]
    )
    assert (folder / part).resolve().read_text() == "mine"
    (folder / part).resolve().unlink()
    (tmp_path / "kept").rename((folder / part).resolve())
    fit(job, folder, resume=True)
    assert LearnerSummary(folder).epochs == 4


def test_links_are_followed(job: ModuleType, tmp_path: Path, whole: tuple[dict[str, Any], list[bytes]]) -> None:
    (tmp_path / "disk" / "points").mkdir(parents=True)
    (tmp_path / "link").symlink_to(tmp_path / "disk")
    (tmp_path / "disk" / "checkpoint").symlink_to(tmp_path / "disk" / "points")
    fit(job, tmp_path / "link", epochs=2)
    fit(job, tmp_path / "link", resume=True)
    assert left(tmp_path / "disk").keys() >= {"points/state-4.json", "train/epoch-4/Loss.log"}
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "disk" / "checkpoint").is_symlink()


def test_a_link_to_nowhere(job: ModuleType, tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "gone")
    with pytest.raises(LearnerError) as error:
        fit(job, tmp_path / "a")
    assert str(error.value) == (
        f"artifact folder {tmp_path}/a: it links to {tmp_path}/gone, which is not there\n"
        "  give LearnerBuilder another folder"
    )


# As another user sees it


WRITE = "let this user write to it, or give LearnerBuilder another folder"
READ = "let this user read it"


@pytest.mark.parametrize(
    ("path", "mode", "fresh", "resumed", "best"),
    [
        (".", 0o555, f"artifact folder DIR cannot be written: Permission denied\n  {WRITE}", "fresh", ""),
        (
            "train",
            0o555,
            f"artifact folder DIR cannot be written: Permission denied (train/epoch-4)\n  {WRITE}",
            "fresh",
            "",
        ),
        (
            "checkpoint",
            0o555,
            "checkpoint 1 cannot be written to DIR/checkpoint: Permission denied\n"
            "  there is no complete one yet; let this user write to it, and run it again",
            "checkpoint 4 cannot be written to DIR/checkpoint: Permission denied\n"
            "  the last complete one is 3; let this user write to it, and go on with .resume()",
            "",
        ),
        *[
            (
                f"checkpoint/{name}",
                0,
                f"the checkpoints in DIR/checkpoint cannot be read: Permission denied ({name})\n  {READ}",
                "fresh",
                "fresh",
            )
            for name in ("run.json", "state-3.json")
        ],
        (
            "checkpoint/model-3.mpk",
            0,
            "",
            f"the checkpoints in DIR/checkpoint cannot be read: Permission denied (model-3.mpk)\n  {READ}",
            "resumed",
        ),
    ],
)
def test_what_another_user_may_not(
    job: ModuleType, powerless: Any, path: str, mode: int, fresh: str, resumed: str, best: str
) -> None:
    """`fresh`, `resumed` and `best` are what is said of each; a word stands for what was said there."""
    fit(job, powerless.folder / "whole", epochs=3)
    actions: dict[str, Callable[[Path], object]] = {
        "fresh": lambda folder: fit(job, folder),
        "resumed": lambda folder: fit(job, folder, resume=True),
        "best": lambda folder: job.learner(job.builder(folder), job.model()).best(),
    }
    said = {"fresh": fresh, "resumed": resumed, "best": best}
    for name, act in actions.items():
        folder = shutil.copytree(powerless.folder / "whole", powerless.folder / name)
        for each in (folder, *folder.rglob("*")):
            each.chmod(0o777 if each.is_dir() else 0o666)
            if os.getuid() == 0:
                os.chown(each, powerless.NOBODY, powerless.NOBODY)
        (folder / path).chmod(mode)
        try:
            heard = powerless(lambda act=act, folder=folder: act(folder))
        finally:
            (folder / path).chmod(0o777)
        expected = said[said[name]] if said[name] in said else said[name]
        assert heard.partition(": ")[2].replace(str(folder), "DIR") == expected, name
        if expected:
            fit(job, folder, resume=True)
            assert (folder / "checkpoint" / "state-4.json").exists()


@pytest.mark.skipif(os.name != "posix" or os.getuid() != 0, reason="only root gives a file to another user")
def test_a_lock_that_another_user_has_left(job: ModuleType, powerless: Any) -> None:
    (powerless.folder / ".lock").write_text("1\n")
    (powerless.folder / ".lock").chmod(0o644)
    fit(job, powerless.folder / "before")  # a user who may do nothing imports nothing either
    assert powerless(lambda: fit(job, powerless.folder)) == ""
    assert (powerless.folder / "checkpoint" / "state-4.json").exists()


# As the system says it


def test_a_file_that_may_not_grow(job: ModuleType, powerless: Any) -> None:
    import resource

    folder = powerless.folder / "a"
    fit(job, folder, epochs=2)
    size = max(path.stat().st_size for path in (folder / "checkpoint").iterdir())

    def limited() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (size - 100, size - 100))
        job.learner(job.builder(folder, 4).resume().with_application_logger(None), job.model()).fit(*job.loaders())

    assert powerless(limited, as_nobody=False) == (
        f"CheckpointError: checkpoint 3 cannot be written to {folder}/checkpoint: File too large\n"
        "  the last complete one is 2; make room, and go on with .resume()"
    )
    assert temporary(folder) == []
    assert weights(fit(job, folder, resume=True)) == weights(fit(job, powerless.folder / "b"))


@pytest.mark.parametrize("options", ["size=128k", "nr_inodes=40"])
def test_a_disk_that_is_really_full(job: ModuleType, tmp_path: Path, options: str) -> None:
    if shutil.which("mount") is None:
        pytest.skip("there is no mount")
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", disk], capture_output=True).returncode:
        pytest.skip("mounting a disk takes root")
    try:
        with pytest.raises((CheckpointError, LearnerError), match=r"(?s)No space left on device.*make room") as error:
            job.learner(job.builder(disk, 40).with_application_logger(None), job.model()).fit(*job.loaders())
        assert str(disk) in str(error.value)
        assert temporary(disk) == []
        last = max(int(path.stem.split("-")[1]) for path in (disk / "checkpoint").glob("state-*.json"))
        assert last > 0
        job.learner(job.builder(disk), job.model()).best()
        shutil.copytree(disk, tmp_path / "larger")
    finally:
        subprocess.run(["umount", disk], check=True)
    (tmp_path / "larger" / ".lock").unlink(missing_ok=True)
    model = fit(job, tmp_path / "larger", resume=True, epochs=last + 3)
    assert weights(model) == weights(fit(job, tmp_path / "whole", epochs=last + 3))
