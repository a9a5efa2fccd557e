"""Who judges the touched windows: the model, its halves, and the baselines, at one alert budget."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.evaluation.thresholds import flagged_at_budget
from wifitrain.pipeline.incident_bench.rules import RateRules, rule_of
from wifitrain.records import CALIBRATION, FIT
from wifitrain.training import ecod, pca_reconstruction, robust_zscore

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from wifitrain.pipeline.incident_bench.touched import Touched
    from wifitrain.pipeline.learning import Learned
    from wifitrain.records import WindowTable
    from wifitrain.training import EstimatorSpec, Judgement

__all__ = ["Verdicts", "judge"]

_RANDOM_STREAM = 13
_NO_PYOD = "PyOD is not installed (pip install 'wifitrain[pyod]')"
_NO_RULE = "no feature of this model is a rate that a rule could watch"


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What each scorer says of the touched windows.

    `alerts`: scorer -> which windows alert, shape (n,). A scorer that does not judge an incident
    is absent from `judges` for it.
    """

    judgement: Judgement  # the model's scores and the guard's reasons
    alerts: Mapping[str, np.ndarray]
    own_rule: Mapping[str, tuple[str, ...]]  # incident -> features of its rule
    not_measured: Mapping[str, str]


def judge(
    touched: Touched, windows: WindowTable, learned: Learned, *, random_state: int
) -> Verdicts:
    """Every scorer on the same windows, calibrated on the same windows to the same budget.

    model: estimator and guard at the model's threshold. estimator: without the guard, at a
    threshold of its own. guard: its own alerts. random: lots. robust_zscore, pca_reconstruction,
    ecod: fitted to the model's fit part. rate_rules: all rules at once. one_rule: the rule
    made for the very incident, with the whole budget for itself; no detector of all incidents
    can be run like that, which makes it the highest bar.
    """
    import numpy as np

    budget = learned.calibration.contamination
    judgement = learned.guarded.judge(touched.X, touched.kinds)
    calibration = learned.scored.estimator_score[learned.parts.rows(CALIBRATION)]
    rng = np.random.default_rng([random_state, _RANDOM_STREAM])
    alerts = {
        "model": judgement.score > learned.calibration.threshold,
        "estimator": flagged_at_budget(judgement.estimator_score, calibration, budget),
        "random": rng.random(len(touched.X)) < budget,
    }
    missing: dict[str, str] = {}
    if learned.guarded.guard is None:
        missing["guard"] = "the guard is off (guard.enabled=false)"
    else:
        alerts["guard"] = np.array([reason != "" for reason in judgement.reasons], dtype=bool)
    for name, spec in _baselines(budget).items():
        if spec is None:
            missing[name] = _NO_PYOD
        else:
            alerts[name] = _fitted_alerts(spec, touched.X, windows, learned)
    rules = _rules(touched, windows, learned)
    if not rules:
        missing |= {"rate_rules": _NO_RULE, "one_rule": _NO_RULE}
    own = {kind: found for kind in touched.kinds_played if (found := _own(kind, windows))}
    return Verdicts(judgement=judgement, alerts=alerts | rules, own_rule=own, not_measured=missing)


def _baselines(contamination: float) -> Mapping[str, EstimatorSpec | None]:
    has_pyod = importlib.util.find_spec("pyod") is not None
    budget = {"contamination": contamination}
    return {
        "robust_zscore": robust_zscore(type="robust_zscore", **budget),
        "pca_reconstruction": pca_reconstruction(
            type="pca_reconstruction", explained_variance=0.9, **budget
        ),
        "ecod": ecod(type="ecod", **budget) if has_pyod else None,
    }


def _fitted_alerts(
    spec: EstimatorSpec, X: pd.DataFrame, windows: WindowTable, learned: Learned
) -> np.ndarray:
    trainer = learned.trained.trainer.with_model(spec)
    detector = trainer.fit(windows.X[learned.parts.rows(FIT)]).detector
    calibration = detector.score(windows.X[learned.parts.rows(CALIBRATION)])
    return flagged_at_budget(detector.score(X), calibration, learned.calibration.contamination)


def _rules(touched: Touched, windows: WindowTable, learned: Learned) -> dict[str, np.ndarray]:
    """Alerts of all rules at once, and of each window's own incident's rule."""
    import numpy as np

    everything = rule_of(None, list(windows.X.columns))
    if not everything:
        return {}
    calibration = windows.X[learned.parts.rows(CALIBRATION)]
    budget = learned.calibration.contamination
    together = RateRules.calibrate(calibration, everything, contamination=budget)
    by_own_rule = np.zeros(len(touched.X), dtype=bool)
    for kind in touched.kinds_played:
        features = _own(kind, windows)
        rows = touched.rows_of(kind)
        if features:
            rule = RateRules.calibrate(calibration, features, contamination=budget)
            by_own_rule[rows] = rule.alerts(touched.X[rows])
    return {"rate_rules": together.alerts(touched.X), "one_rule": by_own_rule}


def _own(kind: str, windows: WindowTable) -> tuple[str, ...]:
    return rule_of(kind, list(windows.X.columns))
