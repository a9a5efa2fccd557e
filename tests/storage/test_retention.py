"""What is pruned, what never is, and what an interrupted command leaves."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

from tests.storage.made import contents
from wifitrain.storage import ModelStore

if TYPE_CHECKING:
    import pytest


def _store(models: Path, keep: int, **settings: object) -> ModelStore:
    return ModelStore(directory=str(models), keep_last_n_versions=keep, **settings)  # type: ignore[arg-type]


def _there(models: Path) -> list[str]:
    return sorted(path.name for path in models.glob("model_*/"))


def test_the_newest_versions_stay(models: Path) -> None:
    """After each write the newest n are there, on disk and in the index."""
    store = _store(models, 2)
    versions = [store.write(contents(seed)).version for seed in range(4)]
    assert _there(models) == sorted(versions[2:])
    assert list(json.loads((models / "model_registry.json").read_text())) == versions[2:]
    assert [r.version for r in store.history().records if r.action == "pruned"] == versions[:2]


def test_newest_is_who_came_last_whatever_the_clock_says(models: Path) -> None:
    """With a name format of a whole year the names do not tell; arrival does."""
    store = _store(models, 1, version_format="%Y")
    for seed in (3, 1, 2):
        version = store.write(contents(seed)).version
        assert _there(models) == [version]


def test_deployed_pinned_and_rollback_versions_stay(models: Path) -> None:
    """They are kept besides the newest n, until nothing needs them."""
    store = _store(models, 1)
    back = store.write(contents(0)).version
    store.deploy(back)
    live = store.write(contents(1)).version
    store.deploy(live)
    pinned = store.write(contents(2)).version
    store.pin(pinned)
    last = [store.write(contents(seed)).version for seed in (3, 4)][-1]
    assert _there(models) == sorted([back, live, pinned, last])
    store.pin(pinned, pinned=False)
    assert store.prune().versions == [pinned]


def test_candidates_do_not_push_out_released_versions(models: Path) -> None:
    """A row of failed trainings leaves the last good ones."""
    store = _store(models, 1)
    good = store.write(contents(0)).version
    candidates = [store.write(contents(n), candidate=True).version for n in (1, 2, 3)]
    assert _there(models) == sorted([good, candidates[-1]])


def test_a_sweep_is_kept_or_pruned_as_one(models: Path) -> None:
    """Nine versions of one sweep count once, and go together."""
    store = _store(models, 2)
    old = store.write(contents(100)).version
    sweep = [store.write(contents(seed), sweep="2026-11-24/10-00-00").version for seed in range(9)]
    assert _there(models) == sorted([old, *sweep])
    after = [store.write(contents(seed)).version for seed in (10, 11)]
    assert _there(models) == sorted(after)


def test_a_pruned_version_can_come_back_from_its_backup(models: Path) -> None:
    """backup_enabled keeps a deployment ZIP, and import makes the version again."""
    store = _store(models, 1)
    first, _ = (store.write(contents(seed)).version for seed in range(2))
    backup = models / ".backup" / f"{first}_deployment.zip"
    assert store.import_zip(str(backup)).version == first
    assert store.verify(first) == []
    # Its history proves that this folder wrote it: no trust has to be asked for.
    assert store.load(first).report == contents().report


def test_backups_go_after_their_days_or_are_not_made(models: Path) -> None:
    """retention_days removes old ZIPs, null keeps them, backup_enabled=false makes none."""
    store = _store(models, 1, retention_days=None)
    first, *_ = [store.write(contents(seed)).version for seed in range(2)]
    backup = models / ".backup" / f"{first}_deployment.zip"
    old = time.time() - 40 * 86_400
    os.utime(backup, (old, old))
    assert store.prune().backups == []
    assert _store(models, 1, retention_days=30).prune().backups == [backup.name]
    assert not backup.exists()
    _store(models, 1, backup_enabled=False).write(contents(3))
    assert list((models / ".backup").iterdir()) == []


def test_dry_run_says_the_same_and_changes_nothing(models: Path) -> None:
    """What would go is what goes."""
    keeping = _store(models, 9)
    versions = [keeping.write(contents(seed)).version for seed in range(3)]
    store = _store(models, 1)
    planned = store.prune(dry_run=True)
    assert planned.versions == list(reversed(versions[:2]))
    assert _there(models) == sorted(versions)
    assert store.prune() == planned
    assert _there(models) == versions[2:]


def test_leftovers_are_named_and_removed(store: ModelStore, models: Path) -> None:
    """Abandoned staging, trash and temporary files go; a living writer's staging stays."""
    version = store.write(contents()).version
    (models / ".staging-model_x").mkdir()
    (models / ".trash").mkdir()
    (models / ".trash" / "model_y").mkdir()
    (models / ".tmp-1-model_registry.json").write_text("{")
    (models / version / ".tmp-1-metadata.json").write_text("{")
    from wifitrain.storage.layout import Layout
    from wifitrain.storage.publish import claimed

    with claimed(Layout(models), lambda attempt: f"model_living{attempt}") as claim:
        found = store.prune()
        assert claim.folder.is_dir()
    assert sorted(found.leftovers) == sorted(
        [".staging-model_x", "model_y", ".tmp-1-model_registry.json", ".tmp-1-metadata.json"]
    )
    assert store.prune().leftovers == []
    assert store.verify(version) == []


def test_a_version_that_cannot_be_pruned_does_not_cost_the_new_one(
    models: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A damaged old version has no backup: it stays, is named in the log, and the save stands."""
    store = _store(models, 1)
    damaged = store.write(contents(0)).version
    (models / damaged / "guard.json").write_text("{}")
    version = store.write(contents(1)).version
    assert store.verify(version) == []
    assert _there(models) == sorted([damaged, version])
    assert f"not pruned: {damaged}: guard.json: SHA-256 differs" in caplog.text
