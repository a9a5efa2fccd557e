"""Scores as numbers: their distribution in each part, and what each alert budget would cost."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.records import CALIBRATION, FIT, TEST

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case

__all__ = [
    "Distribution",
    "ThresholdPoint",
    "analyse_thresholds",
    "distributions",
    "flagged_at_budget",
    "needed_windows",
    "order_threshold",
]

_PERCENTILES = (25, 50, 75, 90, 95, 99)


@dataclass(frozen=True, kw_only=True)
class Distribution:
    """Anomaly scores of one part; higher = more anomalous."""

    n: int
    mean: float
    std: float
    min: float
    max: float
    percentiles: Mapping[str, float]


@dataclass(frozen=True, kw_only=True)
class ThresholdPoint:
    """What one alert budget would have done on the test windows; absent where unreachable."""

    contamination: float
    calibration_windows_needed: int
    threshold: float | None = None
    alert_rate: float | None = None
    alerts_per_access_point_and_day: float | None = None
    precision: float | None = None
    recall: float | None = None


def needed_windows(contamination: float) -> int:
    """Calibration windows without which no threshold keeps so small a budget."""
    return math.ceil(1 / contamination - 1 - 1e-9)


def order_threshold(
    scores: np.ndarray, contamination: float, *, is_sorted: bool = False
) -> float | None:
    """The ceil((n + 1)(1 - contamination))-th smallest score; None where n is too small for it."""
    rank = math.ceil((len(scores) + 1) * (1 - contamination) - 1e-9)
    if not 1 <= rank <= len(scores):
        return None
    return float((scores if is_sorted else np.sort(scores))[rank - 1])


def flagged_at_budget(
    scores: np.ndarray, calibration: np.ndarray, contamination: float, *, is_sorted: bool = False
) -> np.ndarray:
    """Which `scores` exceed the threshold that `calibration` scores set, shape (n,).

    Where the calibration is too short for the budget its largest score is the threshold.
    `is_sorted`: the calibration scores already rise.
    """
    threshold = order_threshold(calibration, contamination, is_sorted=is_sorted)
    flagged: np.ndarray = scores > (calibration.max() if threshold is None else threshold)
    return flagged


def distributions(case: Case) -> dict[str, Distribution]:
    """Score distribution of the fit, calibration and test parts."""
    return case.shared_by_scores("evaluation.distributions", None, lambda: _distributions(case))


def _distributions(case: Case) -> dict[str, Distribution]:
    parts = {part: case.scored.score[case.rows(part)] for part in (FIT, CALIBRATION, TEST)}
    return {part: _describe(scores) for part, scores in parts.items() if len(scores)}


def _describe(scores: np.ndarray) -> Distribution:
    return Distribution(
        n=len(scores),
        mean=float(scores.mean()),
        std=float(scores.std()),
        min=float(scores.min()),
        max=float(scores.max()),
        percentiles={str(p): float(np.percentile(scores, p)) for p in _PERCENTILES},
    )


def analyse_thresholds(case: Case, *, grid: Sequence[float]) -> tuple[ThresholdPoint, ...]:
    """Alert rate (with labels also precision and recall) at each budget of `grid` and our own."""
    budgets = sorted({*grid, case.scored.contamination})
    points = case.shared_by_scores("evaluation.threshold points", None, dict[float, ThresholdPoint])
    for budget in set(budgets) - points.keys():
        points[budget] = _point(case, budget)
    return tuple(points[budget] for budget in budgets)


def _point(case: Case, contamination: float) -> ThresholdPoint:
    needed = needed_windows(contamination)
    threshold = order_threshold(case.ladder.ordered, contamination, is_sorted=True)
    if threshold is None:
        return ThresholdPoint(contamination=contamination, calibration_windows_needed=needed)
    rate = float((case.scored.score[case.rows(TEST)] > threshold).mean())
    rows = case.labelled_test_rows
    positive, flagged = case.labels[rows] == 1, case.scored.score[rows] > threshold
    hits = int((positive & flagged).sum())
    return ThresholdPoint(
        contamination=contamination,
        calibration_windows_needed=needed,
        threshold=threshold,
        alert_rate=rate,
        alerts_per_access_point_and_day=rate * case.windows_per_day,
        precision=hits / int(flagged.sum()) if flagged.any() else None,
        recall=hits / int(positive.sum()) if positive.any() else None,
    )
