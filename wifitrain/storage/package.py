"""A package read back: every byte proven before a parser sees it."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import metadata as installed
from typing import Any

from wifitrain.errors import PackageError
from wifitrain.storage import manifest, pickles, strict_json
from wifitrain.storage.catalogue import Catalogue, Model, manifest_sha256

__all__ = ["Package", "load_package"]


@dataclass(frozen=True, kw_only=True)
class Package:
    """What a version consists of, ready to score."""

    model: Model
    estimator: Any  # fitted scikit-learn Pipeline
    guard: dict[str, Any] | None
    features: list[dict[str, Any]]
    report: dict[str, Any]


def load_package(seen: Catalogue, version: str, *, trust_pickle: bool) -> Package:
    """Prove the files of `version` by its manifest, then unpickle its estimator.

    Raises
    ------
    PackageError : damaged; from elsewhere and not trusted; or trained with another scikit-learn.
    """
    model = seen.find(version)
    faults = manifest.faults(model.path)
    if faults:
        raise PackageError(f"{version}: {'; '.join(faults)}")
    if not trust_pickle and not seen.history.written_here(version, manifest_sha256(model.path)):
        raise PackageError(
            f"{version} was not trained in this folder, and its pickle is code:"
            " load it with trust_pickle only if you trust where it comes from"
        )
    listing = strict_json.read_object(model.path / manifest.MANIFEST)
    _check_library(version, listing.get("dependencies", {}))
    content = _proven(model, listing)
    texts = {
        name: strict_json.parse_object(content[name], name=name)
        for name in ("guard.json", "features.json", "report.json")
        if name in content
    }
    return Package(
        model=model,
        estimator=pickles.load(content[manifest.MODEL]),
        guard=texts.get("guard.json"),
        features=texts.get("features.json", {}).get("features", []),
        report=texts.get("report.json", {}),
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
