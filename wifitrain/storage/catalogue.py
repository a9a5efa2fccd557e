"""What lies in a models folder: read from the version folders, which are the truth.

Reading takes no lock and works on a read-only folder.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from wifitrain.errors import PackageError, RegistryError
from wifitrain.storage import history, manifest, strict_json
from wifitrain.storage.durable import replace_file
from wifitrain.storage.layout import VERSION_NAME, Layout
from wifitrain.storage.manifest import MANIFEST, METADATA
from wifitrain.storage.metadata import check

if TYPE_CHECKING:
    from wifitrain.storage.history import History, Record
    from wifitrain.storage.signing import Signatures

__all__ = ["Catalogue", "Model", "manifest_sha256", "read", "write_standing"]

State = Literal["candidate", "available", "deployed", "retired"]


@dataclass(frozen=True, kw_only=True)
class Model:
    """A published version. Times are ISO text in UTC without a zone."""

    version: str
    path: Path
    name: str  # one version of a name is deployed at a time
    model_type: str
    created_at: str
    state: State
    pinned: bool
    sweep: str | None
    imported: bool
    metadata: dict[str, Any]

    @property
    def standing(self) -> dict[str, Any]:
        """deployment_info: the part of the metadata that changes."""
        section: dict[str, Any] = self.metadata["deployment_info"]
        return section

    @property
    def status(self) -> str:
        """The state in the consumer's words: available, imported, deployed or inactive."""
        if self.state in ("candidate", "retired"):
            return "inactive"
        if self.state == "available" and self.imported:
            return "imported"
        return self.state


@dataclass(frozen=True, kw_only=True)
class Catalogue:
    """The models of a folder in the order of their arrival, and folders that are none."""

    models: list[Model]
    foreign: dict[str, str]  # name of a folder -> why it is no version
    history: History
    signatures: Signatures  # that a version needs to be loaded or deployed

    def faults(self, model: Model) -> list[str]:
        """What is wrong with a version, one line each; nothing is parsed but JSON."""
        return [*manifest.faults(model.path), *self.signatures.faults(model.path)]

    def find(self, version: str) -> Model:
        """The model of that version; RegistryError where there is none."""
        for model in self.models:
            if model.version == version:
                return model
        why = self.foreign.get(version, "there is none in this folder")
        raise RegistryError(f"{version}: {why}")

    def deployed(self, name: str) -> Model | None:
        """The version of that name which is live."""
        return next((m for m in self.models if m.name == name and m.state == "deployed"), None)


def read(layout: Layout) -> Catalogue:
    """Look at every folder whose name begins with `model_`."""
    past = history.read(layout.history)
    models, foreign = [], {}
    for name in _folder_names(layout.root):
        try:
            models.append(_model(layout.root / name))
        except PackageError as error:
            if (layout.root / name).exists():  # else pruned while we looked
                foreign[name] = str(error)
    arrival = past.arrival()
    models.sort(key=lambda m: (arrival.get(m.version, len(arrival)), m.created_at, m.version))
    return Catalogue(
        models=_one_deployed(models),
        foreign=foreign,
        history=past,
        signatures=layout.signatures,
    )


def _folder_names(root: Path) -> list[str]:
    try:
        with os.scandir(root) as entries:
            return sorted(
                entry.name
                for entry in entries
                if entry.name.startswith("model_") and entry.name != "model_registry.json"
            )
    except FileNotFoundError:
        return []
    except OSError as error:
        raise RegistryError(f"{root}: {error.strerror}") from error


def _model(folder: Path) -> Model:
    if folder.is_symlink() or not folder.is_dir():
        raise PackageError(f"{folder}: not a folder")
    if not VERSION_NAME.fullmatch(folder.name):
        raise PackageError(f"{folder}: not the name of a version")
    metadata = strict_json.read_object(folder / METADATA)
    checked = check(metadata, name=str(folder / METADATA))
    if checked.model_info.version != folder.name:
        raise PackageError(f"{folder / METADATA}: is of {checked.model_info.version}")
    standing = checked.deployment_info
    is_deployed = standing.status == "deployed"
    kept: State = "available" if standing.stage == "release" else standing.stage
    return Model(
        version=folder.name,
        path=folder,
        name=checked.model_info.model_name,
        model_type=checked.model_info.model_type,
        created_at=checked.model_info.created_at,
        state="deployed" if is_deployed else kept,
        pinned=standing.pinned,
        sweep=standing.sweep,
        imported=checked.import_info is not None,
        metadata=metadata,
    )


def _one_deployed(models: Sequence[Model]) -> list[Model]:
    """Of several versions that call themselves deployed the one deployed last is."""
    winners: dict[str, Model] = {}
    for model in models:
        if model.state == "deployed":
            best = winners.get(model.name)
            if best is None or _deployed_at(model) >= _deployed_at(best):
                winners[model.name] = model
    return [
        model
        if model.state != "deployed" or winners[model.name] is model
        else replace(model, state=_undeployed(model))
        for model in models
    ]


def _deployed_at(model: Model) -> str:
    return model.standing.get("deployed_at") or ""


def _undeployed(model: Model) -> State:
    stage: str = model.standing.get("stage", "release")
    return "candidate" if stage == "candidate" else "available"


def manifest_sha256(folder: Path) -> str:
    """SHA-256 of the manifest, which in turn names that of every file; '' where there is none."""
    try:
        return hashlib.sha256((folder / MANIFEST).read_bytes()).hexdigest()
    except OSError:
        return ""


def write_standing(
    model: Model, *, record: Record | None = None, **changes: strict_json.Plain
) -> None:
    """Replace keys of deployment_info in the version's metadata.json. Needs the lock.

    `record` is committed with them: it reaches the history even if the command is killed here.
    """
    if record is not None:
        changes["last_change"] = history.record_json(record)
    changed = {**model.metadata, "deployment_info": {**model.standing, **changes}}
    check(changed, name=str(model.path / METADATA))
    replace_file(model.path / METADATA, strict_json.dumps(changed))
