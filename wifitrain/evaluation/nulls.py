"""The null panel: the same evaluation of data and of a scorer that mean nothing.

A "quality" that stays high here is no evidence.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wifitrain.cache import remembered
from wifitrain.evaluation.labelled import score_metrics
from wifitrain.evaluation.stability import Panel, held_calibration, n_trees, refit
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
            case.shared(
                "evaluation.permuted", seeds, lambda: _panel(case, _permuted_scores(case, seeds))
            ),
        ),
        _result(
            case,
            "random_scorer",
            # No model has a part in it: of all models of these windows the same.
            remembered(
                "evaluation.random",
                f"{seeds} {case.random_state}",
                lambda: _panel(case, _random_scores(case, seeds)),
                of=(case.ground,),
            ),
        ),
    )


def _panel(case: Case, scores: np.ndarray) -> Panel:
    return Panel(scores, calibration=held_calibration(case))


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


def _result(case: Case, name: str, panel: Panel) -> NullResult:
    contamination = case.scored.contamination
    flagged = panel.flagged(contamination)
    rate = float(flagged[:, ~held_calibration(case)].mean())
    found = panel.agreement(contamination)
    return NullResult(
        name=name,
        alert_rate=rate,
        ratio_to_budget=rate / contamination,
        jaccard=found.jaccard,
        spearman=found.spearman,
        metrics=_mean_metrics(case, panel.scores, flagged),
    )


def _mean_metrics(case: Case, scores: np.ndarray, flagged: np.ndarray) -> dict[str, float] | None:
    if not len(case.labelled_test_rows):
        return None
    held = case.rows(CALIBRATION, TEST)
    labelled = np.isin(held, case.labelled_test_rows)
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
