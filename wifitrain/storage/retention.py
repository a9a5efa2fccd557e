"""Which versions may go, and how they go: backed up, recorded, out of the index, away.

The index goes first: an interrupted prune leaves a folder that nobody is told of, never an entry
without its folder.
"""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import RegistryError
from wifitrain.storage import archive, catalogue, history
from wifitrain.storage.durable import flush_folder, remove, spare
from wifitrain.storage.history import Record
from wifitrain.storage.index import write_index
from wifitrain.storage.publish import is_abandoned

if TYPE_CHECKING:
    from wifitrain.storage.catalogue import Catalogue, Model
    from wifitrain.storage.layout import Layout

__all__ = ["Pruning", "Retention", "carry_out", "plan"]

_DAY_S = 86_400


@dataclass(frozen=True, kw_only=True)
class Retention:
    """How much is kept. None keeps everything."""

    keep_last_n_versions: int | None
    backup_enabled: bool
    retention_days: float | None  # of backups


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What prune removes, or would: versions, old backups, and leftovers of interrupted work."""

    versions: list[str]
    backups: list[str]
    leftovers: list[str]


def plan(layout: Layout, seen: Catalogue, retention: Retention, *, keep: str = "") -> Pruning:
    """What is to go; `keep` names a version that stays whatever its age."""
    return Pruning(
        versions=[model.version for model in _surplus(seen, retention) if model.version != keep],
        backups=[path.name for path in _old_backups(layout, retention)],
        leftovers=[path.name for path in leftovers(layout)],
    )


def _surplus(seen: Catalogue, retention: Retention) -> Iterable[Model]:
    if retention.keep_last_n_versions is None:
        return
    protected = _rollback_targets(seen)
    # Candidates are counted apart: a row of failed trainings must not push out the good ones.
    for is_candidate in (False, True):
        kept: list[str] = []
        for model in reversed(seen.models):
            if (model.state == "candidate") != is_candidate:
                continue
            unit = f"sweep {model.sweep}" if model.sweep else model.version
            if unit not in kept and len(kept) < retention.keep_last_n_versions:
                kept.append(unit)
            is_needed = model.pinned or model.state == "deployed" or model.version in protected
            if unit not in kept and not is_needed:
                yield model


def _rollback_targets(seen: Catalogue) -> set[str]:
    """For each name the version to which a rollback would return."""
    there = {model.version for model in seen.models if model.state != "retired"}
    targets = set()
    for stack in history.deployments(seen.history.records).values():
        earlier = [version for version in stack[:-1] if version in there and version != stack[-1]]
        targets.update(earlier[-1:])
    return targets


def _old_backups(layout: Layout, retention: Retention) -> list[Path]:
    if retention.retention_days is None:
        return []
    oldest = time.time() - retention.retention_days * _DAY_S
    return sorted(p for p in layout.backup.glob("model_*.zip") if p.stat().st_mtime < oldest)


def leftovers(layout: Layout) -> list[Path]:
    """What interrupted commands left: abandoned staging, trash, temporary files."""
    staged = [path for path in sorted(layout.root.glob(".staging-*")) if is_abandoned(path)]
    trash = sorted(layout.trash.iterdir()) if layout.trash.is_dir() else []
    temporary = [path for folder in _folders(layout) for path in spare(folder)]
    return [*staged, *trash, *temporary]


def _folders(layout: Layout) -> Sequence[Path]:
    return [layout.root, layout.backup, *layout.root.glob("model_*/")]


def carry_out(layout: Layout, seen: Catalogue, pruning: Pruning, retention: Retention) -> None:
    """Remove what `pruning` names. Needs the lock."""
    # What needs no record goes first: on a full disk it makes the room that the rest needs.
    for path in [*leftovers(layout), *(layout.backup / name for name in pruning.backups)]:
        remove(path)
    going = [seen.find(version) for version in pruning.versions]
    if going:
        if retention.backup_enabled:
            for model in going:
                _back_up(layout, model)
        staying = [model for model in seen.models if model not in going]
        _announce(layout, [_record(model) for model in going], replace(seen, models=staying))
        for model in going:
            _to_trash(layout, model)
        flush_folder(layout.root)
        for path in leftovers(layout):
            remove(path)
        if not layout.index.exists():
            write_index(layout, replace(seen, models=staying))


def _announce(layout: Layout, records: list[Record], staying: Catalogue) -> None:
    """Tell the history and the index, in this order, before anything goes.

    On a disk without a free byte the index, which can be derived again, makes room for the record.
    """
    try:
        history.append(layout.history, records)
    except OSError as error:
        _give_up_index(layout, error)
        history.append(layout.history, records)
    try:
        write_index(layout, staying)
    except OSError as error:
        _give_up_index(layout, error)


def _give_up_index(layout: Layout, error: OSError) -> None:
    if error.errno != errno.ENOSPC:
        raise error
    layout.index.unlink(missing_ok=True)


def _record(model: Model) -> Record:
    return Record(
        action="pruned",
        version=model.version,
        name=model.name,
        manifest_sha256=catalogue.manifest_sha256(model.path),
        **history.stamp(),
    )


def _back_up(layout: Layout, model: Model) -> None:
    layout.backup.mkdir(exist_ok=True)
    try:
        archive.export(model, layout.backup)
    except OSError as error:
        raise RegistryError(
            f"{model.version} is not pruned: no backup could be made in {layout.backup}"
            f" ({error.strerror}); storage.backup_enabled=false prunes without one"
        ) from error


def _to_trash(layout: Layout, model: Model) -> None:
    layout.trash.mkdir(exist_ok=True)
    target = layout.trash / model.version
    if os.path.lexists(target):
        remove(target)
    model.path.rename(target)
