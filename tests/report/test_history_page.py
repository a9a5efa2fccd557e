"""The page of a version over time holds every batch, escaped, and nothing from outside."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wifitrain.report import render_history_report, write_history_report


def entry(number: int, **changed: Any) -> dict[str, Any]:
    """A monitored batch."""
    return {
        "at": f"2026-03-{number:02d}T03:30:00+00:00", "what": "monitored",
        "first_time": "2026-03-01T00:00:00", "last_time": "2026-03-02T00:00:00", "rows": 900,
        "windows": 288, "alerts": 5, "alert_rate": 5 / 288, "mean_score": 0.4, "seconds": 0.01,
        "verdict": "stable", "reasons": [], "quality": {"understood": 1.0},
        "limits": {key: {"low": 0.0, "high": 0.5} for key in ("alert_rate", "mean_score")},
        "drift": {"n_events": 0.02 * number}, **changed,
    }  # fmt: skip


def test_every_batch_is_there_with_its_limits() -> None:
    """Scored ones, too, which have no verdict; the latest comes first."""
    scored = {k: v for k, v in entry(2, what="scored").items() if k in (
        "at", "what", "first_time", "last_time", "rows", "windows", "alerts", "alert_rate",
        "mean_score", "seconds",
    )}  # fmt: skip
    page = render_history_report("model_a", [entry(1), scored, entry(3)])
    assert page == render_history_report("model_a", [entry(1), scored, entry(3)])
    assert page.index("2026-03-03 03:30") < page.rindex("2026-03-01 03:30")
    for text in ("model_a", "Last batch: stable.", "upper limit", "not compared", "0.06"):
        assert text in page
    assert "http://" not in page.replace("http://www.w3.org", "")


def test_hostile_reasons_are_text() -> None:
    """What a log line says cannot become markup."""
    reason = "<script>alert(1)</script>\x1b[2J"
    page = render_history_report(
        "model_a", [entry(1, verdict="broken input", reasons=[reason], limits={}, drift={})]
    )
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page
    assert "broken input" in page


def test_a_batch_that_could_not_be_read_has_a_row(tmp_path: Path) -> None:
    """Only when, and why."""
    broken = {
        "at": "2026-03-04T03:30:00+00:00", "what": "monitored", "verdict": "broken input",
        "reasons": ["cut short"], "quality": None, "martingale": None,
        "limits": {"alert_rate": None, "mean_score": None}, "drift": {},
    }  # fmt: skip
    path = tmp_path / "page.html"
    write_history_report("model_a", [broken], path)
    assert "cut short" in path.read_text()
