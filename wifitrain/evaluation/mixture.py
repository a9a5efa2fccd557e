"""The design's metrics on a labelled mixture: background windows and windows with an incident.

The share of incidents is the bench's choice, so precision, accuracy and average precision hold for
this mixture and say nothing of how rare incidents are.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from wifitrain.evaluation.labelled import (
    MIN_POSITIVES,
    CurvePoint,
    confusion,
    curves,
    report,
    score_metrics,
)
from wifitrain.evaluation.thresholds import ThresholdPoint, needed_windows, order_threshold

if TYPE_CHECKING:
    from wifitrain.records import Json

__all__ = ["Mixture", "measure_mixture"]


@dataclass(frozen=True, kw_only=True)
class Mixture:
    """Background of the test part (normal) and windows that an incident touches (anomalous)."""

    windows: int
    positives: int
    prevalence: float
    descriptive_only: bool
    metrics: Mapping[str, float]
    confusion_matrix: tuple[tuple[int, int], tuple[int, int]]  # [[TN, FP], [FN, TP]]
    classification_report: Mapping[str, Json]
    roc_curve: tuple[CurvePoint, ...]
    pr_curve: tuple[CurvePoint, ...]
    threshold_analysis: tuple[ThresholdPoint, ...]
    labels: Literal["incidents"] = "incidents"


def measure_mixture(
    *,
    background: np.ndarray,
    touched: np.ndarray,
    calibration: np.ndarray,
    threshold: float,
    metrics: Sequence[str],
    grid: Sequence[float],
) -> Mixture:
    """Metrics at `threshold` and at each budget of `grid` that `calibration` scores can set.

    The first three are scores of shape (n,); windows whose score is not finite take no part.
    """
    normal, anomalous = (scores[np.isfinite(scores)] for scores in (background, touched))
    scores = np.concatenate([normal, anomalous])
    truth = np.repeat([0, 1], [len(normal), len(anomalous)])
    flagged = scores > threshold
    found = score_metrics(truth, scores, flagged=flagged)
    roc, pr = curves(truth, scores)
    return Mixture(
        windows=len(truth),
        positives=len(anomalous),
        prevalence=len(anomalous) / len(truth),
        descriptive_only=len(anomalous) < MIN_POSITIVES,
        metrics={name: found[name] for name in metrics if name in found},
        confusion_matrix=confusion(truth, flagged),
        classification_report=report(truth, flagged),
        roc_curve=roc,
        pr_curve=pr,
        threshold_analysis=tuple(
            _point(truth, scores, order_threshold(calibration, c), c) for c in grid
        ),
    )


def _point(
    truth: np.ndarray, scores: np.ndarray, threshold: float | None, contamination: float
) -> ThresholdPoint:
    needed = needed_windows(contamination)
    if threshold is None:
        return ThresholdPoint(contamination=contamination, calibration_windows_needed=needed)
    flagged = scores > threshold
    hits, alerts = int(truth[flagged].sum()), int(flagged.sum())
    return ThresholdPoint(
        contamination=contamination,
        calibration_windows_needed=needed,
        threshold=threshold,
        alert_rate=float(flagged[truth == 0].mean()) if (truth == 0).any() else None,
        precision=hits / alerts if alerts else None,
        recall=hits / int(truth.sum()) if truth.any() else None,
    )
