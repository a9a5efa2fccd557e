"""A package as the service meets it, trained by the command line: its contract, point by point."""

from __future__ import annotations

import csv
import hashlib
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.contract.conftest import ROOT
from wifitrain.edge import EdgeModel, load_folder

pytestmark = pytest.mark.slow

_PREDICT = """
import importlib.util, json, sys
import joblib, numpy
assert importlib.util.find_spec("wifitrain") is None
model = joblib.load(sys.argv[1])
X = numpy.array(json.loads(sys.argv[2]), dtype=float)
print(json.dumps([model.predict(X).tolist(), model.score_samples(X).tolist()]))
"""


def _json(package: Path, name: str) -> dict[str, Any]:
    return json.loads((package / name).read_text(encoding="utf-8"))


def _ask(python: str, package: Path, X: list[list[float]]) -> tuple[list[int], list[float]]:
    """Labels and scores of model.joblib where any warning is an error."""
    command = [python, "-I", "-W", "error", "-c", _PREDICT, str(package / "model.joblib")]
    ended = subprocess.run([*command, json.dumps(X)], capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    labels, scores = json.loads(ended.stdout)
    return labels, scores


def _windows(edge: EdgeModel, n: int = 40) -> np.ndarray:
    """Windows of every column, from quiet to absurd."""
    rng = np.random.default_rng(3)
    return np.round(rng.exponential(rng.choice([0.2, 3, 90], (n, 1)), (n, len(edge.columns))), 2)


def test_the_folder_is_found_by_the_scan(package: Path) -> None:
    """Point 1: its name begins with model_, and is the version."""
    assert package.name.startswith("model_")
    assert _json(package, "metadata.json")["model_info"]["version"] == package.name


def test_stock_scikit_learn_unpickles_predicts_and_scores(package: Path, stock_python: str) -> None:
    """Point 2: without wifitrain, without a warning, with the scores of the edge artefact."""
    edge = load_folder(package)
    X = _windows(edge)[:, : len(edge.feature_names)]
    labels, scores = _ask(stock_python, package, X.tolist())
    assert set(labels) <= {-1, 1}
    assert np.abs(edge.score(X) + np.array(scores)).max() <= 1e-12


def test_the_pipeline_carries_its_own_scaling(package: Path) -> None:
    """Point 3: the service finds no scaler to apply a second time."""
    assert not (package / "scaler.joblib").exists()


def test_metadata_has_what_deploy_rollback_and_import_read(package: Path) -> None:
    """Point 4: objects, class name, names, counts, naive time, numbers as metrics."""
    metadata = _json(package, "metadata.json")
    model, training = metadata["model_info"], metadata["training_info"]
    assert model["model_type"] == "IsolationForest"
    assert datetime.fromisoformat(model["created_at"]).tzinfo is None
    assert len(training["feature_names"]) >= 3
    assert all(isinstance(name, str) for name in training["feature_names"])
    assert training["training_samples"] > 0
    assert training["n_samples"] > 0
    metrics = metadata["evaluation_info"]["basic_metrics"]
    assert all(isinstance(value, int | float) for value in metrics.values())
    assert metadata["deployment_info"]["status"] in {"available", "inactive"}
    assert model["description"]
    assert model["model_name"]


def test_the_manifest_proves_every_file_but_metadata(package: Path) -> None:
    """Point 5: under both keys, with dependencies; the edge artefact is among the files."""
    manifest = _json(package, "deployment_manifest.json")
    files = {path.name for path in package.iterdir()}
    assert manifest["file_hashes"] == manifest["file_integrity"]
    assert manifest["file_hashes"].keys() == files - {"metadata.json", "deployment_manifest.json"}
    assert {"model.joblib", "model.npz", "model.json"} <= files
    for name, digest in manifest["file_hashes"].items():
        assert hashlib.sha256((package / name).read_bytes()).hexdigest() == digest
    assert manifest["dependencies"]["scikit-learn"]


def test_the_zip_is_flat(package: Path, tmp_path: Path) -> None:
    """Point 6: by its name, no member twice or in a folder, below 100 MB."""
    subprocess.run(
        [sys.executable, "-m", "wifitrain.storage.console", "--directory", str(package.parent),
         "export", package.name, "--to", str(tmp_path)],
        check=True, capture_output=True, cwd=ROOT,
    )  # fmt: skip
    archive = tmp_path / f"{package.name}_deployment.zip"
    with zipfile.ZipFile(archive) as parcel:
        names = parcel.namelist()
    assert sorted(names) == sorted(path.name for path in package.iterdir())
    assert archive.stat().st_size < 100_000_000


def test_the_registry_is_flat(package: Path) -> None:
    """Point 7: every value an object with a path the service follows and one of its words."""
    registry = json.loads((package.parent / "model_registry.json").read_text())
    entry = registry[package.name]
    assert all(isinstance(value, dict) for value in registry.values())
    assert {"path", "created_at", "status", "metrics"} <= entry.keys()
    assert Path(entry["path"]).is_absolute() or entry["path"] == f"models/{package.name}"
    assert entry["status"] in {"available", "imported", "deployed", "inactive"}


def test_the_packages_own_programs_run_alone(
    package: Path, stock_python: str, tmp_path: Path
) -> None:
    """Both exit 0 in a copy elsewhere; the check exits 1 after one changed byte."""
    copy = shutil.copytree(package, tmp_path / package.name)
    for program in ("validate_model.py", "inference_example.py"):
        ended = subprocess.run(
            [stock_python, "-I", str(copy / program)], capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
    with open(copy / "model.joblib", "r+b") as file:
        file.seek(100)
        file.write(b"\xff")
    ended = subprocess.run(
        [stock_python, "-I", str(copy / "validate_model.py")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 1
    assert "model.joblib: missing or changed" in ended.stderr


def test_the_example_judges_as_the_edge_artefact_does(
    package: Path, stock_python: str, tmp_path: Path
) -> None:
    """Guard included: equal verdicts, and scores to 1e-12."""
    edge = load_folder(package)
    X = _windows(edge)
    kinds = [["event:associated", "event:never_seen"][: n % 3] for n in range(len(X))]
    with open(tmp_path / "windows.csv", "w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow([*edge.columns, "kinds"])
        rows.writerows([*window, "|".join(seen)] for window, seen in zip(X, kinds, strict=True))
    program = str(package / "inference_example.py")
    ended = subprocess.run(
        [stock_python, "-I", program, str(tmp_path / "windows.csv")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers = [json.loads(line) for line in ended.stdout.splitlines()]
    judged = edge.judge(X, kinds=kinds)
    assert [answer["is_anomaly"] for answer in answers] == judged.is_anomaly.tolist()
    scores = np.array([answer["score"] for answer in answers])
    assert np.abs(scores - judged.score).max() <= 1e-12
    assert 0 < sum(judged.is_anomaly) <= len(X)


def test_what_the_agent_feeds_today_is_scored(
    train: Callable[..., Path], stock_python: str
) -> None:
    """features=service_5: one raw row of five counts, [200, 0, 0, 0, 0]."""
    package = train("features=service_5")
    labels, scores = _ask(stock_python, package, [[200, 0, 0, 0, 0]])
    assert labels[0] in (1, -1)
    assert -1 <= scores[0] < 0
    names = _json(package, "metadata.json")["training_info"]["feature_names"]
    assert len(names) == 5


def test_requirements_pin_what_trained_the_model(package: Path) -> None:
    """The service's validator looks for scikit-learn==x, and pip must find that version."""
    text = (package / "requirements.txt").read_text()
    assert re.search(r"^scikit-learn==\d+\.\d+\.\d+$", text, re.MULTILINE)
