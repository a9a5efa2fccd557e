"""How rare a score is among calibration scores, and how sure its alert is."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from wifitrain.evaluation.case import DAY_S, Case
from wifitrain.records import CALIBRATION, TEST

__all__ = [
    "EXCHANGEABILITY",
    "Confidence",
    "Conformal",
    "benjamini_hochberg",
    "calibration_windows_needed",
    "measure_confidence",
    "measure_conformal",
]

EXCHANGEABILITY = (
    "Valid only if calibration and later windows are exchangeable; logs drift and depend on their"
    " neighbours, so read these p-values as ranks, not as proof."
)
_SURE = 0.9


@dataclass(frozen=True, kw_only=True)
class Conformal:
    """Discoveries on the test days at false discovery rate `alpha`, and whether any could be."""

    alpha: float
    discoveries: int
    days: int
    smallest_p: float
    calibration_windows: int
    windows_a_day: int  # of all access points: what one day's test is corrected for
    calibration_windows_needed: int
    resolution_sufficient: bool
    caveat: str = EXCHANGEABILITY


@dataclass(frozen=True, kw_only=True)
class Confidence:
    """ExCeeD confidence of the decisions on the test windows."""

    mean: float
    mean_of_alerts: float | None
    unsure_alerts: int  # confidence under .9: another calibration sample could undo them
    unsure_windows: int


def benjamini_hochberg(p_values: np.ndarray, *, alpha: float) -> np.ndarray:
    """Which hypotheses are rejected at false discovery rate `alpha` (1995), boolean, (n,)."""
    n = len(p_values)
    ordered = np.sort(p_values)
    below = np.flatnonzero(ordered <= alpha * np.arange(1, n + 1) / n)
    limit = ordered[below[-1]] if len(below) else -1.0
    rejected: np.ndarray = p_values <= limit
    return rejected


def calibration_windows_needed(windows: int, *, alpha: float) -> int:
    """Fewest calibration windows with which one window of `windows` can be a discovery.

    The smallest p-value is 1 / (n + 1) and one discovery needs alpha / windows.
    """
    return math.ceil(windows / alpha - 1 - 1e-9)


def measure_conformal(case: Case, *, alpha: float) -> Conformal:
    """Benjamini-Hochberg over the windows of each UTC day of the test part."""
    return case.shared_by_scores("evaluation.conformal", alpha, lambda: _conformal(case, alpha))


def _conformal(case: Case, alpha: float) -> Conformal:
    rows = case.rows(TEST)
    p_values = case.ladder.p_values[rows]
    calibration = case.rows(CALIBRATION)
    days = case.starts[rows] // DAY_S
    found = [int(benjamini_hochberg(p_values[days == d], alpha=alpha).sum()) for d in set(days)]
    a_day = math.ceil(case.windows_per_day * len(set(case.entities[rows])))
    needed = calibration_windows_needed(a_day, alpha=alpha)
    return Conformal(
        alpha=alpha,
        discoveries=sum(found),
        days=len(found),
        smallest_p=float(p_values.min()),
        calibration_windows=len(calibration),
        windows_a_day=a_day,
        calibration_windows_needed=needed,
        resolution_sufficient=len(calibration) >= needed,
    )


def measure_confidence(case: Case) -> Confidence:
    """ExCeeD confidence of every decision on the test windows, summed up."""
    rows = case.rows(TEST)
    flagged = case.flagged[rows]
    contamination = case.scored.contamination
    confidence = case.ladder.confidence(contamination=contamination, flagged=case.flagged)[rows]
    return Confidence(
        mean=float(confidence.mean()),
        mean_of_alerts=float(confidence[flagged].mean()) if flagged.any() else None,
        unsure_alerts=int((confidence[flagged] < _SURE).sum()),
        unsure_windows=int((confidence < _SURE).sum()),
    )
