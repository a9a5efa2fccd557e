"""The files of a package: made from PackageContents, written and flushed one by one."""

from __future__ import annotations

import os
import platform
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import metadata as installed
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from wifitrain import __version__
from wifitrain.errors import PackageError
from wifitrain.pseudonyms import KEY_VARIABLE
from wifitrain.storage import manifest, pickles, strict_json
from wifitrain.storage.durable import new_file
from wifitrain.storage.metadata import SECTIONS, Identity, with_identity
from wifitrain.storage.model_card import card

if TYPE_CHECKING:
    from wifitrain.records import PackageContents

__all__ = ["Draft", "draft"]

_File = TypeVar("_File", bytes, Callable[[str], str])
_STOCK = ("joblib", "numpy", "scikit-learn", "scipy")
_ADDRESS = re.compile(r"(?i)(?<![0-9a-f])[0-9a-f]{2}(?:[:-][0-9a-f]{2}){5}(?![0-9a-f])")
_SHIPPED = ("inference_example.py", "validate_model.py")
_OWN_FILES = (
    manifest.MODEL, manifest.METADATA, manifest.MANIFEST, manifest.SIGNATURE, "README.md",
    "requirements.txt",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Draft:
    """A package that has passed every check and lacks only its version."""

    estimator: object
    sections: dict[str, Any]
    json_files: dict[str, Any]  # guard.json, features.json, report.json
    dependencies: dict[str, str]
    extra_files: dict[str, bytes]
    pages: dict[str, Callable[[str], str]]

    @property
    def name(self) -> str:
        """The model's name."""
        return str(self.sections["model_info"]["model_name"])

    def write(
        self,
        folder: Path,
        identity: Identity,
        *,
        compression: bool,
        sign: Callable[[bytes], bytes] | None,
    ) -> None:
        """Write every file into the empty `folder`, flushed; `sign` signs the manifest."""
        metadata = with_identity(self.sections, identity)
        with new_file(folder / manifest.MODEL) as file:
            pickles.dump(self.estimator, file, compression=compression)
        for name, content in self._texts(metadata).items():
            with new_file(folder / name) as file:
                file.write(content)
        listing = manifest.build(folder, metadata, dependencies=self.dependencies)
        written = strict_json.dumps(listing)
        with new_file(folder / manifest.MANIFEST) as file:
            file.write(written)
        if sign is not None:
            with new_file(folder / manifest.SIGNATURE) as file:
                file.write(sign(written))

    def _texts(self, metadata: dict[str, Any]) -> dict[str, bytes]:
        shipped = resources.files("wifitrain.storage") / "shipped"
        readme = card(
            metadata,
            features=self.json_files["features.json"]["features"],
            report=self.json_files["report.json"],
        )
        pins = [f"{name}=={n}\n" for name, n in self.dependencies.items() if name != "python"]
        return {
            manifest.METADATA: strict_json.dumps(metadata),
            **{name: strict_json.dumps(value) for name, value in self.json_files.items()},
            "requirements.txt": "".join(pins).encode(),
            "README.md": readme.encode(),
            **{name: (shipped / name).read_bytes() for name in _SHIPPED},
            **self.extra_files,
            **{name: self._page(name, metadata) for name in self.pages},
        }

    def _page(self, name: str, metadata: dict[str, Any]) -> bytes:
        page = self.pages[name](metadata["model_info"]["version"])
        _refuse_key({name: page})
        return _ADDRESS.sub("[address]", page).encode()


def draft(contents: PackageContents) -> Draft:
    """Check `contents` before anything is claimed or written.

    MAC addresses in metadata and report are masked; in guard and features, which must stay as
    they are, they are refused.

    Raises
    ------
    PackageError : a value that is not strict JSON, a missing key, an estimator nobody could load
        again, a key or an address in clear; with its place.
    """
    packages = pickles.packages_of(contents.estimator)
    sections = _sections(contents, packages)
    json_files: dict[str, Any] = {
        "features.json": {"features": strict_json.plain(contents.features, path="features")},
        "report.json": _masked(strict_json.plain(contents.report, path="report")),
    }
    if contents.guard is not None:
        json_files["guard.json"] = strict_json.plain(contents.guard, path="guard")
    for name, value in json_files.items():
        strict_json.refuse(value, path=name, unwanted=_ADDRESS, why="a MAC address in clear")
    _refuse_key({"metadata.json": sections, **json_files})
    return Draft(
        estimator=contents.estimator,
        sections=sections,
        json_files=json_files,
        dependencies=_dependencies(packages),
        extra_files=_named(contents.extra_files, taken=json_files),
        pages=_named(contents.pages, taken={**json_files, **contents.extra_files}),
    )


def _sections(contents: PackageContents, packages: list[str]) -> dict[str, Any]:
    given = _masked(strict_json.plain(contents.metadata, path="metadata"))
    sections: dict[str, Any] = {name: given.get(name, {}) for name in SECTIONS} | given
    for name in SECTIONS:
        if not isinstance(sections[name], dict):
            raise PackageError(f"metadata.{name}: must be an object")
    names = [feature.get("name") for feature in contents.features]
    if sections["training_info"].setdefault("feature_names", names) != names:
        raise PackageError("metadata.training_info.feature_names: differ from the features' names")
    speaks = all(hasattr(contents.estimator, name) for name in ("predict", "score_samples"))
    sections["evaluation_info"].setdefault("basic_metrics", {})
    sections["model_info"] = {
        "model_name": "wifi_anomaly_detector",
        "description": f"{contents.model_type} over {len(names)} features of access-point logs",
        **sections["model_info"],
        "model_type": contents.model_type,
        "model_hash": contents.content_digest,
        "service_loadable": speaks and set(packages) <= set(_STOCK),
    }
    return sections


def _named(files: Mapping[str, _File], *, taken: Mapping[str, Any]) -> dict[str, _File]:
    """Files that come as they are, under names that nothing else has."""
    for name in files:
        if not manifest.FILE_NAME.fullmatch(name) or name in {*_OWN_FILES, *_SHIPPED, *taken}:
            raise PackageError(f"extra file {name!r}: not a name for a file, or it is taken")
    return dict(files)


def _dependencies(packages: list[str]) -> dict[str, str]:
    # A checkout runs without being installed.
    own = {"wifitrain": __version__} if "wifitrain" in packages else {}
    found = {"python": platform.python_version(), **own}
    for name in sorted({*_STOCK, *packages} - {"wifitrain"}):
        try:
            found[name] = installed.version(name)
        except installed.PackageNotFoundError as error:
            raise PackageError(
                f"the estimator holds a class of {name}, which no installed package provides:"
                " nobody could load it again"
            ) from error
    return found


def _masked(value: strict_json.Plain) -> strict_json.Plain:
    return strict_json.map_text(value, lambda text: _ADDRESS.sub("[address]", text))


def _refuse_key(files: dict[str, Any]) -> None:
    key = os.environ.get(KEY_VARIABLE)
    if key:
        for name, value in files.items():
            strict_json.refuse(
                value, path=name, unwanted=re.compile(re.escape(key)), why="the pseudonym key"
            )
