"""Which features the score listens to: how far it moves when one column is shuffled."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

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
    X, generator = case.matrix(CALIBRATION, TEST), case.generator(_STREAM)
    if len(X) > max_rows:
        X = X.iloc[np.sort(generator.choice(len(X), size=max_rows, replace=False))]
    detector = case.trained.detector
    before = np.asarray(detector.score(X))
    changes: dict[str, float] = {}
    for name in detector.feature_names:
        shuffled = X.copy()
        shuffled[name] = X[name].to_numpy()[generator.permutation(len(X))]
        changes[name] = float(np.abs(np.asarray(detector.score(shuffled)) - before).mean())
    return dict(sorted(changes.items(), key=lambda item: (-item[1], item[0])))
