"""The report's first line, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wifitrain.evaluation.evidence import Evidence
    from wifitrain.evaluation.gates import Check

__all__ = ["verdict"]

_NOTHING = "No evidence that this model detects anything"


def verdict(evidence: Evidence) -> str:
    """One line: what was shown, what it costs, and what keeps the model from release."""
    by_name = {check.name: check for check in evidence.checks}
    parts = [_shown(evidence, by_name["detection"])]
    if by_name.get("incident_recall") and by_name["incident_recall"].state == "failed":
        parts.insert(0, _beaten(by_name["incident_recall"]))
    return ". ".join([*parts, _cost(evidence), *_held_back(evidence)]) + "."


def _shown(evidence: Evidence, detection: Check) -> str:
    if evidence.labelled is not None and evidence.labelled.positives:
        told = _with_labels(evidence)
        if detection.state == "passed":
            return f"With labels: {told}"
        return f"{_NOTHING}: {_reason(detection)} ({told})"
    if detection.state == "passed":
        return f"Better than chance on scripted incidents: recall of at least {detection.value:.2f}"
    return f"{_NOTHING}: {_reason(detection)}"


def _reason(detection: Check) -> str:
    if detection.state == "failed":
        return "it does no better than chance"
    return detection.why or "nothing was measured"


def _with_labels(evidence: Evidence) -> str:
    found = evidence.labelled
    if found is None:
        return ""
    numbers = [f"{name.replace('_', ' ')} {value:.2f}" for name, value in found.metrics.items()]
    told = f"{', '.join(numbers)}; prevalence {found.prevalence:.2g}"
    if found.events is not None:
        told += f"; {found.events.detected} of {found.events.events} incidents noticed"
    return told + (", descriptive only" if found.descriptive_only else "")


def _beaten(check: Check) -> str:
    return f"A simple rule is better: incident recall {check.value:.2f}, {check.required}"


def _cost(evidence: Evidence) -> str:
    volume = evidence.alert_volume
    return (
        f"It raises {volume.per_access_point_and_day:.2g} alerts per access point and day,"
        f" {volume.ratio_to_budget:.2g} times the budget"
    )


def _held_back(evidence: Evidence) -> list[str]:
    failed = [check.name for check in evidence.checks if check.state == "failed"]
    if failed:
        return [f"Candidate only: {', '.join(failed)} failed"]
    unknown = [c.name for c in evidence.checks if c.state == "not_measured" and c.blocks]
    if evidence.storable_as == "candidate":
        return [f"Candidate only: {', '.join(unknown)} not measured"]
    return []
