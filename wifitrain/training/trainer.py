"""Fits an estimator inside a Pipeline and turns its score once: higher = more anomalous."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError, TrainingError
from wifitrain.training.checks import check_flag, check_integer, check_number

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd
    from sklearn.pipeline import Pipeline

    from wifitrain.training.estimators import EstimatorSpec
    from wifitrain.training.forest import EarlyStopping, Growth

__all__ = ["FittedDetector", "Trainer", "TrainingResult"]


class FittedDetector:
    """A fitted Pipeline: constant columns out, medians for undefined values, scale, estimator.

    The Pipeline takes all columns of X, so that it is complete wherever it is loaded.
    """

    def __init__(self, pipeline: Pipeline, *, feature_names: Sequence[str]) -> None:
        self.pipeline = pipeline
        self.feature_names = list(feature_names)

    def score(self, X: pd.DataFrame) -> np.ndarray:
        """Anomaly score, shape (n,); higher = more anomalous."""
        values = X[self.feature_names].to_numpy("float64")
        scores: np.ndarray = -self.pipeline.score_samples(values)
        return scores

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


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """A detector, how it grew, and the way to fit another one like it."""

    detector: FittedDetector
    undefined: tuple[str, ...]  # features without any value in the fit part: left out
    growth: Growth | None
    trainer: Trainer

    def refit(
        self, X: pd.DataFrame, *, seed: int | None = None, n_estimators: int | None = None
    ) -> FittedDetector:
        """The same configuration fitted to X; another seed or forest size where given."""
        if n_estimators is None and self.growth is not None:
            n_estimators = self.growth.n_estimators
        return self.trainer.fit(X, seed=seed, n_estimators=n_estimators).detector


class Trainer:
    """Fits the chosen model.

    Parameters
    ----------
    model : what to fit.
    n_jobs : processes of the fit as scikit-learn counts them (-1 = all cores); results do not
        depend on it.
    early_stopping : grow forests in batches and stop when their alerts agree.
    patience : batches in a row that must agree.
    stability_target : Jaccard agreement that counts as agreeing, in (0, 1].
    """

    def __init__(
        self,
        *,
        model: EstimatorSpec,
        n_jobs: int = -1,
        early_stopping: bool = True,
        patience: int = 10,
        stability_target: float = 0.8,
    ) -> None:
        if isinstance(n_jobs, bool) or not isinstance(n_jobs, int) or n_jobs == 0:
            raise ConfigError(
                f"training.n_jobs must be -1 or a number of processes, got {n_jobs!r}"
            )
        check_flag("training.early_stopping", early_stopping)
        check_integer("training.patience", patience, minimum=1)
        check_number("training.stability_target", stability_target, above=0, most=1)
        if model.parameters.get("n_estimators") == "auto" and not early_stopping:
            raise ConfigError("model.n_estimators=auto needs training.early_stopping=true")
        self.model = model
        self.n_jobs = n_jobs
        self.early_stopping = early_stopping
        self.patience = patience
        self.stability_target = stability_target

    def fit(
        self, X: pd.DataFrame, *, seed: int | None = None, n_estimators: int | None = None
    ) -> TrainingResult:
        """Fit to X, shape (n_windows, n_features); undefined values are NaN.

        Raises
        ------
        TrainingError : nothing to learn from (no feature varies), or the estimator refuses X.
        """
        undefined = tuple(name for name in X.columns if X[name].isna().all())
        kept = X.drop(columns=list(undefined))
        _check_variation(kept)
        pipeline = self._pipeline(self._parameters(seed, n_estimators))
        try:
            growth = self._fit(pipeline, kept.to_numpy("float64"), fixed=n_estimators is not None)
        except ValueError as error:
            raise TrainingError(f"{self.model.name} could not be fitted: {error}") from error
        return TrainingResult(
            detector=FittedDetector(pipeline, feature_names=list(kept.columns)),
            undefined=undefined,
            growth=growth,
            trainer=self,
        )

    def with_model(self, model: EstimatorSpec) -> Trainer:
        """The same settings for another model: a baseline."""
        return Trainer(
            model=model,
            n_jobs=self.n_jobs,
            early_stopping=self.early_stopping,
            patience=self.patience,
            stability_target=self.stability_target,
        )

    def _parameters(self, seed: int | None, n_estimators: int | None) -> Mapping[str, Any]:
        parameters = dict(self.model.parameters)
        if seed is not None and self.model.seeded:
            parameters["random_state"] = seed
        if self.model.grows:
            parameters["n_estimators"] = n_estimators or parameters["n_estimators"]
        return parameters

    def _pipeline(self, parameters: Mapping[str, Any]) -> Pipeline:
        from sklearn.feature_selection import VarianceThreshold
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import Pipeline
        from sklearn.preprocessing import StandardScaler

        steps: list[tuple[str, Any]] = [
            ("vary", VarianceThreshold()),
            ("impute", SimpleImputer(strategy="median")),
        ]
        if self.model.scaled:
            steps.append(("scale", StandardScaler()))
        steps.append((self.model.name, self.model.build(parameters)))
        return Pipeline(steps)

    def _fit(self, pipeline: Pipeline, values: np.ndarray, *, fixed: bool) -> Growth | None:
        """Fit every step; forests grow, others are fitted at once."""
        if not self.model.grows:
            pipeline.fit(values)
            return None
        from wifitrain.training.forest import grow

        forest = pipeline[-1]
        stopping = None if fixed or not self.early_stopping else self._stopping()
        most = forest.n_estimators
        if most == "auto":
            most = self._stopping().ceiling
        forest.set_params(n_jobs=self.n_jobs)
        growth = grow(forest, pipeline[:-1].fit_transform(values), most=most, stopping=stopping)
        # One order of summation when scoring, wherever the model is loaded.
        forest.set_params(n_jobs=None)
        return growth

    def _stopping(self) -> EarlyStopping:
        from wifitrain.training.forest import EarlyStopping

        return replace(EarlyStopping(), target=self.stability_target, patience=self.patience)


def _check_variation(X: pd.DataFrame) -> None:
    if X.shape[1] == 0 or (X.max() == X.min()).all():
        raise TrainingError(
            f"nothing to learn from: none of {X.shape[1]} features varies over {len(X)} windows"
        )
