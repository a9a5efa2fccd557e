"""The gates that an incident bench feeds: better than chance, and not below the best rule."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.evaluation.check import Check, state_of
from wifitrain.evaluation.intervals import wilson_interval

if TYPE_CHECKING:
    from wifitrain.evaluation.incidents import IncidentEvidence

__all__ = ["RULES", "check_against_rules", "check_detection"]

#: Baselines that count as rules: the rate threshold made for the very incident (the highest bar:
#: it is told what comes), all rate thresholds at once, and the plainest score.
RULES = ("one_rule", "rate_rules", "robust_zscore")
_CHANCE = "random"


def check_detection(found: IncidentEvidence, *, budget: float, required: str) -> Check:
    """Whether the recall over all incidents is beyond doubt above a random scorer's."""
    chance, model = _pooled(found, _CHANCE), _pooled(found, "model")
    ceiling = max(
        budget if chance is None else wilson_interval(*chance)[1], found.chance_recall or 0.0
    )
    if model is None:
        why = "the incidents were not scored by the model"
        return Check(name="detection", state="not_measured", required=required, why=why)
    low = wilson_interval(*model)[0]
    return Check(
        name="detection",
        state=state_of(low > ceiling),
        required=f"{required}: incident recall above {ceiling:.2g}",
        value=low,
        why="lower end of the recall over all incidents",
    )


def check_against_rules(found: IncidentEvidence, *, most_alerts: float) -> Check:
    """Whether the recall of the best rule is within reach of the model's.

    Each rule is compared on the incidents that it judges. A rule is better where its recall lies
    above the model's interval: no gate falls by noise. A rule that alerts on a larger share of
    ordinary test windows than `most_alerts` does not keep the budget and is no rival.
    """
    kept = found.keeping_budget(most_alerts)
    rivals = [rival for name in RULES if name in kept and (rival := _rival(found, name))]
    if not rivals:
        why = "no rule that keeps the budget was run beside the model"
        required = "not below the best rule"
        return Check(name="incident_recall", state="not_measured", required=required, why=why)
    best = max(rivals, key=lambda one: (one.recall - one.model_recall, one.name))
    return Check(
        name="incident_recall",
        state=state_of(best.recall <= best.model_ceiling),
        required=f"not below the best rule: {best.name} has {best.recall:.2f}",
        value=best.model_recall,
        why="no better than that rule" if best.recall >= best.model_recall else None,
    )


@dataclass(frozen=True, kw_only=True)
class _Rival:
    """A rule and the model on the same incidents."""

    name: str
    recall: float
    model_recall: float
    model_ceiling: float


def _rival(found: IncidentEvidence, name: str) -> _Rival | None:
    judged = {one.incident for one in found.recalls if one.scorer == name}
    mine, theirs = _pooled(found, "model", of=judged), _pooled(found, name)
    if mine is None or theirs is None:
        return None
    return _Rival(
        name=name,
        recall=theirs[0] / theirs[1],
        model_recall=mine[0] / mine[1],
        model_ceiling=wilson_interval(*mine)[1],
    )


def _pooled(
    found: IncidentEvidence, scorer: str, *, of: Set[str] | None = None
) -> tuple[int, int] | None:
    """Detected and trials of one scorer, on the incidents `of` where given."""
    mine = [
        one for one in found.recalls if one.scorer == scorer and (of is None or one.incident in of)
    ]
    return (sum(o.detected for o in mine), sum(o.trials for o in mine)) if mine else None
