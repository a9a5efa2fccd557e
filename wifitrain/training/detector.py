"""A fitted Pipeline as a detector: one score, higher = more anomalous."""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from wifitrain.records import Json

__all__ = ["FittedDetector"]


class FittedDetector:
    """A fitted Pipeline: constant columns out, medians for undefined values, scale, estimator.

    The Pipeline takes all columns of X, so that it is complete wherever it is loaded. Where
    `pipeline` and `scores` are functions, they are called when they are needed. `made_of` is the
    same for two detectors only if they compute the same; None where that is not known.
    """

    def __init__(
        self,
        pipeline: Pipeline | Callable[[], Pipeline],
        *,
        feature_names: Sequence[str],
        made_of: Json = None,
        scores: Callable[[np.ndarray], np.ndarray] | None = None,
    ) -> None:
        self._given = pipeline
        self.feature_names = list(feature_names)
        self.made_of = made_of
        self._scores = scores

    @cached_property
    def pipeline(self) -> Pipeline:
        """What a package holds."""
        given: Any = self._given
        return given() if callable(given) else given

    def score(self, X: pd.DataFrame) -> np.ndarray:
        """Anomaly score, shape (n,); higher = more anomalous."""
        is_whole = self.feature_names == X.columns.tolist()  # then no copy of it is needed
        values = (X if is_whole else X[self.feature_names]).to_numpy("float64")
        if self._scores is not None:
            return self._scores(values)
        scores: np.ndarray = -self.pipeline.score_samples(values)
        return scores

    @property
    def n_estimators(self) -> int | None:
        """Trees of the forest, None for other models."""
        trees = getattr(self.estimator, "estimators_", None)
        return None if trees is None else len(trees)

    def with_threshold(self, threshold: float) -> Pipeline:
        """A Pipeline whose `predict` gives -1 exactly where the score is above `threshold`.

        The estimator's own offset would flag by a rule that nobody budgeted for. Nothing else
        changes: scores are the same. A one-class SVM keeps its own rule, which it computes inside.
        """
        from sklearn.pipeline import Pipeline

        estimator = copy.copy(self.estimator)
        estimator.offset_ = -threshold
        name = self.pipeline.steps[-1][0]
        return Pipeline([*self.pipeline.steps[:-1], (name, estimator)])

    @property
    def estimator(self) -> Any:  # noqa: ANN401 - any scikit-learn estimator
        """The last step of the Pipeline."""
        return self.pipeline[-1]

    @property
    def constant(self) -> list[str]:
        """Features that did not vary in training: the estimator never sees them."""
        support = self.pipeline["vary"].get_support()
        return [name for name, kept in zip(self.feature_names, support, strict=True) if not kept]
