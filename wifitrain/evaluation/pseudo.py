"""The design's way without labels, for comparison only: the model marks its own homework."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.evaluation.labelled import score_metrics
from wifitrain.records import TEST

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case

__all__ = ["PseudoLabels", "measure_pseudo_labels"]

_WARNING = (
    "The labels are the model's own alerts: these numbers reach 1.0 on pure noise, measure only"
    " whether the budget equals a tenth, and open no gate."
)
_FIXED_PERCENTILE = 90


@dataclass(frozen=True, kw_only=True)
class PseudoLabels:
    """Agreement of the model with itself."""

    metrics: Mapping[str, float]
    warning: str = _WARNING


def measure_pseudo_labels(case: Case) -> PseudoLabels:
    """Alerts as labels against the 90th percentile of the same scores, on the test windows."""
    rows = case.rows(TEST)
    scores = case.scored.score[rows]
    flagged = scores > np.percentile(scores, _FIXED_PERCENTILE)
    return PseudoLabels(
        metrics=score_metrics(case.flagged[rows].astype(int), scores, flagged=flagged)
    )
