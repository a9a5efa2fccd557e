"""Which features the score listens to: how far it moves when one column is shuffled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from wifitrain.records import CALIBRATION, TEST

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case

__all__ = ["measure_importance"]

_STREAM = 2


def measure_importance(case: Case, *, max_rows: int) -> dict[str, float]:
    """Mean absolute change of the estimator's score for each feature, largest first.

    Permutation importance (Breiman 2001) of the score itself, so no label is needed; on at most
    `max_rows` calibration and test windows. Unit: that of the anomaly score.
    """
    return case.shared("evaluation.importance", max_rows, lambda: _importance(case, max_rows))


def _importance(case: Case, max_rows: int) -> dict[str, float]:
    X, generator = case.matrix(CALIBRATION, TEST), case.generator(_STREAM)
    if len(X) > max_rows:
        X = X.iloc[np.sort(generator.choice(len(X), size=max_rows, replace=False))]
    detector = case.trained.detector
    names, n = list(detector.feature_names), len(X)
    # One call scores every shuffled copy: a forest's overhead for each call is that of many rows.
    values = np.tile(X.to_numpy("float64"), (len(names) + 1, 1))
    for i, name in enumerate(names):
        at = X.columns.get_loc(name)
        values[i * n : (i + 1) * n, at] = values[-n:, at][generator.permutation(n)]
    scores = np.asarray(detector.score(pd.DataFrame(values, columns=X.columns))).reshape(-1, n)
    changes = np.abs(scores[:-1] - scores[-1]).mean(axis=1)
    found = {name: float(change) for name, change in zip(names, changes, strict=True)}
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))
