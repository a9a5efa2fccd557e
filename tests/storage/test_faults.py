"""Kills, full disks, parallel writers, read-only folders: every promise holds afterwards."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.storage import faults, small_disks
from tests.storage.made import contents
from wifitrain.errors import RegistryError
from wifitrain.storage import ModelStore


def test_killed_writers_leave_nothing_half_done(models: Path) -> None:
    """15 kills: no unreadable index, no acknowledged save lost, every version verifies."""
    outcome = faults.kill_loop(models, kills=15, writers=2)
    assert outcome.broken == []
    assert outcome.acknowledged


def test_parallel_writers_all_get_their_version(models: Path) -> None:
    """4 processes x 5 saves in the same seconds: 20 names, 20 entries."""
    outcome = faults.parallel_writers(models, writers=4, saves=5)
    assert outcome.broken == []
    assert len(outcome.acknowledged) == 20


def test_equal_content_in_one_second_gets_two_names(store: ModelStore) -> None:
    """The first is named by its digest, the next by digest and attempt."""
    versions = [store.write(contents()).version for _ in range(5)]
    assert len(set(versions)) == 5
    assert versions[0].endswith(contents().content_digest[:8])


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> faults.Calls:
    """Notes what is really flushed and renamed, in order."""
    calls = faults.Calls()
    fsync, rename, replace = os.fsync, os.rename, os.replace

    def noting_fsync(descriptor: int) -> None:
        calls.made.append(("fsync", str(Path(f"/proc/self/fd/{descriptor}").readlink())))
        fsync(descriptor)

    def noting_rename(old: Path, new: Path) -> None:
        rename(old, new)
        calls.made.append(("rename", str(new)))

    def noting_replace(old: Path, new: Path) -> None:
        replace(old, new)
        calls.made.append(("rename", str(new)))

    monkeypatch.setattr(os, "fsync", noting_fsync)
    monkeypatch.setattr(os, "rename", noting_rename)
    monkeypatch.setattr(os, "replace", noting_replace)
    return calls


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="no /proc to name descriptors")
def test_a_power_cut_takes_nothing_that_was_acknowledged(
    store: ModelStore, models: Path, calls: faults.Calls
) -> None:
    """Every file is flushed before its name appears, and the folder after it."""
    first = store.write(contents(1)).version
    store.write(contents(2))
    store.deploy(first)
    assert len([call for call, _ in calls.made if call == "rename"]) >= 5
    assert calls.lost_in_a_power_cut(models) == []
    assert calls.made.count(("fsync", str(models / ".history.ndjson"))) == 3


@pytest.fixture
def mountable() -> None:
    """Skips where nothing can be mounted."""
    if (why := small_disks.why_not()) is not None:
        pytest.skip(f"cannot mount here: {why}")


@pytest.mark.usefixtures("mountable")
def test_a_full_disk_costs_only_the_save_that_met_it(tmp_path: Path) -> None:
    """One line, nothing half-written; with room made, the next save succeeds."""
    full, saved, broken = small_disks.fill(tmp_path / "disks", sizes_kb=(180, 187, 400))
    assert broken == []
    assert full == 3
    assert saved > 3


@pytest.mark.usefixtures("mountable")
def test_a_full_disk_is_told_in_one_line(tmp_path: Path) -> None:
    """With the words of the system."""
    with small_disks.small_disk(tmp_path / "disk", size_kb=100) as disk:
        store = faults.keeping(disk / "models")
        with pytest.raises(RegistryError, match="No space left on device") as told:
            for seed in range(50):
                store.write(contents(seed))
    assert "\n" not in str(told.value)


@pytest.mark.usefixtures("mountable")
def test_reading_works_where_nothing_may_be_written(models: Path) -> None:
    """A read-only mount: list, verify, load, score, history, dry prune; a write is one line."""
    assert small_disks.read_only(models) == []


def test_a_models_folder_that_is_a_file_is_one_line(models: Path) -> None:
    """No traceback, and the file stays."""
    models.write_text("mine")
    with pytest.raises(RegistryError, match="models: "):
        ModelStore(directory=str(models)).write(contents())
    assert models.read_text() == "mine"
