"""Kills, full disks, parallel writers, read-only folders: every promise holds afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.storage import faults
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
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 600 kB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=600k", "tmpfs", str(disk)]
    try:
        mounted = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no mount command")
    if mounted.returncode != 0:
        pytest.skip(f"cannot mount a small file system: {mounted.stderr.strip()}")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def test_a_full_disk_costs_only_the_save_that_met_it(small_disk: Path) -> None:
    """One line, nothing half-written; with room made, the next save succeeds."""
    models = small_disk / "models"
    store = faults.keeping(models)
    saved: list[str] = []
    with pytest.raises(RegistryError, match="No space left on device"):
        saved.extend(store.write(contents(seed)).version for seed in range(100))
    assert len(saved) > 2
    # The history may have taken the last block: what it lost was never acknowledged.
    assert [model.version for model in store.versions()] == saved
    assert all(store.verify(version) == [] for version in saved)
    assert not list(models.glob(".staging-*"))
    roomy = ModelStore(directory=str(models), keep_last_n_versions=2, backup_enabled=False)
    roomy.prune()
    assert faults.broken_promises(models, saved[-2:]) == []
    roomy.write(contents(1000))


def test_reading_works_where_nothing_may_be_written(store: ModelStore, models: Path) -> None:
    """A read-only mount: list, verify, load, history, dry prune work; a write is one line."""
    version = store.write(contents()).version
    store.deploy(version)
    code = f"""
import subprocess, sys
sys.path.insert(0, {str(Path(__file__).resolve().parents[2])!r})
for command in (["mount", "--bind", {str(models)!r}, {str(models)!r}],
                ["mount", "-o", "remount,bind,ro", {str(models)!r}]):
    if subprocess.run(command, capture_output=True).returncode: sys.exit(77)
from wifitrain.errors import RegistryError
from wifitrain.storage import ModelStore
store = ModelStore(directory={str(models)!r})
assert [m.state for m in store.versions()] == ["deployed"]
assert store.verify({version!r}) == []
assert store.load({version!r}).report
assert len(store.history().records) == 2
assert store.prune(dry_run=True).versions == []
try: store.rebuild_index()
except RegistryError as error: print(error)
"""
    command = ["unshare", "-m", "--propagation", "private", sys.executable, "-c", code]
    try:
        ran = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("no unshare command")
    if ran.returncode == 77 or "unshare" in ran.stderr:
        pytest.skip(f"cannot make a read-only mount: {ran.stderr.strip()}")
    assert (ran.returncode, ran.stderr) == (0, "")
    assert "Read-only file system" in ran.stdout
    assert ran.stdout.count("\n") == 1


def test_a_models_folder_that_is_a_file_is_one_line(models: Path) -> None:
    """No traceback, and the file stays."""
    models.write_text("mine")
    with pytest.raises(RegistryError, match="models: "):
        ModelStore(directory=str(models)).write(contents())
    assert models.read_text() == "mine"
