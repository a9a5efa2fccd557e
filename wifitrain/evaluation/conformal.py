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
    "alert_confidence",
    "benjamini_hochberg",
    "calibration_windows_needed",
    "conformal_p_values",
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


def conformal_p_values(scores: np.ndarray, *, calibration: np.ndarray) -> np.ndarray:
    """(1 + number of calibration scores at or above) / (n + 1), shape (n_scores,).

    Marginal conformal p-values (Bates et al., Annals of Statistics 2023); small = anomalous.
    """
    ordered = np.sort(calibration)
    at_or_above = len(ordered) - np.searchsorted(ordered, scores, side="left")
    p_values: np.ndarray = (1 + at_or_above) / (len(ordered) + 1)
    return p_values


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
    rows = case.rows(TEST)
    calibration = case.scored.score[case.rows(CALIBRATION)]
    p_values = conformal_p_values(case.scored.score[rows], calibration=calibration)
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


def alert_confidence(
    scores: np.ndarray, *, calibration: np.ndarray, contamination: float, flagged: np.ndarray
) -> np.ndarray:
    """Probability that the decision stays the same with another calibration sample, (n_scores,).

    ExCeeD (Perini, Vercruyssen, Davis, ECML PKDD 2020): with n calibration scores, of which s lie
    at or below the score, the chance to be outranked is (1 + s) / (2 + n), and the decision is an
    alert when more than n (1 - contamination) of n scores lie below: a binomial tail.
    """
    from scipy.stats import binom

    n = len(calibration)
    below = np.searchsorted(np.sort(calibration), scores, side="right")
    alert = 1 - binom.cdf(n - int(n * contamination), n, (1 + below) / (2 + n))
    confidence: np.ndarray = np.where(flagged, alert, 1 - alert)
    return confidence


def measure_confidence(case: Case) -> Confidence:
    """ExCeeD confidence of every decision on the test windows, summed up."""
    rows = case.rows(TEST)
    flagged = case.flagged[rows]
    confidence = alert_confidence(
        case.scored.score[rows],
        calibration=case.scored.score[case.rows(CALIBRATION)],
        contamination=case.scored.contamination,
        flagged=flagged,
    )
    return Confidence(
        mean=float(confidence.mean()),
        mean_of_alerts=float(confidence[flagged].mean()) if flagged.any() else None,
        unsure_alerts=int((confidence[flagged] < _SURE).sum()),
        unsure_windows=int((confidence < _SURE).sum()),
    )
