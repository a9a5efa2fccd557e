"""Cross-validation by rolling origin: fit on the past, judge on what came next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.errors import TrainingError
from wifitrain.evaluation.labelled import score_metrics
from wifitrain.evaluation.thresholds import order_threshold
from wifitrain.records import CALIBRATION, FIT, TEST

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case

__all__ = ["CrossValidation", "Fold", "cross_validate"]

_CALIBRATION_SHARE = 0.25
_MIN_FIT_WINDOWS = 10


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One origin: windows fitted, calibrated and judged, in this order of time."""

    fit: int
    calibration: int
    test: int
    alert_rate: float
    metrics: Mapping[str, float] | None  # with labels in the fold only


@dataclass(frozen=True, kw_only=True)
class CrossValidation:
    """Alert rate at the budget over the folds; far from the budget or uneven means drift."""

    folds: tuple[Fold, ...]
    skipped: int  # origins with too little past for the budget
    budget: float
    mean_alert_rate: float | None
    std_alert_rate: float | None
    metrics: Mapping[str, Mapping[str, float]] | None  # metric -> mean, std


def cross_validate(case: Case, *, folds: int) -> CrossValidation:
    """Cut the time of all windows into `folds` + 1 equal stretches; each but the first is judged.

    Every fold fits the same configuration on its past, sets the threshold on the last quarter of
    that past and leaves one window between past and fold. The estimator alone, without the guard.
    """
    refitted = case.shared("evaluation.folds", folds, lambda: _refits(case, folds))
    budget = case.scored.contamination
    judged = [None if one is None else _judged(case, one, budget) for one in refitted]
    done = tuple(fold for fold in judged if fold is not None)
    rates = [fold.alert_rate for fold in done]
    return CrossValidation(
        folds=done,
        skipped=len(judged) - len(done),
        budget=budget,
        mean_alert_rate=float(np.mean(rates)) if rates else None,
        std_alert_rate=float(np.std(rates)) if rates else None,
        metrics=_summary(done),
    )


@dataclass(frozen=True, kw_only=True)
class _Refit:
    """What a fit on one past says of the end of that past and of what came next."""

    fit: int  # windows
    calibration: np.ndarray  # scores, ascending
    ahead: np.ndarray  # row numbers
    scores: np.ndarray  # of those


def _refits(case: Case, folds: int) -> list[_Refit | None]:
    """None for origins with too little past to fit on."""
    rows = case.rows(FIT, CALIBRATION, TEST)
    rows = rows[np.argsort(case.starts[rows], kind="stable")]
    times = np.unique(case.starts[rows])
    borders = [times[len(times) * i // (folds + 1)] for i in range(1, folds + 1)]
    stops = [*borders[1:], times[-1] + case.windows.window_s]
    return [_refit(case, rows, start, stop) for start, stop in zip(borders, stops, strict=True)]


def _refit(case: Case, rows: np.ndarray, start: int, stop: int) -> _Refit | None:
    starts = case.starts[rows]
    past = rows[starts < start - case.windows.window_s]
    ahead = rows[(starts >= start) & (starts < stop)]
    fit, calibration = _split_past(case, past)
    if len(fit) < _MIN_FIT_WINDOWS or not len(ahead):
        return None
    try:
        detector = case.trained.refit(case.windows.X.iloc[fit])
        scores = np.asarray(detector.score(case.windows.X.iloc[np.append(calibration, ahead)]))
    except TrainingError:
        return None
    n = len(calibration)
    return _Refit(fit=len(fit), calibration=np.sort(scores[:n]), ahead=ahead, scores=scores[n:])


def _judged(case: Case, refit: _Refit, budget: float) -> Fold | None:
    """None where the past is too short for the budget."""
    threshold = order_threshold(refit.calibration, budget, is_sorted=True)
    if threshold is None:
        return None
    return Fold(
        fit=refit.fit,
        calibration=len(refit.calibration),
        test=len(refit.ahead),
        alert_rate=float((refit.scores > threshold).mean()),
        metrics=_metrics(case.labels[refit.ahead], refit.scores, threshold),
    )


def _split_past(case: Case, past: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    times = np.unique(case.starts[past])
    if not len(times):
        return past, past
    border = times[int(len(times) * (1 - _CALIBRATION_SHARE))]
    fit = past[case.starts[past] < border - case.windows.window_s]
    return fit, past[case.starts[past] >= border]


def _metrics(labels: np.ndarray, scores: np.ndarray, threshold: float) -> dict[str, float] | None:
    known = labels >= 0
    if not known.any():
        return None
    return score_metrics(labels[known], scores[known], flagged=scores[known] > threshold)


def _summary(folds: tuple[Fold, ...]) -> dict[str, dict[str, float]] | None:
    each = [fold.metrics for fold in folds if fold.metrics is not None]
    names = dict.fromkeys(name for metrics in each for name in metrics)
    values = {name: [metrics[name] for metrics in each if name in metrics] for name in names}
    found = {n: {"mean": float(np.mean(v)), "std": float(np.std(v))} for n, v in values.items()}
    return found or None
