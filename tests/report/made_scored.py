"""A scored export made by hand: one incident of the estimator, one of the guard."""

from __future__ import annotations

from typing import Any

import pandas as pd

from tests.report.made import make_windows
from wifitrain.report import ScoredExport

LINE = "2026-03-02 23:41:00 phy0-ap0: AP-STA-DISCONNECTED sta-1f97b174d6cc"


def make_told(windows: pd.DataFrame, **changed: Any) -> dict[str, Any]:
    """An incident of the first alert in `windows`, closed."""
    peak = windows[windows["is_anomaly"]].iloc[0]
    return {
        "incident": "00ab", "state": "closed", "entity": str(peak["entity"]),
        "start": peak["start"].isoformat(), "end": peak["end"].isoformat(), "alerts": 1,
        "peak_start": peak["start"].isoformat(), "peak_score": float(peak["score"]),
        "threshold": 0.6, "model": "model_a", "raised_by": "estimator", "reason": None,
        "estimator_score": 0.66, "base": -1.25, "others": 0.0995,
        "because": [
            {"feature": "forced_deauth_count", "value": 40.0, "part": 0.35, "unit": "count"},
            {"feature": "n_events", "value": 90.0, "part": 0.2, "unit": "lines"},
        ],
        "quiet": "not alerted with forced_deauth_count <= 7",
        "nearest": {
            "kind": "deauth_flood", "meaning": "spoofed frames against all", "similarity": 0.93,
            "near": 0.75, "right": 31, "called": 36, "second": "slow_deauth",
            "second_similarity": 0.81,
            "hint": "resembles deauth_flood, similarity 0.93; right in 31 of 36 windows",
        },
        "lines": [LINE, f"{LINE} again"], "lines_in_window": 90, **changed,
    }  # fmt: skip


def make_scored(**changed: Any) -> ScoredExport:
    """Two access points, two incidents."""
    windows = make_windows().drop(columns=["part", "label"])
    guard = make_told(
        windows, incident="00cd", entity="ap-02", start="2026-03-02T23:40:00",
        peak_start="2026-03-02T23:50:00", end="2026-03-03T00:00:00", peak_score=2.66, alerts=4,
        reason="forced_deauth_count 40 outside 0..4", raised_by="guard", quiet=None, nearest=None,
    )  # fmt: skip
    told = {
        "version": "model_a",
        "windows": windows,
        "incidents": [make_told(windows), guard],
        "pages": 30,
        "meanings": {"forced_deauth_count": "clients that were thrown out"},
        "data": {"first_time": "2026-03-02T00:00:00", "last_time": "2026-03-03T00:00:00",
                 "span_days": 1.0},
        **changed,
    }  # fmt: skip
    return ScoredExport(**told)
