"""The command `minigrad`: what it prints, and how it ends."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import minigrad
from minigrad.cli import command

BURN = Path(__file__).parents[1] / "fixtures" / "learner"
posix = pytest.mark.skipif(os.name != "posix", reason="signals and pipes of POSIX")


@pytest.fixture
def run(tmp_path: Path) -> Path:
    """Five epochs of three metrics, one of them of words."""
    for split in "train", "valid":
        for epoch in range(1, 6):
            folder = tmp_path / "run" / split / f"epoch-{epoch}"
            folder.mkdir(parents=True)
            (folder / "Loss.log").write_text(f"{1 / epoch},10\n")
            (folder / "Top-K_Accuracy_@_TopK(3).log").write_text(f"{epoch * 10},10\n")
            (folder / "CUDA_Stats.log").write_text("Unavailable\n")
    return tmp_path / "run"


def complaint(capsys: pytest.CaptureFixture[str], *arguments: object) -> str:
    """The one line with which it returns 2."""
    assert command([str(argument) for argument in arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    return printed.err.strip()


def program(*arguments: object, code: str = "", **options: Any) -> subprocess.Popen[str]:
    """`python -m minigrad`, or `code` before it."""
    start = f"import sys; {code}\nfrom minigrad.cli import main\nmain()"
    environment = {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])}
    return subprocess.Popen(
        [sys.executable, "-W", "error", *(["-c", start] if code else ["-m", "minigrad"]), *map(str, arguments)],
        env=environment, text=True, stderr=subprocess.PIPE, **{"stdout": subprocess.PIPE, **options},
    )  # fmt: skip


def ended(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, error = process.communicate(timeout=120)
    return process.returncode, out or "", error


def test_the_table_of_burns_folder() -> None:
    table = (BURN / "stdout.txt").read_text().partition("Total Epochs")[2]
    printed = f"{'=' * 24} Learner Summary {'=' * 24}\nTotal Epochs{table}"
    assert ended(program("summary", BURN / "circle")) == (0, printed, "")


def test_words_are_left_out_and_it_is_said(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["summary", str(run)]) == 0
    assert capsys.readouterr().out.splitlines()[4:] == [
        "| Split | Metric                   | Min.     | Epoch    | Max.     | Epoch    |",
        "|-------|--------------------------|----------|----------|----------|----------|",
        "| Train | Loss                     | 0.200    | 5        | 1.000    | 1        |",
        "| Train | Top-K Accuracy @ TopK(3) | 10.000   | 1        | 50.000   | 5        |",
        "| Valid | Loss                     | 0.200    | 5        | 1.000    | 1        |",
        "| Valid | Top-K Accuracy @ TopK(3) | 10.000   | 1        | 50.000   | 5        |",
        "",
        "Left out, because they are words: CUDA Stats",
    ]


def test_the_metrics_that_are_asked_for(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(["summary", str(run), "--metric", "Top-K Accuracy @ TopK(3)"]) == 0
    lines = capsys.readouterr().out.splitlines()[6:]
    assert [line.split("|")[2].strip() for line in lines if line] == ["Top-K Accuracy @ TopK(3)"] * 2


def test_what_it_cannot_read(run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "words/train/epoch-1").mkdir(parents=True)
    (tmp_path / "words/train/epoch-1/CUDA_Stats.log").write_text("Unavailable\n")
    (run / "valid/epoch-2/Loss.log").write_text("0.5,10\n0.4,1\n0.1,")
    folder, none = "give the folder that LearnerBuilder was given", "no train/epoch-1, no valid/epoch-1"
    for name in "summary", "plot":
        assert [
            complaint(capsys, name, *arguments)
            for arguments in (
                [tmp_path / "nowhere"],
                [run / "train/epoch-1/Loss.log"],
                [tmp_path / "empty"],
                [run, "--metric", "Accuracy"],
                [run, "--metric", "CUDA Stats"],
                [run],
            )
        ] == [
            f"minigrad {name}: there is no artifact folder {tmp_path}/nowhere; {folder}",
            f"minigrad {name}: {run}/train/epoch-1/Loss.log is a file; {folder}",
            f"minigrad {name}: artifact folder {tmp_path}/empty has no metric logs: {none}",
            f"minigrad {name}: artifact folder {run} has no metric 'Accuracy'; it has Loss, Top-K Accuracy @ TopK(3)",
            f"minigrad {name}: CUDA Stats is a metric of words, and has no value in an epoch",
            f"minigrad {name}: {run}/valid/epoch-2/Loss.log, line 3: '0.1,' is no entry of a numeric metric "
            "(value,items)",
        ]
    assert complaint(capsys, "plot", tmp_path / "words") == (
        f"minigrad plot: artifact folder {tmp_path}/words has no metric with numbers, and nothing to draw"
    )
    assert complaint(capsys, "summary", tmp_path / ("a" * 300)).startswith("minigrad summary: there is no artifact fol")


def test_a_log_that_is_no_text(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (run / "train/epoch-3/Loss.log").write_bytes(b"\xff\xfe\x00")
    assert complaint(capsys, "summary", run).startswith(f"minigrad summary: {run}/train/epoch-3/Loss.log, line 1: ")


def test_a_folder_that_may_not_be_read(run: Path, powerless: Callable[[Callable[[], None]], str]) -> None:
    from minigrad.train import LearnerSummary

    folder = run.rename(powerless.folder / "run")  # type: ignore[attr-defined]
    folder.chmod(0o700 if os.getuid() == 0 else 0)
    try:
        said = powerless(lambda: print(LearnerSummary(folder)))
    finally:
        folder.chmod(0o755)
    assert said == (
        f"LearnerError: artifact folder {folder} cannot be read: Permission denied (checkpoint)\n"
        "  let this user read it"
    )


def test_what_it_does_not_know(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments, last in (
        ([], "minigrad: error: the following arguments are required: COMMAND"),
        (["draw"], "minigrad: error: argument COMMAND: invalid choice: 'draw' (choose from "),
        (["plot"], "minigrad plot: error: the following arguments are required: ARTIFACTS"),
    ):
        with pytest.raises(SystemExit) as end:
            command(arguments)
        assert end.value.code == 2
        assert capsys.readouterr().err.splitlines()[-1].startswith(last)


def test_help_and_version() -> None:
    for arguments in ["--help"], ["summary", "--help"], ["plot", "--help"]:
        status, out, error = ended(program(*arguments))
        assert (status, error) == (0, "")
        assert "usage: minigrad" in out
    assert ended(program("--version")) == (0, f"minigrad {minigrad.__version__}\n", "")


def test_it_imports_no_more_than_it_needs(run_python: Callable[..., str]) -> None:
    code = """
import sys
import minigrad
assert "argparse" not in sys.modules and "minigrad.cli" not in sys.modules
from minigrad.cli import command
assert "minigrad.train" not in sys.modules
command(["summary", sys.argv[1]])
assert "matplotlib" not in sys.modules and "msgpack" not in sys.modules
"""
    assert "Total Epochs: 3" in run_python(code, str(BURN / "circle"))


@posix
def test_ctrl_c() -> None:
    code = "import os, signal; from minigrad.train import run_log"
    code += "; run_log.read_run = lambda *_: os.kill(os.getpid(), signal.SIGINT)"
    assert ended(program("summary", BURN / "circle", code=code)) == (130, "", "")


@posix
@pytest.mark.parametrize("arguments", [["summary", BURN / "circle"], ["--help"]])
def test_an_output_that_takes_nothing(arguments: list[object]) -> None:
    reading, closed = os.pipe()
    os.close(reading)
    status, _, error = ended(program(*arguments, stdout=closed))
    os.close(closed)
    assert (status, error) == (141, "") or (arguments == ["--help"] and (status, error) == (0, ""))  # argparse's word
    if os.path.exists("/dev/full"):
        with open("/dev/full", "w") as full:
            status, _, error = ended(program(*arguments, stdout=full))
        assert (status, error) == (1, "OSError: [Errno 28] No space left on device\n")


@posix
def test_no_output_at_all() -> None:
    command = f"exec '{sys.executable}' -m minigrad summary '{BURN / 'circle'}' >&-"
    environment = {**os.environ, "PYTHONPATH": str(Path(minigrad.__file__).parents[1])}
    done = subprocess.run(["sh", "-c", command], env=environment, stderr=subprocess.PIPE, text=True, timeout=120)
    assert (done.returncode, done.stderr) == (0, "")


@posix
def test_a_name_that_the_terminal_cannot_show(run: Path) -> None:
    (run / "train/epoch-1/Wärme_°C.log").write_text("20,1\n")
    code = "sys.stdout.reconfigure(encoding='ascii')"
    status, out, error = ended(program("summary", run, code=code))
    assert (status, error) == (0, "")
    assert r"W\xe4rme \xb0C" in out
