"""A full disk ends a run with one line, wherever it is full."""

from __future__ import annotations

import subprocess
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import pytest

from tests.cli.conftest import Ended
from wifitrain.engine import Engine
from wifitrain.errors import EngineError


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 2 MB."""
    folder = tmp_path / "small"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True, check=False).returncode != 0:
        pytest.skip("mounting a small file system needs root")
    (folder / "filler").write_bytes(b"x" * (2 * 1024 * 1024 - 60_000))
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def _line(ended: Ended) -> str:
    assert ended.status == 1, ended.out
    assert "Traceback" not in ended.err
    (line,) = [line for line in ended.err.splitlines() if line.startswith("wifitrain: ")]
    return line


@pytest.mark.parametrize("where", ["storage.directory", "hydra.run.dir"])
def test_a_full_disk_is_one_line(
    wifitrain: Callable[..., Ended], quiet_week: Path, small_disk: Path, where: str
) -> None:
    """Status 1, and no version with a proper name is half there."""
    ended = wifitrain(
        f"source.path={quiet_week}", "features=minimal", "evaluation=quick",
        f"{where}={small_disk}/it",
    )  # fmt: skip
    assert "No space left" in _line(ended)
    assert not list(small_disk.glob("it/model_2*"))


def test_what_is_unpacked_may_find_no_room(
    wifitrain: Callable[..., Ended], small_disk: Path, tmp_path: Path
) -> None:
    """A Parquet file in a zip is the one thing that reading puts on disk."""
    table = tmp_path / "data.parquet"
    duckdb.sql(
        "SELECT uuid()::VARCHAR AS timestamp, uuid()::VARCHAR AS message FROM range(9000)"
    ).write_parquet(str(table))
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.write(table, "data.parquet")
    line = _line(wifitrain(f"source.path={tmp_path}/export.zip", f"engine.directory={small_disk}"))
    assert "data.parquet: cannot be unpacked to engine.directory: No space left" in line


def test_an_engine_without_memory_or_disk_says_both(small_disk: Path) -> None:
    """Beyond its memory limit it spills; where that fails the message names limit and folder."""
    with (
        pytest.raises(EngineError, match=r"engine\.(memory_limit=40MB|directory)"),
        Engine(memory_limit="40MB", threads=1, directory=str(small_disk)) as engine,
    ):
        engine.connection.execute(
            "CREATE TABLE big AS SELECT uuid()::VARCHAR AS a, uuid()::VARCHAR AS b"
            " FROM range(1_000_000)"
        )
