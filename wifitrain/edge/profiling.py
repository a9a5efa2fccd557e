"""Profiles learnt from the windows of a bench, and what their naming is worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wifitrain.edge.kinship import NEAR, HeldOut, Kinship, Profile, Ruler, unit

__all__ = ["BenchWindows", "OrdinaryWindows", "learn_kinship", "ruler_of"]

_NORMAL_IQR = 1.349  # interquartile range of a standard normal


@dataclass(frozen=True, kw_only=True)
class OrdinaryWindows:
    """Windows without an incident: what is ordinary among them, and alerts.

    `alerting` are windows of the test part that alert, shape (n_alerts, n_columns).
    """

    ruler: Ruler
    alerting: np.ndarray
    alerting_kinds: Sequence[Collection[str]]


@dataclass(frozen=True, kw_only=True)
class BenchWindows:
    """Windows of the bench that alerted, n of them.

    `site` is the access point that each one's trial was played at, `start` and `end` span all
    windows that the trial touched: trials that overlap at one site share lines and windows, and
    are never learnt from where the other is tested.
    """

    X: np.ndarray
    kinds: Sequence[Collection[str]]  # of line
    incident: np.ndarray  # name of the kind, (n,)
    trial: np.ndarray
    site: np.ndarray
    start: np.ndarray
    end: np.ndarray


def learn_kinship(
    bench: BenchWindows,
    ordinary: OrdinaryWindows,
    *,
    unseen: Collection[str],
    meanings: Mapping[str, str],
) -> Kinship:
    """Profiles of every kind in `bench`, tested on trials that they were not made from.

    A profile is the mean of its trials, and a trial the mean of the directions of its windows: a
    long incident counts like a short one. Kinds of line in `unseen` are those that training never
    saw, where they occur in the bench.
    """
    said = {kind for found in bench.kinds for kind in found}
    ruler = replace(ordinary.ruler, unseen=tuple(sorted(said & set(unseen))))
    directions = unit(ruler.deviations(bench.X, bench.kinds))
    trials = _trials(directions, bench)
    centers = _centers(trials.direction, trials.incident)
    is_tested, named = _named_elsewhere(directions, trials, centers)
    right = is_tested & (named == bench.incident)
    profiles = tuple(
        Profile(
            kind=kind,
            meaning=meanings[kind],
            direction=center,
            windows=int((bench.incident == kind).sum()),
            called=int((named == kind).sum()),
            right=int((right & (named == kind)).sum()),
        )
        for kind, center in centers.items()
    )
    chance = _chance(bench.incident[is_tested])
    trusted = [one.kind for one in profiles if one.is_trusted(chance=chance)]
    plain = unit(ruler.deviations(ordinary.alerting, ordinary.alerting_kinds))
    return Kinship(
        ruler=ruler,
        profiles=profiles,
        held_out=HeldOut(
            windows=int(is_tested.sum()), named=int((named != "").sum()), right=int(right.sum())
        ),
        chance=chance,
        ordinary=len(ordinary.alerting),
        ordinary_named=sum(name in trusted for name in _names(plain, centers)),
    )


def ruler_of(X: np.ndarray, columns: Sequence[str]) -> Ruler:
    """Medians of ordinary windows X, and the wider of standard deviation and interquartile range.

    The deviation keeps counts of rare events, whose quartiles are equal, from being all or
    nothing.
    """
    known = np.where(np.isnan(X).all(axis=0), 0.0, X)  # a column without a value is constant
    low, center, high = np.nanpercentile(known, [25, 50, 75], axis=0)
    scale = np.maximum((high - low) / _NORMAL_IQR, np.nanstd(known, axis=0))
    return Ruler(columns=tuple(columns), center=center, scale=scale, unseen=())


@dataclass(frozen=True, kw_only=True)
class _Trials:
    """Mean direction and the rest of each of m trials; `of` is the trial of each window, (n,)."""

    direction: np.ndarray
    incident: np.ndarray
    site: np.ndarray
    start: np.ndarray
    end: np.ndarray
    of: np.ndarray

    def away_from(self, trial: int) -> np.ndarray:
        """Which trials share no window with `trial`, itself among those that do; shape (m,)."""
        at_other_times = (self.start >= self.end[trial]) | (self.end <= self.start[trial])
        away: np.ndarray = (self.site != self.site[trial]) | at_other_times
        return away


def _trials(directions: np.ndarray, bench: BenchWindows) -> _Trials:
    _, first, of = np.unique(bench.trial, return_index=True, return_inverse=True)
    means = [directions[of == trial].mean(axis=0) for trial in range(len(first))]
    return _Trials(
        direction=np.array(means),
        incident=bench.incident[first],
        site=bench.site[first],
        start=bench.start[first],
        end=bench.end[first],
        of=of,
    )


def _centers(directions: np.ndarray, incident: np.ndarray) -> dict[str, np.ndarray]:
    """Kind -> unit mean of the directions of its trials; none of a kind that cancels out."""
    found = {kind: _center(directions[incident == kind]) for kind in sorted(set(incident.tolist()))}
    return {kind: center for kind, center in found.items() if center.any()}


def _center(directions: np.ndarray) -> np.ndarray:
    """Their unit mean; zeros where they cancel out or there are none."""
    if not len(directions):
        return np.zeros(directions.shape[1])
    return unit(directions.mean(axis=0))


def _names(directions: np.ndarray, centers: Mapping[str, np.ndarray]) -> np.ndarray:
    """The nearest kind of each window, '' where none is near, shape (n,)."""
    if not centers or not len(directions):
        return np.full(len(directions), "", dtype=object)
    cosines = directions @ np.array(list(centers.values())).T
    kinds = np.array(list(centers), dtype=object)
    named: np.ndarray = np.where(cosines.max(axis=1) >= NEAR, kinds[cosines.argmax(axis=1)], "")
    return named


def _named_elsewhere(
    directions: np.ndarray, trials: _Trials, centers: Mapping[str, np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Which windows could be tested, and what profiles of trials that share none of their windows
    call them; both (n,). `centers`: those of all trials, which stay for kinds that lose none.
    """
    is_tested = np.zeros(len(directions), dtype=bool)
    named = np.full(len(directions), "", dtype=object)
    for trial in range(len(trials.site)):
        others = trials.away_from(trial)
        if others.any():
            mine = trials.of == trial
            is_tested |= mine
            known = dict(centers)
            for kind in set(trials.incident[~others].tolist()):
                known[kind] = _center(trials.direction[others & (trials.incident == kind)])
            ordered = {kind: known[kind] for kind in sorted(known) if known[kind].any()}
            named[mine] = _names(directions[mine], ordered)
    return is_tested, named


def _chance(incident: np.ndarray) -> float:
    """What always naming the most frequent kind would get."""
    if not len(incident):
        return 0.0
    _, counts = np.unique(incident.astype(str), return_counts=True)
    return float(counts.max() / len(incident))
