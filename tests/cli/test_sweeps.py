"""Sweeps: what the cache gives is what independent runs give, and a killed sweep goes on."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.cli.conftest import Ended, environment_of

Run = Callable[..., Ended]
QUICK = ("features=minimal", "evaluation=quick", "evaluation.stability_sizes=[10,30]")
GRID = ("model.contamination=0.02,0.05,0.1", "model.n_estimators=10,40,25")
#: Where the signal comes inside of `exec` (an import of a dataclass) Python ends by the signal
#: itself, in the end: 130 for every shell.
INTERRUPTED = (130, -signal.SIGINT)
#: What may differ between two runs of one configuration: names, places, times.
VOLATILE = ("resources", "environment", "command", "digests", "model", "monitoring")


def jobs_of(sweep: Path) -> list[dict[str, Any]]:
    """Accounts of the jobs in their order."""
    folders = sorted((path for path in sweep.iterdir() if path.name.isdigit()), key=_number)
    return [json.loads((folder / "report.json").read_text()) for folder in folders]


def _number(path: Path) -> int:
    return int(path.name)


def comparable(account: dict[str, Any]) -> dict[str, Any]:
    """Everything that two runs of one configuration must agree on."""
    kept = {key: value for key, value in account.items() if key not in VOLATILE}
    model = {k: v for k, v in account["model"].items() if k not in {"version", "path"}}
    digests = {k: v for k, v in account["digests"].items() if k not in {"config", "code"}}
    return {**kept, "model": model, "digests": digests, "drift": account["monitoring"]["drift"]}


def test_a_sweep_gives_what_independent_runs_give(wifitrain: Run, quiet_week: Path) -> None:
    """Nine jobs with one cache against nine without any: every number, digest and score."""
    swept = {}
    for name, enabled in (("cached", "true"), ("alone", "false")):
        ended = wifitrain(
            "--multirun", f"source.path={quiet_week}", *QUICK, *GRID,
            "training.stability_target=0.3", "training.patience=2",
            f"cache.enabled={enabled}", f"hydra.sweep.dir=outputs/sweeps/{name}",
        )  # fmt: skip
        assert ended.status == 0, ended.err
        swept[name] = ended.folder / "outputs/sweeps" / name
    cached, alone = jobs_of(swept["cached"]), jobs_of(swept["alone"])
    assert len(cached) == 9
    for job, (one, other) in enumerate(zip(cached, alone, strict=True)):
        assert comparable(one) == comparable(other)
        frames = [pd.read_parquet(place / str(job) / "windows.parquet") for place in swept.values()]
        pd.testing.assert_frame_equal(*frames)
    assert {account["model"]["stopped_early"] for account in cached} == {False, True}
    stages = [account["resources"]["stages_s"] for account in cached]
    assert ["read" in stage for stage in stages] == [True] + 8 * [False]
    assert len({account["digests"]["model"] for account in cached}) == 3
    forests = list(ended.folder.glob("xdg-cache/wifitrain/forests/*.entry"))
    assert len(forests) == 1 + 2 + 2  # its own seed, two of stability, two of the null panel


def test_what_jobs_share_depends_on_more_than_the_forest(wifitrain: Run, quiet_week: Path) -> None:
    """Two guards at two budgets with one forest: every job gives what it gives alone, incidents
    and files of the package included.
    """
    swept = {}
    evidence = [f"evaluation.{key}" for key in (
        "cross_validation=true", "cross_validation_folds=2", "subsample_rounds=2",
        "diagnostics=true", "incidents.enabled=true", "incidents.kinds=[deauth_flood]",
        "incidents.repeats=2", "incidents.intensities=[1.0]",
    )]  # fmt: skip
    for name, enabled in (("cached", "true"), ("alone", "false")):
        ended = wifitrain(
            "--multirun", f"source.path={quiet_week}", *QUICK, *evidence,
            "model.n_estimators=10", "training.early_stopping=false",
            "guard.margin=0.5,6", "model.contamination=0.05,0.1",
            f"cache.enabled={enabled}", f"hydra.sweep.dir=outputs/sweeps/{name}",
        )  # fmt: skip
        assert ended.status == 0, ended.err
        swept[name] = ended.folder / "outputs/sweeps" / name
    cached, alone = jobs_of(swept["cached"]), jobs_of(swept["alone"])
    assert len(cached) == 4
    for job, (one, other) in enumerate(zip(cached, alone, strict=True)):
        assert comparable(one) == comparable(other)
        for table in ("windows.parquet", "incidents.parquet"):
            frames = [pd.read_parquet(place / str(job) / table) for place in swept.values()]
            pd.testing.assert_frame_equal(*frames)
        for file in ("baseline.json", "guard.json", "model.npz"):
            assert content_of(ended, one, file) == content_of(ended, other, file)
    assert len({account["digests"]["model"] for account in cached}) == 2


def content_of(ended: Ended, account: dict[str, Any], file: str) -> bytes:
    """A file of the version that the account is of; thresholds stand in it but no names, times."""
    return (ended.folder / account["model"]["path"] / file).read_bytes()


def test_clearing_the_cache(wifitrain: Run, quiet_week: Path) -> None:
    """One command; the next run computes again and gets the same."""
    first = wifitrain(f"source.path={quiet_week}", *QUICK, "model.n_estimators=10").report
    cleared = wifitrain("-cn", "clear_cache")
    assert cleared.status == 0, cleared.err
    assert "entries" in cleared.out
    assert not list(cleared.folder.glob("xdg-cache/**/*.entry"))
    second = wifitrain(f"source.path={quiet_week}", *QUICK, "model.n_estimators=10").report
    assert "read" in second["resources"]["stages_s"]
    assert second["digests"]["model"] == first["digests"]["model"]


def test_the_page_of_a_job_is_drawn_when_it_is_wanted(wifitrain: Run, quiet_week: Path) -> None:
    """Jobs have none; one command draws it."""
    ended = wifitrain(
        "--multirun", f"source.path={quiet_week}", *QUICK, "model.n_estimators=10",
        "hydra.sweep.dir=sweep",
    )  # fmt: skip
    assert not (ended.folder / "sweep/0/report.html").exists()
    drawn = wifitrain("-cn", "report", "folder=sweep/0")
    assert drawn.status == 0, drawn.err
    page = (ended.folder / "sweep/0/report.html").read_text()
    assert jobs_of(ended.folder / "sweep")[0]["model"]["version"] in page
    nothing = wifitrain("-cn", "report", "folder=elsewhere")
    assert nothing.status == 1
    assert nothing.err == (
        "wifitrain: elsewhere/report.json: No such file or directory:"
        " folder must be that of a training that ended well\n"
    )


@pytest.fixture
def started(tmp_path: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Start the command and go on; what still runs at the end is killed."""
    processes = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        (tmp_path / "scratch").mkdir(exist_ok=True)
        process = subprocess.Popen(
            [sys.executable, "-m", "wifitrain", *arguments],
            cwd=tmp_path,
            env={**environment_of(tmp_path), "TMPDIR": str(tmp_path / "scratch")},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        processes.append(process)
        return process

    yield start
    for process in processes:
        process.kill()
        process.communicate()


def wait_for(condition: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Until it holds; the command must not end before."""
    for _ in range(3000):
        if condition():
            return
        assert process.poll() is None, process.communicate()
        time.sleep(0.02)
    raise AssertionError("waited for a minute")


def test_a_killed_sweep_goes_on(
    wifitrain: Run, started: Callable[..., Any], quiet_week: Path, tmp_path: Path
) -> None:
    """Started again in its folder it leaves done jobs alone; a job that fails stops no other."""
    arguments = (
        "--multirun", f"source.path={quiet_week}", *QUICK, "model.n_estimators=10",
        "model.contamination=0.02,0.03,0.9,0.05,0.06", "hydra.sweep.dir=sweep",
    )  # fmt: skip
    process = started(*arguments)
    wait_for((tmp_path / "sweep/1/report.json").is_file, process)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    done = {path: path.read_bytes() for path in tmp_path.glob("sweep/*/report.json")}
    assert len(done) < 4
    ended = wifitrain(*arguments)
    assert ended.status == 1
    assert all(path.read_bytes() == content for path, content in done.items())
    assert ended.out.count("done before: ") == len(done)
    jobs = json.loads((tmp_path / "sweep/sweep.json").read_text())["jobs"]
    assert [job["status"] == "failed" for job in jobs] == [False, False, True, False, False]
    assert len({job["version"] for job in jobs if job["status"] != "failed"}) == 4


def test_a_job_of_another_configuration_is_not_done(wifitrain: Run, quiet_week: Path) -> None:
    """Another grid in the same folder, or a version that was deleted: the job runs."""
    arguments = ["--multirun", f"source.path={quiet_week}", *QUICK, "hydra.sweep.dir=sweep"]
    first = wifitrain(*arguments, "model.n_estimators=10")
    (before,) = jobs_of(first.folder / "sweep")
    wifitrain(*arguments, "model.n_estimators=11")
    (after,) = jobs_of(first.folder / "sweep")
    assert (before["model"]["n_estimators"], after["model"]["n_estimators"]) == (10, 11)


@pytest.mark.parametrize("moment", ["reading", "learning"])
def test_an_interrupted_run_stops_cleanly(
    started: Callable[..., Any], quiet_week: Path, tmp_path: Path, moment: str
) -> None:
    """Status 130, one line, no version, no scratch, nothing half-written."""
    process = started(f"source.path={quiet_week}", "model.n_estimators=1000",
                      "training.early_stopping=false")  # fmt: skip
    said = {"reading": "scratch/wifitrain-*", "learning": "outputs/2*/*/log.jsonl"}
    is_there = {
        "reading": lambda path: True,  # noqa: ARG005
        "learning": lambda path: "windows built" in path.read_text(),
    }[moment]
    wait_for(lambda: any(map(is_there, tmp_path.glob(said[moment]))), process)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert process.returncode in INTERRUPTED
    assert err.splitlines()[-1] == "wifitrain: interrupted"
    assert "Traceback" not in err
    assert not list((tmp_path / "scratch").iterdir())
    assert not list(tmp_path.glob("models/*"))
    assert not [path for path in tmp_path.rglob(".*") if path.is_file()]
    assert not list(tmp_path.glob("outputs/2*/*/report.*"))


def test_an_interrupted_sweep_tells_how_far_it_came(
    started: Callable[..., Any], quiet_week: Path, tmp_path: Path
) -> None:
    """Status 130 and the table of the jobs so far; the one that was stopped says so."""
    process = started(
        "--multirun", f"source.path={quiet_week}", *QUICK, "model.n_estimators=10",
        "model.contamination=0.02,0.03,0.04,0.05,0.06", "hydra.sweep.dir=sweep",
    )  # fmt: skip
    wait_for((tmp_path / "sweep/1/log.jsonl").is_file, process)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=60)
    assert process.returncode in INTERRUPTED
    jobs = json.loads((tmp_path / "sweep/sweep.json").read_text())["jobs"]
    assert 2 <= len(jobs) < 5
    assert jobs[0]["status"] != "failed"
    assert jobs[-1].get("error") == "interrupted"
