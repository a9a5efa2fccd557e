"""Profiles learnt from the windows of a bench, and what their naming is worth."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from wifitrain.edge.kinship import NEAR, HeldOut, Kinship, Profile, Ruler, unit

__all__ = ["BenchWindows", "OrdinaryWindows", "learn_kinship"]

_NORMAL_IQR = 1.349  # interquartile range of a standard normal


@dataclass(frozen=True, kw_only=True)
class OrdinaryWindows:
    """Windows without an incident: X of shape (n, n_columns) to measure by, and alerts.

    `alerting` are windows of the test part that alert, shape (n_alerts, n_columns).
    """

    X: np.ndarray
    alerting: np.ndarray
    alerting_kinds: Sequence[Collection[str]]


@dataclass(frozen=True, kw_only=True)
class BenchWindows:
    """Windows of the bench that alerted, n of them.

    `place` numbers where each incident was played: windows of one place are never both learnt
    from and tested on.
    """

    X: np.ndarray
    kinds: Sequence[Collection[str]]  # of line
    incident: np.ndarray  # name of the kind, (n,)
    trial: np.ndarray
    place: np.ndarray


def learn_kinship(
    bench: BenchWindows,
    ordinary: OrdinaryWindows,
    *,
    columns: Sequence[str],
    unseen: Collection[str],
    meanings: Mapping[str, str],
) -> Kinship:
    """Profiles of every kind in `bench`, tested on places that they were not made from.

    A profile is the mean of its trials, and a trial the mean of the directions of its windows: a
    long incident counts like a short one. Kinds of line in `unseen` are those that training never
    saw, where they occur in the bench.
    """
    said = {kind for found in bench.kinds for kind in found}
    ruler = _ruler(ordinary.X, columns, unseen=sorted(said & set(unseen)))
    directions = unit(ruler.deviations(bench.X, bench.kinds))
    centers = _centers(directions, bench)
    is_tested, named = _named_elsewhere(directions, bench)
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


def _ruler(X: np.ndarray, columns: Sequence[str], *, unseen: Sequence[str]) -> Ruler:
    """Medians, and the wider of standard deviation and interquartile range.

    The deviation keeps counts of rare events, whose quartiles are equal, from being all or
    nothing.
    """
    known = np.where(np.isnan(X).all(axis=0), 0.0, X)  # a column without a value is constant
    low, center, high = np.nanpercentile(known, [25, 50, 75], axis=0)
    scale = np.maximum((high - low) / _NORMAL_IQR, np.nanstd(known, axis=0))
    return Ruler(columns=tuple(columns), center=center, scale=scale, unseen=tuple(unseen))


def _centers(directions: np.ndarray, bench: BenchWindows) -> dict[str, np.ndarray]:
    """Kind -> unit mean of the means of its trials; none of a kind whose windows cancel out."""
    found = {}
    for kind in sorted(set(bench.incident.tolist())):
        trials = np.unique(bench.trial[bench.incident == kind])
        center = unit(
            np.mean([directions[bench.trial == trial].mean(axis=0) for trial in trials], axis=0)
        )
        if center.any():
            found[kind] = center
    return found


def _names(directions: np.ndarray, centers: Mapping[str, np.ndarray]) -> np.ndarray:
    """The nearest kind of each window, '' where none is near, shape (n,)."""
    if not centers or not len(directions):
        return np.full(len(directions), "", dtype=object)
    cosines = directions @ np.array(list(centers.values())).T
    kinds = np.array(list(centers), dtype=object)
    named: np.ndarray = np.where(cosines.max(axis=1) >= NEAR, kinds[cosines.argmax(axis=1)], "")
    return named


def _named_elsewhere(directions: np.ndarray, bench: BenchWindows) -> tuple[np.ndarray, np.ndarray]:
    """Which windows could be tested, and what profiles of all other places call them; both (n,)."""
    is_tested = np.zeros(len(directions), dtype=bool)
    named = np.full(len(directions), "", dtype=object)
    for place in np.unique(bench.place):
        mine = bench.place == place
        others = replace(
            bench,
            X=bench.X[~mine],
            incident=bench.incident[~mine],
            trial=bench.trial[~mine],
        )
        if len(others.X):
            is_tested |= mine
            named[mine] = _names(directions[mine], _centers(directions[~mine], others))
    return is_tested, named


def _chance(incident: np.ndarray) -> float:
    """What always naming the most frequent kind would get."""
    if not len(incident):
        return 0.0
    _, counts = np.unique(incident.astype(str), return_counts=True)
    return float(counts.max() / len(incident))
