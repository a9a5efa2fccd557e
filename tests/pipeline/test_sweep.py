"""A sweep is closed from the files of its jobs: table, choice and page."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from wifitrain.errors import ConfigError
from wifitrain.pipeline.sweep import close_sweep, compare_sweep


def leave_job(
    sweep: Path,
    job: int,
    *,
    found: int,
    trees: int = 100,
    failed: tuple[str, ...] = (),
    **more: Any,
) -> None:
    """What a training leaves: `found` of 30 incidents noticed."""
    folder = sweep / str(job)
    folder.mkdir(parents=True)
    gates = {"finite_scores": "passed", **dict.fromkeys(failed, "failed")}
    report = {
        "model": {
            "version": f"model_{job}", "status": "available", "n_estimators": trees,
            "stability_target": 0.8,
        },
        "calibration": {"contamination": 0.02, "threshold": 0.5},
        "digests": {"data": more.get("data", "same")},
        "evaluation": {
            "alert_volume": {"rate": 0.02},
            "stability": {"jaccard": more.get("jaccard", 0.9)},
            "threshold_checks": {
                name: {"name": name, "state": state} for name, state in gates.items()
            },
            "incidents": {"overall": [{"scorer": "model", "recall": found / 30}]},
        },
    }  # fmt: skip
    (folder / "report.json").write_text(json.dumps(report))
    trials = pd.DataFrame(
        {
            "incident": "deauth_flood", "repeat": range(30), "intensity": 1.0, "access_point": "ap",
            "start": pd.Timestamp("2026-03-02"), "detected_model": [i < found for i in range(30)],
        }
    )  # fmt: skip
    trials.to_parquet(folder / "incidents.parquet")


def sweep_of(folder: Path) -> dict[str, Any]:
    """Its sweep.json."""
    return json.loads((folder / "sweep.json").read_text())


def test_the_choice_is_named_in_file_table_and_page(tmp_path: Path) -> None:
    """The cheapest of the best group; who is behind and who failed a gate stands beside it."""
    leave_job(tmp_path, 0, found=30, failed=("alert_rate",))
    leave_job(tmp_path, 1, found=27, trees=200)
    leave_job(tmp_path, 2, found=26)
    leave_job(tmp_path, 10, found=5, trees=50)
    outcome = close_sweep(tmp_path)
    found = sweep_of(tmp_path)
    assert outcome.status == 0
    assert [job["job"] for job in found["jobs"]] == [0, 1, 2, 10]
    assert [job["choice"] for job in found["jobs"]] == [
        "dropped", "indistinguishable", "chosen", "behind",
    ]  # fmt: skip
    choice = found["choice"]
    assert choice["job"] == 2
    assert choice["indistinguishable"] == [1, 2]
    assert choice["dropped"] == [{"job": 0, "why": "failed alert_rate"}]
    (table,) = outcome.tables
    assert table.caption == choice["verdict"]
    page = (tmp_path / "sweep.html").read_text()
    assert choice["verdict"] in page
    assert "indistinguishable" in page


def test_other_data_make_no_pairs(tmp_path: Path) -> None:
    """The same kinds and repeats in another export are other trials."""
    leave_job(tmp_path, 0, found=30)
    leave_job(tmp_path, 1, found=29, data="other")
    close_sweep(tmp_path)
    assert sweep_of(tmp_path)["choice"]["dropped"][0]["job"] == 1


def test_a_job_that_ended_by_its_gate_counts_as_failed_and_keeps_its_numbers(
    tmp_path: Path,
) -> None:
    """gates.on_failure=error leaves an account and an error."""
    leave_job(tmp_path, 0, found=30, failed=("alert_rate",))
    (tmp_path / "0" / "error.json").write_text(json.dumps({"error": "1 release gates failed"}))
    outcome = close_sweep(tmp_path)
    (job,) = sweep_of(tmp_path)["jobs"]
    assert outcome.status == 1
    assert job["error"] == "1 release gates failed"
    assert job["version"] == "model_0"
    assert sweep_of(tmp_path)["choice"]["verdict"].startswith("No configuration is chosen")


def test_a_sweep_without_any_account_has_no_choice(tmp_path: Path) -> None:
    """All jobs failed: the table says why, nothing is chosen."""
    (tmp_path / "0").mkdir()
    assert close_sweep(tmp_path).status == 1
    assert "choice" not in sweep_of(tmp_path)
    assert sweep_of(tmp_path)["jobs"][0]["error"] == "ended without a word: see the log"


def test_what_is_no_sweep_is_refused(tmp_path: Path) -> None:
    """A folder without jobs, or none at all."""
    for path in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(ConfigError, match="sweep must be the folder of a sweep"):
            compare_sweep(path)
