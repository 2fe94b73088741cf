"""Ctrl-C, sent to a real process in every phase of a run."""

from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import minigrad
from minigrad.data.dataset import Dataset
from minigrad.train.event import Event, FitEnded, FitStarted
from minigrad.train.interrupter import CtrlC

HERE = Path(__file__).parent

# It sends itself the signal: the moment is exact, the signal real.
PROGRAM = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import job
phase, folder = sys.argv[2:]

def ctrl_c():
    os.kill(os.getpid(), signal.SIGINT)

class Model(job.Model):
    steps = 0
    def train_step(self, batch):
        Model.steps += 1
        if phase == "train" and Model.steps == 8:    # epoch 3
            ctrl_c()
        return super().train_step(batch)
    def valid_step(self, batch):
        if phase == "valid" and Model.steps == 9:
            ctrl_c()
        return super().valid_step(batch)

replace = os.replace
def replaced(old, new):
    name = os.path.relpath(new, folder)
    if name.startswith("checkpoint/" + phase) or (phase == "log" and name == "valid/epoch-3/Loss.log"):
        ctrl_c()
    replace(old, new)
os.replace = replaced

handler = signal.getsignal(signal.SIGINT)
try:
    job.learner(job.builder(folder, 5), job.model(kind=Model)).fit(*job.loaders())
except KeyboardInterrupt:
    assert signal.getsignal(signal.SIGINT) is handler
    sys.exit(130)
"""


@pytest.mark.parametrize(
    ("phase", "epoch"),
    [("train", 2), ("valid", 2), ("log", 3), ("model-3", 3), ("optim-3", 3), ("scheduler-3", 3), ("state-3", 3)],
)
def test_ctrl_c_finishes_the_write_and_says_how_to_go_on(
    job: ModuleType, tmp_path: Path, phase: str, epoch: int
) -> None:
    environment = {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])}
    command = [sys.executable, "-W", "error", "-c", PROGRAM, str(HERE), phase, str(tmp_path / "a")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 130, done.stderr
    assert done.stderr == (
        f"Training interrupted after epoch {epoch} of 5. The last checkpoint is epoch {epoch}; "
        f"go on with LearnerBuilder('{tmp_path}/a').resume()\n"
    )
    assert not list((tmp_path / "a").rglob("*.tmp"))
    job.learner(job.builder(tmp_path / "a", 5).resume(), job.model()).fit(*job.loaders())
    job.learner(job.builder(tmp_path / "b", 5), job.model()).fit(*job.loaders())

    def files(folder: Path) -> dict[str, bytes]:
        found = [path for path in folder.rglob("*") if path.suffix in (".mpk", ".log") and path.stem != "experiment"]
        return {str(path.relative_to(folder)): path.read_bytes() for path in found}

    assert files(tmp_path / "a") == files(tmp_path / "b")


@pytest.mark.parametrize(
    ("checkpoints", "words"),
    [
        (True, "No checkpoint is complete yet: run it again from the start."),
        (False, "Nothing to go on from was saved: with_file_checkpointer(recorder) saves every epoch."),
    ],
)
def test_ctrl_c_before_there_is_anything(
    job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], checkpoints: bool, words: str
) -> None:
    class Interrupted(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            raise KeyboardInterrupt

    plain = job.LearnerBuilder(tmp_path).renderer(job.SilentRenderer()).num_epochs(3)
    with pytest.raises(KeyboardInterrupt):
        job.learner(job.builder(tmp_path) if checkpoints else plain, job.model(kind=Interrupted)).fit(*job.loaders())
    assert capsys.readouterr().err == f"Training interrupted after epoch 0 of 3. {words}\n"
    assert (tmp_path / "experiment.log").read_text().endswith(f"{words}\n")


def test_ctrl_c_does_not_offer_the_checkpoints_of_an_earlier_run(
    job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            raise KeyboardInterrupt

    job.learner(job.builder(tmp_path, 2), job.model()).fit(*job.loaders())
    for builder, words in (
        (job.builder(tmp_path, 3), "No checkpoint is complete yet"),
        (job.builder(tmp_path, 3).resume(), "The last checkpoint is epoch 2; go on with"),
    ):
        with pytest.raises(KeyboardInterrupt):
            job.learner(builder, job.model(kind=Interrupted)).fit(*job.loaders())
        assert words in capsys.readouterr().err


def test_a_second_ctrl_c_does_not_wait() -> None:
    reached = []

    def write() -> None:
        ctrl_c = CtrlC()
        with ctrl_c, ctrl_c.waits():
            for number in range(3):
                os.kill(os.getpid(), signal.SIGINT)
                reached.append(number)

    with pytest.raises(KeyboardInterrupt):
        write()
    assert reached == [0]


def test_the_users_own_handler_is_called_and_put_back(job: ModuleType, tmp_path: Path) -> None:
    signals: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: signals.append(number))
    try:
        mine = signal.getsignal(signal.SIGINT)

        def send(event: Event) -> None:
            if isinstance(event, FitStarted):
                os.kill(os.getpid(), signal.SIGINT)

        job.learner(job.builder(tmp_path, 1).renderer(send), job.model()).fit(*job.loaders())
        assert signals == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is mine
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_run_in_another_thread_leaves_signals_alone(job: ModuleType, tmp_path: Path) -> None:
    fitted: list[Any] = []
    handlers: list[Any] = []

    def watch(event: Event) -> None:
        handlers.append(signal.getsignal(signal.SIGINT))

    run = job.learner(job.builder(tmp_path, 2).renderer(watch), job.model())
    thread = threading.Thread(target=lambda: fitted.append(run.fit(*job.loaders())))
    thread.start()
    thread.join()
    assert isinstance(fitted[0], job.Model)
    assert set(handlers) == {signal.getsignal(signal.SIGINT)}


def test_an_ignored_signal_stays_ignored(job: ModuleType, tmp_path: Path) -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:

        def send(event: Event) -> None:
            os.kill(os.getpid(), signal.SIGINT)

        job.learner(job.builder(tmp_path, 1).renderer(send), job.model()).fit(*job.loaders())
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)


def test_a_second_ctrl_c_does_not_cost_the_last_words(
    job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    class Interrupted(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            os.kill(os.getpid(), signal.SIGINT)
            return super().train_step(batch)

    def again(event: Event) -> None:
        if isinstance(event, FitEnded):
            os.kill(os.getpid(), signal.SIGINT)

    with pytest.raises(KeyboardInterrupt):
        job.learner(job.builder(tmp_path).renderer(again), job.model(kind=Interrupted)).fit(*job.loaders())
    assert capsys.readouterr().err == (
        "Training interrupted after epoch 0 of 3. No checkpoint is complete yet: run it again from the start.\n"
    )


@pytest.mark.parametrize("moment", ["waiting", "training"])
def test_ctrl_c_does_not_wait_for_a_get(job: ModuleType, tmp_path: Path, moment: str) -> None:
    """Neither while the loop waits for that item, nor in a step."""
    blocked, released = threading.Event(), threading.Event()
    returned = []

    class Slow(Dataset[Any]):
        def __len__(self) -> int:
            return 14

        def get(self, index: int) -> Any:
            if index == 7:
                blocked.set()
                if moment == "waiting":
                    os.kill(os.getpid(), signal.SIGINT)
                released.wait(20)
                returned.append(index)
            return job.Point((0.1, 0.2), 1.0)

    class Interrupted(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            blocked.wait(20)
            if moment == "training":
                raise KeyboardInterrupt
            return super().train_step(batch)

    train = job.DataLoaderBuilder(job.PointsBatcher()).batch_size(7).num_workers(1).build(Slow())
    learner = job.learner(job.builder(tmp_path), job.model(kind=Interrupted))
    try:
        with pytest.raises(KeyboardInterrupt):
            learner.fit(train, job.loaders()[1])
        gc.collect()
        assert returned == []
    finally:
        released.set()
