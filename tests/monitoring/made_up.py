"""Trainings and later batches drawn from known distributions."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from wifitrain.monitoring import Baseline, Batch, Training, baseline_of
from wifitrain.records import WindowTable

START = pd.Timestamp("2026-03-02")
NOW = dt.datetime(2026, 6, 1)  # noqa: DTZ001 - naive UTC
QUIET_DATA = {
    "rows": 100_000, "invalid": 0, "clock_reset_rows": 0, "understood_ratio": 1.0,
    "wifi_lines": 90_000, "first_time": "2026-03-02T00:00:00", "last_time": "2026-03-16T00:00:00",
}  # fmt: skip


def features(rng: np.random.Generator, n: int) -> pd.DataFrame:
    """Twelve features of four kinds: bell-shaped, counts, rare counts, half undefined; (n, 12)."""
    made: dict[str, np.ndarray] = {}
    for number in range(3):
        made[f"level_{number}"] = rng.normal(size=n)
        made[f"count_{number}"] = rng.poisson(5, size=n).astype(float)
        made[f"rare_{number}"] = (rng.random(n) < 0.01).astype(float)
        made[f"mean_{number}"] = np.where(rng.random(n) < 0.5, rng.normal(size=n), np.nan)
    return pd.DataFrame(made)


def windows(X: pd.DataFrame, *, kinds: pd.DataFrame | None = None) -> WindowTable:
    """Windows of five minutes of one access point around X."""
    n = len(X)
    start = START + pd.to_timedelta(300 * np.arange(n), unit="s")
    index = pd.DataFrame(
        {
            "entity": "ap", "start": start, "end": start + pd.Timedelta(300, unit="s"),
            "n_events": 5, "label": pd.array([pd.NA] * n, dtype="boolean"),
        }
    )  # fmt: skip
    if kinds is None:
        kinds = pd.DataFrame({"window": np.arange(n), "kind": "event:associated", "count": 1})
    return WindowTable(X=X, index=index, kinds=kinds, unavailable={}, window_s=300)


def training(rng: np.random.Generator, n: int = 4000, *, X: pd.DataFrame | None = None) -> Baseline:
    """A baseline of `n` windows, the last quarter of them for calibration; 2 % alerts."""
    X = features(rng, n) if X is None else X
    scores = rng.normal(size=n)
    calibration = np.arange(n) >= n * 3 // 4
    threshold = float(np.quantile(scores[calibration], 0.98, method="higher"))
    return baseline_of(
        Training(
            windows=windows(X),
            fit=~calibration,
            calibration=calibration,
            held_out=calibration,
            scores=scores,
            threshold=threshold,
            alerts=int((scores[calibration] > threshold).sum()),
            data=QUIET_DATA,
        )
    )


def later(rng: np.random.Generator, baseline: Baseline, n: int, **changed: Any) -> Batch:
    """A batch of `n` windows after the training; `changed` replaces fields."""
    scores = rng.normal(size=n)
    batch = Batch(
        windows=windows(features(rng, n)),
        scores=scores,
        alerts=scores > baseline.threshold,
        data={
            **QUIET_DATA,
            "first_time": "2026-03-16T00:00:00",
            "last_time": "2026-03-20T00:00:00",
        },
        now=NOW,
    )
    return replace(batch, **changed)
