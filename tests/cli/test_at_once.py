"""Two trainings, a sweep of four parallel jobs and prunes between them share one models folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from wifitrain.storage import ModelStore

pytestmark = pytest.mark.slow

_JOBS = 4


def _start(folder: Path, export: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [
        sys.executable, "-m", "wifitrain", *arguments, f"source.path={export}", "experiment=smoke",
        "storage.keep_last_n_versions=null",
    ]  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.Popen(
        command, cwd=folder, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True,
    )  # fmt: skip


def test_every_version_is_whole_and_the_index_complete(quiet_week: Path, tmp_path: Path) -> None:
    """Six versions arrive while others are pruned; nobody meets anybody's half-done work."""
    pytest.importorskip("hydra_plugins.hydra_joblib_launcher", reason="no joblib launcher here")
    sweep = ["-m", "hydra/launcher=joblib", f"hydra.launcher.n_jobs={_JOBS}",
             "model.n_estimators=10,20", "model.contamination=0.02,0.05"]  # fmt: skip
    running = [_start(tmp_path, quiet_week), _start(tmp_path, quiet_week),
               _start(tmp_path, quiet_week, *sweep)]  # fmt: skip
    keeping_two = ModelStore(
        directory=str(tmp_path / "models"), keep_last_n_versions=2, backup_enabled=False
    )
    prunes = 0
    while any(process.poll() is None for process in running):
        keeping_two.prune()
        prunes += 1
        assert all(keeping_two.verify(model.version) == [] for model in keeping_two.versions())
        time.sleep(0.3)
    outputs = [process.communicate()[0] for process in running]
    assert [process.returncode for process in running] == [0, 0, 0], outputs
    assert prunes > 5
    _check(keeping_two, tmp_path / "models")


def _check(store: ModelStore, models: Path) -> None:
    records = store.history().records
    written = [record.version for record in records if record.action == "written"]
    gone = [record.version for record in records if record.action == "pruned"]
    assert len(set(written)) == 2 + _JOBS
    there = [model.version for model in store.versions()]
    assert sorted([*there, *gone]) == sorted(written)
    assert {record.action for record in records} <= {"written", "pruned"}
    assert json.loads((models / "model_registry.json").read_text()).keys() == set(there)
    assert store.catalogue().foreign == {}
    assert store.prune(dry_run=True).leftovers == []
