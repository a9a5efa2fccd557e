"""Whether a batch is what the model can judge: shares of bad rows, silence, clock, wording."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from wifitrain.monitoring.baseline import Baseline, Quality, quality_of

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.monitoring.batch import Limits
    from wifitrain.records import Json, WindowTable

__all__ = ["QualityFindings", "quality_findings"]

_FEW_LINES = 30  # fewer WiFi lines tell nothing about wording
_SURE = 3.0  # standard errors
_AHEAD = dt.timedelta(days=1)


@dataclass(kw_only=True)
class QualityFindings:
    """What makes the input broken, what merely changed, what is worth a note; and the shares."""

    shares: Mapping[str, Json]
    broken: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def quality_findings(
    baseline: Baseline,
    windows: WindowTable,
    data: Mapping[str, object],
    *,
    now: dt.datetime,
    limits: Limits,
) -> QualityFindings:
    """Compare the quality of a batch with the training's; a share matters from the threshold on."""
    quality = quality_of(data)
    silent = float((windows.index["n_events"] == 0).mean())
    found = QualityFindings(
        shares={
            "invalid": quality.invalid,
            "clock_reset": quality.clock_reset,
            "understood": quality.understood,
            "silent_windows": silent,
        }
    )
    _rows(found, baseline.quality, quality, limits.drift_threshold)
    _wording(found, baseline.quality, quality, data, limits.drift_threshold)
    _silence(found, baseline, windows.index)
    _times(found, baseline, data, now)
    _undefined(found, baseline, windows.X, limits.drift_threshold)
    return found


def _rows(found: QualityFindings, before: Quality, after: Quality, threshold: float) -> None:
    if after.invalid - before.invalid > threshold:
        found.broken.append(f"{after.invalid:.0%} of rows unusable, {before.invalid:.0%} before")
    if after.clock_reset - before.clock_reset > threshold:
        found.broken.append(
            f"{after.clock_reset:.0%} of rows stamped by a reset clock,"
            f" {before.clock_reset:.0%} before"
        )


def _wording(
    found: QualityFindings,
    before: Quality,
    after: Quality,
    data: Mapping[str, object],
    threshold: float,
) -> None:
    lines = data.get("wifi_lines", 0)
    if before.understood is None or after.understood is None or not isinstance(lines, int):
        return
    if lines >= _FEW_LINES and before.understood - after.understood > threshold:
        found.changed.append(
            f"{after.understood:.0%} of WiFi lines understood, {before.understood:.0%} before:"
            " another firmware or wording"
        )


def _silence(found: QualityFindings, baseline: Baseline, index: pd.DataFrame) -> None:
    """An entity that said nothing at the end for longer than any did in training."""
    if not (index["n_events"] > 0).any():
        found.broken.append("no line in any window")
        return
    window = dt.timedelta(seconds=baseline.window_s)
    longest = window * max(baseline.longest_silence, 1)
    end = index["end"].max()
    last = index[index["n_events"] > 0].groupby("entity")["end"].max()
    for entity, heard in last[(end - last) > 2 * longest].items():
        found.broken.append(
            f"{entity} said nothing for the last {_hours(end - heard)};"
            f" the longest silence in training was {_hours(longest)}"
        )


def _times(
    found: QualityFindings, baseline: Baseline, data: Mapping[str, object], now: dt.datetime
) -> None:
    first, last = (dt.datetime.fromisoformat(str(data[key])) for key in ("first_time", "last_time"))
    if last > now + _AHEAD:
        found.broken.append(
            f"the last line is of {last:%Y-%m-%d %H:%M} UTC, which is still to come"
        )
    if first < dt.datetime.fromisoformat(baseline.last_time):
        found.notes.append(
            f"the batch begins at {first:%Y-%m-%d %H:%M}, before the training's end"
            f" ({baseline.last_time}): these are not later logs"
        )
    if last - first < dt.timedelta(days=1):
        found.notes.append(
            f"the batch covers {_hours(last - first)}: what differs may be the time of day"
        )


def _undefined(
    found: QualityFindings, baseline: Baseline, X: pd.DataFrame, threshold: float
) -> None:
    """Features that have no value in many more windows than before."""
    for name in X.columns:
        sketch = baseline.sketches.get(name)
        if sketch is None:
            continue
        rows = sketch.count + sketch.missing
        before, after = sketch.missing / max(rows, 1), float(X[name].isna().mean())
        error = math.sqrt(sketch.dependence * (0.25 / max(rows, 1) + 0.25 / len(X)))
        if after - before - _SURE * error > threshold:
            found.changed.append(f"{name} undefined in {after:.0%} of windows, {before:.0%} before")


def _hours(span: dt.timedelta) -> str:
    return f"{span.total_seconds() / 3600:.1f} h"
