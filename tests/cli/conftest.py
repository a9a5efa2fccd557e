"""The command line as a user runs it: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from wifitrain.simulation import Simulator, write_export

SITE = {
    "access_points": 2, "stations_per_access_point": 6, "dialects": ["hostapd_openwrt"],
    "quiet": True, "seed": 3,
}  # fmt: skip


@dataclass(frozen=True)
class Ended:
    """A command that ended: status, output, and what it left."""

    status: int
    out: str
    err: str
    folder: Path

    @property
    def run_dir(self) -> Path:
        """The newest run folder."""
        return max(self.folder.glob("outputs/2*/*"), key=lambda path: path.stat().st_mtime_ns)

    @property
    def report(self) -> dict[str, Any]:
        """Its report.json."""
        return json.loads((self.run_dir / "report.json").read_text())


@pytest.fixture(scope="session")
def quiet_week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two quiet days of two access points, as the service exports them."""
    path = tmp_path_factory.mktemp("export") / "quiet.json"
    simulator = Simulator(
        days=2,
        access_points=2,
        stations_per_access_point=6,
        dialects=["hostapd_openwrt"],
        quiet=True,
        seed=3,
    )
    write_export(simulator, path, "E1")
    return path


def environment_of(folder: Path) -> dict[str, str]:
    """Variables of a command: nothing of the user's own is read or written."""
    return {
        **os.environ,
        "WIFITRAIN_PSEUDONYM_KEY": "a key that only the tests know",
        "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        "XDG_CACHE_HOME": str(folder / "xdg-cache"),
    }


@pytest.fixture
def wifitrain(tmp_path: Path) -> Callable[..., Ended]:
    """Run `python -m wifitrain` in a folder of this test."""

    def run(*arguments: str, folder: Path = tmp_path) -> Ended:
        environment = environment_of(tmp_path)
        ended = subprocess.run(
            [sys.executable, "-m", "wifitrain", *arguments],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Ended(ended.returncode, ended.stdout, ended.stderr, folder)

    return run


@pytest.fixture(scope="session")
def next_week(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two days of the same site, a week later."""
    path = tmp_path_factory.mktemp("later") / "later.json"
    write_export(Simulator(days=2, start="2026-03-09T00:00:00", **SITE), path, "E1")
    return path


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, quiet_week: Path) -> Path:
    """A folder with a trained version and its run."""
    folder = tmp_path_factory.mktemp("trained")
    environment = {**os.environ, "WIFITRAIN_PSEUDONYM_KEY": "a key that only the tests know"}
    root = str(Path(__file__).resolve().parents[2])
    subprocess.run(
        [sys.executable, "-m", "wifitrain", f"source.path={quiet_week}", "evaluation=quick",
         "evaluation.incidents.enabled=true", "evaluation.incidents.kinds=[deauth_flood,wrong_psk]",
         "evaluation.incidents.repeats=2"],
        cwd=folder, check=True, env={**environment, "PYTHONPATH": root}, capture_output=True,
    )  # fmt: skip
    return folder


def version_in(folder: Path) -> Path:
    """The only version there."""
    (version,) = folder.glob("models/model_2*")
    return version
