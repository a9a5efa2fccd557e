"""The design's metrics, where somebody knows the truth. Fixed threshold, nothing adjusted.

An undefined metric (no positives, nothing flagged, one class) is left out, never 0.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from wifitrain.evaluation.chance import AveragePrecision
from wifitrain.evaluation.events import EventMetrics, measure_events

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case
    from wifitrain.evaluation.intervals import Interval
    from wifitrain.records import Json

__all__ = [
    "METRICS",
    "MIN_POSITIVES",
    "CurvePoint",
    "Labelled",
    "confusion",
    "curves",
    "measure_labelled",
    "report",
    "score_metrics",
]

METRICS = ("accuracy", "precision", "recall", "f1_score", "roc_auc", "average_precision")
_SIGNIFICANT = 0.01
MIN_POSITIVES = 20
_CURVE_POINTS = 200

CurvePoint = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Labelled:
    """What the labels say about the test windows that have one."""

    windows: int
    positives: int
    prevalence: float
    descriptive_only: bool  # under 20 positives: no conclusion may rest on it
    metrics: Mapping[str, float]
    average_precision_interval: Interval | None  # 95 %, moving-block bootstrap
    chance_p_value: float | None  # share of time-shifted labels that are ranked as well
    confusion_matrix: tuple[tuple[int, int], tuple[int, int]]  # [[TN, FP], [FN, TP]]
    classification_report: Mapping[str, Json]
    roc_curve: tuple[CurvePoint, ...]  # (false positive rate, recall)
    pr_curve: tuple[CurvePoint, ...]  # (recall, precision)
    events: EventMetrics | None

    @property
    def beats_chance(self) -> bool | None:
        """Average precision beyond that of shifted labels; None where it cannot be said."""
        return None if self.chance_p_value is None else self.chance_p_value <= _SIGNIFICANT


def score_metrics(
    truth: np.ndarray, scores: np.ndarray, *, flagged: np.ndarray
) -> dict[str, float]:
    """Every metric of METRICS that is defined; `truth` 0 or 1, all of shape (n,)."""
    from sklearn.metrics import average_precision_score, roc_auc_score

    hits, alerts = int(truth[flagged].sum()), int(flagged.sum())
    positives = int(truth.sum())
    found = {"accuracy": float((truth == flagged).mean())}
    if alerts:
        found["precision"] = hits / alerts
    if positives:
        found["recall"] = hits / positives
    if alerts + positives:
        found["f1_score"] = 2 * hits / (alerts + positives)
    if 0 < positives < len(truth):
        found["roc_auc"] = float(roc_auc_score(truth, scores))
        found["average_precision"] = float(average_precision_score(truth, scores))
    return found


def measure_labelled(case: Case, *, metrics: Sequence[str], rounds: int) -> Labelled | None:
    """Judge the test windows that have a label; None where there is none."""
    rows = case.labelled_test_rows
    if not len(rows):
        return None
    truth, scores, flagged = case.labels[rows], case.scored.score[rows], case.flagged[rows]
    found = score_metrics(truth, scores, flagged=flagged)
    positives = int(truth.sum())
    ranking = AveragePrecision(case, rows)
    roc, pr = curves(truth, scores)
    return Labelled(
        windows=len(rows),
        positives=positives,
        prevalence=positives / len(rows),
        descriptive_only=positives < MIN_POSITIVES,
        metrics={name: found[name] for name in metrics if name in found},
        average_precision_interval=ranking.interval(rounds=rounds),
        chance_p_value=ranking.chance_p_value(rounds=rounds),
        confusion_matrix=confusion(truth, flagged),
        classification_report=report(truth, flagged),
        roc_curve=roc,
        pr_curve=pr,
        events=measure_events(case, rows),
    )


def confusion(truth: np.ndarray, flagged: np.ndarray) -> tuple[tuple[int, int], tuple[int, int]]:
    """Counts [[TN, FP], [FN, TP]] of `truth` (0 or 1) and `flagged`, both of shape (n,)."""
    counts = np.bincount(2 * truth + flagged, minlength=4)
    return (int(counts[0]), int(counts[1])), (int(counts[2]), int(counts[3]))


def report(truth: np.ndarray, flagged: np.ndarray) -> dict[str, Json]:
    """scikit-learn's classification report without the rows that are undefined."""
    from sklearn.metrics import classification_report

    names = {0: "normal", 1: "anomalous"}
    full: dict[str, Any] = classification_report(
        truth,
        flagged.astype(int),
        labels=list(names),
        target_names=list(names.values()),
        output_dict=True,
        zero_division=np.nan,
    )
    return {
        row: {name: float(value) for name, value in full[row].items() if np.isfinite(value)}
        for row in names.values()
        if full[row]["support"]
    }


def curves(
    truth: np.ndarray, scores: np.ndarray
) -> tuple[tuple[CurvePoint, ...], tuple[CurvePoint, ...]]:
    """ROC and precision-recall curve over all thresholds, thinned to 200 points each."""
    positives = int(truth.sum())
    if not 0 < positives < len(truth):
        return (), ()
    order = np.argsort(-scores, kind="stable")
    last_of_tie = np.flatnonzero(np.append(np.diff(scores[order]) != 0, True))
    hits = np.cumsum(truth[order])[last_of_tie]
    alerts = last_of_tie + 1
    kept = np.unique(np.linspace(0, len(alerts) - 1, _CURVE_POINTS).round().astype(int))
    hits, alerts = hits[kept], alerts[kept]
    recall = hits / positives
    roc = _pairs((alerts - hits) / (len(truth) - positives), recall)
    return ((0.0, 0.0), *roc), _pairs(recall, hits / alerts)


def _pairs(x: np.ndarray, y: np.ndarray) -> tuple[CurvePoint, ...]:
    return tuple((float(a), float(b)) for a, b in zip(x, y, strict=True))
