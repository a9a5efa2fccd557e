"""Who judges the touched windows: the model, its halves, and the baselines, at one alert budget."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from wifitrain.cache import remembered
from wifitrain.evaluation.thresholds import flagged_at_budget
from wifitrain.pipeline.incident_bench.rules import RateRules, rule_of
from wifitrain.records import CALIBRATION, FIT, TEST
from wifitrain.training import ecod, pca_reconstruction, robust_zscore

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

    from wifitrain.pipeline.incident_bench.touched import Touched
    from wifitrain.pipeline.learning import Learned
    from wifitrain.records import WindowTable
    from wifitrain.training import EstimatorSpec, Judgement

__all__ = ["Alerts", "Verdicts", "judge"]

_RANDOM_STREAM = 13
_BASELINES = 3
_NO_PYOD = "PyOD is not installed (pip install 'wifitrain[pyod]')"
_NO_RULE = "no feature of this model is a rate that a rule could watch"


class Alerts(NamedTuple):
    """Which touched windows alert, shape (n,), and which share of the test part does without."""

    touched: np.ndarray
    background: float


@dataclass(frozen=True, kw_only=True)
class Verdicts:
    """What each scorer says of the touched windows; `not_measured` says why one is missing."""

    judgement: Judgement  # the model's scores and the guard's reasons
    alerts: Mapping[str, Alerts]
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
    judgement = remembered(
        "incident_bench.judged",
        "",
        lambda: learned.guarded.judge(touched.X, touched.kinds),
        of=(learned.guarded, touched),
        most=learned.room,
    )
    own = {kind: found for kind in touched.kinds_played if (found := _own(kind, windows))}
    missing: dict[str, str] = {}
    alerts = _model_and_halves(judgement, learned)
    if learned.guarded.guard is None:
        missing["guard"] = "the guard is off (guard.enabled=false)"
    alerts["random"] = _lots(len(touched.X), learned, random_state=random_state)
    rivals, absent = _rivals(touched, own, windows, learned)
    alerts |= rivals
    missing |= absent
    return Verdicts(judgement=judgement, alerts=alerts, own_rule=own, not_measured=missing)


def _rivals(
    touched: Touched, own: Mapping[str, tuple[str, ...]], windows: WindowTable, learned: Learned
) -> tuple[dict[str, Alerts], dict[str, str]]:
    """What the model is held against, and what of it is missing.

    They know nothing of the model: jobs of a sweep with one budget share them.
    """
    budget = learned.calibration.contamination

    def make() -> tuple[dict[str, Alerts], dict[str, str]]:
        alerts: dict[str, Alerts] = {}
        missing: dict[str, str] = {}
        for name, spec in _baselines(budget).items():
            if spec is None:
                missing[name] = _NO_PYOD
            else:
                alerts[name] = _fitted(spec, touched, windows, learned)
        if own:
            alerts["rate_rules"] = _all_rules(touched.X, windows, learned)
            alerts["one_rule"] = _own_rules(touched, own, windows, learned)
        else:
            missing |= {"rate_rules": _NO_RULE, "one_rule": _NO_RULE}
        return alerts, missing

    of = (touched, windows.X, learned.parts)
    return remembered("incident_bench.rivals", repr(budget), make, of=of)


def _model_and_halves(judgement: Judgement, learned: Learned) -> dict[str, Alerts]:
    import numpy as np

    scored, parts, budget = learned.scored, learned.parts, learned.calibration.contamination
    test = parts.rows(TEST)
    calibration = scored.estimator_score[parts.rows(CALIBRATION)]
    found = {
        "model": Alerts(
            judgement.score > learned.calibration.threshold, float(scored.is_anomaly[test].mean())
        ),
        "estimator": Alerts(
            flagged_at_budget(judgement.estimator_score, calibration, budget),
            float(flagged_at_budget(scored.estimator_score[test], calibration, budget).mean()),
        ),
    }
    if learned.guarded.guard is not None:
        named, before = (
            np.array([reason != "" for reason in reasons], dtype=bool)
            for reasons in (judgement.reasons, scored.guard_reasons)
        )
        found["guard"] = Alerts(named, float(before[test].mean()))
    return found


def _lots(count: int, learned: Learned, *, random_state: int) -> Alerts:
    import numpy as np

    budget = learned.calibration.contamination
    rng = np.random.default_rng([random_state, _RANDOM_STREAM])
    return Alerts(rng.random(count) < budget, budget)


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


def _fitted(
    spec: EstimatorSpec, touched: Touched, windows: WindowTable, learned: Learned
) -> Alerts:
    budget = learned.calibration.contamination
    scores = remembered(
        "incident_bench.baselines",
        spec.name,
        lambda: _baseline_scores(spec, touched, windows, learned),
        of=(touched, windows.X, learned.parts),
        most=_BASELINES,
    )
    found, test = (
        flagged_at_budget(one, scores.calibration, budget, is_sorted=True)
        for one in (scores.touched, scores.test)
    )
    return Alerts(found, float(test.mean()))


class _BaselineScores(NamedTuple):
    """Of the touched windows, the calibration part (ascending) and the test part."""

    touched: np.ndarray
    calibration: np.ndarray
    test: np.ndarray


def _baseline_scores(
    spec: EstimatorSpec, touched: Touched, windows: WindowTable, learned: Learned
) -> _BaselineScores:
    """The same at every budget: none of them fits to it."""
    import numpy as np

    detector = learned.trained.trainer.with_model(spec).fit(_part(FIT, windows, learned)).detector
    return _BaselineScores(
        touched=detector.score(touched.X),
        calibration=np.sort(detector.score(_part(CALIBRATION, windows, learned))),
        test=detector.score(_part(TEST, windows, learned)),
    )


def _all_rules(X: pd.DataFrame, windows: WindowTable, learned: Learned) -> Alerts:
    calibration, test = (_part(part, windows, learned) for part in (CALIBRATION, TEST))
    budget = learned.calibration.contamination
    features = rule_of(None, list(windows.X.columns))
    rules = RateRules.calibrate(calibration, features, contamination=budget)
    return Alerts(rules.alerts(X), float(rules.alerts(test).mean()))


def _own_rules(
    touched: Touched, own: Mapping[str, tuple[str, ...]], windows: WindowTable, learned: Learned
) -> Alerts:
    """Each window by the rule of its own incident; the background by each rule in turn."""
    import numpy as np

    calibration, test = (_part(part, windows, learned) for part in (CALIBRATION, TEST))
    budget = learned.calibration.contamination
    alerts = np.zeros(len(touched.X), dtype=bool)
    shares = []
    for kind, features in own.items():
        rule = RateRules.calibrate(calibration, features, contamination=budget)
        rows = touched.rows_of(kind)
        alerts[rows] = rule.alerts(touched.X[rows])
        shares.append(rule.alerts(test).mean())
    return Alerts(alerts, float(np.mean(shares)))


def _part(part: str, windows: WindowTable, learned: Learned) -> pd.DataFrame:
    return windows.X[learned.parts.rows(part)]


def _own(kind: str, windows: WindowTable) -> tuple[str, ...]:
    return rule_of(kind, list(windows.X.columns))
