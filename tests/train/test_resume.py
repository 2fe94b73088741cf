"""A resumed run is the run that was never stopped: killed processes, epochs asked for, and folders of others."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pytest

import minigrad
from minigrad.backend import Autodiff, NdArray
from minigrad.errors import CheckpointError, MinigradWarning, RecordError
from minigrad.nn import Relu
from minigrad.optim.lr_scheduler import (
    ComposedLrSchedulerConfig,
    CosineAnnealingLrSchedulerConfig,
    ExponentialLrSchedulerConfig,
    LinearLrSchedulerConfig,
    NoamLrSchedulerConfig,
    SequentialLrSchedulerConfig,
    StepLrSchedulerConfig,
)
from minigrad.record import CompactRecorder, DefaultRecorder, NamedMpkGzFileRecorder
from minigrad.train import KeepLastNCheckpoints, TrainingInterrupter
from minigrad.train.metric import LearningRateMetric, LossMetric

HERE = Path(__file__).parent
BURN = HERE.parent / "fixtures" / "learner" / "circle"


def artifacts(folder: Path) -> dict[str, bytes]:
    """What two runs must agree on, by file."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.suffix in (".mpk", ".log") and path.name != "experiment.log"
    }


def weights(model: Any) -> list[bytes]:
    return [param.numpy().tobytes() for param in model.params()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills processes by forking them")
@pytest.mark.parametrize(
    "options",
    [
        ["--every", "8", "--twice"],
        ["--rich", "--every", "9", "--twice"],
        ["--rich", "--every", "97", "--moments", "5"],
        ["--burn", "--every", "12"],
    ],
)
def test_a_killed_process_resumes(options: list[str]) -> None:
    """All moments: run kill_everywhere.py without `--every`."""
    environment = {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])}
    command = [sys.executable, "-W", "error", str(HERE / "kill_everywhere.py"), *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 failures" in done.stdout


def test_resume_goes_on_from_the_newest_checkpoint(job: ModuleType, tmp_path: Path) -> None:
    whole = job.learner(job.builder(tmp_path / "whole", 4), job.model()).fit(*job.loaders())
    job.learner(job.builder(tmp_path / "parts", 2), job.model()).fit(*job.loaders())
    model = job.learner(job.builder(tmp_path / "parts", 4).resume(), job.model()).fit(*job.loaders())
    assert weights(model) == weights(whole)
    assert artifacts(tmp_path / "parts") == artifacts(tmp_path / "whole")


def test_resume_restores_the_seed_of_an_unseeded_device(job: ModuleType, tmp_path: Path) -> None:
    """A device without a seed has another one in every process."""
    seeds = []
    for folder, plan in (("whole", [4]), ("parts", [2, 4])):
        for epochs in plan:
            device = Autodiff(NdArray(seed=7 if epochs == plan[0] else None))
            builder = job.builder(tmp_path / folder, epochs)
            job.learner(builder.resume() if epochs > plan[0] else builder, job.model(device)).fit(*job.loaders())
            seeds.append(device.seed)
    assert seeds == [7, 7, 7]
    assert artifacts(tmp_path / "parts") == artifacts(tmp_path / "whole")


def test_checkpoint_goes_back_to_an_epoch(job: ModuleType, tmp_path: Path) -> None:
    keep = KeepLastNCheckpoints(9)
    job.learner(job.builder(tmp_path / "a", 5).with_checkpointing_strategy(keep), job.model()).fit(*job.loaders())
    before = artifacts(tmp_path / "a")
    builder = job.builder(tmp_path / "a", 4).with_checkpointing_strategy(keep)
    model = job.learner(builder.checkpoint(2), job.model()).fit(*job.loaders())
    after = artifacts(tmp_path / "a")
    assert after == {name: data for name, data in before.items() if "5" not in name}
    assert weights(model) == weights(job.learner(builder.checkpoint(4), job.model()).fit(*job.loaders()))


def test_epochs_that_are_done_give_their_model(
    job: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fitted = job.learner(job.builder(tmp_path, 3), job.model()).fit(*job.loaders())
    before = {
        path: path.read_bytes()
        for path in tmp_path.rglob("*")
        if path.name not in ("", "experiment.log") and path.is_file()
    }
    model = job.learner(job.builder(tmp_path, 3).summary().checkpoint(3), job.model()).fit(*job.loaders())
    assert weights(model) == weights(fitted)
    said = capsys.readouterr()
    assert "Total Epochs: 3" in said.out
    assert said.err == (
        f"Nothing to train in {tmp_path}: epoch 3 is done, and num_epochs is 3; a larger one would train on\n"
    )
    older = job.learner(job.builder(tmp_path, 2).checkpoint(2), job.model()).fit(*job.loaders())
    assert weights(older) != weights(fitted)
    assert {path: path.read_bytes() for path in before} == before


def test_resume_without_a_checkpoint_starts_afresh(job: ModuleType, tmp_path: Path) -> None:
    fresh = job.learner(job.builder(tmp_path / "a"), job.model()).fit(*job.loaders())
    resumed = job.learner(job.builder(tmp_path / "b").resume(), job.model()).fit(*job.loaders())
    assert weights(resumed) == weights(fresh)


def test_fit_again_does_the_same_again(job: ModuleType, tmp_path: Path) -> None:
    device = Autodiff(NdArray(seed=42))
    learner = job.learner(job.builder(tmp_path), job.model(device))
    draws = device.draws
    train, valid = job.loaders()
    first = learner.fit(train, valid)
    device.draws = draws
    assert weights(learner.fit(train, valid)) == weights(first)


# Schedules

SCHEDULES: dict[str, Any] = {
    "linear": LinearLrSchedulerConfig(0.1, 0.01, num_iters=8),
    "cosine": CosineAnnealingLrSchedulerConfig(0.1, num_iters=4, min_lr=0.01),
    "exponential": ExponentialLrSchedulerConfig(0.1, gamma=0.9),
    "noam": NoamLrSchedulerConfig(0.5, warmup_steps=4, model_size=16),
    "step": StepLrSchedulerConfig(0.1, step_size=4, gamma=0.5),
    "composed": ComposedLrSchedulerConfig(
        [LinearLrSchedulerConfig(0.1, 0.01, num_iters=8), StepLrSchedulerConfig(1.0, step_size=4, gamma=0.5)]
    ),
    "sequential": SequentialLrSchedulerConfig(
        [(LinearLrSchedulerConfig(0.01, 0.1, num_iters=4), 5), (ExponentialLrSchedulerConfig(0.1, gamma=0.9), None)]
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_a_schedule_goes_on(job: ModuleType, tmp_path: Path, name: str) -> None:
    """3 steps an epoch; the checkpoint of step 6 lies in the middle of each schedule."""

    def fit(folder: str, epochs: int, resume: bool = False) -> Any:
        builder = job.builder(tmp_path / folder, epochs).metric_train_numeric(LearningRateMetric())
        run = (builder.resume() if resume else builder).build(job.model(), job.AdamConfig().init(), schedule())
        return run.fit(*job.loaders())

    def schedule() -> Any:
        return SCHEDULES[name].init()

    whole = fit("whole", 4)
    fit("parts", 2)
    assert weights(fit("parts", 4, resume=True)) == weights(whole)
    assert artifacts(tmp_path / "parts") == artifacts(tmp_path / "whole")
    log = (tmp_path / "parts/train/epoch-4/Learning_Rate.log").read_text().splitlines()
    alone = schedule()
    assert [float(line.split(",")[0]) for line in log] == [alone.step() for _ in range(12)][9:]


# Narrower recorders


def test_a_narrower_recorder_says_what_it_rounded(job: ModuleType, tmp_path: Path) -> None:
    job.learner(job.builder(tmp_path, 2, CompactRecorder()), job.model()).fit(*job.loaders())
    learner = job.learner(job.builder(tmp_path, 3, CompactRecorder()).resume(), job.model())
    with pytest.warns(MinigradWarning) as warned:
        learner.fit(*job.loaders())
    assert [warning.filename for warning in warned] == [__file__]  # where the user called
    assert [str(warning.message) for warning in warned] == [
        "checkpoint 2 holds 17 weights and 34 numbers of the optimizer rounded to float16; the model computes in "
        "float32\n"
        "  training goes on close to where it was, not on the same bits; DefaultRecorder() keeps them"
    ]


def test_a_wider_model_is_rounded_by_the_default_recorder(job: ModuleType, tmp_path: Path) -> None:
    def wide() -> Any:
        return job.model(Autodiff(NdArray(seed=42, dtype=np.float64)))

    job.learner(job.builder(tmp_path, 1), wide()).fit(*job.loaders())
    with pytest.warns(
        MinigradWarning,
        match=r"rounded to float32; the model computes in float64\n.*NamedMpk.*\(DoublePrecisionSettings\) keeps",
    ):
        job.learner(job.builder(tmp_path, 2).resume(), wide()).fit(*job.loaders())


# An earlier run in the same folder


def test_a_fresh_run_replaces_the_earlier_one_and_nothing_else(job: ModuleType, tmp_path: Path) -> None:
    job.learner(job.builder(tmp_path / "a", 5, NamedMpkGzFileRecorder()), job.model()).fit(*job.loaders())
    mine = [
        "notes.txt",
        "train/plot.png",
        "train/epoch-5/notes.txt",
        "checkpoint/model-best.mpk",
        "checkpoint/model-5.txt",
    ]
    for name in mine:
        (tmp_path / "a" / name).write_text("mine")
    (tmp_path / "a/checkpoint/.model-6.mpk.gz.123.tmp").write_text("half-written")
    job.learner(job.builder(tmp_path / "a", 2), job.model()).fit(*job.loaders())
    job.learner(job.builder(tmp_path / "b", 2), job.model()).fit(*job.loaders())
    names = {str(path.relative_to(tmp_path / "a")) for path in (tmp_path / "a").rglob("*") if path.is_file()}
    only = {str(path.relative_to(tmp_path / "b")) for path in (tmp_path / "b").rglob("*") if path.is_file()}
    assert names == only | set(mine)
    log = (tmp_path / "a/experiment.log").read_text()
    assert f"Removing the epochs 1 to 5 of an earlier run from {tmp_path / 'a'}" in log


def test_a_fresh_run_without_checkpoints_leaves_none_of_the_earlier_run(job: ModuleType, tmp_path: Path) -> None:
    job.learner(job.builder(tmp_path, 2), job.model()).fit(*job.loaders())
    builder = job.LearnerBuilder(tmp_path).metric_train_numeric(LossMetric()).renderer(job.SilentRenderer())
    job.learner(builder, job.model()).fit(*job.loaders())
    assert [path.name for path in (tmp_path / "checkpoint").iterdir()] == ["run.json"]


def test_a_fresh_run_that_fails_at_once_leaves_the_earlier_one(job: ModuleType, tmp_path: Path) -> None:
    job.learner(job.builder(tmp_path, 2), job.model()).fit(*job.loaders())
    before = artifacts(tmp_path)

    class Failing(job.Model):  # type: ignore[name-defined, misc]
        def train_step(self, batch: Any) -> Any:
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        job.learner(job.builder(tmp_path, 2), job.model(kind=Failing)).fit(*job.loaders())
    assert artifacts(tmp_path) == before


def test_an_interrupted_fresh_run_does_not_pass_for_the_earlier_one(job: ModuleType, tmp_path: Path) -> None:
    """Its first write ends the earlier run, whatever files of it are left."""
    job.learner(job.builder(tmp_path, 5), job.model()).fit(*job.loaders())
    old = {path.name: path.read_bytes() for path in (tmp_path / "checkpoint").glob("*-5.*")}
    job.learner(job.builder(tmp_path, 1), job.model()).fit(*job.loaders())
    for name, data in old.items():  # as if the process had died before it removed them
        (tmp_path / "checkpoint" / name).write_bytes(data)
    resumed = job.learner(job.builder(tmp_path, 2).resume(), job.model()).fit(*job.loaders())
    whole = job.learner(job.builder(tmp_path / "whole", 2), job.model()).fit(*job.loaders())
    assert weights(resumed) == weights(whole)
    assert not (tmp_path / "checkpoint" / "model-5.mpk").exists()


# Checkpoints that cannot be used


@pytest.fixture
def saved(job: ModuleType, tmp_path: Path) -> Path:
    job.learner(job.builder(tmp_path, 3), job.model()).fit(*job.loaders())
    return tmp_path


def resume_error(job: ModuleType, folder: Path, epoch: int, model: Any = None) -> str:
    learner = job.learner(job.builder(folder, 4).checkpoint(epoch), model or job.model())
    with pytest.raises((CheckpointError, RecordError)) as error:
        learner.fit(*job.loaders())
    return str(error.value).replace(str(folder), "DIR")


def test_a_missing_checkpoint(job: ModuleType, saved: Path) -> None:
    assert resume_error(job, saved, 7) == "there is no complete checkpoint 7 in DIR/checkpoint\n  there are 1, 2, 3"
    shutil.rmtree(saved / "checkpoint")
    assert resume_error(job, saved, 7) == "there is no complete checkpoint 7 in DIR/checkpoint\n  there is none at all"


def test_a_checkpoint_that_lacks_a_file(job: ModuleType, saved: Path) -> None:
    (saved / "checkpoint/optim-3.mpk").unlink()
    assert resume_error(job, saved, 3) == (
        "DIR/checkpoint/optim-3.mpk is missing\n  the checkpoint is model-3.mpk, optim-3.mpk, scheduler-3.mpk"
    )


def test_a_checkpoint_of_another_format(job: ModuleType, saved: Path) -> None:
    learner = job.learner(job.builder(saved, 4, NamedMpkGzFileRecorder()).checkpoint(3), job.model())
    with pytest.raises(
        CheckpointError, match=r"model-3.mpk.gz is missing\n  the checkpoint is model-3.mpk, optim-3.mpk"
    ):
        learner.fit(*job.loaders())


def test_a_checkpoint_that_was_cut_short(job: ModuleType, saved: Path) -> None:
    file = saved / "checkpoint/model-3.mpk"
    size = file.stat().st_size
    file.write_bytes(file.read_bytes()[:100])
    assert resume_error(job, saved, 3) == (
        f"DIR/checkpoint/model-3.mpk is cut short or damaged: 100 bytes, {size} were written"
    )


def test_a_checkpoint_with_a_changed_bit(job: ModuleType, saved: Path) -> None:
    file = saved / "checkpoint/model-3.mpk"
    data = bytearray(file.read_bytes())
    data[-9] ^= 1
    file.write_bytes(data)
    assert resume_error(job, saved, 3) == (
        "DIR/checkpoint/model-3.mpk is damaged: its bytes are not those that were written"
    )


def test_resume_passes_over_a_damaged_checkpoint(job: ModuleType, saved: Path) -> None:
    (saved / "checkpoint/model-3.mpk").write_bytes(b"")
    learner = job.learner(job.builder(saved, 3).resume(), job.model())
    with pytest.warns(MinigradWarning, match="model-3.mpk is cut short or damaged"):
        model = learner.fit(*job.loaders())
    whole = job.learner(job.builder(saved / "whole", 3), job.model()).fit(*job.loaders())
    assert weights(model) == weights(whole)


def test_resume_does_not_start_afresh_over_damaged_checkpoints(job: ModuleType, saved: Path) -> None:
    for file in (saved / "checkpoint").glob("model-*"):
        file.write_bytes(b"")
    before = artifacts(saved)
    with pytest.warns(MinigradWarning), pytest.raises(CheckpointError, match="is cut short or damaged"):
        job.learner(job.builder(saved, 3).resume(), job.model()).fit(*job.loaders())
    assert artifacts(saved) == before


def test_a_state_that_is_no_json_is_no_checkpoint(job: ModuleType, saved: Path) -> None:
    (saved / "checkpoint/state-3.json").write_text("{")
    assert resume_error(job, saved, 3) == "there is no complete checkpoint 3 in DIR/checkpoint\n  there are 1, 2"


def test_a_checkpoint_of_a_newer_version(job: ModuleType, saved: Path) -> None:
    file = saved / "checkpoint/state-3.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"version": 2, "minigrad": "9.0.0"}))
    error = resume_error(job, saved, 3)
    assert error == (
        "DIR/checkpoint/state-3.json was written by a newer minigrad (9.0.0, format 2; this is "
        f"{minigrad.__version__}, which reads up to format 1)\n  use that minigrad"
    )
    with pytest.raises(CheckpointError, match="newer minigrad"):
        job.learner(job.builder(saved, 4).resume(), job.model()).fit(*job.loaders())


def test_a_fresh_run_replaces_one_of_a_newer_version(job: ModuleType, saved: Path) -> None:
    file = saved / "checkpoint/state-3.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"version": 2, "minigrad": "9.0.0"}))
    job.learner(job.builder(saved, 1), job.model()).fit(*job.loaders())
    assert sorted(path.name for path in (saved / "checkpoint").glob("state-*")) == ["state-1.json"]


def test_a_checkpoint_of_another_model(job: ModuleType, saved: Path) -> None:
    error = resume_error(job, saved, 3, job.model(hidden=5))
    assert error.startswith("model of checkpoint 3 in DIR/checkpoint: ")
    assert "linear1.weight" in error
    assert "[2, 4]" in error
    assert "[2, 5]" in error


def test_a_model_without_a_layer_that_has_no_parameters(job: ModuleType, tmp_path: Path) -> None:
    class Model(job.Model):  # type: ignore[name-defined, misc]
        activation: Relu = Relu()

    job.learner(job.builder(tmp_path, 1), job.model(kind=Model)).fit(*job.loaders())
    job.learner(job.builder(tmp_path, 2).resume(), job.model(kind=Model)).fit(*job.loaders())
    with pytest.raises(CheckpointError) as error:
        job.learner(job.builder(tmp_path, 3).resume(), job.model()).fit(*job.loaders())
    layers = (
        "Model {\n"
        "  linear1: Linear {d_input: 2, d_output: 4, bias: true, params: 12}\n"
        "  linear2: Linear {d_input: 4, d_output: 1, bias: true, params: 5}\n"
    )
    assert str(error.value) == (
        f"checkpoint 2 in {tmp_path}/checkpoint is of {layers}  activation: Relu\n  params: 17\n}}\n"
        f"  this model is {layers}  params: 17\n}}\n"
        "  build the one that was saved, or give LearnerBuilder another folder"
    )


def test_a_class_may_have_another_name(job: ModuleType, saved: Path) -> None:
    class Renamed(job.Model):  # type: ignore[name-defined, misc]
        pass

    job.learner(job.builder(saved, 4).resume(), job.model(kind=Renamed)).fit(*job.loaders())
    state = saved / "checkpoint/state-4.json"
    old = json.loads(state.read_text())
    del old["model"]  # as a state of before it was written
    state.write_text(json.dumps(old))
    job.learner(job.builder(saved, 5).resume(), job.model()).fit(*job.loaders())


def test_an_object_in_a_model_has_another_address_in_every_process(job: ModuleType, tmp_path: Path) -> None:
    class Scale:
        pass

    class Model(job.Model):  # type: ignore[name-defined, misc]
        scale: Any = None

    scales = [Scale(), Scale()]  # both alive
    for epochs, scale in enumerate(scales, 1):
        model = job.model(kind=Model).replace(scale=scale)
        job.learner(job.builder(tmp_path, epochs).resume(), model).fit(*job.loaders())


def test_other_batches_and_other_items_are_said(job: ModuleType, saved: Path) -> None:
    train = job.DataLoaderBuilder(job.PointsBatcher()).batch_size(6).shuffle(3).build(job.points(20, seed=1))
    valid = job.DataLoaderBuilder(job.PointsBatcher()).batch_size(5).build(job.points(8, seed=2))
    with pytest.warns(MinigradWarning) as warned:
        job.learner(job.builder(saved, 4).resume(), job.model()).fit(train, valid)
    assert [str(warning.message) for warning in warned] == [
        "checkpoint 3 had train batches of 7 of items 0 to 20; this loader has batches of 6 of items 0 to 20\n"
        "  training goes on, but not as the run that was stopped",
        "checkpoint 3 had valid batches of 5 of items 0 to 9; this loader has batches of 5 of items 0 to 8\n"
        "  training goes on, but not as the run that was stopped",
    ]


def test_other_windows_are_said(job: ModuleType, saved: Path) -> None:
    with pytest.warns(MinigradWarning) as warned:
        job.learner(job.builder(saved, 4).grads_accumulation(2).resume(), job.model()).fit(*job.loaders())
    assert [str(warning.message) for warning in warned] == [
        "checkpoint 3 had grads_accumulation(1); this run has grads_accumulation(2)\n"
        "  training goes on, but not as the run that was stopped"
    ]


def test_items_drawn_by_weights_are_others(job: ModuleType, saved: Path) -> None:
    builder = job.DataLoaderBuilder(job.PointsBatcher()).batch_size(7).weights([1] * 20, seed=3)
    learner = job.learner(job.builder(saved, 4).resume(), job.model())
    with pytest.warns(MinigradWarning, match="this loader has batches of 7 of items 0 to 20 drawn by weights"):
        learner.fit(builder.build(job.points(20, seed=1)), job.loaders()[1])


def test_a_loader_of_another_seed(job: ModuleType, saved: Path) -> None:
    train = job.DataLoaderBuilder(job.PointsBatcher()).batch_size(7).shuffle(4).build(job.points(20, seed=1))
    learner = job.learner(job.builder(saved, 4).resume(), job.model())
    with pytest.raises(RecordError, match="seed 3, this one 4"):
        learner.fit(train, job.loaders()[1])


# The folder that real Burn left


@pytest.fixture
def burns(tmp_path: Path) -> Path:
    for path in BURN.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(BURN)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(path.read_bytes())
    return tmp_path


@pytest.mark.filterwarnings("ignore::minigrad.errors.MinigradWarning")
def test_burns_folder_gives_its_model(job: ModuleType, burns: Path) -> None:
    before = {path: path.read_bytes() for path in burns.rglob("*") if path.is_file() and path.name != "experiment.log"}
    model = job.learner(job.builder(burns, 3, CompactRecorder()).resume(), job.model(hidden=16)).fit(*job.loaders())
    expected = job.model(hidden=16).load_file(BURN / "checkpoint/model-3", CompactRecorder())
    assert weights(model) == weights(expected)
    assert {path: path.read_bytes() for path in before} == before  # nothing to train, nothing to write


def test_burns_folder_says_what_it_does_not_know(job: ModuleType, burns: Path) -> None:
    learner = job.learner(job.builder(burns, 4).resume(), job.model(hidden=16))
    with pytest.warns(MinigradWarning) as warned:
        learner.fit(*job.loaders())
    assert [str(warning.message).replace(str(burns), "DIR") for warning in warned] == [
        "DIR/checkpoint was left by Burn, which saves no position of the loaders and no random state\n"
        "  model, optimizer and learning rate go on after epoch 3; the order of the items and random draws begin as in "
        "a new run",
        "checkpoint 3 holds 65 weights and 130 numbers of the optimizer rounded to float16; the model computes in "
        "float32\n"
        "  training goes on close to where it was, not on the same bits; DefaultRecorder() keeps them",
    ]


@pytest.mark.filterwarnings("ignore::minigrad.errors.MinigradWarning")
def test_a_run_goes_on_in_burns_folder(job: ModuleType, burns: Path) -> None:
    logs = {path: path.read_bytes() for path in burns.glob("*/epoch-*/Loss.log")}
    assert len(logs) == 6
    job.learner(job.builder(burns, 4).resume(), job.model(hidden=16)).fit(*job.loaders())
    assert {path: path.read_bytes() for path in logs} == logs
    state = json.loads((burns / "checkpoint/state-4.json").read_text())
    assert sorted(state["history"]["valid"]["Loss"]) == ["1", "2", "3", "4"]
    assert float(state["history"]["train"]["Loss"]["3"]) == pytest.approx(0.6466516703, abs=1e-9)  # its log, by hand
    best = job.learner(job.builder(burns, 4), job.model(hidden=16)).best()
    assert isinstance(best, job.Model)


@pytest.mark.filterwarnings("ignore::minigrad.errors.MinigradWarning")
def test_a_run_goes_back_in_burns_folder(job: ModuleType, burns: Path) -> None:
    builder = job.builder(burns, 3)
    first = job.learner(builder.checkpoint(2), job.model(hidden=16)).fit(*job.loaders())
    assert sorted(path.name for path in (burns / "train").iterdir()) == ["epoch-1", "epoch-2", "epoch-3"]
    assert (burns / "train/epoch-3/Loss.log").read_text().count(",7\n") == 2  # this run's
    assert (burns / "train/epoch-2/Loss.log").read_bytes() == (BURN / "train/epoch-2/Loss.log").read_bytes()
    # and epoch 2 is an ordinary checkpoint now
    again = job.learner(builder.checkpoint(2), job.model(hidden=16)).fit(*job.loaders())
    assert weights(again) == weights(first)


@pytest.mark.filterwarnings("ignore::minigrad.errors.MinigradWarning")
def test_burns_optimizer_goes_on(job: ModuleType, burns: Path) -> None:
    """Its time and its moments, not only the weights."""
    record = CompactRecorder().load(burns / "checkpoint/optim-3")
    learner = job.learner(job.builder(burns, 4, DefaultRecorder()).resume(), job.model(hidden=16))
    learner.fit(*job.loaders())
    after = DefaultRecorder().load(burns / "checkpoint/optim-4")
    assert after.keys() == record.keys()

    def times(record: Any) -> set[int]:
        return {item["momentum"]["time"] for of in record.values() for item in of["V1"].values()}

    (before,), (now,) = times(record), times(after)
    assert (before, now) == (12, 15)


def test_a_cut_file_of_burns(job: ModuleType, burns: Path) -> None:
    """Burn does not write atomically: a killed process leaves such files."""
    file = burns / "checkpoint/model-3.mpk"
    file.write_bytes(file.read_bytes()[:200])
    with pytest.raises(RecordError, match=r"model-3\.mpk"):
        job.learner(job.builder(burns, 4).checkpoint(3), job.model(hidden=16)).fit(*job.loaders())
    with pytest.warns(MinigradWarning) as warned:
        model = job.learner(job.builder(burns, 2).resume(), job.model(hidden=16)).fit(*job.loaders())
    assert "model-3.mpk" in str(warned[0].message)
    assert weights(model) == weights(job.model(hidden=16).load_file(BURN / "checkpoint/model-2", CompactRecorder()))


def test_stopping_early_leaves_the_epoch_undone(job: ModuleType, tmp_path: Path) -> None:
    builder = job.builder(tmp_path, 4)
    interrupter: TrainingInterrupter = builder.interrupter()
    seen = []

    class Stopping(job.Model):  # type: ignore[name-defined, misc]
        def valid_step(self, batch: Any) -> Any:
            seen.append(1)
            if len(seen) == 3:  # the first batch of validation in epoch 2
                interrupter.stop()
            return super().valid_step(batch)

    job.learner(builder, job.model(kind=Stopping)).fit(*job.loaders())
    assert len(seen) == 3
    assert sorted(path.name for path in (tmp_path / "valid").iterdir()) == ["epoch-1"]
    interrupter.reset()
    resumed = job.learner(job.builder(tmp_path, 4).resume(), job.model()).fit(*job.loaders())
    assert weights(resumed) == weights(job.learner(job.builder(tmp_path / "whole", 4), job.model()).fit(*job.loaders()))
