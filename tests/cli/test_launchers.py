"""Sweeps on several processes: what the launchers of the extra start lands where it should."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ended

Run = Callable[..., Ended]
QUICK = ("features=minimal", "evaluation=quick", "model.n_estimators=10")


@pytest.mark.parametrize(
    ("launcher", "package"),
    [("joblib", "hydra_joblib_launcher"), ("submitit_local", "hydra_submitit_launcher")],
)
def test_a_sweep_on_other_processes(
    launcher: str, package: str, wifitrain: Run, quiet_week: Path
) -> None:
    """Both models are registered, and the sweep's table is made; about 15 s for each launcher."""
    pytest.importorskip(f"hydra_plugins.{package}", reason="the extra launchers is not installed")
    ended = wifitrain(
        "--multirun", f"hydra/launcher={launcher}", f"source.path={quiet_week}", *QUICK,
        "training.early_stopping=false", "model.contamination=0.02,0.05",
        "hydra.sweep.dir=outputs/sweeps/both",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    sweep = ended.folder / "outputs/sweeps/both"
    jobs = [json.loads((sweep / name / "report.json").read_text()) for name in ("0", "1")]
    versions = {job["model"]["version"] for job in jobs}
    assert {path.name for path in (ended.folder / "models").glob("model_2*")} == versions
    assert len(versions) == 2
    assert "2 jobs, 0 failed" in ended.out
    assert (sweep / "sweep.json").is_file()
    assert (sweep / "sweep.html").is_file()
