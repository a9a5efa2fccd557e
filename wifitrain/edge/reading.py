"""An edge artefact read back: proven by digest, checked bound by bound, and made to prove itself.

A model that does not give its canary windows the scores they had in training is refused.
"""

from __future__ import annotations

import hashlib
import stat
from pathlib import Path

import numpy as np

from wifitrain.edge import arrays
from wifitrain.edge.document import Document, read_document
from wifitrain.edge.forest import FOREST_ARRAYS, Forest
from wifitrain.edge.model import EdgeModel
from wifitrain.edge.values import parse
from wifitrain.errors import PackageError

__all__ = ["DOCUMENT", "MANIFEST", "NPZ", "load_folder", "read_model"]

NPZ, DOCUMENT, MANIFEST = "model.npz", "model.json", "deployment_manifest.json"
_MOST_BYTES = {NPZ: 64_000_000, DOCUMENT: 16_000_000, MANIFEST: 16_000_000}
_MOST_CANARIES = 256
_TOLERANCE = 1e-12


def load_folder(folder: Path) -> EdgeModel:
    """The edge model in a package folder; its manifest's digests are compared before parsing.

    Raises
    ------
    PackageError : no edge artefact, damaged, or not what it claims to be; names what is wrong.
    """
    manifest = parse(_bytes(folder, MANIFEST), name=MANIFEST).section("file_hashes")
    content = {name: _bytes(folder, name) for name in (NPZ, DOCUMENT)}
    for name, found in content.items():
        listed = manifest.text(name)
        if hashlib.sha256(found).hexdigest() != listed:
            raise PackageError(f"{folder / name}: SHA-256 differs from {MANIFEST}")
    return read_model(content[NPZ], content[DOCUMENT])


def read_model(npz: bytes, document: bytes) -> EdgeModel:
    """The edge model in the bytes of model.npz and model.json.

    Raises
    ------
    PackageError : anything out of bounds, or canary windows that score otherwise.
    """
    known = read_document(document, name=DOCUMENT)
    if len(npz) > _MOST_BYTES[NPZ]:
        raise PackageError(f"{NPZ}: {len(npz)} bytes, over {_MOST_BYTES[NPZ]}")
    if hashlib.sha256(npz).hexdigest() != known.npz_sha256:
        raise PackageError(f"{NPZ}: SHA-256 differs from {DOCUMENT}")
    dtypes = {
        **FOREST_ARRAYS,
        "calibration_scores": "<f8",
        "canary_windows": f"<f8:{len(known.features)}",
        "canary_scores": "<f8",
    }
    found = arrays.unpack(npz, dtypes, name=NPZ)
    _check_calibration(found["calibration_scores"])
    model = _model(known, found)
    _check_canaries(model, found["canary_windows"], found["canary_scores"])
    return model


def _model(known: Document, found: dict[str, np.ndarray]) -> EdgeModel:
    try:
        forest = Forest.checked(
            found, n_features=len(known.preparation.used), normaliser=known.normaliser
        )
    except PackageError as error:
        raise PackageError(f"{NPZ}: {error}") from error
    return EdgeModel(
        features=known.features,
        preparation=known.preparation,
        forest=forest,
        guard=known.guard,
        threshold=known.threshold,
        contamination=known.contamination,
        window_s=known.window_s,
        model_digest=known.model_digest,
        calibration_scores=found["calibration_scores"],
    )


def _check_calibration(scores: np.ndarray) -> None:
    if not np.isfinite(scores).all() or (np.diff(scores) < 0).any():
        raise PackageError(f"{NPZ}: calibration_scores: must be finite and sorted")


def _check_canaries(model: EdgeModel, windows: np.ndarray, expected: np.ndarray) -> None:
    if not 1 <= len(windows) <= _MOST_CANARIES or len(expected) != len(windows):
        raise PackageError(
            f"{NPZ}: {len(windows)} canary windows with {len(expected)} scores:"
            f" must be 1 to {_MOST_CANARIES}, each with its own"
        )
    if np.isinf(windows).any():
        raise PackageError(f"{NPZ}: canary_windows: must not be infinite")
    differs = ~(np.abs(model.score(windows) - expected) <= _TOLERANCE)  # NaN differs too
    if differs.any():
        raise PackageError(
            f"{NPZ}: {int(differs.sum())} of {len(windows)} canary windows do not get the scores"
            " of the training: not the model it claims to be, or this machine computes otherwise"
        )


def _bytes(folder: Path, name: str) -> bytes:
    """A regular file of the folder, read up to its cap."""
    path = folder / name
    try:
        if not stat.S_ISREG(path.lstat().st_mode):
            raise PackageError(f"{path}: not a regular file")
        with open(path, "rb") as file:
            content = file.read(_MOST_BYTES[name] + 1)
    except OSError as error:
        raise PackageError(f"{path}: {error.strerror}") from error
    if len(content) > _MOST_BYTES[name]:
        raise PackageError(f"{path}: over {_MOST_BYTES[name]} bytes")
    return content
