"""Fits an estimator inside a Pipeline and turns its score once: higher = more anomalous."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from wifitrain.cache import Cache, remembered
from wifitrain.errors import ConfigError, TrainingError
from wifitrain.training.checks import check_flag, check_integer, check_number
from wifitrain.training.detector import FittedDetector

if TYPE_CHECKING:
    import pandas as pd

    from wifitrain.records import Json
    from wifitrain.training.estimators import EstimatorSpec
    from wifitrain.training.forest import EarlyStopping, Growth
    from wifitrain.training.recipe import Matrix, Recipe

__all__ = ["Trainer", "TrainingResult"]

#: Recipes that stay for the next job: a model's and those of the three baselines that it is held
#: against, and as many others (seeds, folds, data that mean nothing) as their matrices leave room.
_FEWEST_REMEMBERED, _MOST_REMEMBERED = 4, 32
_REMEMBERED_BYTES = 100_000_000


@dataclass(frozen=True, kw_only=True)
class TrainingResult:
    """A detector, how it grew, and the way to fit another one like it."""

    detector: FittedDetector
    undefined: tuple[str, ...]  # features without any value in the fit part: left out
    growth: Growth | None
    trainer: Trainer
    nbytes: int  # about what the fitted model keeps, beside the matrix that other seeds share

    def refit(
        self, X: pd.DataFrame, *, seed: int | None = None, n_estimators: int | None = None
    ) -> FittedDetector:
        """The same configuration fitted to X; another seed or forest size where given.

        Nothing is fitted before the detector is asked.
        """
        if n_estimators is None and self.growth is not None:
            n_estimators = self.growth.n_estimators
        return self.trainer.detector_like(X, seed=seed, trees=n_estimators)


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
    cache : where forests and their scores are kept from run to run; None keeps nothing.
    """

    def __init__(
        self,
        *,
        model: EstimatorSpec,
        n_jobs: int = -1,
        early_stopping: bool = True,
        patience: int = 10,
        stability_target: float = 0.8,
        cache: Cache | None = None,
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
        self.cache = Cache(enabled=False) if cache is None else cache
        self._last: Recipe | None = None

    @property
    def identity(self) -> Json:
        """What decides its detectors beside X; None where it is not known or not to be kept."""
        if not self.cache.enabled or self.model.identity is None:
            return None
        return {
            "model": self.model.identity,
            "parameters": {name: repr(value) for name, value in self.model.parameters.items()},
            "n_jobs": self.n_jobs,
            "early_stopping": self.early_stopping,
            "patience": self.patience,
            "stability_target": self.stability_target,
            "cache": str(self.cache.directory),
        }

    def fit(
        self, X: pd.DataFrame, *, seed: int | None = None, n_estimators: int | None = None
    ) -> TrainingResult:
        """Fit to X, shape (n_windows, n_features); undefined values are NaN.

        Raises
        ------
        TrainingError : nothing to learn from (no feature varies), or the estimator refuses X.
        """
        seen = self._look(X)
        recipe = self._known(self._recipe(seen.matrix, seed))
        trees = n_estimators or self.model.parameters.get("n_estimators")
        growth = self._grow(recipe, trees, fixed=n_estimators is not None)
        grown = None if growth is None else growth.n_estimators
        return TrainingResult(
            detector=_detector(recipe, seen, trees=grown),
            undefined=seen.undefined,
            growth=growth,
            trainer=self,
            nbytes=recipe.nbytes(grown),
        )

    def detector_like(
        self, X: pd.DataFrame, *, seed: int | None, trees: int | None
    ) -> FittedDetector:
        """A detector on X with exactly so many trees (None for other models than forests).

        Raises
        ------
        TrainingError : nothing to learn from; or, when it is asked, the estimator refuses X.
        """
        seen = self._look(X)
        recipe = self._known(self._recipe(seen.matrix, seed))
        return _detector(recipe, seen, trees=trees if self.model.grows else None)

    def with_model(self, model: EstimatorSpec) -> Trainer:
        """The same settings for another model: a baseline."""
        return Trainer(
            model=model,
            n_jobs=self.n_jobs,
            early_stopping=self.early_stopping,
            patience=self.patience,
            stability_target=self.stability_target,
            cache=self.cache,
        )

    def _look(self, X: pd.DataFrame) -> _Seen:
        """What is fitted of X; of the frame that came last, once: seeds and sizes follow."""
        return remembered("training.seen", "", lambda: _see(X), of=(X,), most=1)

    def _recipe(self, matrix: Matrix, seed: int | None) -> Recipe:
        """The recipe, or the last one again: sizes of one forest come one after another."""
        from wifitrain.training.recipe import Recipe

        parameters = dict(self.model.parameters)
        parameters.pop("n_estimators", None)
        if seed is not None and self.model.seeded:
            parameters["random_state"] = seed
        recipe = Recipe(
            self.model, matrix, parameters=parameters, n_jobs=self.n_jobs, cache=self.cache
        )
        if self._last is None or self._last.made_of != recipe.made_of:
            self._last = recipe
        return self._last

    def _known(self, recipe: Recipe) -> Recipe:
        """The recipe as an earlier job of this process left it, with its forest."""
        if not self.cache.enabled or self.model.identity is None:
            return recipe
        made_of = [recipe.made_of, self.n_jobs, str(self.cache.directory)]
        key = json.dumps(made_of, sort_keys=True)
        room = _REMEMBERED_BYTES // recipe.matrix.values.nbytes  # at most: seeds share one
        most = min(max(room, _FEWEST_REMEMBERED), _MOST_REMEMBERED)
        return remembered("training.recipe", key, lambda: recipe, most=most)

    def _grow(self, recipe: Recipe, trees: int | str | None, *, fixed: bool) -> Growth | None:
        """Fit: forests grow, others are fitted at once."""
        if not self.model.grows:
            recipe.pipeline(None)
            return None
        from wifitrain.training.forest import grow

        stopping = None if fixed or not self.early_stopping else self._stopping()
        most = trees if isinstance(trees, int) else self._stopping().ceiling
        try:
            return grow(recipe.nest, most=most, stopping=stopping)
        except ValueError as error:
            raise TrainingError(f"{self.model.name} could not be fitted: {error}") from error

    def _stopping(self) -> EarlyStopping:
        from wifitrain.training.forest import EarlyStopping

        return replace(EarlyStopping(), target=self.stability_target, patience=self.patience)


class _Seen(NamedTuple):
    """Of a frame the features without any value, and the rest: names and values."""

    undefined: tuple[str, ...]
    kept: tuple[str, ...]
    matrix: Matrix


def _see(X: pd.DataFrame) -> _Seen:
    from wifitrain.training.recipe import matrix_of

    undefined = tuple(name for name in X.columns if not X[name].notna().any())
    kept = X.drop(columns=list(undefined))
    if not any(X[name].max() > X[name].min() for name in kept.columns):
        raise TrainingError(
            f"nothing to learn from: none of {kept.shape[1]} features varies over {len(X)} windows"
        )
    return _Seen(undefined, tuple(kept.columns), matrix_of(kept.to_numpy("float64")))


def _detector(recipe: Recipe, seen: _Seen, *, trees: int | None) -> FittedDetector:
    is_known = recipe.spec.identity is not None
    return FittedDetector(
        lambda: recipe.pipeline(trees),
        feature_names=seen.kept,
        made_of={"recipe": recipe.made_of, "trees": trees} if is_known else None,
        scores=lambda values: recipe.scores(values, trees),
    )
