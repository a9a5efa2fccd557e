"""A model at work: monitored, compared, reviewed, and its people told, from the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.cli.conftest import Ended, version_in
from tests.monitoring.loopback import web_server

Run = Callable[..., Ended]
QUICK = ("features=minimal", "evaluation=quick", "model.n_estimators=20")


def reworded(export: Path, path: Path) -> Path:
    """The same lines as another firmware might word them."""
    text = export.read_text()
    for old, new in (
        ("AP-STA-CONNECTED", "station-joined"),
        ("AP-STA-DISCONNECTED", "station-left"),
        ("IEEE 802.11: associated", "dot11: is associated"),
    ):
        assert old in text
        text = text.replace(old, new)
    path.write_text(text)
    return path


def monitored(ended: Ended) -> dict[str, Any]:
    """Its monitor.json."""
    return json.loads((ended.run_dir / "monitor.json").read_text())["monitoring"]


def test_a_week_later_all_is_stable(wifitrain: Run, trained: Path, next_week: Path) -> None:
    """Status 0, and the history has a line and a page."""
    ended = wifitrain(
        "-cn", "monitor", f"package={version_in(trained)}", f"source.path={next_week}"
    )
    assert ended.status == 0, ended.err + ended.out
    assert monitored(ended)["verdict"] == "stable"
    (history,) = (ended.folder / "monitoring").glob("*.ndjson")
    (entry,) = map(json.loads, history.read_text().splitlines())
    assert entry["verdict"] == "stable"
    assert "stable" in history.with_suffix(".html").read_text()
    # The same batch again is no new evidence: the bet stands where it stood.
    again = wifitrain(
        "-cn", "monitor", f"package={version_in(trained)}", f"source.path={next_week}"
    )
    assert again.status == 0, again.err + again.out
    first, second = map(json.loads, history.read_text().splitlines())
    assert len(first["bet"]["scores"]) == first["martingale"]["new_windows"] > 0
    assert "bet" not in second
    assert second["martingale"]["windows"] == first["martingale"]["windows"]


def test_another_firmware_is_drift_and_people_are_told(
    wifitrain: Run, trained: Path, next_week: Path, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """Status 3 in the first batch; the alert waits while the receiver is down."""
    export = reworded(next_week, tmp_path / "reworded.json")
    with web_server() as web:
        monkeypatch.setenv("WIFITRAIN_ALERT_URLS", f"json://127.0.0.1:{web.port}/hook/s3cret")
        web.down = True
        told = ("monitoring.alerting.other_notifications=true", "monitoring.alerting.retry_s=0.001")
        ended = wifitrain(
            "-cn", "monitor", f"package={version_in(trained)}", f"source.path={export}", *told
        )
        assert ended.status == 3, ended.err + ended.out
        reasons = " ".join(monitored(ended)["reasons"])
        assert "unseen kinds" in reasons
        assert "another firmware or wording" in reasons
        web.down = False
        delivered = wifitrain("-cn", "deliver", *told)
        assert delivered.out == "1 messages sent, 0 alerts wait\n"
        assert "drifting" in web.posts[0][1]["title"]
    everything = [path for path in tmp_path.rglob("*") if path.is_file()]
    assert not [path for path in everything if b"s3cret" in path.read_bytes()]


def test_a_damaged_export_is_broken_input(
    wifitrain: Run, trained: Path, next_week: Path, tmp_path: Path
) -> None:
    """Status 4, not an error: a nightly job must say that it could not look."""
    damaged = tmp_path / "damaged.json"
    damaged.write_bytes(next_week.read_bytes()[:-1000])
    ended = wifitrain("-cn", "monitor", f"package={version_in(trained)}", f"source.path={damaged}")
    assert ended.status == 4
    assert "damaged.json" in monitored(ended)["reasons"][0]


def test_every_scored_batch_is_remembered(
    wifitrain: Run, trained: Path, next_week: Path, tmp_path: Path
) -> None:
    """Rate, mean score and time in the history; counts in the textfile go on."""
    arguments = (
        "-cn", "score", f"package={version_in(trained)}", f"source.path={next_week}",
        "monitoring.textfile=metrics/wifitrain.prom",
    )  # fmt: skip
    for _ in range(2):
        ended = wifitrain(*arguments)
        assert ended.status == 0, ended.err
    (history,) = (tmp_path / "monitoring").glob("*.ndjson")
    first, second = map(json.loads, history.read_text().splitlines())
    frame = pd.read_parquet(ended.run_dir / "windows.parquet")
    assert first["windows"] == second["windows"] == len(frame)
    assert first["alert_rate"] == pytest.approx(frame["is_anomaly"].mean())
    assert first["mean_score"] == pytest.approx(frame["estimator_score"].mean())
    assert first["seconds"] > 0
    text = (tmp_path / "metrics/wifitrain.prom").read_text()
    (line,) = [line for line in text.splitlines() if line.startswith("model_predictions_total")]
    assert float(line.split()[-1]) == 2 * len(frame)


def test_each_incident_has_a_page_and_is_compared_with_the_bench(
    wifitrain: Run, trained: Path, next_week: Path
) -> None:
    """report.html has a section for each; without pages it is not written."""
    arguments = ("-cn", "score", f"package={version_in(trained)}", f"source.path={next_week}")
    ended = wifitrain(*arguments)
    assert ended.status == 0, ended.err
    html = (ended.run_dir / "report.html").read_text(encoding="utf-8")
    incidents = ended.report["incidents"]
    assert incidents
    for one in incidents:
        assert f'<section id="incident-{one["incident"]}"' in html
        assert one["nearest"]["hint"].startswith("resembles")
    again = wifitrain(*arguments, "output.pages=0")
    assert not (again.run_dir / "report.html").exists()


def test_incidents_of_a_scored_export_are_sent(
    wifitrain: Run, trained: Path, next_week: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each that was opened, to the webhook of the environment, also with the database down."""
    pytest.importorskip("adbc_driver_postgresql", reason="needs the extra: postgres")
    with web_server() as web:
        monkeypatch.setenv("WIFITRAIN_ALERT_URLS", f"json://127.0.0.1:{web.port}/hook")
        ended = wifitrain(
            "-cn", "score", f"package={version_in(trained)}", f"source.path={next_week}",
            "monitoring.alerting.other_notifications=true",
            "output.table=scored", "output.url='postgresql://me@127.0.0.1:1/db'",
        )  # fmt: skip
    assert ended.status == 1
    assert "output.table: postgresql://127.0.0.1:1/db scored: " in ended.err
    assert (ended.run_dir / "report.html").exists()
    assert list((ended.folder / "monitoring").glob("*.ndjson"))
    told = map(json.loads, (ended.run_dir / "incidents.jsonl").read_text().splitlines())
    opened = [one for one in told if one["state"] == "opened"]
    text = " ".join(content["message"] for _, content in web.posts)
    assert opened
    assert all(one["start"] in text for one in opened)


def test_a_run_over_its_limit_stops_with_one_line(
    wifitrain: Run, trained: Path, next_week: Path, tmp_path: Path
) -> None:
    """Status 1, and neither results nor history."""
    ended = wifitrain(
        "-cn", "score", f"package={version_in(trained)}", f"source.path={next_week}",
        "monitoring.max_memory=100MB",
    )  # fmt: skip
    assert ended.status == 1
    assert ended.err.startswith("wifitrain: stopped at ")
    assert ended.err.endswith("monitoring.max_memory is 100 MB\n")
    assert not (tmp_path / "monitoring").exists()
    assert not (ended.run_dir / "windows.parquet").exists()


def test_champion_and_candidate_differ_where_they_say(
    wifitrain: Run, trained: Path, quiet_week: Path, next_week: Path
) -> None:
    """Gained and lost alerts add up to both sides' alerts, each with its lines."""
    other = wifitrain(f"source.path={quiet_week}", *QUICK)
    assert other.status == 0, other.err
    candidate = other.folder / other.report["model"]["path"]
    ended = wifitrain(
        "-cn", "compare", f"champion={version_in(trained)}", f"candidate={candidate}",
        f"source.path={next_week}",
    )  # fmt: skip
    assert ended.status == 0, ended.err
    found = json.loads((ended.run_dir / "compare.json").read_text())
    assert found["kept"] + found["gained"]["windows"] == found["candidate"]["alerts"]
    assert found["kept"] + found["lost"]["windows"] == found["champion"]["alerts"]
    assert found["gained"]["windows"] + found["lost"]["windows"] > 0
    windows = found["gained"]["highest"] + found["lost"]["highest"]
    lines = [line for window in windows for line in window["lines"]]
    assert lines
    assert "sta-" in " ".join(lines), "addresses are pseudonyms"
    assert found["champion"]["evidence"]["verdict"]


def test_a_version_compared_with_itself_keeps_every_alert(
    wifitrain: Run, trained: Path, next_week: Path
) -> None:
    """Nothing gained, nothing lost."""
    version = version_in(trained)
    ended = wifitrain(
        "-cn", "compare", f"champion={version}", f"candidate={version}", f"source.path={next_week}"
    )
    found = json.loads((ended.run_dir / "compare.json").read_text())
    assert found["gained"]["windows"] == found["lost"]["windows"] == 0
    assert found["kept"] == found["champion"]["alerts"]


def test_verdicts_of_people_become_labels(
    wifitrain: Run, trained: Path, next_week: Path, tmp_path: Path
) -> None:
    """Picked, filled in, judged; the labels are taken by the next training."""
    scored = wifitrain("-cn", "score", f"package={version_in(trained)}", f"source.path={next_week}")
    windows = scored.run_dir / "windows.parquet"
    picked = wifitrain("-cn", "review", f"windows={windows}", "count=20")
    assert picked.status == 0, picked.err
    path = tmp_path / "review.csv"
    rows = list(csv.DictReader(path.read_text().splitlines()))
    assert len(rows) == 20
    for row in rows:
        row["verdict"] = "anomaly" if row["is_anomaly"] == "True" else "normal"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    judged = wifitrain("-cn", "review", "action=judge")
    assert judged.status == 0, judged.err
    review = json.loads((judged.run_dir / "review.json").read_text())
    assert review["precision"]["value"] == 1
    assert review["precision"]["low"] < 1
    labels = judged.run_dir / "labels.csv"
    again = wifitrain(f"source.path={next_week}", f"source.labels={labels}", *QUICK)
    assert again.status == 0, again.err
    assert again.report["evaluation"]["labels"] != "none"
