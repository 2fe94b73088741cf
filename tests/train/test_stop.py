"""The interrupter: where a run stops, and what it leaves."""

from __future__ import annotations

import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from minigrad.train import TrainingInterrupter
from minigrad.train.event import Event, FitEnded, StateReady


def weights(model: Any) -> list[bytes]:
    return [param.numpy().tobytes() for param in model.params()]


class Counting:
    """A model that stops the run at a given training or validation step."""

    def __init__(self, job: ModuleType, interrupter: TrainingInterrupter, train: int = 0, valid: int = 0) -> None:
        self.steps = steps = {"train": 0, "valid": 0}

        def count(kind: str, at: int) -> None:
            steps[kind] += 1
            if steps[kind] == at:
                interrupter.stop(f"{kind} step {at}")

        class Model(job.Model):  # type: ignore[name-defined, misc]
            def train_step(self, batch: Any) -> Any:
                count("train", train)
                return super().train_step(batch)

            def valid_step(self, batch: Any) -> Any:
                count("valid", valid)
                return super().valid_step(batch)

        self.model = Model


@pytest.mark.parametrize(
    ("at", "steps", "done", "reason"),
    [
        ({"train": 5}, {"train": 5, "valid": 2}, 1, "train step 5"),  # the second batch of epoch 2
        ({"train": 6}, {"train": 6, "valid": 2}, 1, "train step 6"),  # its last batch: no validation
        ({"valid": 3}, {"train": 6, "valid": 3}, 1, "valid step 3"),  # no further training step (Burn makes one)
        ({"valid": 4}, {"train": 6, "valid": 4}, 2, "valid step 4"),  # the last batch of epoch 2, which is whole
    ],
)
def test_where_a_run_stops(
    job: ModuleType, tmp_path: Path, at: dict[str, int], steps: dict[str, int], done: int, reason: str
) -> None:
    events: list[Event] = []
    builder = job.builder(tmp_path / "a", 4).renderer(events.append)
    counting = Counting(job, builder.interrupter(), **at)
    model = job.model(kind=counting.model)
    fitted = job.learner(builder, model).fit(*job.loaders())
    assert counting.steps == steps
    assert [event.state.epoch for event in events if isinstance(event, StateReady)] == list(range(1, done + 1))
    assert events[-1] == FitEnded(done, False, reason)
    # what is on disk is of whole epochs, and no more
    whole_epochs = [f"epoch-{n}" for n in range(1, done + 1)]
    assert [path.name for path in sorted((tmp_path / "a").glob("*/epoch-*"))] == whole_epochs * 2
    assert len(list((tmp_path / "a/checkpoint").glob("state-*"))) == done
    log = (tmp_path / "a/experiment.log").read_text()
    assert f"Training interrupted: {reason}. The last checkpoint is epoch {done}; go on with" in log
    # the model is the newest, and the run can go on as if nothing had been
    first, second = (
        weights(job.learner(job.builder(tmp_path / str(epochs), epochs), job.model()).fit(*job.loaders()))
        for epochs in (1, 2)
    )
    assert weights(fitted) != first
    assert (weights(fitted) == second) is (steps["train"] == 6)
    resumed = job.learner(job.builder(tmp_path / "a", 4).resume(), job.model()).fit(*job.loaders())
    whole = job.learner(job.builder(tmp_path / "whole", 4), job.model()).fit(*job.loaders())
    assert weights(resumed) == weights(whole)


def test_a_run_that_is_stopped_before_it_starts(job: ModuleType, tmp_path: Path) -> None:
    builder = job.builder(tmp_path, 3)
    builder.interrupter().stop()
    model = job.model()
    assert weights(job.learner(builder, model).fit(*job.loaders())) == weights(model)
    assert not (tmp_path / "train").exists()
    builder.interrupter().reset()
    job.learner(builder, model).fit(*job.loaders())
    assert len(list((tmp_path / "train").iterdir())) == 3


def test_another_thread_stops_it(job: ModuleType, tmp_path: Path) -> None:
    builder = job.builder(tmp_path, 1_000_000)
    threading.Timer(0.1, builder.interrupter().stop, ["time is up"]).start()
    events: list[Event] = []
    keep = builder.renderer(events.append)
    job.learner(keep, job.model()).fit(*job.loaders())
    assert isinstance(events[-1], FitEnded)
    assert events[-1].reason == "time is up"


def test_the_first_reason_stays() -> None:
    interrupter = TrainingInterrupter()
    interrupter.stop()
    interrupter.stop("first")
    interrupter.stop("second")
    assert interrupter.reason == "first"
    interrupter.reset()
    assert (interrupter.should_stop(), interrupter.reason) == (False, None)
