"""A later batch beside the baseline: stable, drifting or broken input, why, and what to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Literal

from wifitrain.monitoring.baseline import SCORE, UNSEEN, Baseline, has_unseen, hours_of
from wifitrain.monitoring.control import AlertRate, MeanScore, alert_rate, mean_score
from wifitrain.monitoring.drift import Drift, drifts
from wifitrain.monitoring.martingale import Martingale, Wealth, bet_against
from wifitrain.monitoring.quality import quality_findings

if TYPE_CHECKING:
    import numpy as np

    from wifitrain.records import Json, WindowTable

__all__ = ["ADVICE", "Batch", "BatchReport", "Limits", "Verdict", "broken", "compare"]

Verdict = Literal["stable", "drifting", "broken input"]

ADVICE: Mapping[str, str] = {
    "stable": "Nothing to do.",
    "drifting": (
        "Look at what moved: if it is the new normal, train again on recent logs and compare the"
        " candidate with this version (-cn compare); if it is a new firmware, see which wording is"
        " not understood first. Until then its alerts and its silence mean less."
    ),
    "broken input": (
        "Repair the input before believing any alert or any silence: check that every access point"
        " still sends its lines, that clocks are set, and that the export is whole."
    ),
}
_KINDS_SHOWN = 20
_MOST_BETS = 5_000  # more cost time and prove nothing new


@dataclass(frozen=True, kw_only=True)
class Limits:
    """From which effect on (Kolmogorov-Smirnov distance), and how often a stable batch is not."""

    drift_threshold: float = 0.1
    false_alarm_rate: float = 0.05
    ignore: Sequence[str] = ()  # patterns of features that are not compared


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Later windows with the estimator's scores and the detector's alerts, shapes (n,)."""

    windows: WindowTable
    scores: np.ndarray
    alerts: np.ndarray
    data: Mapping[str, object]  # account of rows and events
    now: dt.datetime  # naive UTC


@dataclass(frozen=True, kw_only=True)
class BatchReport:
    """The verdict with everything that it rests on."""

    verdict: Verdict
    reasons: Sequence[str]
    advice: str
    windows: int = 0
    distributions: Sequence[Drift] = ()
    alert_rate: AlertRate | None = None
    mean_score: MeanScore | None = None
    martingale: Martingale | None = None
    unseen_kinds: Mapping[str, int] | None = None  # kind -> windows, the most frequent
    quality: Mapping[str, Json] | None = None
    notes: Sequence[str] = ()

    def to_json(self) -> dict[str, Json]:
        """The report as plain data, without what only the next bet needs."""
        content = asdict(self)
        if content["martingale"] is not None:
            del content["martingale"]["wealth"]
        return content


def broken(reason: str) -> BatchReport:
    """The report of a batch that could not be read."""
    return BatchReport(verdict="broken input", reasons=[reason], advice=ADVICE["broken input"])


def compare(
    baseline: Baseline, batch: Batch, *, limits: Limits, before: Wealth | None = None
) -> BatchReport:
    """Compare `batch` with `baseline`; the martingale goes on from `before`.

    When nothing changed the verdict is not `stable` with probability at most
    `limits.false_alarm_rate`: half of it for the distributions together, a quarter each for the
    alert rate and the martingale; that of the martingale is its chance to alarm ever, over all
    batches that it goes through. Findings on quality are of size alone and have no rate.
    """
    moved = _distributions(baseline, batch, limits)
    rate = alert_rate(
        baseline,
        windows=len(batch.alerts),
        alerts=int(batch.alerts.sum()),
        false_alarm_rate=limits.false_alarm_rate / 4,
    )
    before = before or Wealth()
    quality = quality_findings(baseline, batch.windows, batch.data, now=batch.now, limits=limits)
    taken = _to_bet_on(baseline, batch, before)
    # A stamp that is wrong would move the bet's end years ahead, and all until then count as seen.
    bet = _bet(baseline, batch, limits, before, taken=taken[:0] if quality.broken else taken)
    score = next((drift for drift in moved if drift.name == SCORE), None)
    unseen = _unseen(baseline, batch)
    changed = [
        *_moved(moved),
        *_wording(unseen, moved),
        *quality.changed,
        *([rate.reason] if rate.outside else []),
        *_bet_reason(bet, score, limits),
    ]
    verdict: Verdict = "broken input" if quality.broken else "drifting" if changed else "stable"
    return BatchReport(
        verdict=verdict,
        reasons=[*quality.broken, *changed],
        advice=ADVICE[verdict],
        windows=len(batch.scores),
        distributions=moved,
        alert_rate=rate,
        mean_score=mean_score(baseline.sketches[SCORE], batch.scores),
        martingale=bet,
        unseen_kinds=unseen,
        quality=quality.shares,
        notes=[*quality.notes, *([] if len(taken) else [_nothing_new(before)])],
    )


def _distributions(baseline: Baseline, batch: Batch, limits: Limits) -> list[Drift]:
    from fnmatch import fnmatchcase

    X = batch.windows.X
    values = {
        **{name: X[name].to_numpy("float64") for name in X.columns},
        SCORE: batch.scores,
        UNSEEN: has_unseen(batch.windows.kinds, baseline.kinds, len(X)),
    }
    sketches = {
        name: sketch
        for name, sketch in baseline.sketches.items()
        if name in values and not any(fnmatchcase(name, pattern) for pattern in limits.ignore)
    }
    return drifts(
        sketches,
        values,
        threshold=limits.drift_threshold,
        false_alarm_rate=limits.false_alarm_rate / 2,
    )


def _to_bet_on(baseline: Baseline, batch: Batch, before: Wealth) -> np.ndarray:
    """Numbers of windows in order of time, thinned so that neighbours do not speak for each other.

    Windows that begin before the end of those that were bet on are left out: the same batch again,
    or one that overlaps, is no new evidence.
    """
    import math

    import numpy as np

    step = max(math.ceil(baseline.sketches[SCORE].dependence), len(batch.scores) // _MOST_BETS)
    start = batch.windows.index["start"].to_numpy()
    times, number = np.unique(start, return_inverse=True)
    order = np.argsort(number, kind="stable")
    taken = order[number[order] % step == 0] if len(times) > 1 else order
    if before.until is not None:
        taken = taken[start[taken] >= np.datetime64(before.until)]
    return taken


def _bet(
    baseline: Baseline, batch: Batch, limits: Limits, before: Wealth, *, taken: np.ndarray
) -> Martingale:
    """The bet on the windows `taken`; without any it stands where it stood."""
    index = batch.windows.index.iloc[taken]
    bet = bet_against(
        baseline.held_out_scores,
        batch.scores[taken],
        hours_of(index),
        false_alarm_rate=limits.false_alarm_rate / 4,
        before=before,
    )
    if not len(taken):
        return replace(bet, batches=before.batches, wealth=before)
    return replace(bet, wealth=replace(bet.wealth, until=index["end"].max().to_pydatetime()))


def _nothing_new(before: Wealth) -> str:
    return (
        f"no window is later than those that were bet on before, until {before.until} UTC:"
        " the martingale says nothing new"
    )


def _unseen(baseline: Baseline, batch: Batch) -> dict[str, int]:
    kinds = batch.windows.kinds
    new = kinds[~kinds["kind"].isin(baseline.kinds)]
    counted = new.groupby("kind")["window"].nunique().sort_values(ascending=False, kind="stable")
    return {str(kind): int(count) for kind, count in counted.head(_KINDS_SHOWN).items()}


def _moved(distributions: Sequence[Drift]) -> list[str]:
    return [
        f"{drift.name} moved by {drift.distance:.2f} (at least {drift.at_least:.2f})"
        for drift in distributions
        if drift.drifted and drift.name != UNSEEN
    ]


def _wording(unseen: Mapping[str, int], distributions: Sequence[Drift]) -> list[str]:
    for drift in distributions:
        if drift.name == UNSEEN and drift.drifted:
            first = ", ".join(list(unseen)[:3])
            return [f"{drift.distance:.0%} more windows than before have unseen kinds: {first}"]
    return []


def _bet_reason(bet: Martingale, score: Drift | None, limits: Limits) -> list[str]:
    """A change that only the bet sees counts where it is large enough to matter."""
    if bet.alarmed and score is not None and score.distance > limits.drift_threshold:
        since = f" (a bet over {bet.batches} batches)" if bet.batches > 1 else ""
        return [
            f"scores no longer follow those of the training from window {bet.crossed_at} on{since}"
        ]
    return []
