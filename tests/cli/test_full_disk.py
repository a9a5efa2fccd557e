"""A full disk ends a run with one line, wherever it is full."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.cli.conftest import Ended


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.parametrize("where", ["engine.directory", "storage.directory", "hydra.run.dir"])
def test_a_full_disk_is_one_line(
    wifitrain: Callable[..., Ended], quiet_week: Path, small_disk: Path, where: str
) -> None:
    """Status 1, and no version with a proper name is half there."""
    filler = small_disk / "filler"
    filler.write_bytes(b"x" * (2 * 1024 * 1024 - 60_000))
    ended = wifitrain(
        f"source.path={quiet_week}", "features=minimal", "evaluation=quick",
        f"{where}={small_disk}/it" if where != "engine.directory" else f"{where}={small_disk}",
    )  # fmt: skip
    assert ended.status == 1, ended.out
    (line,) = [line for line in ended.err.splitlines() if line.startswith("wifitrain: ")]
    assert "No space left" in line
    assert "Traceback" not in ended.err
    assert not list(small_disk.glob("it/model_2*"))
