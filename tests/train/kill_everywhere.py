"""Kills a training process at every moment that could matter, resumes it, and compares with a run never stopped.

    python kill_everywhere.py [--every N] [--moments N] [--twice] [--burn]

Every moment is: each call of os.write (half of the bytes get through), fsync, replace, mkdir, unlink and rmdir, and
each training and validation step, in turn; `--every N` takes each N-th. `--moments N` adds N random points of time.
With `--twice` the resumed run is killed as well, at a moment of its own, and resumed again. With `--rich` it is the run
of dropout, a schedule, accumulated gradients, early stopping, and random items drawn by weights. With `--burn` the
first run resumes the folder that real Burn left. Needs os.fork. Prints one line; the exit status is 1 when a resumed
run was another one.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

import job

BURN = Path(__file__).parents[1] / "fixtures" / "learner" / "circle"
CALLS = ("write", "fsync", "replace", "mkdir", "unlink", "rmdir")


class Fault:
    """Counts moments, and is fatal at one of them."""

    def __init__(self, fatal: int | None) -> None:
        self.fatal = fatal
        self.count = 0

    def due(self) -> bool:
        self.count += 1
        return self.count == self.fatal

    def wrap(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(*arguments: Any, **keywords: Any) -> Any:
            if self.due():
                if name == "write":
                    call(arguments[0], arguments[1][: len(arguments[1]) // 2])
                os.kill(os.getpid(), signal.SIGKILL)
            return call(*arguments, **keywords)

        return wrapped


def run(folder: Path, kind: str, fatal: int | None, resume: bool, delay: float = 0.0) -> tuple[int, bool]:
    """One run in a process of its own; its moments and whether it was killed. `folder/steps` tells its steps."""
    (folder / "steps").write_text("")
    count, reading = os.pipe()[::-1]
    child = os.fork()
    if child:
        os.close(count)
        if delay:
            time.sleep(delay)
            os.kill(child, signal.SIGKILL)
        moments = os.read(reading, 100)
        os.close(reading)
        status = os.waitpid(child, 0)[1]
        if not os.WIFSIGNALED(status) and status:
            raise SystemExit(f"{folder}: the run failed")
        return int(moments or 0), os.WIFSIGNALED(status)
    try:
        fault = Fault(fatal)
        steps = os.open(folder / "steps", os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        write = os.write

        class Traced(job.Dropping if kind == "rich" else job.Model):  # type: ignore[misc]
            def train_step(self, batch: job.Points) -> Any:
                write(steps, f"{batch.inputs.numpy()[0, 0]}\n".encode())
                if fault.due():
                    os.kill(os.getpid(), signal.SIGKILL)
                return super().train_step(batch)

            def valid_step(self, batch: job.Points) -> Any:
                if fault.due():
                    os.kill(os.getpid(), signal.SIGKILL)
                return super().valid_step(batch)

        for name in CALLS:
            setattr(os, name, fault.wrap(name, getattr(os, name)))
        warnings.simplefilter("ignore")  # Burn's checkpoints are rounded, and it is said
        artifacts, rich = folder / "artifacts", kind == "rich"
        builder = job.rich_builder(artifacts) if rich else job.builder(artifacts, epochs=5 if kind == "burn" else 3)
        builder, model = builder.resume() if resume else builder, job.model(hidden=16, kind=Traced)
        with contextlib.redirect_stderr(io.StringIO()):  # it says that it begins, and that it stopped early
            if rich:
                job.rich_learner(builder, model).fit(*job.rich_loaders())
            else:
                job.learner(builder, model).fit(*job.loaders())
        write(count, str(fault.count).encode())
        os._exit(0)
    except BaseException:
        sys.excepthook(*sys.exc_info())
        os._exit(1)


def left(folder: Path) -> dict[str, Any]:
    """What a run has left, in comparable form."""
    found: dict[str, Any] = {}
    for file in sorted((folder / "artifacts").rglob("*")):
        if file.is_file() and file.name not in ("experiment.log", "run.json"):
            content: Any = file.read_bytes()
            if file.suffix == ".json":
                content = json.loads(content) | {"run": ""}
            found[str(file.relative_to(folder))] = content
    return found


def committed(folder: Path) -> int:
    """The training steps that the newest complete checkpoint stands for."""
    states = (folder / "artifacts" / "checkpoint").glob("state-*.json")
    return max((json.loads(file.read_bytes())["iterations"] for file in states), default=0)


def steps(folder: Path) -> list[str]:
    return (folder / "steps").read_text().split()


class Campaign:
    """A reference run, and what becomes of others that are killed."""

    def __init__(self, root: Path, kind: str) -> None:
        self.root = root
        self.kind = kind  # of run: plain, rich or burn
        self.folders = 0
        reference = self.folder()
        began = time.perf_counter()
        self.moments, _ = self.run(reference, None, resume=False)
        self.seconds = time.perf_counter() - began
        self.whole, self.trace = left(reference), steps(reference)

    def folder(self) -> Path:
        self.folders += 1
        folder = self.root / str(self.folders)
        folder.mkdir()
        if self.kind == "burn":
            shutil.copytree(BURN, folder / "artifacts")
            for path in (folder / "artifacts").rglob("*"):
                path.chmod(0o755 if path.is_dir() else 0o644)
        return folder

    def run(self, folder: Path, fatal: int | None, resume: bool, delay: float = 0.0) -> tuple[int, bool]:
        return run(folder, self.kind, fatal, resume or self.kind == "burn", delay)

    def differences(self, moment: int | None, again: int | None, delay: float = 0.0) -> list[str]:
        """In what a run that was killed (and killed again when it was resumed) differs from the whole one."""
        folder = self.folder()
        wrong = [] if self.run(folder, moment, resume=False, delay=delay)[1] or delay else ["it was not killed"]
        if again is not None:
            done = committed(folder)
            self.run(folder, again, resume=True)
            wrong += self.other_steps(folder, done)
        done = committed(folder)
        self.run(folder, None, resume=True)
        now = left(folder)
        wrong += [] if steps(folder) == self.trace[done:] else self.other_steps(folder, done) or ["steps are missing"]
        return wrong + [
            name for name in sorted(now.keys() | self.whole.keys()) if now.get(name) != self.whole.get(name)
        ]

    def other_steps(self, folder: Path, done: int) -> list[str]:
        ran = steps(folder)
        return [] if ran == self.trace[done : done + len(ran)] else [f"the steps after {done} are others"]


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--every", type=int, default=1)
    parser.add_argument("--moments", type=int, default=0)
    parser.add_argument("--twice", action="store_true")
    kinds = parser.add_mutually_exclusive_group()
    for kind in "rich", "burn":
        kinds.add_argument(f"--{kind}", action="store_const", dest="kind", const=kind, default="plain")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as root:
        campaign = Campaign(Path(root), options.kind)
        draw = random.Random(0)
        plan: list[tuple[int | None, int | None, float]] = [
            (moment, draw.randrange(1, campaign.moments) if options.twice else None, 0.0)
            for moment in range(1, campaign.moments + 1, options.every)
        ]
        plan += [(None, None, draw.uniform(0, campaign.seconds)) for _ in range(options.moments)]
        failures = 0
        for moment, again, delay in plan:
            wrong = campaign.differences(moment, again, delay)
            failures += bool(wrong)
            if wrong:
                print(f"killed at {moment or f'{delay:.4f} s'}{f' and {again}' if again else ''}: {', '.join(wrong)}")
        print(
            f"{len(plan)} runs killed of {campaign.moments} moments, {len(campaign.trace)} steps: {failures} failures"
        )
        sys.exit(failures > 0)


if __name__ == "__main__":
    main()
