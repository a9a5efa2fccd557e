"""Labels as incidents in time: runs of anomalous windows, whether and when each was noticed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.evaluation.intervals import Interval, wilson_interval
from wifitrain.evaluation.ranges import Series, affiliation, volume_under_surface

if TYPE_CHECKING:
    from wifitrain.evaluation.case import Case

__all__ = ["EventMetrics", "measure_events"]

_MAX_BUFFER = 50


@dataclass(frozen=True, kw_only=True)
class EventMetrics:
    """Label runs against alerts at the fixed threshold; a delay counts to the alert's end."""

    events: int
    detected: int
    event_recall: float
    event_recall_interval: Interval  # Wilson, 95 %
    median_delay_s: float | None
    false_alerts: int  # windows that alert and are labelled normal
    false_alerts_per_day: float  # of the calendar, over all access points
    vus_pr: float | None
    vus_buffer_windows: int
    affiliation_precision: float | None
    affiliation_recall: float


def measure_events(case: Case, rows: np.ndarray) -> EventMetrics | None:
    """Judge the runs of anomalous windows among the labelled test `rows`; None without any."""
    series = _series(case, rows)
    runs = [(one, run) for one in series for run in one.events]
    if not runs:
        return None
    delays = [_delay(one, run) for one, run in runs]
    noticed = [delay for delay in delays if delay is not None]
    false = int((case.flagged[rows] & (case.labels[rows] == 0)).sum())
    buffer = min(_MAX_BUFFER, int(np.median([stop - start for _, (start, stop) in runs])))
    precision, recall = affiliation(series)
    return EventMetrics(
        events=len(runs),
        detected=len(noticed),
        event_recall=len(noticed) / len(runs),
        event_recall_interval=wilson_interval(len(noticed), len(runs)),
        median_delay_s=float(np.median(noticed)) * case.windows.window_s if noticed else None,
        false_alerts=false,
        false_alerts_per_day=false / case.calendar_days(rows),
        vus_pr=volume_under_surface(series, buffer=buffer),
        vus_buffer_windows=buffer,
        affiliation_precision=precision,
        affiliation_recall=recall,
    )


def _series(case: Case, rows: np.ndarray) -> list[Series]:
    """Labelled windows cut where the entity changes or a window is missing."""
    order = rows[np.lexsort((case.starts[rows], case.entities[rows]))]
    other = case.entities[order][1:] != case.entities[order][:-1]
    gap = np.diff(case.starts[order]) != case.windows.window_s
    pieces = np.split(order, np.flatnonzero(other | gap) + 1)
    return [
        Series(
            truth=case.labels[piece] == 1,
            score=case.scored.score[piece],
            flagged=case.flagged[piece],
        )
        for piece in pieces
    ]


def _delay(series: Series, run: tuple[int, int]) -> int | None:
    """Windows from the start of the event to the end of its first alert."""
    hits = np.flatnonzero(series.flagged[run[0] : run[1]])
    return int(hits[0]) + 1 if len(hits) else None
