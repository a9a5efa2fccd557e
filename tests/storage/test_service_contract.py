"""The package as the service that loads it demands, point by point."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import zipfile
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from tests.storage.made import FEATURES, WINDOWS, contents, estimator

if TYPE_CHECKING:
    from wifitrain.storage import ModelStore
from wifitrain.training import FittedDetector, GuardedDetector, GuardSettings, NoveltyGuard

_LOADER = """
import sys, json
sys.modules["wifitrain"] = None  # whoever imports it fails
import warnings; warnings.simplefilter("ignore")
import joblib, numpy as np
model = joblib.load(sys.argv[1])
windows = np.array(json.loads(sys.argv[2]))
print(json.dumps([model.predict(windows).tolist(), model.score_samples(windows).tolist()]))
"""


def _run(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-I", *command], cwd=folder, capture_output=True, text=True, check=False
    )


def test_model_unpickles_predicts_and_scores_where_wifitrain_is_not_installed(
    store: ModelStore, tmp_path: Path
) -> None:
    """Point 2: stock scikit-learn answers with the same numbers as here."""
    path = Path(store.write(contents()).path)
    windows = WINDOWS[:4]
    ran = _run(
        "-c", _LOADER, str(path / "model.joblib"), json.dumps(windows.tolist()), folder=tmp_path
    )
    assert ran.returncode == 0, ran.stderr
    labels, scores = json.loads(ran.stdout)
    assert set(labels) <= {-1, 1}
    np.testing.assert_allclose(scores, estimator().score_samples(windows), rtol=0, atol=1e-12)


def test_folder_name_is_the_version_and_begins_with_model(store: ModelStore) -> None:
    """Points 1 and 4: the scan finds it, and model_info.version equals the folder's name."""
    stored = store.write(contents())
    metadata = json.loads((Path(stored.path) / "metadata.json").read_text())
    assert re.fullmatch(r"model_\d{8}_\d{6}_[0-9a-f]{8}", stored.version)
    assert Path(stored.path).name == metadata["model_info"]["version"] == stored.version


def test_no_scaler_lies_beside_a_model_that_scales_itself(store: ModelStore) -> None:
    """Point 3: the service would apply a scaler.joblib a second time."""
    path = Path(store.write(contents()).path)
    assert [file.name for file in path.glob("*.joblib")] == ["model.joblib"]


def test_metadata_has_what_the_loader_reads(store: ModelStore) -> None:
    """Point 4: sections, names, counts, a created_at without a zone and numbers as metrics."""
    path = Path(store.write(contents()).path)
    metadata = json.loads((path / "metadata.json").read_text())
    assert metadata["model_info"]["model_type"] == "IsolationForest"
    assert datetime.fromisoformat(metadata["model_info"]["created_at"]).tzinfo is None
    assert datetime.fromisoformat(metadata["model_info"]["created_at_utc"]).tzinfo is not None
    assert metadata["training_info"]["feature_names"] == list(FEATURES)
    assert metadata["training_info"]["training_samples"] == 100
    assert metadata["training_info"]["n_samples"] == 120
    assert metadata["evaluation_info"]["basic_metrics"] == {}
    assert metadata["deployment_info"]["status"] == "available"
    assert {"model_name", "description"} <= metadata["model_info"].keys()


def test_manifest_hashes_every_file_but_the_one_that_deploying_rewrites(store: ModelStore) -> None:
    """Point 5: both names of the hashes, true digests, dependencies, no metadata.json."""
    path = Path(store.write(contents()).path)
    manifest = json.loads((path / "deployment_manifest.json").read_text())
    others = {file.name for file in path.iterdir()} - {"metadata.json", "deployment_manifest.json"}
    assert manifest["file_hashes"] == manifest["file_integrity"]
    assert manifest["file_hashes"] == {
        name: hashlib.sha256((path / name).read_bytes()).hexdigest() for name in others
    }
    assert {"scikit-learn", "numpy", "joblib", "python"} <= manifest["dependencies"].keys()


def test_zip_is_flat_and_named_after_the_version(store: ModelStore, tmp_path: Path) -> None:
    """Point 6: every file once, none in a folder."""
    version = store.write(contents()).version
    path = store.export_zip(version, destination=str(tmp_path))
    names = zipfile.ZipFile(path).namelist()
    assert path.name == f"{version}_deployment.zip"
    assert sorted(names) == sorted(file.name for file in (store.directory / version).iterdir())
    assert len(set(names)) == len(names)
    assert not [name for name in names if "/" in name]


def test_registry_is_flat_with_known_status_words(store: ModelStore, models: Path) -> None:
    """Point 7: version -> object, with a path that is absolute and one of four words."""
    good, kept = store.write(contents(1)), store.write(contents(2), candidate=True)
    store.deploy(good.version)
    registry = json.loads((models / "model_registry.json").read_text())
    assert {version: entry["status"] for version, entry in registry.items()} == {
        good.version: "deployed",
        kept.version: "inactive",
    }
    for version, entry in registry.items():
        assert Path(entry["path"]).is_absolute()
        assert Path(entry["path"]) == (models / version).resolve()
        assert {"created_at", "metrics"} <= entry.keys()


def test_validator_files_run_by_themselves(store: ModelStore, tmp_path: Path) -> None:
    """Point 8: validate_model.py and inference_example.py end 0 in a folder of their own."""
    path = Path(store.write(contents()).path)
    windows = tmp_path / "windows.csv"
    header = ",".join([*FEATURES, "kinds"])
    windows.write_text(f"{header}\n0,0,0,event:associated\n0,99,0,event:psk_mismatch\n")
    validated = _run(str(path / "validate_model.py"), folder=tmp_path)
    scored = _run(str(path / "inference_example.py"), str(windows), folder=tmp_path)
    assert (validated.returncode, validated.stderr) == (0, "")
    assert (scored.returncode, scored.stderr) == (0, "")
    usual, strange = [json.loads(line) for line in scored.stdout.splitlines()]
    assert (usual["is_anomaly"], usual["guard"]) == (False, [])
    assert strange["is_anomaly"]
    assert strange["guard"] == ["reconnects 99 outside -3..3", "unseen event:psk_mismatch"]


def test_inference_example_scores_as_the_training_does(store: ModelStore, tmp_path: Path) -> None:
    """Guard and estimator of a package give the scores that the training's own parts give."""
    seen = pd.DataFrame(WINDOWS, columns=FEATURES)
    none = pd.DataFrame({"window": [], "kind": []}).astype({"window": "int64", "kind": "str"})
    guard = NoveltyGuard.fit(seen, none, settings=GuardSettings())
    detector = FittedDetector(estimator(), feature_names=FEATURES)
    guarded = GuardedDetector(detector=detector, guard=guard, ceiling=0.7)
    later = pd.DataFrame([[0.0, 0, 0], [0, 99, 0], [0, 0.5, -9]], columns=FEATURES)
    kinds = pd.DataFrame({"window": [0], "kind": ["event:psk_mismatch"]})
    expected = guarded.judge(later, kinds)
    carried = {**guard.to_json(), "ceiling": 0.7}
    path = Path(store.write(contents(guard=carried)).path)
    windows = tmp_path / "windows.csv"
    later.assign(kinds=["event:psk_mismatch", "", ""]).to_csv(windows, index=False)
    ran = _run(str(path / "inference_example.py"), str(windows), folder=tmp_path)
    scored = [json.loads(line) for line in ran.stdout.splitlines()]
    np.testing.assert_allclose([s["score"] for s in scored], expected.score, rtol=0, atol=1e-12)
    assert ["; ".join(s["guard"]) for s in scored] == expected.reasons


def test_validate_model_refuses_a_changed_model_before_opening_it(
    store: ModelStore, tmp_path: Path
) -> None:
    """A model.joblib that is not what was published is named, and never unpickled."""
    path = Path(store.write(contents()).path)
    (path / "model.joblib").write_bytes(b"not a pickle at all")
    ran = _run(str(path / "validate_model.py"), folder=tmp_path)
    assert ran.returncode == 1
    assert ran.stderr == "fault: model.joblib: missing or changed\n"


def test_requirements_name_exactly_what_trained_it(store: ModelStore) -> None:
    """requirements.txt pins every library that the pickle needs."""
    from importlib.metadata import version

    lines = (Path(store.write(contents()).path) / "requirements.txt").read_text().split()
    assert f"scikit-learn=={version('scikit-learn')}" in lines
    assert all(re.fullmatch(r"[a-z-]+==\d[\w.]*", line) for line in lines)
