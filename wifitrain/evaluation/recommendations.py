"""What to do next. Each piece of advice follows from numbers of the evidence and shows them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from wifitrain.evaluation.advice import Recommendation
from wifitrain.evaluation.incident_advice import on_incidents

if TYPE_CHECKING:
    from wifitrain.evaluation.evidence import Evidence

__all__ = ["Recommendation", "recommendations"]

_GOOD_JACCARD = 0.8
_ALERTS_BEHIND_A_THRESHOLD = 10
_GOOD_UNDERSTOOD = 0.95
_GOOD_RECALL = 0.7
_GOOD_PRECISION = 0.7
_NAMES_SHOWN = 5


def recommendations(evidence: Evidence) -> tuple[Recommendation, ...]:
    """All advice the evidence supports; more contamination always means more alerts."""
    return (
        *_on_volume(evidence),
        *_on_stability(evidence),
        *_on_calibration(evidence),
        *_on_guard(evidence),
        *_on_features(evidence),
        *_on_labels(evidence),
        *on_incidents(
            evidence.played,
            most_alerts=evidence.gates.alert_rate[1] * evidence.alert_volume.budget,
        ),
    )


def _on_volume(evidence: Evidence) -> Iterator[Recommendation]:
    volume = evidence.alert_volume
    low, high = evidence.gates.alert_rate
    ratio, interval = volume.ratio_to_budget, volume.ratio_interval
    numbers = {
        "ratio_to_budget": ratio,
        "ratio_low": interval[0],
        "ratio_high": interval[1],
        "alerts": float(volume.alerts),
        "windows": float(volume.windows),
    }
    told = f"Later windows alert at {ratio:.2g} times the budget (95 %: {interval[0]:.2g} to"
    if ratio > high:
        yield Recommendation(
            text=f"{told} {interval[1]:.2g}): the network has drifted since calibration, or too"
            " little was calibrated on; train on newer and longer logs. A smaller"
            " model.contamination lowers alerts but cures neither.",
            numbers=numbers,
        )
    if ratio < low:
        yield Recommendation(
            text=f"{told} {interval[1]:.2g}): calibration was noisier than what followed, or the"
            " test part is short; if this is too quiet, raise model.contamination: more alerts.",
            numbers=numbers,
        )


def _on_stability(evidence: Evidence) -> Iterator[Recommendation]:
    found = evidence.stability
    if found.jaccard is None or _is_good(found.jaccard) or found.n_estimators is None:
        return
    larger = [
        (one.n_estimators, one.jaccard)
        for one in found.by_size
        if one.n_estimators is not None
        and one.n_estimators > found.n_estimators
        and one.jaccard is not None
        and one.jaccard > found.jaccard
    ]
    told = f"{1 - found.jaccard:.0%} of the alerts of two seeds are raised by one of them only"
    numbers = {"jaccard": found.jaccard, "n_estimators": float(found.n_estimators)}
    if not larger:
        yield Recommendation(
            text=f"{told}, and no larger forest that was measured does better: take more data, or"
            " read the alerts as one sample of many.",
            numbers=numbers,
        )
        return
    good = [one for one in larger if _is_good(one[1])]
    size, reached = good[0] if good else max(larger, key=lambda one: one[1])
    yield Recommendation(
        text=f"{told}: {size} trees reach an agreement of {reached:.2f} instead of"
        f" {found.jaccard:.2f} (model.n_estimators={size}).",
        numbers={**numbers, "better_n_estimators": float(size), "better_jaccard": reached},
    )


def _is_good(jaccard: float) -> bool:
    """A mean of floating-point numbers may end just below what it stands for."""
    return round(jaccard, 6) >= _GOOD_JACCARD


def _on_calibration(evidence: Evidence) -> Iterator[Recommendation]:
    conformal, budget = evidence.conformal, evidence.alert_volume.budget
    have = conformal.calibration_windows
    behind = have * budget
    if behind < _ALERTS_BEHIND_A_THRESHOLD:
        needed = round(_ALERTS_BEHIND_A_THRESHOLD / budget)
        yield Recommendation(
            text=f"The threshold rests on the {max(behind, 1):.0f} highest of {have} calibration"
            f" windows: {needed} windows would be steadier at this budget; take more logs or a"
            " larger training.validation_size.",
            numbers={"calibration_windows": float(have), "needed": float(needed)},
        )
    if not conformal.resolution_sufficient:
        needed = conformal.calibration_windows_needed
        yield Recommendation(
            text=f"p-values cannot single out one window of a day ({conformal.windows_a_day}):"
            f" {needed} calibration windows are needed, there are {have}.",
            numbers={"calibration_windows": float(have), "needed": float(needed)},
        )


def _on_guard(evidence: Evidence) -> Iterator[Recommendation]:
    volume = evidence.alert_volume
    alone = volume.by_source["guard"]
    if alone > volume.alerts / 2:
        yield Recommendation(
            text=f"{alone} of {volume.alerts} alerts come from the guard alone: the training part"
            " has not seen enough of what is normal; train on a longer span.",
            numbers={"guard_alerts": float(alone), "alerts": float(volume.alerts)},
        )


def _on_features(evidence: Evidence) -> Iterator[Recommendation]:
    found = evidence.features
    if found.constant:
        shown = ", ".join(found.constant[:_NAMES_SHOWN])
        more = len(found.constant) - _NAMES_SHOWN
        yield Recommendation(
            text=f"{len(found.constant)} features never varied in training and the estimator is"
            f" blind to them ({shown}{f' and {more} more' if more > 0 else ''}): keep the guard"
            " on, or train on a longer span.",
            numbers={"constant": float(len(found.constant)), "used": float(found.used)},
        )
    ratio = found.understood_ratio
    if ratio is not None and ratio < _GOOD_UNDERSTOOD:
        yield Recommendation(
            text=f"Only {ratio:.0%} of the WiFi lines were understood: look at the unknown"
            " templates in the report; what is not understood can only be counted.",
            numbers={"understood_ratio": ratio},
        )


def _on_labels(evidence: Evidence) -> Iterator[Recommendation]:
    found = evidence.labelled
    if found is None:
        if not evidence.played:
            yield Recommendation(
                text="Nothing says yet what this model detects: label known incidents"
                " (source.labels=FILE), even a few.",
                numbers={"labelled_windows": 0.0},
            )
        return
    budget = evidence.alert_volume.budget
    recall, precision = found.metrics.get("recall"), found.metrics.get("precision")
    if recall is not None and recall < _GOOD_RECALL:
        yield Recommendation(
            text=f"Recall is {recall:.2f} at a budget of {budget:g}: raise model.contamination to"
            f" alert more often and catch more{_at_other_budget(evidence, larger=True)}.",
            numbers={"recall": recall, "contamination": budget},
        )
    if precision is not None and precision < _GOOD_PRECISION:
        yield Recommendation(
            text=f"Precision is {precision:.2f} at a budget of {budget:g}: lower"
            " model.contamination to alert less often and mostly on the highest"
            f" scores{_at_other_budget(evidence, larger=False)}.",
            numbers={"precision": precision, "contamination": budget},
        )


def _at_other_budget(evidence: Evidence, *, larger: bool) -> str:
    budget = evidence.alert_volume.budget
    points = [p for p in evidence.threshold_analysis if p.recall is not None]
    beyond = [
        p for p in points if (p.contamination > budget) == larger and p.contamination != budget
    ]
    if not beyond:
        return ""
    near = min(beyond, key=lambda p: abs(p.contamination - budget))
    told = f" (at {near.contamination:g}: recall {near.recall:.2f}"
    return f"{told}, precision {near.precision:.2f})" if near.precision is not None else f"{told})"
