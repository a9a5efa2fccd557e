"""Values on disk: no memory stays behind, and a full disk is said before anything is written."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wifitrain.errors import EngineError
from wifitrain.features import mapped
from wifitrain.features.mapped import MappedValues


def _resident_mb() -> int:
    status = Path("/proc/self/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) >> 10


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_was_written_is_there_and_takes_no_memory(tmp_path: Path) -> None:
    """160 MB, filled a row at a time and let go of each time; no file stays."""
    values = MappedValues((20, 1_000_000), directory=str(tmp_path))
    before = _resident_mb()
    for row in range(20):
        values.array[row] = row + 0.5
        values.release()
    assert _resident_mb() < before + 40
    assert (values.array[:, ::250_000].mean(axis=1) == [row + 0.5 for row in range(20)]).all()
    assert list(tmp_path.iterdir()) == []


def test_no_room_is_one_line(tmp_path: Path) -> None:
    """A folder that is not there, and more than any disk has."""
    with pytest.raises(EngineError, match=r"no room for 0 MB .*engine\.directory.*No such file"):
        MappedValues((2, 2), directory=str(tmp_path / "absent"))
    with pytest.raises(EngineError, match=r"no room for \d+ MB of features on disk"):
        MappedValues((1_000_000, 1_000_000_000), directory=str(tmp_path))


def test_without_such_files_values_are_in_memory_and_count(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on systems that cannot reserve room in a file."""
    assert MappedValues((3, 5), directory=str(tmp_path)).nbytes == 0
    monkeypatch.setattr(mapped, "_CAN_MAP", False)
    values = MappedValues((3, 5), directory=str(tmp_path))
    values.release()
    assert values.nbytes == 3 * 5 * 8


def test_nothing_is_an_array_too(tmp_path: Path) -> None:
    """No file is as short as no value."""
    values = MappedValues((3, 0), directory=str(tmp_path))
    values.release()
    assert values.array.shape == (3, 0)
