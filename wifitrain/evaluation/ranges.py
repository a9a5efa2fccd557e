"""Measures for anomalies that last: VUS-PR and affiliation precision and recall."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

__all__ = ["Range", "Series", "affiliation", "volume_under_surface"]

Range = tuple[int, int]  # first window, one past the last

_THRESHOLDS = 250


@dataclass(frozen=True)
class Series:
    """Consecutive windows of one entity: truth, score and alert of each, shape (n,)."""

    truth: np.ndarray
    score: np.ndarray
    flagged: np.ndarray

    @cached_property
    def events(self) -> list[Range]:
        """Runs of anomalous windows."""
        return _runs(self.truth)

    @cached_property
    def alerts(self) -> list[Range]:
        """Runs of windows that alert."""
        return _runs(self.flagged)


def _runs(flags: np.ndarray) -> list[Range]:
    edges = np.diff(np.concatenate([[0], flags.astype(int), [0]]))
    starts, stops = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1)
    return [(int(a), int(b)) for a, b in zip(starts, stops, strict=True)]


def volume_under_surface(
    series: Sequence[Series], *, buffer: int, thresholds: int = _THRESHOLDS
) -> float | None:
    """VUS-PR: range-aware area under precision and recall, averaged over buffers 0..`buffer`.

    A buffer of l windows gives l // 2 windows at each side of an event a falling weight, so that
    an alert just beside an event is no plain mistake; recall is multiplied by the share of events
    that were noticed at all (Paparrizos et al., PVLDB 15(11), 2022). None without events.
    """
    if not any(one.events for one in series):
        return None
    score = np.concatenate([one.score for one in series])
    order = np.argsort(-score, kind="stable")
    positions = np.linspace(0, len(score) - 1, thresholds).astype(int)
    cuts = score[order][positions]
    chosen = len(score) - np.searchsorted(score[order][::-1], cuts, side="left")
    areas = [_area(series, length, order, chosen, cuts) for length in range(buffer + 1)]
    return float(np.mean(areas))


def _area(
    series: Sequence[Series], length: int, order: np.ndarray, chosen: np.ndarray, cuts: np.ndarray
) -> float:
    """Area under the precision-recall curve for one buffer, by steps at each threshold."""
    truth = np.concatenate([one.truth for one in series])
    weight = np.concatenate([_weights(one, length) for one in series])
    peaks = np.concatenate([_zone_peaks(one, length) for one in series])
    gained = np.cumsum(weight[order])[chosen - 1]
    beside = np.cumsum(np.where(truth, 0.0, weight)[order])[chosen - 1]
    # Half of the softened positives count as positives: recall is neither too large nor too small.
    possible = int(truth.sum()) + beside / 2
    noticed = (peaks[:, None] >= cuts).mean(axis=0)
    recall = np.minimum(gained / possible, 1.0) * noticed
    return float(np.sum(np.diff(recall, prepend=0.0) * gained / chosen))


def _weights(one: Series, length: int) -> np.ndarray:
    weight = one.truth.astype(float)
    reach = np.arange(1, length // 2 + 1)
    for start, stop in one.events:
        for at in (stop - 1 + reach, start - reach):
            inside = (at >= 0) & (at < len(weight))
            weight[at[inside]] += np.sqrt(1 - reach[inside] / length)
    limited: np.ndarray = np.minimum(weight, 1.0)
    return limited


def _zone_peaks(one: Series, length: int) -> np.ndarray:
    """Highest score within reach of each event; events whose reaches touch are one."""
    reach, zones = length // 2, list[list[int]]()
    for start, stop in one.events:
        if zones and zones[-1][1] + reach >= start - reach + 1:
            zones[-1][1] = stop
        else:
            zones.append([start, stop])
    return np.array([one.score[max(a - reach, 0) : b + reach].max() for a, b in zones])


def affiliation(series: Sequence[Series]) -> tuple[float | None, float]:
    """Affiliation precision and recall of alerts, means over events (Huet et al., KDD 2022).

    How near alerts and events are, as the chance that a random instant of the event's zone would
    be farther; .5 is what random alerts reach. Precision is None where no event has an alert in
    its zone. At least one series must have an event.
    """
    both = [
        (_precision(pieces, event, zone), _recall(pieces, event, zone))
        for one in series
        for event, zone in zip(one.events, _zones(one.events, (0, len(one.truth))), strict=True)
        for pieces in [_inside(one.alerts, zone)]
    ]
    precisions = [precision for precision, _ in both if precision is not None]
    recall = float(np.mean([recall for _, recall in both]))
    return (float(np.mean(precisions)) if precisions else None), recall


_Span = tuple[float, float]


def _zones(spans: Sequence[_Span], whole: _Span) -> list[_Span]:
    """What lies nearer to each span than to its neighbours."""
    between = [(a[1] + b[0]) / 2 for a, b in itertools.pairwise(spans)]
    borders = [whole[0], *between, whole[1]]
    return list(itertools.pairwise(borders)) if spans else []


def _inside(spans: Sequence[_Span], zone: _Span) -> list[_Span]:
    cut = [(max(a, zone[0]), min(b, zone[1])) for a, b in spans]
    return [(a, b) for a, b in cut if a < b]


def _precision(alerts: list[_Span], event: _Span, zone: _Span) -> float | None:
    if not alerts:
        return None
    gained = 0.0
    for low, high in alerts:
        gained += max(0.0, min(high, event[1]) - max(low, event[0])) * (zone[1] - zone[0])
        gained += _farther(
            event[0] - min(high, event[0]), event[0] - min(low, event[0]), event, zone
        )
        gained += _farther(
            max(low, event[1]) - event[1], max(high, event[1]) - event[1], event, zone
        )
    return gained / sum(b - a for a, b in alerts) / (zone[1] - zone[0])


def _farther(near: float, far: float, event: _Span, zone: _Span) -> float:
    """Length of the zone that lies farther than d from the event, integrated over d."""
    sides = (event[0] - zone[0], zone[1] - event[1])
    return sum((max(side - near, 0) ** 2 - max(side - far, 0) ** 2) / 2 for side in sides)


def _recall(alerts: list[_Span], event: _Span, zone: _Span) -> float:
    gained = 0.0
    for alert, near in zip(alerts, _zones(alerts, zone), strict=True):
        for low, high in _inside([event], near):
            gained += max(0.0, min(high, alert[1]) - max(low, alert[0])) * (zone[1] - zone[0])
            gained += _left_of(alert[0], (min(low, alert[0]), min(high, alert[0])), zone)
            # The right side is the left side seen in a mirror.
            mirrored = (-max(high, alert[1]), -max(low, alert[1]))
            gained += _left_of(-alert[1], mirrored, (-zone[1], -zone[0]))
    return gained / (event[1] - event[0]) / (zone[1] - zone[0])


def _left_of(edge: float, span: _Span, zone: _Span) -> float:
    """For y in `span`, left of the alert's `edge`: length of the zone farther from y than edge."""
    start, stop = span
    below = edge + zone[0]
    left = (max(2 * stop - below, 0) ** 2 - max(2 * start - below, 0) ** 2) / 4
    return left + (zone[1] - edge) * (stop - start)
