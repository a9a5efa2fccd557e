"""From an export to a version, as a user does it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.cli.conftest import Ended
from wifitrain.simulation import Simulator, write_export

Run = Callable[..., Ended]
QUICK = ("features=minimal", "evaluation=quick", "model.n_estimators=20")


def test_a_training_leaves_a_version_and_its_account(wifitrain: Run, quiet_week: Path) -> None:
    """Report, windows, log, version and registry are there and agree."""
    ended = wifitrain(f"source.path={quiet_week}", *QUICK)
    assert ended.status == 0, ended.err
    report = ended.report
    assert set(report) >= {
        "status", "data", "features", "windows", "model", "calibration", "evaluation",
        "digests", "resources",
    }  # fmt: skip
    frame = pd.read_parquet(ended.run_dir / "windows.parquet")
    assert len(frame) == report["windows"]["total"]
    assert set(frame["part"]) == {"fit", "calibration", "test", "excluded"}
    assert ((frame["score"] > frame["threshold"]) == frame["is_anomaly"]).all()
    assert (frame["reason"].ne("") == frame["is_anomaly"]).all()
    calibration = frame.loc[frame["part"] == "calibration", "score"]
    rarest = (1 + (calibration >= frame["score"].max()).sum()) / (1 + len(calibration))
    assert frame["p_value"].min() == pytest.approx(rarest)
    assert frame["confidence"].between(0, 1).all()
    registry = json.loads((ended.folder / "models/model_registry.json").read_text())
    assert list(registry) == [report["model"]["version"]]
    log = (ended.run_dir / "log.jsonl").read_text().splitlines()
    assert all(json.loads(line)["event"] for line in log)
    assert report["model"]["version"] in ended.out.splitlines()[-1]
    assert "basic_metrics" not in report["evaluation"]


def test_the_same_command_gives_the_same_model(wifitrain: Run, quiet_week: Path) -> None:
    """Digests of X and model, and the threshold, do not depend on time, processes or threads."""
    command = (f"source.path={quiet_week}", *QUICK, "cache.enabled=false")
    one = wifitrain(*command, "training.n_jobs=1").report
    other = wifitrain(*command, "training.n_jobs=2", "engine.threads=1").report
    assert one["digests"]["model"] == other["digests"]["model"]
    assert one["digests"]["features"] == other["digests"]["features"]
    assert one["calibration"]["threshold"] == other["calibration"]["threshold"]
    assert one["model"]["version"] != other["model"]["version"]


def sweep_text(sweep: Path) -> str:
    """The content of sweep.json."""
    return (sweep / "sweep.json").read_text()


def test_a_sweep_fits_one_forest_for_every_contamination(wifitrain: Run, quiet_week: Path) -> None:
    """Jobs that differ only in contamination have identical scores; a failed job stops no other."""
    ended = wifitrain(
        "--multirun", f"source.path={quiet_week}", *QUICK, "model.contamination=0.05,0.1,0.9",
        "hydra/launcher=joblib", "hydra.launcher.n_jobs=2",
    )  # fmt: skip
    assert ended.status == 1
    (sweep,) = ended.folder.glob("outputs/sweeps/*/*")
    jobs = json.loads((sweep / "sweep.json").read_text())["jobs"]
    assert [job["status"] for job in jobs][2] == "failed"
    assert jobs[2]["error"] == "model.contamination must be in (0, 0.5], got 0.9"
    assert jobs[0]["threshold"] > jobs[1]["threshold"]
    frames = [pd.read_parquet(sweep / str(job) / "windows.parquet") for job in (0, 1)]
    assert frames[0]["score"].equals(frames[1]["score"])
    assert len(list(ended.folder.glob("models/model_2*"))) == 2
    assert "No incidents were played" in sweep_text(sweep)
    (sweep / "sweep.json").unlink()
    again = wifitrain("-cn", "compare", f"sweep={sweep}")
    assert again.status == 1, "a job failed"
    assert "No incidents were played" in sweep_text(sweep)


def test_a_first_mismatch_is_raised_by_the_guard(
    wifitrain: Run, quiet_week: Path, tmp_path: Path
) -> None:
    """An event that training never saw; with the guard off it stays quiet."""
    incident = {"kind": "wrong_psk", "access_point": 1, "hour": 30, "duration_s": 300}
    later = tmp_path / "later.json"
    simulator = Simulator(
        days=2, access_points=2, stations_per_access_point=6, dialects=["hostapd_openwrt"],
        quiet=True, seed=3, incidents=[{**incident, "intensity": 1}],
    )  # fmt: skip
    write_export(simulator, later, "E1")
    reasons = {}
    for guard in ("true", "false"):
        trained = wifitrain(
            f"source.path={quiet_week}", "features=minimal", "evaluation=quick",
            "model.n_estimators=20", f"guard.enabled={guard}",
        )  # fmt: skip
        package = trained.folder / trained.report["model"]["path"]
        scored = wifitrain("-cn", "score", f"package={package}", f"source.path={later}")
        assert scored.status == 0, scored.err
        frame = pd.read_parquet(scored.run_dir / "windows.parquet")
        reasons[guard] = " ".join(frame["reason"])
    assert "unseen event:psk_mismatch" in reasons["true"]
    assert "guard" not in reasons["false"]


@pytest.mark.parametrize(
    ("argument", "message"),
    [
        ("model.contamination=7", "wifitrain: model.contamination must be in (0, 0.5], got 7\n"),
        ("model._target_=joblib.load", "wifitrain: model._target_: 'joblib.load' is not a trusted"),
        ("modle=x", "wifitrain: modle is no key of the configuration"),
        ("source.path=nothing.json", "wifitrain: nothing.json: no such file or folder\n"),
        ("logging.level=LOUD", "wifitrain: logging.level must be one of"),
    ],
)
def test_a_users_error_is_one_line(wifitrain: Run, argument: str, message: str) -> None:
    """Status 1, one line, nothing left in models."""
    ended = wifitrain(argument)
    assert ended.status == 1
    assert ended.err.startswith(message)
    assert ended.err.count("\n") == 1
    assert not (ended.folder / "models").exists()


def test_a_damaged_export_leaves_earlier_models_alone(wifitrain: Run, quiet_week: Path) -> None:
    """A truncated file ends the run and changes nothing."""
    first = wifitrain(f"source.path={quiet_week}", *QUICK)
    before = {path: path.read_bytes() for path in first.folder.glob("models/**/*.json*")}
    damaged = first.folder / "damaged.json"
    damaged.write_bytes(quiet_week.read_bytes()[:-1000])
    ended = wifitrain(f"source.path={damaged}", *QUICK)
    assert ended.status == 1
    assert ended.err.count("\n") == 1
    assert "damaged.json" in ended.err
    assert {path: path.read_bytes() for path in first.folder.glob("models/**/*.json*")} == before


def test_validation_judges_without_training(wifitrain: Run, quiet_week: Path) -> None:
    """Status 0 for a fit export, 1 for an unfit one, with a report for both."""
    fit = wifitrain("-cn", "validate", f"source.path={quiet_week}")
    assert fit.status == 0, fit.err
    assert json.loads((fit.run_dir / "validation.json").read_text())["is_valid"] is True
    empty = fit.folder / "empty.json"
    empty.write_text('{"export_metadata": {}, "data": []}')
    unfit = wifitrain("-cn", "validate", f"source.path={empty}")
    assert unfit.status == 1
    assert json.loads((unfit.run_dir / "validation.json").read_text())["is_valid"] is False
    assert not (fit.folder / "models").exists()


def test_a_failed_gate_ends_the_run_where_configured(wifitrain: Run, quiet_week: Path) -> None:
    """Status 1 and the gate's name, after report and candidate are written; else status 0."""
    narrow = (*QUICK, "evaluation.gates.alert_rate=[0.0001,0.0002]", "model.contamination=0.2")
    kept = wifitrain(f"source.path={quiet_week}", *narrow)
    assert kept.status == 0, kept.err
    ended = wifitrain(f"source.path={quiet_week}", *narrow, "evaluation.gates.on_failure=error")
    assert ended.status == 1
    assert "release gates failed: alert_rate is" in ended.err.splitlines()[-1]
    model = ended.report["model"]
    assert model["status"] == "candidate"
    assert (ended.folder / model["path"] / "metadata.json").is_file()
    assert (ended.run_dir / "report.html").is_file()


def test_a_package_keeps_what_was_judged_in_numbers(wifitrain: Run, quiet_week: Path) -> None:
    """metadata.json has the design's section only; report.json knows what was understood."""
    ended = wifitrain(f"source.path={quiet_week}", *QUICK)
    report = ended.report
    metadata = json.loads((ended.folder / report["model"]["path"] / "metadata.json").read_text())
    info = metadata["evaluation_info"]
    assert info["basic_metrics"] == {}
    assert info["verdict"] == report["evaluation"]["verdict"]
    assert set(info) <= {
        "basic_metrics", "labels", "verdict", "advanced_metrics", "threshold_checks",
        "cross_validation",
    }  # fmt: skip
    understood = report["data"]["understood_ratio"]
    assert report["evaluation"]["features"]["understood_ratio"] == understood


def test_auto_says_which_size_and_why(wifitrain: Run, quiet_week: Path) -> None:
    """model.n_estimators=auto: the report's size is the forest's, with the agreement it took."""
    ended = wifitrain(
        f"source.path={quiet_week}", "features=minimal", "evaluation=quick",
        "model.n_estimators=auto", "training.stability_target=0.3", "training.patience=2",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    model = ended.report["model"]
    told = f"{model['n_estimators']} trees: as many as it took half forests to agree on 0.3"
    assert model["size_reason"].startswith(told)
    assert all(one >= 0.3 for one in model["halves_agreement"][-2:])
    assert told in (ended.run_dir / "report.html").read_text()
