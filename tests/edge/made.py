"""Made-up windows, Pipelines as the Trainer builds them, and artefacts that can be bent."""

from __future__ import annotations

import copy
import hashlib
import json
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest
from sklearn.feature_selection import VarianceThreshold
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import StandardScaler

from wifitrain.edge import (
    DOCUMENT,
    NPZ,
    EdgeFacts,
    EdgeModel,
    canary_windows,
    edge_files,
    read_model,
)
from wifitrain.errors import PackageError

GUARD = {
    "margin": 3.0,
    "columns": {
        "f0": {"low": -4.0, "high": 4.0, "spread": 1.0},
        "only_guarded": {"low": 0.0, "high": 0.0, "spread": 0.0},
    },
    "kinds": ["event:associated", "template:reset <n>"],
    "ceiling": 0.7,
}


def windows(n: int = 200, columns: int = 4, *, seed: int = 1) -> np.ndarray:
    """Counts, a ratio, undefined values and a constant column, shape (n, columns)."""
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n, columns))
    X[:, 0] = rng.poisson(3, n)
    X[rng.random(X.shape) < 0.1] = np.nan
    X[:, -1] = 1.0
    return X


def pipeline(X: np.ndarray, *, scaled: bool = False, **forest: Any) -> Pipeline:
    """Fitted to X: constant columns out, medians, scale, forest."""
    steps = [("vary", VarianceThreshold()), ("impute", SimpleImputer(strategy="median"))]
    if scaled:
        steps.append(("scale", StandardScaler()))
    steps.append(("isolation_forest", IsolationForest(**{"random_state": 3, **forest})))
    return Pipeline(steps).fit(X)


def facts(fitted: Pipeline, X: np.ndarray, *, guard: dict[str, Any] | None = None) -> EdgeFacts:
    """What goes into the artefact beside `fitted`."""
    scores = -fitted.score_samples(X)
    return EdgeFacts(
        features=[{"name": f"f{n}", "unit": "1", "meaning": "made up"} for n in range(X.shape[1])],
        canaries=canary_windows(X, scores),
        calibration_scores=scores[: len(X) // 2],
        threshold=float(np.quantile(scores, 0.95)),
        contamination=0.05,
        window_s=300,
        guard=guard,
        model_digest="ab" * 32,
    )


def edge_of(fitted: Pipeline, X: np.ndarray, *, guard: dict[str, Any] | None = None) -> EdgeModel:
    """The edge model of `fitted`, written and read back."""
    files = edge_files(fitted, facts(fitted, X, guard=guard))
    return read_model(files[NPZ], files[DOCUMENT])


@cache
def sound_files() -> dict[str, bytes]:
    """A sound artefact of ten trees, scaled, with a guard."""
    X = windows()
    fitted = pipeline(X, scaled=True, n_estimators=10, max_samples=64)
    return edge_files(fitted, facts(fitted, X, guard=GUARD))


@dataclass
class Artefact:
    """An artefact taken apart: bend it, then pack it with digests made right."""

    arrays: dict[str, np.ndarray]
    document: dict[str, Any]

    @classmethod
    def sound(cls) -> Artefact:
        """A copy of the sound one."""
        files = sound_files()
        with np.load(BytesIO(files[NPZ])) as npz:  # noqa: TID251 - an independent reader
            arrays = {name: npz[name].copy() for name in npz.files}
        return cls(arrays=arrays, document=copy.deepcopy(json.loads(files[DOCUMENT])))

    def npz(self) -> bytes:
        """The arrays as numpy itself writes them."""
        members = {}
        for name, array in self.arrays.items():
            member = BytesIO()
            np.lib.format.write_array(member, np.asanyarray(array), version=(1, 0))
            members[f"{name}.npy"] = member.getvalue()
        return zipped(members)

    def read(self) -> EdgeModel:
        """Read what was bent."""
        return self.read_with(self.npz())

    def read_with(self, npz: bytes) -> EdgeModel:
        """Read other bytes of model.npz with this document."""
        return read_model(npz, self.text(npz))

    def text(self, npz: bytes) -> bytes:
        """The document for these bytes of model.npz."""
        digest = hashlib.sha256(npz).hexdigest()
        return json.dumps({**self.document, "npz_sha256": digest}).encode()


def zipped(members: dict[str, bytes], *, method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """A ZIP of these members."""
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w", method) as file:
        for name, content in members.items():
            file.writestr(name, content)
    return packed.getvalue()


def folder_of(path: Path, files: dict[str, bytes]) -> Path:
    """A package folder with a manifest whose digests are right."""
    path.mkdir()
    for name, content in files.items():
        (path / name).write_bytes(content)
    hashes = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    (path / "deployment_manifest.json").write_text(json.dumps({"file_hashes": hashes}))
    return path


def refused(match: str, read: Callable[[], object]) -> None:
    """`read` raises PackageError in under 5 s, in one line that any terminal can show."""
    start = time.perf_counter()
    with pytest.raises(PackageError, match=match) as caught:
        read()
    assert time.perf_counter() - start < 5
    text = str(caught.value)
    assert text.isprintable()
    assert len(text) < 400
