"""A package read back: every byte proven before a parser sees it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import metadata as installed
from typing import TYPE_CHECKING, Any

from wifitrain.errors import PackageError
from wifitrain.storage import manifest, pickles, strict_json

if TYPE_CHECKING:
    from wifitrain.storage.catalogue import Catalogue, Model

__all__ = ["Package", "ProvenFiles", "load_package", "proven_files"]


@dataclass(frozen=True, kw_only=True)
class Package:
    """What a version consists of, ready to score."""

    model: Model
    estimator: Any  # fitted scikit-learn Pipeline
    guard: dict[str, Any] | None
    features: list[dict[str, Any]]
    report: dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class ProvenFiles:
    """The files of a version, each with the SHA-256 that its manifest names; nothing unpickled."""

    model: Model
    content: dict[str, bytes]
    dependencies: dict[str, str]
    manifest_sha256: str

    def json(self, name: str) -> dict[str, Any] | None:
        """A JSON file of the package, or None where it has none."""
        if name not in self.content:
            return None
        return strict_json.parse_object(self.content[name], name=name)


def proven_files(seen: Catalogue, version: str) -> ProvenFiles:
    """Read and prove the files of `version` by its manifest.

    Raises
    ------
    PackageError : damaged.
    RegistryError : no such version.
    """
    model = seen.find(version)
    faults = seen.faults(model)
    if faults:
        raise PackageError(f"{version}: {'; '.join(faults)}")
    # Read once: what is listed and what is looked up in the history must be the same bytes.
    written = (model.path / manifest.MANIFEST).read_bytes()
    listing = strict_json.parse_object(written, name=manifest.MANIFEST)
    return ProvenFiles(
        model=model,
        content=_proven(model, listing),
        dependencies=listing.get("dependencies", {}),
        manifest_sha256=hashlib.sha256(written).hexdigest(),
    )


def load_package(seen: Catalogue, version: str, *, trust_pickle: bool) -> Package:
    """Prove the files of `version` by its manifest, then unpickle its estimator.

    Raises
    ------
    PackageError : damaged; from elsewhere and not trusted; or trained with another scikit-learn.
    """
    files = proven_files(seen, version)
    if not trust_pickle and not seen.history.written_here(version, files.manifest_sha256):
        raise PackageError(
            f"{version} was not trained in this folder, and its pickle is code:"
            " load it with trust_pickle only if you trust where it comes from"
        )
    _check_library(version, files.dependencies)
    return Package(
        model=files.model,
        estimator=pickles.load(files.content[manifest.MODEL]),
        guard=files.json("guard.json"),
        features=(files.json("features.json") or {}).get("features", []),
        report=files.json("report.json") or {},
    )


def _proven(model: Model, listing: dict[str, Any]) -> dict[str, bytes]:
    """The bytes that are used, compared once more: files can change between two reads."""
    content = {}
    for name, digest in manifest.hashes(listing, name=manifest.MANIFEST).items():
        content[name] = (model.path / name).read_bytes()
        if hashlib.sha256(content[name]).hexdigest() != digest:
            raise PackageError(f"{model.version}: {name}: changed while it was read")
    return content


def _check_library(version: str, dependencies: dict[str, str]) -> None:
    trained_with = str(dependencies.get("scikit-learn"))
    here = installed.version("scikit-learn")
    if trained_with.split(".")[:2] != here.split(".")[:2]:
        raise PackageError(
            f"{version} was trained with scikit-learn {trained_with}, here is {here}:"
            " another minor version may score differently; install that one or train again"
        )
