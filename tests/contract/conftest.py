"""Packages trained through the real command line, and a Python that has no wifitrain."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import venv
from collections.abc import Callable
from importlib import metadata
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from wifitrain.simulation import Simulator, write_export

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def export(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two quiet days of one access point, as the service exports them."""
    path = tmp_path_factory.mktemp("contract") / "export.json"
    simulator = Simulator(
        days=2, access_points=1, stations_per_access_point=5,
        dialects=["hostapd_openwrt"], quiet=True, seed=4,
    )  # fmt: skip
    write_export(simulator, path, "E1")
    return path


@pytest.fixture(scope="session")
def train(export: Path, tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Train in a folder of its own; returns the package's folder."""

    def run(*arguments: str, python: str = sys.executable) -> Path:
        folder = tmp_path_factory.mktemp("trained")
        command = [
            python, "-m", "wifitrain", f"source.path={export}", "storage.directory=models",
            "evaluation=quick", "model.n_estimators=20", "training.early_stopping=false",
            "features.window_s=300", *arguments,
        ]  # fmt: skip
        environment = {**os.environ, "WIFITRAIN_PSEUDONYM_KEY": "x" * 32, "PYTHONPATH": str(ROOT)}
        ended = subprocess.run(
            command, cwd=folder, env=environment, capture_output=True, text=True, check=False
        )
        assert ended.returncode == 0, ended.stderr
        (package,) = (folder / "models").glob("model_2*")
        return package

    return run


@pytest.fixture(scope="session")
def package(train: Callable[..., Path]) -> Path:
    """A package of the smallest feature set."""
    return train("features=minimal")


@pytest.fixture(scope="session")
def stock_python(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A Python with scikit-learn, numpy and joblib of the lock file, and nothing of ours."""
    folder = tmp_path_factory.mktemp("stock")
    lock = folder / "lock.txt"
    lock.write_text(_locked({"scikit-learn", "numpy", "joblib"}))
    return new_python(folder / "venv", "--require-hashes", "--requirement", str(lock))


def new_python(folder: Path, *arguments: str) -> str:
    """A new environment with what pip installs; skips where no package index is reached."""
    venv.create(folder, with_pip=True)
    python = str(folder / "bin" / "python")
    ended = subprocess.run(
        [python, "-m", "pip", "install", "--quiet", *arguments],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    if ended.returncode and "hash" not in ended.stderr.lower():
        pytest.skip(f"pip cannot install here: {ended.stderr.strip().splitlines()[-1]}")
    assert ended.returncode == 0, ended.stderr
    return python


def _locked(names: set[str]) -> str:
    """The lock file's entries of `names` and of all they need."""
    wanted, more = set(), set(names)
    while more:
        wanted |= more
        needed = (Requirement(line) for name in more for line in metadata.requires(name) or ())
        more = {one.name for one in needed if not one.marker or one.marker.evaluate({"extra": ""})}
        more -= wanted
    text = (ROOT / "requirements" / "dev.txt").read_text()
    entries = re.split(r"\n(?=\S)", text)
    return "\n".join(entry for entry in entries if entry.partition("==")[0] in wanted)
