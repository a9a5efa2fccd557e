"""Collects the evidence for a trained model: what is always measurable, and what labels add."""

from __future__ import annotations

import inspect
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from wifitrain.errors import ConfigError
from wifitrain.evaluation import schema
from wifitrain.evaluation.gates import Gates
from wifitrain.evaluation.incident_settings import IncidentSettings

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case
    from wifitrain.evaluation.evidence import Evidence, FeatureAccount
    from wifitrain.records import Parts, ScoredWindows, Trained, WindowTable

__all__ = ["Evaluator"]

_METRICS = ("accuracy", "precision", "recall", "f1_score", "roc_auc", "average_precision")
_GRID = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)


class Evaluator:
    """Judges a model on windows it was not fitted to.

    Parameters
    ----------
    metrics : metrics to report where there are labels.
    thresholds : metric -> lowest value that passes its gate, in [0, 1]; gates only with labels.
    cross_validation : refit on growing pasts and judge each next stretch of time.
    cross_validation_folds : number of such stretches, at least 2.
    stability_seeds : refits with other seeds, at least 2.
    stability_sizes : forest sizes that stability is measured at, beside the model's own.
    subsample_rounds : refits on parts of the fit part for rank stability; 0 leaves it out.
    null_seeds : refits on column-permuted data, at least 2.
    bootstrap_rounds : rounds of each moving-block bootstrap, at least 100.
    importance : measure permutation importance of the score.
    importance_rows : most windows it is measured on, at least 10.
    diagnostics : measure excess mass, mass volume and consensus: to look at, never to choose by.
    threshold_grid : budgets of the threshold analysis, in (0, .5].
    false_discovery_rate : level of Benjamini-Hochberg, in [.001, .5].
    pseudo_labels : also report the design's metrics against the model's own alerts; no evidence.
    gates : keywords of Gates.
    incidents : keywords of IncidentSettings: what the incident bench plays.
    profile_cost : for features of the service, judge a detector over all features as well.
    random_state : seed of everything drawn here.
    """

    def __init__(
        self,
        *,
        metrics: Sequence[str] = _METRICS,
        thresholds: Mapping[str, float] | None = None,
        cross_validation: bool = True,
        cross_validation_folds: int = 5,
        stability_seeds: int = 4,
        stability_sizes: Sequence[int] = (50, 100, 200, 300),
        subsample_rounds: int = 5,
        null_seeds: int = 2,
        bootstrap_rounds: int = 1000,
        importance: bool = True,
        importance_rows: int = 2000,
        diagnostics: bool = True,
        threshold_grid: Sequence[float] = _GRID,
        false_discovery_rate: float = 0.1,
        pseudo_labels: bool = False,
        gates: Mapping[str, Any] | None = None,
        incidents: Mapping[str, Any] | None = None,
        profile_cost: bool = True,
        random_state: int = 42,
    ) -> None:
        self.metrics = schema.names("metrics", metrics, known=_METRICS)
        self.thresholds = schema.share_map("thresholds", thresholds or {}, known=_METRICS)
        self.cross_validation = schema.flag("cross_validation", cross_validation)
        self.folds = schema.whole("cross_validation_folds", cross_validation_folds, low=2)
        self.stability_seeds = schema.whole("stability_seeds", stability_seeds, low=2)
        self.stability_sizes = schema.wholes("stability_sizes", stability_sizes, low=1)
        self.subsample_rounds = schema.whole("subsample_rounds", subsample_rounds, low=0)
        self.null_seeds = schema.whole("null_seeds", null_seeds, low=2)
        self.bootstrap_rounds = schema.whole("bootstrap_rounds", bootstrap_rounds, low=100)
        self.importance = schema.flag("importance", importance)
        self.importance_rows = schema.whole("importance_rows", importance_rows, low=10)
        self.diagnostics = schema.flag("diagnostics", diagnostics)
        self.threshold_grid = schema.shares("threshold_grid", threshold_grid, high=0.5)
        self.false_discovery_rate = schema.share(
            "false_discovery_rate", false_discovery_rate, low=0.001, high=0.5
        )
        self.pseudo_labels = schema.flag("pseudo_labels", pseudo_labels)
        self.gates = Gates(**_keywords("gates", gates, of=Gates))
        self.incidents = IncidentSettings(**_keywords("incidents", incidents, of=IncidentSettings))
        self.profile_cost = schema.flag("profile_cost", profile_cost)
        self.random_state = schema.whole("random_state", random_state, low=0)

    def evaluate(
        self, windows: WindowTable, parts: Parts, trained: Trained, scored: ScoredWindows
    ) -> Evidence:
        """All evidence on the test part; nothing is fitted to a window it is judged on.

        Raises
        ------
        EvaluationError : rows of the arguments do not match, or a part has no windows.
        """
        from wifitrain.evaluation import alerts, conformal, labelled, nulls, thresholds
        from wifitrain.evaluation.case import Case
        from wifitrain.evaluation.evidence import Evidence
        from wifitrain.evaluation.stability import measure_stability

        case = Case(
            windows=windows,
            parts=parts,
            trained=trained,
            scored=scored,
            random_state=self.random_state,
        )
        return Evidence(
            features=_features(case),
            not_finite=case.n_not_finite,
            alert_volume=alerts.measure_alerts(case, rounds=self.bootstrap_rounds),
            score_distribution=thresholds.distributions(case),
            threshold_analysis=thresholds.analyse_thresholds(case, grid=self.threshold_grid),
            stability=measure_stability(
                case, seeds=self.stability_seeds, sizes=self.stability_sizes
            ),
            conformal=conformal.measure_conformal(case, alpha=self.false_discovery_rate),
            confidence=conformal.measure_confidence(case),
            null_panel=nulls.measure_nulls(case, seeds=self.null_seeds),
            labelled=labelled.measure_labelled(
                case, metrics=self.metrics, rounds=self.bootstrap_rounds
            ),
            thresholds=self.thresholds,
            gates=self.gates,
            **self._optional(case),
        )

    def _optional(self, case: Case) -> dict[str, Any]:
        """What the configuration can leave out."""
        from wifitrain.evaluation.diagnostics import measure_diagnostics
        from wifitrain.evaluation.folds import cross_validate
        from wifitrain.evaluation.importance import measure_importance
        from wifitrain.evaluation.pseudo import measure_pseudo_labels
        from wifitrain.evaluation.ranking import measure_rank_stability

        return {
            "rank_stability": measure_rank_stability(case, rounds=self.subsample_rounds)
            if self.subsample_rounds
            else None,
            "feature_importance": measure_importance(case, max_rows=self.importance_rows)
            if self.importance
            else None,
            "cross_validation": cross_validate(case, folds=self.folds)
            if self.cross_validation
            else None,
            "diagnostics": measure_diagnostics(case) if self.diagnostics else None,
            "pseudo_labels": measure_pseudo_labels(case) if self.pseudo_labels else None,
        }


def _keywords(
    key: str, settings: Mapping[str, Any] | None, *, of: type[object]
) -> Mapping[str, Any]:
    """`settings` where all of them are keywords of the constructor of `of`."""
    given = {} if settings is None else settings
    if not isinstance(given, Mapping):
        raise ConfigError(f"evaluation.{key} must be a mapping, got {settings!r}")
    for name in given:
        schema.choice(key, name, known=tuple(inspect.signature(of).parameters))
    return given


def _features(case: Case) -> FeatureAccount:
    from wifitrain.evaluation.evidence import FeatureAccount

    constant = case.ground.constant
    ratio = case.windows.account.get("understood_ratio")
    return FeatureAccount(
        used=case.windows.X.shape[1] - len(constant),
        constant=constant,
        unavailable=tuple(sorted(case.windows.unavailable)),
        understood_ratio=float(ratio) if isinstance(ratio, int | float) else None,
    )
