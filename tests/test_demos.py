"""The demos end quietly: on Ctrl-C, a closed pipe, a full disk, a number that cannot be."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import minigrad

DEMOS = Path(__file__).parents[1] / "demos"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")

# Runs a demo, with a Ctrl-C at the n-th call of a function: `name` is where it is to be found.
INTERRUPTED = """
import importlib, os, runpy, signal, sys
sys.path.insert(0, os.path.dirname(sys.argv[1]))
module, name, count = sys.argv[2:5]
left = int(count)
sys.argv[1:] = sys.argv[5:]
owner = importlib.import_module(module)
for part in name.split(".")[:-1]:
    owner = getattr(owner, part)
call = getattr(owner, name.split(".")[-1])
def interrupted(*arguments, **keywords):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGINT)
    return call(*arguments, **keywords)
setattr(owner, name.split(".")[-1], interrupted)
sys.argv[0] = DEMO
runpy.run_path(DEMO, run_name="__main__")
"""


def environment() -> dict[str, str]:
    return {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])}


def interrupted(demo: str, call: tuple[str, str, int], *options: str) -> tuple[int, str]:
    program = INTERRUPTED.replace("DEMO", repr(str(DEMOS / demo)))
    command = [sys.executable, "-c", program, str(DEMOS / demo), call[0], call[1], str(call[2]), *options]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120)
    return done.returncode, done.stderr


def test_ctrl_c(tmp_path: Path) -> None:
    assert interrupted("autograd.py", ("minigrad.testing", "check_gradients", 1)) == (130, "")
    assert interrupted("custom_loop.py", ("circle", "accuracy", 2)) == (130, "")
    folder = str(tmp_path / "a")
    call = ("minigrad.train.metric", "LossMetric.update", 100)
    assert interrupted("circle.py", call, "--out", folder, "--model", "relu", "--epochs", "9") == (
        130,
        f"Training interrupted after epoch 1 of 9. The last checkpoint is epoch 1; go on with "
        f"LearnerBuilder('{folder}/relu').resume()\n"
        "This demo goes on with --resume.\n",
    )
    (tmp_path / "a.csv").write_text("x,y\n" + "0.5,0\n1.5,1\n" * 20)
    options = str(tmp_path / "a.csv"), "--target", "y", "--out", str(tmp_path / "b")
    assert interrupted("csv_table.py", ("minigrad.train.metric", "LossMetric.update", 1), *options) == (
        130,
        "Training interrupted after epoch 0 of 200. No checkpoint is complete yet: run it again from the start.\n",
    )


@pytest.mark.parametrize(("target", "status"), [("pipe", 141), ("/dev/full", 1)])
@pytest.mark.parametrize("demo", ["autograd.py", "custom_loop.py"])
def test_an_output_that_takes_nothing(demo: str, target: str, status: int) -> None:
    if target == "pipe":
        reading, output = os.pipe()
        os.close(reading)
    elif os.path.exists(target):
        output = os.open(target, os.O_WRONLY)
    else:
        pytest.skip(f"there is no {target}")
    options = ["--epochs", "1"] if demo == "custom_loop.py" else []
    done = subprocess.run(
        [sys.executable, str(DEMOS / demo), *options],
        env=environment(), stdout=output, stderr=subprocess.PIPE, text=True, timeout=120,
    )  # fmt: skip
    os.close(output)
    assert done.returncode == status
    assert done.stderr == ("" if target == "pipe" else "OSError: [Errno 28] No space left on device\n")


def test_the_picture_names_the_line_that_it_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("matplotlib")
    from matplotlib.axes import Axes

    monkeypatch.syspath_prepend(str(DEMOS))
    import picture

    titles: list[str] = []
    monkeypatch.setattr(Axes, "set_title", lambda axes, title: titles.append(title))
    for slope in 0.0, 0.3:
        picture.save_png(lambda points, slope=slope: 0.4 + slope * points[:, 0], tmp_path / "a.png", "a model")
    assert titles == [
        "a model: probability of inside\n(dashed: the circle)",
        "a model: probability of inside\n(solid: 0.5, dashed: the circle)",
    ]


@pytest.mark.parametrize("demo", ["circle.py", "custom_loop.py", "wine.py"])
def test_no_epochs(demo: str) -> None:
    command = [sys.executable, str(DEMOS / demo), "--epochs", "0"]
    done = subprocess.run(command, env=environment(), capture_output=True, text=True, timeout=120)
    assert done.returncode == 2
    assert done.stderr.endswith("error: argument --epochs: 0 is less than 1\n")


def test_no_output_at_all() -> None:
    command = ["sh", "-c", f"exec '{sys.executable}' '{DEMOS / 'autograd.py'}' >&-"]
    done = subprocess.run(command, env=environment(), stderr=subprocess.PIPE, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")
