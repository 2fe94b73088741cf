"""What no file of this repository may hold."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

FORBIDDEN = {
    "a path of somebody's machine": r"(?<![\w.}/])/(?:work|farm|root|home|Users)/\w|(?<!\w)/tmp/v/",
    "the address of a package registry": r"https?://\S*/simple\b|(?:extra-)?index-url|files\.pythonhosted",
    "unfinished work": r"\b(?:TODO|FIXME|XXX|NotImplementedError)\b",
    "how the project is run": r"(?i)\b(?:agents?|issue \d+|claude|chatgpt|copilot|llms?)\b",
    "advice to install somebody else's package": r"pip3? install (?:-U |--upgrade )?minigrad\b",
}


def tracked() -> list[Path]:
    try:
        listing = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (OSError, subprocess.CalledProcessError):
        pytest.skip("not a git checkout")
    files = [ROOT / name for name in listing.split("\0") if name]
    return [file for file in files if file.is_file() and file != Path(__file__)]  # this one names what it forbids


def lines(file: Path) -> list[str]:
    try:
        return file.read_text("utf-8").splitlines()
    except UnicodeDecodeError:  # binary: pictures, arrays, records
        return []


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_file_holds(what: str) -> None:
    pattern = re.compile(FORBIDDEN[what])
    found = [
        f"{file.relative_to(ROOT)}:{number}: {line.strip()[:100]}"
        for file in tracked()
        for number, line in enumerate(lines(file), 1)
        if pattern.search(line)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("what", "line"),
    [
        ("a path of somebody's machine", "open('/root/data.csv')"),
        ("the address of a package registry", "pip install --index-url x"),
        ("unfinished work", "# TODO: later"),
        ("how the project is run", "as issue 3 says"),
        ("advice to install somebody else's package", "pip install minigrad"),
    ],
)
def test_the_patterns_find_what_they_are_for(what: str, line: str) -> None:
    assert re.search(FORBIDDEN[what], line)


def test_text_is_clean() -> None:
    found = [
        f"{file.relative_to(ROOT)}:{number}"
        for file in tracked()
        for number, line in enumerate(lines(file), 1)
        if file.suffix in {".py", ".md", ".toml"} and (line != line.rstrip() or "\t" in line)
    ]
    assert found == []


def test_files_are_small() -> None:
    assert [str(file.relative_to(ROOT)) for file in tracked() if file.stat().st_size > 1 << 20] == []
