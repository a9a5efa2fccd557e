"""Estimator and guard as one detector with one score."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.cache import remembered
from wifitrain.records import CALIBRATION, FIT
from wifitrain.training.guard import NoveltyGuard

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from wifitrain.records import Detector, Parts, WindowTable
    from wifitrain.training.guard import GuardSettings

__all__ = ["GuardedDetector", "Judgement", "calibration_scores", "guard_windows"]


@dataclass(frozen=True, kw_only=True)
class Judgement:
    """Scores of windows, arrays of shape (n,); higher = more anomalous.

    `score` is the estimator's score where the guard is silent. Where the guard speaks it lies
    above `ceiling` + 1, in the order of how far the window is outside.
    """

    score: np.ndarray
    estimator_score: np.ndarray
    reasons: list[str]


@dataclass(frozen=True, kw_only=True)
class GuardedDetector:
    """A fitted estimator and the guard that has seen the same windows and the calibration's.

    `ceiling` is the highest score that the estimator gave to a fit or calibration window: no
    threshold from those windows lies above it.
    """

    detector: Detector
    guard: NoveltyGuard | None
    ceiling: float

    def judge(self, X: pd.DataFrame, kinds: pd.DataFrame) -> Judgement:
        """Scores and reasons of windows X with their `kinds` (WindowTable.kinds)."""
        scores = self.detector.score(X)
        if self.guard is None:
            return Judgement(score=scores, estimator_score=scores, reasons=[""] * len(scores))
        guard = self.guard
        # Forests of a sweep share their guard, and the windows of their incident bench.
        excess, reasons = remembered(
            "training.excess", "", lambda: guard.excess(X, kinds), of=(guard, X, kinds), most=1
        )
        raised = _raise(scores, excess, ceiling=self.ceiling)
        return Judgement(score=raised, estimator_score=scores, reasons=reasons)


def guard_windows(
    detector: Detector, windows: WindowTable, parts: Parts, *, settings: GuardSettings
) -> tuple[GuardedDetector, Judgement]:
    """Fit the guard on the fit part and judge every window.

    Calibration windows are judged by a guard that has seen the fit part alone, so that they say
    how often something new turns up; all others by the guard that goes into the package, which
    has seen the calibration part too.
    """
    fit, calibration = parts.rows(FIT), parts.rows(CALIBRATION)
    scores = detector.score(windows.X)
    ceiling = float(scores[fit | calibration].max())
    if not settings.enabled:
        silent = Judgement(score=scores, estimator_score=scores, reasons=[""] * len(scores))
        return GuardedDetector(detector=detector, guard=None, ceiling=ceiling), silent
    guard, excess, reasons = _watched(windows, parts, settings)
    judged = Judgement(
        score=_raise(scores, excess, ceiling=ceiling), estimator_score=scores, reasons=reasons
    )
    return GuardedDetector(detector=detector, guard=guard, ceiling=ceiling), judged


def _watched(
    windows: WindowTable, parts: Parts, settings: GuardSettings
) -> tuple[NoveltyGuard, np.ndarray, list[str]]:
    """Guard, excess and reasons: the same for all jobs of a sweep that share windows."""
    key = json.dumps([settings.margin, settings.ignore, ",".join(parts.name)])
    frames = (windows.X, windows.kinds)
    return remembered("training.guard", key, lambda: _watch(windows, parts, settings), of=frames)


def _watch(
    windows: WindowTable, parts: Parts, settings: GuardSettings
) -> tuple[NoveltyGuard, np.ndarray, list[str]]:
    import numpy as np

    calibration = parts.rows(CALIBRATION)
    young = NoveltyGuard.fit(*_select(windows, parts.rows(FIT)), settings=settings)
    guard = young.extended(*_select(windows, calibration))
    excess, reasons = guard.excess(windows.X, windows.kinds)
    held_out, held_out_reasons = young.excess(*_select(windows, calibration))
    excess[calibration] = held_out
    for row, reason in zip(np.flatnonzero(calibration), held_out_reasons, strict=True):
        reasons[row] = reason
    return guard, excess, reasons


def calibration_scores(
    judged: Judgement, parts: Parts, *, contamination: float
) -> tuple[np.ndarray, int]:
    """Scores to calibrate on, shape (n_calibration,), and how many windows the guard raised.

    The guard's alerts count within the budget, up to half of it: beyond that the estimator would
    never be heard, so further raised windows count with the estimator's score.
    """
    import numpy as np

    rows = np.flatnonzero(parts.rows(CALIBRATION))
    score = judged.score[rows].copy()
    raised = np.flatnonzero([judged.reasons[row] != "" for row in rows])
    most = int(len(rows) * contamination / 2)
    furthest_first = raised[np.argsort(-score[raised], kind="stable")]
    spared = furthest_first[most:]
    score[spared] = judged.estimator_score[rows[spared]]
    return score, len(raised)


def _raise(scores: np.ndarray, excess: np.ndarray, *, ceiling: float) -> np.ndarray:
    """Lift windows with an excess above 0 over the ceiling, the furthest outside the highest."""
    import numpy as np

    lifted = np.maximum(scores, ceiling) + 2 - 1 / (1 + excess)
    raised: np.ndarray = np.where(excess > 0, lifted, scores)
    return raised


def _select(windows: WindowTable, rows: np.ndarray) -> tuple[pd.DataFrame, pd.DataFrame]:
    """X and kinds of the chosen windows, kinds numbered by the rows of that X."""
    import numpy as np

    position = np.cumsum(rows) - 1
    kinds = windows.kinds[rows[windows.kinds["window"].to_numpy("int64")]]
    return windows.X[rows], kinds.assign(window=position[kinds["window"].to_numpy("int64")])
