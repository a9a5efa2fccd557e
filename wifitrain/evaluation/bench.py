"""The arithmetic of the incident bench: what was noticed, how soon, and from which intensity on.

Who injects and scores the incidents is not this module's business: it takes their outcomes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from wifitrain.evaluation.intervals import Interval, wilson_interval

__all__ = [
    "ALL_INCIDENTS",
    "IncidentTrial",
    "RecallAtIntensity",
    "ScorerRecall",
    "intensity_at_recall",
    "isotonic_recall",
    "pooled_recalls",
    "summarise_trials",
]

#: Name under which all incidents together are reported.
ALL_INCIDENTS = "all"


@dataclass(frozen=True, kw_only=True)
class IncidentTrial:
    """One injected incident seen by one scorer at the alert budget."""

    incident: str  # deauthentication_flood
    scorer: str  # model, estimator, guard, or a baseline's name
    intensity: float  # above 0
    detected: bool
    delay_s: float | None = None  # from the first line to the end of the first alert


@dataclass(frozen=True, kw_only=True)
class RecallAtIntensity:
    """Share of trials noticed at one intensity."""

    intensity: float
    trials: int
    detected: int
    recall: float
    recall_interval: Interval  # Wilson, 95 %


@dataclass(frozen=True, kw_only=True)
class ScorerRecall:
    """One scorer on one incident, over all intensities."""

    incident: str
    scorer: str
    trials: int
    detected: int
    recall: float
    recall_interval: Interval
    median_delay_s: float | None
    intensity_at_50: float | None  # None: not reached in the range that was tried
    intensity_at_90: float | None
    by_intensity: tuple[RecallAtIntensity, ...]


def isotonic_recall(detected: Sequence[int], trials: Sequence[int]) -> np.ndarray:
    """Recall made to rise with intensity: pool adjacent violators, weighted by trials, (k,)."""
    blocks: list[tuple[int, int, int]] = []  # detected, trials, how many intensities
    for hits, n in zip(detected, trials, strict=True):
        blocks.append((hits, n, 1))
        # a/b > c/d without division
        while len(blocks) > 1 and blocks[-2][0] * blocks[-1][1] > blocks[-1][0] * blocks[-2][1]:
            later, earlier = blocks.pop(), blocks.pop()
            blocks.append((earlier[0] + later[0], earlier[1] + later[1], earlier[2] + later[2]))
    return np.repeat([h / n for h, n, _ in blocks], [size for _, _, size in blocks])


def intensity_at_recall(
    intensities: Sequence[float], recalls: Sequence[float], *, recall: float
) -> float | None:
    """Smallest intensity that reaches `recall`, on a line in log intensity between two points.

    `intensities` rise and are above 0, `recalls` never fall. None where the recall is not reached,
    the lowest intensity where it is reached from the start.
    """
    reached = np.flatnonzero(np.asarray(recalls) >= recall)
    if not len(reached):
        return None
    i = int(reached[0])
    if i == 0:
        return float(intensities[0])
    share = (recall - recalls[i - 1]) / (recalls[i] - recalls[i - 1])
    low, high = math.log(intensities[i - 1]), math.log(intensities[i])
    return math.exp(low + share * (high - low))


def summarise_trials(trials: Sequence[IncidentTrial]) -> tuple[ScorerRecall, ...]:
    """Recall of each scorer on each incident, in the order of (incident, scorer)."""
    by_key: dict[tuple[str, str], list[IncidentTrial]] = {}
    for trial in trials:
        by_key.setdefault((trial.incident, trial.scorer), []).append(trial)
    return tuple(_summarise(by_key[key]) for key in sorted(by_key))


def pooled_recalls(trials: Sequence[IncidentTrial]) -> tuple[ScorerRecall, ...]:
    """Recall of each scorer over every incident that it judged, in the order of scorers."""
    return summarise_trials([replace(trial, incident=ALL_INCIDENTS) for trial in trials])


def _summarise(trials: Sequence[IncidentTrial]) -> ScorerRecall:
    levels = sorted({trial.intensity for trial in trials})
    points = tuple(_at(i, [t for t in trials if t.intensity == i]) for i in levels)
    rising = isotonic_recall([p.detected for p in points], [p.trials for p in points])
    detected = sum(point.detected for point in points)
    delays = [t.delay_s for t in trials if t.detected and t.delay_s is not None]
    return ScorerRecall(
        incident=trials[0].incident,
        scorer=trials[0].scorer,
        trials=len(trials),
        detected=detected,
        recall=detected / len(trials),
        recall_interval=wilson_interval(detected, len(trials)),
        median_delay_s=float(np.median(delays)) if delays else None,
        intensity_at_50=intensity_at_recall(levels, list(rising), recall=0.5),
        intensity_at_90=intensity_at_recall(levels, list(rising), recall=0.9),
        by_intensity=points,
    )


def _at(intensity: float, trials: Sequence[IncidentTrial]) -> RecallAtIntensity:
    detected = sum(trial.detected for trial in trials)
    return RecallAtIntensity(
        intensity=intensity,
        trials=len(trials),
        detected=detected,
        recall=detected / len(trials),
        recall_interval=wilson_interval(detected, len(trials)),
    )
