"""The null panel: the same evaluation of data and of a scorer that mean nothing.

A "quality" that stays high here is no evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wifitrain.evaluation.labelled import score_metrics
from wifitrain.evaluation.stability import agreement, n_trees, refit
from wifitrain.evaluation.thresholds import flagged_at_budget
from wifitrain.records import CALIBRATION, EXCLUDED, FIT, TEST

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case

__all__ = ["NullResult", "measure_nulls"]

_STREAM = 3


@dataclass(frozen=True, kw_only=True)
class NullResult:
    """What one meaningless competitor reaches. Means over its repetitions."""

    name: str  # column_permuted or random_scorer
    alert_rate: float
    ratio_to_budget: float
    jaccard: float | None
    spearman: float | None
    metrics: Mapping[str, float] | None  # with labels only


def measure_nulls(case: Case, *, seeds: int) -> tuple[NullResult, ...]:
    """Column-permuted data through the same configuration, and a scorer that draws lots."""
    return (
        _result(
            case,
            "column_permuted",
            case.shared("permuted", seeds, lambda: _permuted_scores(case, seeds)),
        ),
        _result(case, "random_scorer", _random_scores(case, seeds)),
    )


def _permuted_scores(case: Case, seeds: int) -> np.ndarray:
    """Each column shuffled over all windows: what windows have in common with time is gone."""
    X, generator = case.windows.X, case.generator(_STREAM)
    kept = case.parts.name != EXCLUDED
    shuffled = pd.DataFrame(
        {name: generator.permutation(X[name].to_numpy()[kept]) for name in X.columns}
    )
    shuffled.index = X.index[kept]
    at = np.cumsum(kept) - 1
    size = n_trees(case.trained.detector)
    fit = shuffled.iloc[at[case.rows(FIT)]]
    held = shuffled.iloc[at[case.rows(CALIBRATION, TEST)]]
    return np.array(
        [
            refit(case.trained, fit, seed=case.random_state + 1 + i, n_estimators=size).score(held)
            for i in range(seeds)
        ]
    )


def _random_scores(case: Case, seeds: int) -> np.ndarray:
    n = len(case.rows(CALIBRATION, TEST))
    return case.generator(_STREAM + 1).random((seeds, n))


def _result(case: Case, name: str, scores: np.ndarray) -> NullResult:
    held, contamination = case.rows(CALIBRATION, TEST), case.scored.contamination
    calibration = np.isin(held, case.rows(CALIBRATION))
    flagged = np.array([flagged_at_budget(s, s[calibration], contamination) for s in scores])
    rate = float(flagged[:, ~calibration].mean())
    found = agreement(scores, calibration=calibration, contamination=contamination)
    return NullResult(
        name=name,
        alert_rate=rate,
        ratio_to_budget=rate / contamination,
        jaccard=found.jaccard,
        spearman=found.spearman,
        metrics=_mean_metrics(case, scores, flagged, held),
    )


def _mean_metrics(
    case: Case, scores: np.ndarray, flagged: np.ndarray, held: np.ndarray
) -> dict[str, float] | None:
    labelled = np.isin(held, case.labelled_test_rows)
    if not labelled.any():
        return None
    truth = case.labels[held[labelled]]
    each = [
        score_metrics(truth, s[labelled], flagged=f[labelled])
        for s, f in zip(scores, flagged, strict=True)
    ]
    return mean_of_each(each)


def mean_of_each(results: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Mean of every metric over the results that have it."""
    names = dict.fromkeys(name for result in results for name in result)
    return {n: float(np.mean([one[n] for one in results if n in one])) for n in names}
