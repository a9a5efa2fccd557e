"""Training for a service with an older scikit-learn: the oldest one that pyproject.toml allows."""

from __future__ import annotations

import subprocess
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from packaging.requirements import Requirement

from tests.contract.conftest import ROOT, new_python
from wifitrain.edge import load_folder

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def oldest(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A Python with the oldest scikit-learn and a numpy before 2, and that version."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    needed = {Requirement(line).name: Requirement(line) for line in project["dependencies"]}
    (version,) = (one.version for one in needed["scikit-learn"].specifier if one.operator == ">=")
    pins = [f"scikit-learn~={version}{'' if version.count('.') > 1 else '.0'}", "numpy<2"]
    folder = tmp_path_factory.mktemp("oldest") / "venv"
    # Later pyarrow asks for numpy 2 and does not say so to pip.
    return new_python(folder, *map(str, needed.values()), *pins, "pyarrow<22"), version


def test_the_oldest_scikit_learn_trains_what_it_loads(
    train: Callable[..., Path], oldest: tuple[str, str]
) -> None:
    """service_5 for a service of that version: trained, loaded and asked there without a warning;
    its edge artefact is read with the numpy of today.
    """
    python, version = oldest
    package = train("features=service_5", python=python)
    assert f"scikit-learn=={version}" in (package / "requirements.txt").read_text()
    program = (
        "import joblib, sys; m = joblib.load(sys.argv[1]);"
        "print(m.predict([[200, 0, 0, 0, 0]])[0], m.score_samples([[200, 0, 0, 0, 0]])[0])"
    )
    ended = subprocess.run(
        [python, "-I", "-W", "error", "-c", program, str(package / "model.joblib")],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    label, score = ended.stdout.split()
    assert label in {"1", "-1"}
    edge = load_folder(package)
    assert abs(edge.score(np.array([[200.0, 0, 0, 0, 0]]))[0] + float(score)) <= 1e-12
