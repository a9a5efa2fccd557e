"""Scoring goes through the edge artefact; a pickle from elsewhere is never opened unasked."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.edge.made import GUARD, edge_files, facts, pipeline, windows
from wifitrain.errors import PackageError
from wifitrain.pipeline.scorer import load_scorer
from wifitrain.records import PackageContents
from wifitrain.storage import ModelStore

_NAMES = ["f0", "f1", "f2", "f3"]
_CONFIG = {"features": {"_target_": "os.system", "numeric": ["n_events"]}}


def _contents(*, edge: bool = True) -> PackageContents:
    X = windows()
    fitted = pipeline(X, n_estimators=10)
    told = facts(fitted, X, guard=GUARD)
    return PackageContents(
        estimator=fitted,
        model_type="IsolationForest",
        metadata={
            "model_info": {"threshold": told.threshold},
            "training_info": {"training_samples": 200, "n_samples": 200, "config": _CONFIG},
        },
        guard=GUARD,
        features=[{"name": name} for name in _NAMES],
        report={},
        content_digest="ab" * 32,
        extra_files=edge_files(fitted, told) if edge else {},
    )


def _published(directory: Path, *, edge: bool = True) -> Path:
    return Path(ModelStore(directory=str(directory)).write(_contents(edge=edge)).path)


def _from_elsewhere(tmp_path: Path, *, edge: bool = True) -> Path:
    """In a folder that did not train it, with a pickle that must not run."""
    theirs = _published(tmp_path / "theirs", edge=edge)
    ours = tmp_path / "ours"
    ours.mkdir()
    folder = theirs.rename(ours / theirs.name)
    trap = b"cposix\nsystem\n(S'touch " + str(tmp_path / "ran").encode() + b"'\ntR."
    (folder / "model.joblib").write_bytes(trap)
    manifest = json.loads((folder / "deployment_manifest.json").read_text())
    manifest["file_hashes"]["model.joblib"] = hashlib.sha256(trap).hexdigest()
    (folder / "deployment_manifest.json").write_text(json.dumps(manifest))
    return folder


def test_both_artefacts_judge_alike(tmp_path: Path) -> None:
    """Scores, reasons and threshold are equal whichever file scores."""
    folder = _published(tmp_path / "models")
    edge = load_scorer(folder, trust_pickle=False)
    pickled = load_scorer(folder, trust_pickle=True)
    assert (edge.artefact, pickled.artefact) == ("model.npz", "model.joblib")
    assert edge.threshold == pickled.threshold
    assert edge.columns == pickled.columns == [*_NAMES, "only_guarded"]
    X = pd.DataFrame(5 * windows(seed=4), columns=_NAMES).assign(only_guarded=[0.0, 1.0] * 100)
    kinds = pd.DataFrame({"window": [3, 5], "kind": ["event:associated", "event:new"]})
    one, other = edge.detector.judge(X, kinds), pickled.detector.judge(X, kinds)
    assert np.array_equal(one.score, other.score)
    assert one.reasons == other.reasons


def test_a_package_from_elsewhere_is_scored_without_its_pickle(tmp_path: Path) -> None:
    """Its pickle would run a command: it does not."""
    scorer = load_scorer(_from_elsewhere(tmp_path), trust_pickle=False)
    assert scorer.artefact == "model.npz"
    assert not (tmp_path / "ran").exists()


def test_a_package_from_elsewhere_without_an_edge_artefact_is_refused(tmp_path: Path) -> None:
    """There is only its pickle, and nobody trusted it."""
    folder = _from_elsewhere(tmp_path, edge=False)
    with pytest.raises(PackageError, match="was not trained in this folder, and its pickle is"):
        load_scorer(folder, trust_pickle=False)
    assert not (tmp_path / "ran").exists()


def test_a_model_without_an_edge_artefact_is_scored_by_its_pickle_at_home(tmp_path: Path) -> None:
    """Trained in this folder, it needs no further trust."""
    folder = _published(tmp_path / "models", edge=False)
    assert load_scorer(folder, trust_pickle=False).artefact == "model.joblib"


@pytest.mark.parametrize("name", ["model.npz", "model.json", "guard.json", "features.json"])
def test_a_changed_file_is_refused_before_it_is_read(tmp_path: Path, name: str) -> None:
    """The manifest is compared first, for every file."""
    folder = _published(tmp_path / "models")
    (folder / name).write_bytes((folder / name).read_bytes() + b" ")
    with pytest.raises(PackageError, match=f"{name}: SHA-256 differs"):
        load_scorer(folder, trust_pickle=False)


@pytest.mark.parametrize("name", ["../x", "model.joblib", "metadata.json", "guard.json", "a b"])
def test_an_extra_file_cannot_take_another_ones_place(tmp_path: Path, name: str) -> None:
    """Nor leave the folder."""
    from dataclasses import replace

    contents = replace(_contents(), extra_files={name: b"x"})
    with pytest.raises(PackageError, match="extra file"):
        ModelStore(directory=str(tmp_path / "models")).write(contents)
