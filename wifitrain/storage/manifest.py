"""deployment_manifest.json: the SHA-256 of every file, and how a folder is compared with it."""

from __future__ import annotations

import hashlib
import re
import stat
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from wifitrain.errors import PackageError
from wifitrain.storage import strict_json

__all__ = [
    "FILE_NAME",
    "MANIFEST",
    "METADATA",
    "MODEL",
    "SIGNATURE",
    "build",
    "faults",
    "hashes",
    "metadata_digest",
]

MANIFEST, METADATA, MODEL = "deployment_manifest.json", "metadata.json", "model.joblib"
SIGNATURE = "deployment_manifest.sig"  # of the manifest: it cannot be listed there
FILE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}", re.ASCII)
_SHA256 = re.compile(r"[0-9a-f]{64}")
#: The consumer rewrites the other sections at deploy and import.
_FIXED_SECTIONS = ("model_info", "training_info", "evaluation_info")


def metadata_digest(metadata: Mapping[str, Any]) -> str:
    """SHA-256 of the sections of metadata.json that nobody may change after publication."""
    fixed = {section: metadata.get(section) for section in _FIXED_SECTIONS}
    return hashlib.sha256(strict_json.canonical(fixed)).hexdigest()


def build(
    folder: Path, metadata: Mapping[str, Any], *, dependencies: Mapping[str, str]
) -> dict[str, Any]:
    """The manifest of the files in `folder`.

    `file_hashes` is what the consumer checks, `file_integrity` the same under the older name.
    metadata.json is in neither, because deploying rewrites it; `metadata_sha256` covers the
    sections that stay.
    """
    found = {path.name: _sha256(path) for path in sorted(folder.iterdir())}
    found.pop(METADATA, None)
    return {
        "version": metadata["model_info"]["version"],
        "created_at": metadata["model_info"]["created_at"],
        "model_type": metadata["model_info"]["model_type"],
        "files": [METADATA, *found],
        "file_hashes": found,
        "file_integrity": found,
        "metadata_sha256": metadata_digest(metadata),
        "dependencies": dict(dependencies),
    }


def hashes(manifest: Mapping[str, Any], *, name: str) -> dict[str, str]:
    """The manifest's `file_hashes`; PackageError where it is unfit to prove anything."""
    listed = manifest.get("file_hashes")
    if not isinstance(listed, dict) or MODEL not in listed:
        raise PackageError(f"{name}: 'file_hashes' must be an object that names {MODEL}")
    for file, digest in listed.items():
        if not FILE_NAME.fullmatch(file) or file in (MANIFEST, METADATA, SIGNATURE):
            raise PackageError(f"{name}: 'file_hashes' names {file!r}")
        if not isinstance(digest, str) or not _SHA256.fullmatch(digest):
            raise PackageError(f"{name}: {file}: not a SHA-256 in lower-case hex")
    return listed


def faults(folder: Path) -> list[str]:
    """What is wrong with a package folder, one line each; nothing is parsed but JSON."""
    try:
        manifest = strict_json.read_object(folder / MANIFEST)
        listed = hashes(manifest, name=MANIFEST)
        metadata = strict_json.read_object(folder / METADATA)
    except PackageError as error:
        return [str(error)]
    found = [*_file_faults(folder, listed), *_strangers(folder, listed)]
    if manifest.get("version") != folder.name:
        found.append(f"{MANIFEST}: is of {manifest.get('version')!r}")
    if "metadata_sha256" in manifest and manifest["metadata_sha256"] != metadata_digest(metadata):
        found.append(f"{METADATA}: {', '.join(_FIXED_SECTIONS)} are not what was published")
    return found


def _file_faults(folder: Path, listed: Mapping[str, str]) -> Iterable[str]:
    for name, digest in listed.items():
        path = folder / name
        try:
            if not stat.S_ISREG(path.lstat().st_mode):
                yield f"{name}: not a regular file"
            elif _sha256(path) != digest:
                yield f"{name}: SHA-256 differs from {MANIFEST}"
        except FileNotFoundError:
            yield f"{name}: missing"
        except OSError as error:
            yield f"{name}: {error.strerror}"


def _strangers(folder: Path, listed: Mapping[str, str]) -> Iterable[str]:
    # The service applies a scaler.joblib that lies there: a file nobody listed is not harmless.
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.name in (MANIFEST, METADATA, SIGNATURE, *listed):
            continue
        yield f"{path.name}: not listed in {MANIFEST}"


def _sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
