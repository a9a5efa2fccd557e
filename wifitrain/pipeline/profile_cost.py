"""What the agent's features cost: the same export, parts and incidents seen with all features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from wifitrain.evaluation.labelled import score_metrics
from wifitrain.log import get_logger
from wifitrain.pipeline.context import Stages
from wifitrain.pipeline.incident_bench import run_bench
from wifitrain.records import TEST

if TYPE_CHECKING:
    from wifitrain.evaluation.bench import ScorerRecall
    from wifitrain.pipeline.incident_bench import BenchResult
    from wifitrain.pipeline.learning import Learned, Learning
    from wifitrain.pipeline.parts import Evaluator, Featurizer
    from wifitrain.pipeline.preparation import Preparation, Prepared
    from wifitrain.records import Json, WindowTable

__all__ = ["profile_cost"]

_log = get_logger("wifitrain")
_MODEL = "model"


@dataclass(frozen=True, kw_only=True)
class _Side:
    """A detector over one choice of features, and what it was shown to do."""

    windows: WindowTable
    learned: Learned
    played: BenchResult | None


def profile_cost(
    prepared: Prepared,
    learned: Learned,
    played: BenchResult | None,
    *,
    reference: Featurizer,
    preparation: Preparation,
    learning: Learning,
    evaluator: Evaluator,
) -> Mapping[str, Json]:
    """Section `profile_cost` of the evaluation: this detector beside one over `reference`.

    The engine must be open. Both are split, calibrated and judged alike; that one is not kept.
    """
    windows = preparation.labels.mark(reference.build(preparation.engine, prepared.events))
    fuller = replace(prepared, windows=windows, made_of=None)
    other = learning.learn(windows, Stages())
    seen = run_bench(
        fuller, other, preparation=replace(preparation, features=reference), evaluator=evaluator
    )
    own = _Side(windows=prepared.windows, learned=learned, played=played)
    full = _Side(windows=windows, learned=other, played=seen)
    cost: dict[str, Any] = {
        "profile": preparation.features.profile,
        "reference": reference.profile,
        "features": [len(learned.used), len(other.used)],
        "alert_rate": [_alert_rate(own), _alert_rate(full)],
        **_incidents(own, full),
        **_labels(own, full),
    }
    recall = cost.get("recall")
    _log.info("cost of the profile measured", profile=cost["profile"], recall=recall)
    return cost


def _alert_rate(side: _Side) -> float:
    rows = side.learned.parts.rows(TEST)
    return float(side.learned.scored.is_anomaly[rows].mean())


def _incidents(own: _Side, full: _Side) -> dict[str, Json]:
    """Recall of both on every incident that both were shown; nothing where none was."""
    mine, theirs = _recalls(own), _recalls(full)
    both = [name for name in mine if name in theirs]
    if not both:
        return {}
    by_incident: list[Json] = [
        {
            "incident": name,
            "trials": mine[name].trials,
            "recall": [mine[name].recall, theirs[name].recall],
            "recall_interval": [
                list(mine[name].recall_interval),
                list(theirs[name].recall_interval),
            ],
        }
        for name in both
    ]
    trials = sum(mine[name].trials for name in both)
    return {
        "trials": trials,
        "recall": [
            sum(recalls[name].detected for name in both) / sum(recalls[n].trials for n in both)
            for recalls in (mine, theirs)
        ],
        "by_incident": by_incident,
    }


def _recalls(side: _Side) -> dict[str, ScorerRecall]:
    if side.played is None:
        return {}
    return {one.incident: one for one in side.played.evidence.recalls if one.scorer == _MODEL}


def _labels(own: _Side, full: _Side) -> dict[str, Json]:
    """The metrics of both against the user's labels; nothing where there are none."""
    found = [_metrics(side) for side in (own, full)]
    both = [name for name in found[0] if name in found[1]]
    return {"metrics": {name: [one[name] for one in found] for name in both}} if both else {}


def _metrics(side: _Side) -> dict[str, float]:
    label = side.windows.index["label"]
    rows = side.learned.parts.rows(TEST) & label.notna().to_numpy()
    if not rows.any():
        return {}
    scored = side.learned.scored
    truth = label[rows].to_numpy("int64")
    return score_metrics(truth, scored.score[rows], flagged=scored.is_anomaly[rows])
