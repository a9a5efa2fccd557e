"""What each command of wifitrain-models answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from wifitrain.errors import RegistryError
from wifitrain.storage.display import Answer, Table
from wifitrain.storage.history import record_json
from wifitrain.storage.keys import generate

if TYPE_CHECKING:
    from argparse import Namespace

    from wifitrain.storage import strict_json
    from wifitrain.storage.catalogue import Model
    from wifitrain.storage.retention import Pruning
    from wifitrain.storage.store import ModelStore

__all__ = [
    "as_of",
    "deploy",
    "diff",
    "export",
    "history",
    "import_",
    "keygen",
    "list_",
    "pin",
    "prune",
    "rebuild_index",
    "retire",
    "rollback",
    "show",
    "verify",
]

_COLUMNS = ("version", "state", "name", "type", "created (UTC)", "pinned", "metrics")


def list_(store: ModelStore, _: Namespace) -> Answer:
    """Versions, folders that are none, and leftovers."""
    seen = store.catalogue()
    left = store.prune(dry_run=True).leftovers
    rows = [
        (m.version, m.state, m.name, m.model_type, m.created_at[:19], "yes" if m.pinned else "",
         _metrics(m)) for m in seen.models
    ]  # fmt: skip
    lines = [f"not a version: {why}" for why in seen.foreign.values()]
    lines += [f"left by an interrupted command (prune removes it): {name}" for name in left]
    lines += [f"unreadable line {number} of the history" for number in seen.history.damaged]
    return Answer(
        value={
            "versions": [_summary(model) for model in seen.models],
            "foreign": seen.foreign,
            "leftovers": left,
        },
        tables=[Table(_COLUMNS, rows)],
        lines=lines if rows or lines else [f"no versions in {store.directory}"],
    )


def show(store: ModelStore, arguments: Namespace) -> Answer:
    """One version with all of its metadata."""
    model = store.find(arguments.version)
    return Answer(
        value={**_summary(model), "metadata": model.metadata},
        tables=[Table((section, ""), list(_rows(values))) for section, values in
                model.metadata.items() if isinstance(values, dict)],
        lines=[f"{model.state}, in {model.path}"],
    )  # fmt: skip


def verify(store: ModelStore, arguments: Namespace) -> Answer:
    """Faults of the versions that are named, or of all."""
    versions = arguments.versions or [model.version for model in store.versions()]
    faults = {version: store.verify(version) for version in versions}
    return Answer(
        value=faults,
        lines=[f"{version}: {'; '.join(found) or 'sound'}" for version, found in faults.items()],
        status=1 if any(faults.values()) else 0,
    )


def deploy(store: ModelStore, arguments: Namespace) -> Answer:
    """Deploy a version."""
    return _changed(
        store.deploy(
            arguments.version,
            by=arguments.by,
            why=arguments.why,
            accept_candidate=arguments.candidate,
        )
    )


def rollback(store: ModelStore, arguments: Namespace) -> Answer:
    """Return to the version that was live before."""
    return _changed(store.rollback(name=arguments.name, by=arguments.by, why=arguments.why))


def retire(store: ModelStore, arguments: Namespace) -> Answer:
    """Take a version out of use."""
    return _changed(store.retire(arguments.version, by=arguments.by, why=arguments.why))


def pin(store: ModelStore, arguments: Namespace) -> Answer:
    """Keep a version from being pruned."""
    return _changed(
        store.pin(arguments.version, pinned=not arguments.off, by=arguments.by, why=arguments.why)
    )


def prune(store: ModelStore, arguments: Namespace) -> Answer:
    """Remove what is beyond the retention and what was left half-done."""
    pruning = store.prune(dry_run=arguments.dry_run)
    said = "would remove" if arguments.dry_run else "removed"
    lines = [f"{said} {kind} {name}" for kind, name in _pruned(pruning)]
    return Answer(
        value={
            "dry_run": arguments.dry_run,
            "versions": pruning.versions,
            "backups": pruning.backups,
            "leftovers": pruning.leftovers,
        },
        lines=lines or ["nothing to remove"],
    )


def diff(store: ModelStore, arguments: Namespace) -> Answer:
    """Where two versions differ."""
    found = store.diff(arguments.first, arguments.second)
    return Answer(
        value=[{"place": d.place, "first": d.first, "second": d.second} for d in found],
        tables=[
            Table(
                ("", arguments.first, arguments.second),
                [(d.place, d.first, d.second) for d in found],
            )
        ],
        lines=[] if found else ["no difference"],
    )


def export(store: ModelStore, arguments: Namespace) -> Answer:
    """Write a deployment ZIP."""
    path = str(store.export_zip(arguments.version, destination=arguments.to))
    return Answer(value={"path": path}, lines=[path])


def import_(store: ModelStore, arguments: Namespace) -> Answer:
    """Publish the package of a deployment ZIP."""
    return _changed(store.import_zip(arguments.path, by=arguments.by))


def history(store: ModelStore, arguments: Namespace) -> Answer:
    """What was done, oldest first."""
    past = store.history()
    records = [r for r in past.records if arguments.version in (None, r.version)]
    rows = [(r.at[:19], r.action, r.version, r.by, r.host, r.previous, r.why) for r in records]
    return Answer(
        value=[record_json(record) for record in records],
        tables=[Table(("at (UTC)", "action", "version", "by", "host", "before", "why"), rows)],
        lines=[f"unreadable line {number} of the history" for number in past.damaged],
    )


def as_of(store: ModelStore, arguments: Namespace) -> Answer:
    """Which version was live at a time."""
    try:
        moment = datetime.fromisoformat(arguments.time)
    except ValueError as error:
        raise RegistryError(
            f"time must be ISO text such as 2026-01-31T12:00 (UTC), got {arguments.time!r}"
        ) from error
    live = store.as_of(moment if moment.tzinfo else moment.replace(tzinfo=UTC))
    return Answer(
        value=live,
        tables=[Table(("name", "version"), list(live.items()))],
        lines=[] if live else ["nothing was deployed then"],
    )


def keygen(_: ModelStore, arguments: Namespace) -> Answer:
    """Make a key to sign with."""
    path = Path(arguments.path)
    public, name = generate(path)
    return Answer(
        value={"private_key": str(path), "public_key": str(public), "fingerprint": name},
        lines=[
            f"{path}: private key {name}: keep it; storage.signing_key={path} signs with it",
            f"{public}: its public key, for storage.trusted_keys or WIFITRAIN_TRUSTED_KEYS",
        ],
    )


def rebuild_index(store: ModelStore, _: Namespace) -> Answer:
    """Derive model_registry.json anew."""
    entries = store.rebuild_index()
    return Answer(value={"versions": entries}, lines=[f"{entries} versions indexed"])


def _summary(model: Model) -> dict[str, strict_json.Plain]:
    return {
        "version": model.version,
        "path": str(model.path),
        "name": model.name,
        "model_type": model.model_type,
        "created_at": model.created_at,
        "state": model.state,
        "status": model.status,
        "pinned": model.pinned,
        "sweep": model.sweep,
        "metrics": model.metadata["evaluation_info"]["basic_metrics"],
    }


def _changed(model: Model) -> Answer:
    return Answer(value=_summary(model), lines=[f"{model.version}: {model.state}"])


def _metrics(model: Model) -> str:
    metrics = model.metadata["evaluation_info"]["basic_metrics"]
    return ", ".join(f"{name} {value:.3g}" for name, value in metrics.items()) or "no labels"


def _rows(values: dict[str, object], prefix: str = "") -> Iterable[tuple[str, object]]:
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from _rows(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _pruned(pruning: Pruning) -> Iterable[tuple[str, str]]:
    for kind, names in (
        ("version", pruning.versions),
        ("backup", pruning.backups),
        ("leftover", pruning.leftovers),
    ):
        for name in names:
            yield kind, name
