"""Detectors that scikit-learn does not have, in its form: `score_samples`, lower = more anomalous.

They need wifitrain (or PyOD) where they run, so they are baselines and not for the service.
"""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, OutlierMixin
from sklearn.decomposition import PCA
from sklearn.utils.validation import check_is_fitted, validate_data

__all__ = ["PCAReconstruction", "PyODDetector", "RobustZScore"]

#: Median absolute deviation of a standard normal distribution.
_MAD_OF_NORMAL = 0.6744897501960817


class _ScoredDetector(OutlierMixin, BaseEstimator):  # type: ignore[misc]
    """Shared by the detectors here: `predict` from `score_samples` and the training median."""

    def fit(self, X: np.ndarray, y: None = None) -> Self:  # noqa: ARG002 - scikit-learn's signature
        """Learn from X, shape (n_windows, n_features)."""
        X = validate_data(self, X, dtype=np.float64)
        self._fit(X)
        self.offset_ = float(np.percentile(self._score_of_fit(X), 10))
        return self

    def score_samples(self, X: np.ndarray) -> np.ndarray:
        """Negative anomaly score, shape (n,); lower = more anomalous."""
        check_is_fitted(self)
        return self._score(validate_data(self, X, dtype=np.float64, reset=False))

    def predict(self, X: np.ndarray) -> np.ndarray:
        """-1 for the rows below the lowest tenth of the training scores, else 1."""
        flagged: np.ndarray = np.where(self.score_samples(X) < self.offset_, -1, 1)
        return flagged

    def _fit(self, X: np.ndarray) -> None:
        raise NotImplementedError

    def _score(self, X: np.ndarray) -> np.ndarray:
        raise NotImplementedError

    def _score_of_fit(self, X: np.ndarray) -> np.ndarray:
        """Scores of the very rows that were fitted."""
        return self._score(X)


class RobustZScore(_ScoredDetector):
    """The largest distance of any feature from its median, in robust standard deviations.

    A feature whose median absolute deviation is 0 takes its standard deviation instead.
    """

    def _fit(self, X: np.ndarray) -> None:
        self.center_ = np.median(X, axis=0)
        spread = np.median(np.abs(X - self.center_), axis=0) / _MAD_OF_NORMAL
        spread = np.where(spread > 0, spread, X.std(axis=0))
        self.spread_ = np.where(spread > 0, spread, 1.0)

    def _score(self, X: np.ndarray) -> np.ndarray:
        lowest: np.ndarray = -np.abs((X - self.center_) / self.spread_).max(axis=1)
        return lowest


class PCAReconstruction(_ScoredDetector):
    """Squared distance of a window from the subspace of the leading principal components."""

    def __init__(self, explained_variance: float = 0.9) -> None:
        self.explained_variance = explained_variance

    def _fit(self, X: np.ndarray) -> None:
        self.pca_ = PCA(n_components=self.explained_variance, svd_solver="full").fit(X)

    def _score(self, X: np.ndarray) -> np.ndarray:
        rebuilt = self.pca_.inverse_transform(self.pca_.transform(X))
        negative: np.ndarray = -((X - rebuilt) ** 2).sum(axis=1)
        return negative


class PyODDetector(_ScoredDetector):
    """A detector of PyOD: ``hbos`` or ``ecod``."""

    def __init__(self, detector: str = "ecod", n_bins: int = 10) -> None:
        self.detector = detector
        self.n_bins = n_bins

    def _fit(self, X: np.ndarray) -> None:
        self.model_ = self._make().fit(X)

    def _score(self, X: np.ndarray) -> np.ndarray:
        negative: np.ndarray = -self.model_.decision_function(X)
        return negative

    def _score_of_fit(self, X: np.ndarray) -> np.ndarray:  # noqa: ARG002 - PyOD keeps them
        # ECOD looks at new rows beside the fitted ones: asked again, it says this to 15 digits.
        negative: np.ndarray = -self.model_.decision_scores_
        return negative

    def _make(self) -> Any:  # noqa: ANN401 - PyOD has no types
        if self.detector == "hbos":
            from pyod.models.hbos import HBOS

            return HBOS(n_bins=self.n_bins)
        from pyod.models.ecod import ECOD

        return ECOD()
