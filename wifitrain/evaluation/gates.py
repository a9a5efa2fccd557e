"""Release gates: passed, failed, or not measured, each with its numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Literal

from wifitrain.errors import ConfigError
from wifitrain.evaluation.check import Check, State, state_of
from wifitrain.evaluation.incident_gates import check_against_rules, check_detection
from wifitrain.evaluation.schema import choice, share

if TYPE_CHECKING:
    from wifitrain.evaluation.evidence import Evidence
    from wifitrain.evaluation.labelled import Labelled
    from wifitrain.evaluation.mixture import Mixture

__all__ = ["Check", "Gates", "State"]

_MIN_ALERTS = 5


class Gates:
    """What a model must show before it may be deployed.

    Parameters
    ----------
    on_failure : ``candidate`` stores a model with a failed gate as a candidate, which is never
        deployed; ``error`` ends the run with GateFailed.
    not_measured : what a gate without evidence does: ``candidate`` or ``pass``. A metric threshold
        without labels holds nobody back: it is a gate only where its evidence exists.
    alert_rate : lowest and highest test alert rate, in multiples of the budget.
    seed_jaccard : lowest agreement of the alerts of two seeds, in [0, 1].
    """

    def __init__(
        self,
        *,
        on_failure: str = "candidate",
        not_measured: str = "candidate",
        alert_rate: Sequence[float] = (0.5, 2.0),
        seed_jaccard: float = 0.6,
    ) -> None:
        self.on_failure = choice("gates.on_failure", on_failure, known=("candidate", "error"))
        self.not_measured = choice("gates.not_measured", not_measured, known=("candidate", "pass"))
        if not isinstance(alert_rate, Sequence) or len(alert_rate) != 2:
            raise ConfigError(
                f"evaluation.gates.alert_rate must be [lowest, highest], got {alert_rate!r}"
            )
        low, high = (share("gates.alert_rate", bound, high=1000.0) for bound in alert_rate)
        if low >= high:
            raise ConfigError(
                f"evaluation.gates.alert_rate must rise: [lowest, highest], got {alert_rate!r}"
            )
        self.alert_rate = (low, high)
        self.seed_jaccard = share("gates.seed_jaccard", seed_jaccard)

    def check(self, evidence: Evidence) -> tuple[Check, ...]:
        """Every gate, in a fixed order."""
        checks = [
            _finite(evidence.not_finite),
            self._alert_rate(evidence),
            self._stability(evidence),
            _detection(evidence),
        ]
        if evidence.played:
            most = self.alert_rate[1] * evidence.alert_volume.budget
            checks.append(check_against_rules(evidence.played, most_alerts=most))
        return (*checks, *_metric_checks(evidence))

    def release(self, checks: Sequence[Check]) -> Literal["available", "candidate"]:
        """Whether a model with these checks may be deployed."""
        failed = any(check.state == "failed" for check in checks)
        unknown = any(check.state == "not_measured" and check.blocks for check in checks)
        held_back = failed or (unknown and self.not_measured == "candidate")
        return "candidate" if held_back else "available"

    def _alert_rate(self, evidence: Evidence) -> Check:
        low, high = self.alert_rate
        volume = evidence.alert_volume
        within = low <= volume.ratio_to_budget <= high
        expected = volume.windows * volume.budget
        known = within or max(expected, volume.alerts) >= _MIN_ALERTS
        why = None if known else f"only {expected:.2g} alerts were to be expected: too few to judge"
        return Check(
            name="alert_rate",
            state=state_of(within) if known else "not_measured",
            required=f"{low:g} to {high:g} times the budget",
            value=volume.ratio_to_budget,
            why=why,
        )

    def _stability(self, evidence: Evidence) -> Check:
        found = evidence.stability.jaccard
        return Check(
            name="seed_stability",
            state="not_measured" if found is None else state_of(found >= self.seed_jaccard),
            required=f"Jaccard of at least {self.seed_jaccard:g}",
            value=found,
            why="no seed raises any alert" if found is None else None,
        )


def _finite(not_finite: int) -> Check:
    return Check(
        name="finite_scores",
        state=state_of(not_finite == 0),
        required="no score that is NaN or infinite",
        value=float(not_finite),
    )


def _detection(evidence: Evidence) -> Check:
    """Whether anything at all says that this model finds what it is for."""
    required = "better than chance on labels or incidents"
    found = evidence.labelled
    if evidence.played:
        budget = evidence.alert_volume.budget
        return check_detection(evidence.played, budget=budget, required=required)
    if found is None or found.beats_chance is None or found.descriptive_only:
        why = "no labels and no incidents"
        if found is not None:
            why = f"{found.positives} anomalous windows are too few to judge"
        return Check(name="detection", state="not_measured", required=required, why=why)
    return Check(
        name="detection",
        state=state_of(found.beats_chance),
        required=required,
        value=found.chance_p_value,
        why="share of labels shifted in time that are ranked as well",
    )


def _metric_checks(evidence: Evidence) -> list[Check]:
    truth = _truth_of_thresholds(evidence)
    if truth is None:
        return [_without_labels(evidence.thresholds)] if evidence.thresholds else []
    few = truth.descriptive_only
    checks = []
    for name, least in evidence.thresholds.items():
        value = truth.metrics.get(name)
        why = "under 20 anomalous windows: descriptive only" if few else None
        state: State = "not_measured"
        if value is None:
            why = "undefined on these labels"
        elif not few:
            state = state_of(value >= least)
        checks.append(
            Check(name=name, state=state, required=f"at least {least:g}", value=value, why=why)
        )
    return checks


def _truth_of_thresholds(evidence: Evidence) -> Labelled | Mixture | None:
    """The user's labels; the mixture with incidents only where that is configured."""
    if evidence.labelled is not None:
        return evidence.labelled
    return evidence.played.mixture if evidence.played and evidence.played.gate else None


def _without_labels(thresholds: Mapping[str, float]) -> Check:
    return Check(
        name="metric_thresholds",
        state="not_measured",
        required=", ".join(f"{name} of at least {least:g}" for name, least in thresholds.items()),
        why="no labels; incidents count only with evaluation.incidents.gate=true",
        blocks=False,
    )
