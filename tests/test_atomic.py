"""Files that are whole or not there, whoever else writes."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from minigrad.atomic import atomic_write


def test_threads_that_write_one_file_leave_one_of_theirs(tmp_path: Path) -> None:
    path = tmp_path / "file"
    contents = [bytes([i]) * (1 << (8 + i)) for i in range(8)]
    with ThreadPoolExecutor(8) as pool:
        done = [pool.submit(atomic_write, path, data) for _ in range(20) for data in contents]
    assert all(each.exception() is None for each in done)
    assert path.read_bytes() in contents
    assert [file.name for file in tmp_path.iterdir()] == ["file"]


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    target, link = tmp_path / "target", tmp_path / "link"
    target.write_bytes(b"old")
    link.symlink_to(target)
    atomic_write(link, b"new")
    assert link.is_symlink() and target.read_bytes() == b"new"
