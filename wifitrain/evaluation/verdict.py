"""The report's first line, in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from wifitrain.evaluation.check import Check
    from wifitrain.evaluation.evidence import Evidence
    from wifitrain.evaluation.incidents import IncidentEvidence

__all__ = ["verdict"]

_NOTHING = "No evidence that this model detects anything"


def verdict(evidence: Evidence) -> str:
    """One line: what was shown, what it costs, and what keeps the model from release."""
    by_name = {check.name: check for check in evidence.checks}
    parts = [_shown(evidence, by_name["detection"])]
    parts = [*_against_rules(by_name.get("incident_recall")), *parts]
    return ". ".join([*parts, _cost(evidence), *_held_back(evidence)]) + "."


def _shown(evidence: Evidence, detection: Check) -> str:
    if evidence.labelled is not None and evidence.labelled.positives:
        told = _with_labels(evidence)
        if detection.state == "passed":
            return f"With labels: {told}"
        return f"{_NOTHING}: {_reason(detection)} ({told})"
    if evidence.played is not None and detection.state == "passed":
        return _with_incidents(evidence.played)
    return f"{_NOTHING}: {_reason(detection)}"


def _with_incidents(found: IncidentEvidence) -> str:
    kinds = {one.incident for one in found.recalls}
    mine = next(one for one in found.overall if one.scorer == "model")
    told = f"recall {mine.recall:.2f}"
    if found.chance_recall is not None:
        told += f", {found.chance_recall:.2f} by chance"
    return f"Finds {len(found.found)} of {len(kinds)} incident kinds at the budget ({told})"


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


def _against_rules(check: Check | None) -> list[str]:
    """Nothing where the model is ahead of every rule."""
    if check is None or check.value is None or check.why is None:
        return []
    told = f"incident recall {check.value:.2f}, {check.required}"
    if check.state == "failed":
        return [f"A simple rule is better than this model: {told}"]
    return [f"No better than a simple rule: {told}"]


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
