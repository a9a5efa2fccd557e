"""Advice that follows from an incident bench: where a baseline finds clearly more."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wifitrain.evaluation.advice import Recommendation

if TYPE_CHECKING:
    from wifitrain.evaluation.incidents import IncidentEvidence

__all__ = ["on_incidents"]

_NO_BASELINE = frozenset({"model", "estimator", "guard", "random"})
_CLEARLY = 0.1
_MOST_SHOWN = 5
_WHAT_IT_IS = {
    "one_rule": "the one-rule baseline",
    "rate_rules": "the set of rate rules",
    "robust_zscore": "the robust z-score (model=robust_zscore)",
    "pca_reconstruction": "PCA (model=pca_reconstruction)",
    "ecod": "ECOD (model=ecod)",
}


def on_incidents(found: IncidentEvidence | None, *, most_alerts: float) -> Iterator[Recommendation]:
    """The incidents on which the best baseline is furthest ahead, at most five.

    Baselines that alert on a larger share of ordinary test windows than `most_alerts` are left
    aside.
    """
    if found is None:
        return
    behind, kept = [], found.keeping_budget(most_alerts) - _NO_BASELINE
    for incident in sorted({one.incident for one in found.recalls}):
        recalls = {one.scorer: one.recall for one in found.recalls if one.incident == incident}
        mine = recalls.get("model")
        others = {name: one for name, one in recalls.items() if name in kept}
        if mine is None or not others:
            continue
        best = max(others, key=lambda name: (others[name], name))
        if others[best] - mine >= _CLEARLY:
            behind.append((others[best] - mine, incident, best, mine, others[best]))
    for _, incident, best, mine, theirs in sorted(behind, key=lambda one: (-one[0], one[1]))[
        :_MOST_SHOWN
    ]:
        yield Recommendation(
            text=f"Recall on {incident.replace('_', ' ')} is {mine:.2f} at this budget;"
            f" {_WHAT_IT_IS.get(best, best)} has {theirs:.2f}{_advice(found, incident, best)}.",
            numbers={"model_recall": mine, "best_recall": theirs},
        )


def _advice(found: IncidentEvidence, incident: str, best: str) -> str:
    """What the rule watches: the feature to look at."""
    if best != "one_rule":
        return ""
    watched = next((one.one_rule for one in found.incidents if one.incident == incident), ())
    return f" (it watches {', '.join(watched)})" if watched else ""
