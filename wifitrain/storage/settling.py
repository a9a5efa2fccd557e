"""What an interrupted command left half-done, finished: history and folders in line again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import msgspec

from wifitrain.storage import history
from wifitrain.storage.catalogue import manifest_sha256, read, write_standing
from wifitrain.storage.history import Record

if TYPE_CHECKING:
    from wifitrain.storage.catalogue import Catalogue
    from wifitrain.storage.layout import Layout

__all__ = ["settle"]

_COMINGS = {"written", "imported", "found"}
_GOINGS = {"pruned", "missing"}


def settle(layout: Layout) -> Catalogue:
    """Finish what an interrupted command left half-done, then read again. Needs the lock.

    Folders without a record are recorded as found, records without a folder as missing, a change
    whose command was killed before it could write it down as what it was, and a deployment that
    is not in the history (the service deploys by itself) as a deployment.
    """
    seen = read(layout)
    outdone = [
        model
        for model in seen.models
        if model.standing["status"] == "deployed" and model.state != "deployed"
    ]
    for model in outdone:
        write_standing(model, status=model.status)
    unrecorded = list(_unrecorded(seen))
    history.append(layout.history, unrecorded)
    return read(layout) if outdone or unrecorded else seen


def _unrecorded(seen: Catalogue) -> Iterable[Record]:
    past = seen.history.records
    last = {r.version: r.action for r in past if r.action in _COMINGS | _GOINGS}
    there = {model.version: model for model in seen.models}
    names = {record.version: record.name for record in past}
    for version, action in last.items():
        if action in _COMINGS and version not in there and version not in seen.foreign:
            yield Record(action="missing", version=version, name=names[version], **history.stamp())
    for model in seen.models:
        if last.get(model.version) not in _COMINGS:
            yield Record(
                action="found",
                version=model.version,
                name=model.name,
                manifest_sha256=manifest_sha256(model.path),
                **history.stamp(),
            )
    changes = sorted(_unrecorded_changes(seen, last), key=lambda record: record.at)
    yield from changes
    yield from _unrecorded_deployments(seen, live=history.live([*past, *changes]))


def _unrecorded_changes(seen: Catalogue, last: Mapping[str, str]) -> Iterable[Record]:
    """What a version says was done to it, where it came here by our own doing."""
    known = {(record.version, record.action, record.at) for record in seen.history.records}
    for model in seen.models:
        if last.get(model.version) not in ("written", "imported"):
            continue  # copied in by hand: what was done to it was done elsewhere
        try:
            record = msgspec.convert(model.standing.get("last_change"), Record)
        except msgspec.ValidationError:  # none
            continue
        is_known = (record.version, record.action, record.at) in known
        if record.version == model.version and record.action in history.CHANGES and not is_known:
            yield record


def _unrecorded_deployments(seen: Catalogue, *, live: Mapping[str, str]) -> Iterable[Record]:
    for model in seen.models:
        if live.get(model.name) in seen.foreign:
            continue  # it is there and could not be read just now: nobody knows who is live
        if model.state == "deployed" and live.get(model.name) != model.version:
            by = model.standing.get("deployed_by")
            yield Record(
                action="deployed",
                version=model.version,
                name=model.name,
                previous=live.get(model.name, ""),
                why="found deployed: by the service itself",
                **history.stamp(by if isinstance(by, str) else None),
            )
