"""What an edge box runs: windows in, scores, alerts and reasons out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.errors import FeatureError

if TYPE_CHECKING:
    from wifitrain.edge.forest import Forest
    from wifitrain.edge.guard import EdgeGuard

__all__ = ["EdgeModel", "Judged", "Preparation"]


@dataclass(frozen=True, kw_only=True)
class Judged:
    """Scores of windows, arrays of shape (n,); higher = more anomalous.

    `score` is the estimator's where the guard is silent, and lies above every score of the
    training where it speaks.
    """

    score: np.ndarray
    estimator_score: np.ndarray
    is_anomaly: np.ndarray
    reasons: list[str]  # of the guard; '' where it is silent


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """What happens to a window before the forest sees it; arrays of shape (n_used,)."""

    used: np.ndarray  # columns that varied in training
    fill: np.ndarray  # in place of NaN
    center: np.ndarray | None  # subtracted, then divided by `scale`
    scale: np.ndarray | None

    def apply(self, X: np.ndarray) -> np.ndarray:
        """float64 X (n, n_features) as the float32 that the forest compares."""
        values = X[:, self.used]
        values = np.where(np.isnan(values), self.fill, values)
        with np.errstate(over="ignore"):  # beyond float32 is infinite, as in scikit-learn
            if self.center is not None:
                values -= self.center
            if self.scale is not None:
                values /= self.scale
            return values.astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class EdgeModel:
    """A model read from its edge artefact: forest, guard, threshold, and what they need.

    `features` describe the estimator's columns: name, and unit and meaning where known.
    `calibration_scores` are sorted; of more than 1,024 an even choice with both ends.
    """

    features: tuple[Mapping[str, str], ...]
    preparation: Preparation
    forest: Forest
    guard: EdgeGuard | None
    threshold: float
    contamination: float
    window_s: int
    model_digest: str  # SHA-256 of what the model computes, as in metadata.json
    calibration_scores: np.ndarray

    @cached_property
    def feature_names(self) -> list[str]:
        """The estimator's columns in order."""
        return [feature["name"] for feature in self.features]

    @cached_property
    def columns(self) -> list[str]:
        """Columns of a window: the estimator's, then those that the guard alone watches."""
        watched = () if self.guard is None else self.guard.columns
        return list(dict.fromkeys([*self.feature_names, *watched]))

    def score(self, X: np.ndarray) -> np.ndarray:
        """The estimator's score, shape (n,); higher = more anomalous.

        X has shape (n, n_features) in the order of `feature_names`, NaN where undefined.

        Raises
        ------
        FeatureError : another number of columns, or an infinite value.
        """
        return self.forest.score(self.preparation.apply(_checked(X, self.feature_names)))

    def judge(self, X: np.ndarray, *, kinds: Sequence[Iterable[str]] = ()) -> Judged:
        """Score, verdict and reason of each window.

        Parameters
        ----------
        X : shape (n, n_columns) in the order of `columns`, NaN where undefined.
        kinds : what occurred in each window (``event:NAME``, ``template:TEXT``), n collections;
            left out, the guard judges the columns alone.

        Raises
        ------
        FeatureError : another number of columns, an infinite value, or not n collections.
        """
        values = _checked(X, self.columns)
        if kinds and len(kinds) != len(values):
            raise FeatureError(f"kinds of {len(kinds)} windows for {len(values)} windows")
        estimator_score = self.forest.score(self.preparation.apply(values[:, : len(self.features)]))
        score, reasons = estimator_score, [""] * len(values)
        if self.guard is not None:
            excess, reasons = self.guard.excess(values[:, self._watched], kinds)
            score = self.guard.lift(estimator_score, excess)
        return Judged(
            score=score,
            estimator_score=estimator_score,
            is_anomaly=score > self.threshold,
            reasons=reasons,
        )

    @cached_property
    def _watched(self) -> np.ndarray:
        """Where the guard's columns lie in a window."""
        watched = () if self.guard is None else self.guard.columns
        place = {name: number for number, name in enumerate(self.columns)}
        return np.array([place[name] for name in watched], dtype=np.intp)


def _checked(X: np.ndarray, columns: Sequence[str]) -> np.ndarray:
    values = np.asarray(X, dtype=np.float64)
    if values.ndim != 2 or values.shape[1] != len(columns):
        raise FeatureError(
            f"windows of shape {values.shape}: must be (n, {len(columns)}), the columns"
            f" {', '.join(columns[:3])}, ..."
        )
    infinite = np.isinf(values)
    if infinite.any():
        column = int(infinite.any(axis=0).argmax())
        raise FeatureError(f"{columns[column]}: infinite; an undefined value is NaN")
    return values
