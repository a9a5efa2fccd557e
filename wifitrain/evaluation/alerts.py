"""How many alerts an operator would have read on later windows, against the budget."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from wifitrain.evaluation.case import DAY_S, Case
from wifitrain.evaluation.intervals import (
    Blocks,
    Interval,
    percentile_interval,
    wilson_interval,
)
from wifitrain.records import TEST

__all__ = ["AlertVolume", "EntityAlerts", "measure_alerts"]

_ENTITIES_SHOWN = 50
_REASONS_SHOWN = 10
_STREAM = 1


@dataclass(frozen=True, kw_only=True)
class EntityAlerts:
    """Alerts of one access point."""

    entity: str
    windows: int
    alerts: int
    alerts_per_day: float


@dataclass(frozen=True, kw_only=True)
class AlertVolume:
    """Alerts on the test part. Intervals: 95 %, moving-block bootstrap over time."""

    windows: int
    alerts: int
    budget: float  # contamination: share of windows
    rate: float  # share of windows
    rate_interval: Interval
    ratio_to_budget: float
    ratio_interval: Interval
    per_access_point_and_day: float
    per_access_point_and_day_interval: Interval
    block_s: int
    by_source: Mapping[str, int]  # estimator, guard, both: together all alerts
    guard_reasons: Mapping[str, int]  # the most frequent
    by_access_point: tuple[EntityAlerts, ...]  # those with most alerts
    by_day: Mapping[str, int]  # UTC date -> alerts, days with windows only


def measure_alerts(case: Case, *, rounds: int) -> AlertVolume:
    """Alert volume on the test windows, with `rounds` bootstrap rounds."""
    rows = case.rows(TEST)
    flagged = case.flagged[rows]
    budget, rate = case.scored.contamination, float(flagged.mean())
    blocks = Blocks(case.starts[rows])
    low, high = _rate_interval(case, blocks, flagged, rounds)
    per_day = case.windows_per_day
    return AlertVolume(
        windows=len(rows),
        alerts=int(flagged.sum()),
        budget=budget,
        rate=rate,
        rate_interval=(low, high),
        ratio_to_budget=rate / budget,
        ratio_interval=(low / budget, high / budget),
        per_access_point_and_day=rate * per_day,
        per_access_point_and_day_interval=(low * per_day, high * per_day),
        block_s=blocks.length_s,
        by_source=_by_source(case, rows[flagged]),
        guard_reasons=_reasons(case, rows[flagged]),
        by_access_point=_by_entity(case, rows),
        by_day=_by_day(case, rows),
    )


def _rate_interval(case: Case, blocks: Blocks, flagged: np.ndarray, rounds: int) -> Interval:
    """A bootstrap of no alerts, or of nothing else, cannot vary: there Wilson's interval stands."""
    if flagged.all() or not flagged.any():
        return wilson_interval(int(flagged.sum()), len(flagged))
    generator = case.generator(_STREAM)
    return percentile_interval(blocks.resampled_shares(flagged, rounds=rounds, generator=generator))


def _by_source(case: Case, alerts: np.ndarray) -> dict[str, int]:
    by_estimator = case.scored.estimator_score[alerts] > case.scored.threshold
    by_guard = np.array([bool(case.scored.guard_reasons[row]) for row in alerts], dtype=bool)
    return {
        "estimator": int((by_estimator & ~by_guard).sum()),
        "guard": int((~by_estimator & by_guard).sum()),
        "both": int((by_estimator & by_guard).sum()),
    }


def _reasons(case: Case, alerts: np.ndarray) -> dict[str, int]:
    counts = Counter(case.scored.guard_reasons[row] for row in alerts)
    counts.pop("", None)
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:_REASONS_SHOWN])


def _by_entity(case: Case, rows: np.ndarray) -> tuple[EntityAlerts, ...]:
    names, at = np.unique(case.entities[rows], return_inverse=True)
    windows, alerts = np.bincount(at), np.bincount(at, weights=case.flagged[rows])
    found = [
        EntityAlerts(
            entity=str(name),
            windows=int(n),
            alerts=int(hits),
            alerts_per_day=float(hits / n * case.windows_per_day),
        )
        for name, n, hits in zip(names, windows, alerts, strict=True)
    ]
    return tuple(sorted(found, key=lambda one: (-one.alerts, one.entity))[:_ENTITIES_SHOWN])


def _by_day(case: Case, rows: np.ndarray) -> dict[str, int]:
    days, at = np.unique(case.starts[rows] // DAY_S, return_inverse=True)
    alerts = np.bincount(at, weights=case.flagged[rows])
    dates = days.astype("datetime64[D]").astype(str)
    return {str(date): int(hits) for date, hits in zip(dates, alerts, strict=True)}
