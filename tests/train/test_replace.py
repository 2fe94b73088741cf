"""A run from the start in the folder of another: that one is good until this one has something to go on from."""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad.errors import CheckpointError
from minigrad.train.checkpoint import FileCheckpointer


def contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file() and path.name != "experiment.log")
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.fixture
def earlier(job: ModuleType, tmp_path: Path) -> Path:
    """A folder with a run of five epochs."""
    job.learner(job.builder(tmp_path / "a", 5), job.model()).fit(*job.loaders())
    return tmp_path / "a"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_a_run_that_ends_in_its_first_validation_leaves_the_earlier_one(
    job: ModuleType, earlier: Path, error: type[BaseException]
) -> None:
    before = contents(earlier)

    class Failing(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            raise error

    with pytest.raises(error):
        job.learner(job.builder(earlier, 5), job.model(kind=Failing)).fit(*job.loaders())
    assert contents(earlier) == before


class Killed(BaseException):
    pass


def test_a_run_that_is_killed_at_any_moment_leaves_a_checkpoint(
    job: ModuleType, earlier: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the earlier run, or its own; resumed, its own is the run that was never stopped."""
    moments = 0
    found = set()
    job.learner(job.builder(tmp_path / "whole", 2), job.model(hidden=5)).fit(*job.loaders())
    whole = {name: data for name, data in contents(tmp_path / "whole").items() if not name.endswith(".json")}
    while True:
        folder = tmp_path / str(moments)
        shutil.copytree(earlier, folder)
        left = moments

        def dying(call: Any) -> Any:
            def wrapped(*arguments: Any, **keywords: Any) -> Any:
                nonlocal left
                if left <= 0:  # and nothing works from then on
                    raise Killed
                left -= 1
                return call(*arguments, **keywords)

            return wrapped

        with monkeypatch.context() as patch:
            for name in ("replace", "unlink", "rmdir", "mkdir"):
                patch.setattr(os, name, dying(getattr(os, name)))
            try:
                job.learner(job.builder(folder, 1), job.model(hidden=5)).fit(*job.loaders())
            except Killed:
                pass
            else:
                break
        checkpointer = FileCheckpointer(job.DefaultRecorder(), folder / "checkpoint")
        checkpoint = checkpointer.newest()
        assert checkpoint is not None
        found.add(checkpoint.epoch)
        if checkpoint.epoch == 1:
            job.learner(job.builder(folder, 2).resume(), job.model(hidden=5)).fit(*job.loaders())
            assert {n: d for n, d in contents(folder).items() if not n.endswith(".json")} == whole
        moments += 1
    assert found == {5, 1}
    assert moments > 20


def test_a_full_disk_leaves_the_earlier_run(job: ModuleType, earlier: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write = FileCheckpointer.save

    def save(self: FileCheckpointer, *arguments: Any) -> None:
        monkeypatch.setattr(os, "fsync", full)
        write(self, *arguments)

    def full(file: int) -> None:
        raise OSError(28, "No space left on device")

    before = contents(earlier)
    monkeypatch.setattr(FileCheckpointer, "save", save)
    with pytest.raises(CheckpointError) as error:
        job.learner(job.builder(earlier, 5), job.model()).fit(*job.loaders())
    assert str(error.value).endswith("there is no complete one yet; make room, and run it again")
    assert contents(earlier) == before


def test_a_strategy_that_keeps_none_at_first_holds_everything_back(job: ModuleType, earlier: Path) -> None:
    class Even:
        def keep(self, epoch: int, history: Any) -> set[int]:
            return {number for number in range(1, epoch + 1) if number % 2 == 0}

    files: list[list[str]] = []

    def watch(event: Any) -> None:
        files.append(sorted(path.name for path in (earlier / "checkpoint").glob("model-*")))

    watch.batches = False  # type: ignore[attr-defined]
    builder = job.builder(earlier, 3).with_checkpointing_strategy(Even()).renderer(watch)
    job.learner(builder, job.model()).fit(*job.loaders())
    assert "model-5.mpk" in files[0]
    assert [name for number, name in enumerate(files) if number == 0 or name != files[number - 1]] == [
        files[0],
        ["model-2.mpk"],
    ]
    assert sorted(path.name for path in (earlier / "train").iterdir()) == ["epoch-1", "epoch-2", "epoch-3"]
    never = job.builder(earlier, 1).with_checkpointing_strategy(Even())
    job.learner(never, job.model()).fit(*job.loaders())
    assert [path.name for path in (earlier / "checkpoint").iterdir()] == ["run.json"]
    assert sorted(path.name for path in (earlier / "train").iterdir()) == ["epoch-1"]


def test_what_is_replaced_is_said(job: ModuleType, earlier: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    job.learner(job.builder(earlier, 6).resume(), job.model()).fit(*job.loaders())
    assert capsys.readouterr().err == ""
    job.learner(job.builder(earlier, 1), job.model()).fit(*job.loaders())
    assert capsys.readouterr().err == (
        f"{earlier} holds a run of 6 epochs, which this one replaces; .resume() would go on with it\n"
    )
    job.learner(job.builder(earlier, 1), job.model()).fit(*job.loaders())
    assert "holds a run of 1 epoch, which" in capsys.readouterr().err


def test_a_resume_that_finds_nothing_is_said(
    job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    job.learner(job.builder(tmp_path, 1).resume(), job.model()).fit(*job.loaders())
    assert capsys.readouterr().err == f"No checkpoint to resume from in {tmp_path}/checkpoint: starting afresh\n"


@pytest.mark.parametrize("text", ["", "{", "[]", '{"version": 1}', "\x00\xff"])
def test_a_damaged_run_json(job: ModuleType, earlier: Path, text: str) -> None:
    (earlier / "checkpoint/run.json").write_text(text, encoding="latin-1")
    for call in (
        lambda: job.learner(job.builder(earlier, 6).resume(), job.model()).fit(*job.loaders()),
        lambda: job.learner(job.builder(earlier, 6).checkpoint(5), job.model()).fit(*job.loaders()),
        lambda: job.learner(job.builder(earlier, 6), job.model()).best(),
    ):
        with pytest.raises(CheckpointError) as error:
            call()
        assert str(error.value) == (
            f"{earlier}/checkpoint/run.json is damaged: which run the checkpoints beside it belong to cannot be told\n"
            "  remove it, and each of them that is whole counts as one of this run"
        )
    job.learner(job.builder(earlier, 1), job.model()).fit(*job.loaders())  # a run from the start writes its own
    assert isinstance(job.learner(job.builder(earlier, 1), job.model()).best(), job.Model)
