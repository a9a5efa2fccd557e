"""Changing where a version stands: deploy, roll back, retire, pin. Each needs the lock.

The commit is the replacement of one metadata.json, which carries the history's record with it. The
history and the index follow; where they cannot, the change stands, a warning says so, and the next
command completes them.
"""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import msgspec

from wifitrain.errors import PackageError, RegistryError, WifitrainError
from wifitrain.storage import catalogue, history
from wifitrain.storage.history import Record
from wifitrain.storage.index import write_index
from wifitrain.storage.metadata import utc_text
from wifitrain.storage.settling import settle

if TYPE_CHECKING:
    from wifitrain.storage.catalogue import Catalogue, Model
    from wifitrain.storage.layout import Layout

__all__ = ["deploy", "pin", "retire", "rollback"]

_log = logging.getLogger(__name__)


def deploy(
    layout: Layout, version: str, *, by: str | None, why: str, accept_candidate: bool
) -> Model:
    """Make `version` the live one of its name."""
    seen = settle(layout)
    model = seen.find(version)
    if model.state == "retired":
        raise RegistryError(f"{version} is retired")
    if model.state == "deployed":
        raise RegistryError(f"{version} is deployed already")
    if model.state == "candidate" and not (accept_candidate and why):
        raise RegistryError(
            f"{version} is a candidate: its gates failed or were not measured;"
            " deploying it needs its acceptance (--candidate) and a reason (--why)"
        )
    return _go_live(layout, seen, model, Record(
        action="deployed", version=version, name=model.name, why=why, **history.stamp(by)
    ))  # fmt: skip


def rollback(layout: Layout, name: str | None, *, by: str | None, why: str) -> Model:
    """Return to the version that was live before; once more goes back further."""
    seen = settle(layout)
    stacks = history.deployments(seen.history.records)
    name = _one_name(name, stacks)
    there = {model.version: model for model in seen.models if model.state != "retired"}
    earlier = [v for v in stacks[name][:-1] if v in there and there[v].state != "deployed"]
    if not earlier:
        raise RegistryError(f"{name}: no earlier deployed version is left to return to")
    model = there[earlier[-1]]
    return _go_live(layout, seen, model, Record(
        action="rolled_back", version=model.version, name=name, why=why, **history.stamp(by)
    ))  # fmt: skip


def _one_name(name: str | None, stacks: dict[str, list[str]]) -> str:
    if not stacks:
        raise RegistryError("nothing was ever deployed here")
    if name is None and len(stacks) == 1:
        return next(iter(stacks))
    if name not in stacks:
        known = ", ".join(sorted(stacks))
        raise RegistryError(f"model name must be one of {known}, got {name}")
    return name


def _go_live(layout: Layout, seen: Catalogue, model: Model, record: Record) -> Model:
    faults = seen.faults(model)
    if faults:
        raise PackageError(f"{model.version}: {'; '.join(faults)}")
    before = seen.deployed(model.name)
    record = msgspec.structs.replace(record, previous=before.version if before else "")
    catalogue.write_standing(
        model,
        record=record,
        status="deployed",
        deployed_at=_later_than(before),
        deployed_by=record.by,
    )
    return _completed(layout, record)


def _later_than(before: Model | None) -> str:
    """Now, but after the deployment before: of two that say deployed the later one is."""
    now = datetime.now(UTC)
    if before is not None:
        try:
            last = datetime.fromisoformat(str(before.standing.get("deployed_at")))
        except ValueError:
            return utc_text(now)
        last = last if last.tzinfo else last.replace(tzinfo=UTC)
        now = max(now, last + timedelta(microseconds=1))
    return utc_text(now)


def retire(layout: Layout, version: str, *, by: str | None, why: str) -> Model:
    """Take `version` out of use without removing it."""
    seen = settle(layout)
    model = seen.find(version)
    if model.state == "deployed":
        raise RegistryError(f"{version} is deployed: deploy another version or roll back first")
    record = Record(
        action="retired", version=version, name=model.name, why=why, **history.stamp(by)
    )
    catalogue.write_standing(model, record=record, status="inactive", stage="retired")
    return _completed(layout, record)


def pin(layout: Layout, version: str, *, pinned: bool, by: str | None, why: str) -> Model:
    """Keep `version` from being pruned, or let it go again."""
    model = settle(layout).find(version)
    action = "pinned" if pinned else "unpinned"
    record = Record(action=action, version=version, name=model.name, why=why, **history.stamp(by))
    catalogue.write_standing(model, record=record, pinned=pinned)
    return _completed(layout, record)


def _completed(layout: Layout, record: Record) -> Model:
    """Write down what was committed, and index it."""
    try:
        history.append(layout.history, [record])
        after = settle(layout)  # takes `deployed` off the version before
        write_index(layout, after)
    except (OSError, WifitrainError) as error:
        _log.warning(
            "%s is %s; history or index could not be written (%s): the next command will",
            record.version,
            record.action.replace("_", " "),
            error,
        )
        after = catalogue.read(layout)
    return after.find(record.version)
