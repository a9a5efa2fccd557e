"""Real background around each trial, copied under the trial's name, as windows once more."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.pipeline.incident_bench.injection import log_rows
from wifitrain.pipeline.incident_bench.speakers import UNNAMED
from wifitrain.pipeline.incident_bench.trials import hosts_of
from wifitrain.records import EVENT_COLUMNS, EventTable, LogTable

if TYPE_CHECKING:
    import ibis.expr.types as ir
    import numpy as np
    import pandas as pd

    from wifitrain.engine import Engine
    from wifitrain.evaluation.incident_settings import IncidentSettings
    from wifitrain.pipeline.incident_bench.injection import Played
    from wifitrain.pipeline.parts import Extractor
    from wifitrain.records import WindowTable

__all__ = ["Spans", "context_events", "context_spans"]

_HOUR_S = 3600
_MINIMUM_H = 3.0
_WINDOWS_AFTER = 2
#: A Lehmer generator's modulus and a good factor (L'Ecuyer 1999): which lines are lost depends on
#: their numbers alone. The products stay below 2^63.
_MODULUS, _FACTOR = 2_147_483_647, 1_583_458_089


@dataclass(frozen=True, kw_only=True)
class Spans:
    """One row for each trial: trial, host, access_point, first, last, start, end, lost."""

    frame: pd.DataFrame
    hours: float  # of background before each incident


def context_spans(
    played: Sequence[Played], windows: WindowTable, settings: IncidentSettings
) -> Spans:
    """How much background each trial is given.

    From `context_h` before the incident, or fewer where there are too many lines, to two windows
    after it; in both directions at least to a window with lines, so that silence is as long as
    it was.
    """
    import numpy as np
    import pandas as pd

    hours = _affordable_hours(played, windows, settings)
    lively = _lively_windows(windows)
    window = np.timedelta64(windows.window_s, "s")
    before = np.timedelta64(int(hours * _HOUR_S), "s")
    rows = []
    for one in played:
        trial = one.trial
        starts = lively[trial.speaker.name]
        first = trial.start - before
        earlier = starts[starts + window <= trial.start]
        last = one.end + _WINDOWS_AFTER * window
        later = starts[starts >= one.end]
        rows.append(
            {
                "trial": trial.number,
                "host": trial.host,
                "access_point": trial.speaker.name,
                "first": min(first, earlier[-1]) if len(earlier) else first,
                "last": max(last, later[0] + window) if len(later) else last,
                "start": trial.start,
                "end": one.end,
                "lost": int(one.removed_share * _MODULUS),
            }
        )
    times = dict.fromkeys(("first", "last", "start", "end"), "datetime64[us]")
    return Spans(frame=pd.DataFrame(rows).astype(times), hours=hours)


def context_events(
    engine: Engine,
    extractor: Extractor,
    events: EventTable,
    *,
    spans: Spans,
    told: Sequence[Played],
) -> EventTable:
    """The background of every span without what was lost, and the incidents' own events.

    Background is not parsed again: an event follows from its line alone. Ordinary events that an
    access point never logs are left out of its incidents. All of it is few enough for the
    embedded engine, wherever the export was read.
    """
    import ibis

    copies = engine.bring("bench_copies", _copies(events.table, spans.frame))
    spoken = [one for one in told if any(len(part.lines) for part in one.told)]
    if not spoken:
        return EventTable(table=copies, account={})
    newest = events.table.arrival.max().to_pandas()
    small = engine.embedded
    told_lines = ibis.memtable(log_rows(spoken, first_arrival=int(newest) + 1))
    rows = small.materialise("bench_lines", told_lines)
    lines = LogTable(table=rows, account={}, digest="")
    found = extractor.extract(small, lines, name="bench_told")
    spoken_of = found.table.anti_join(_unsaid(spoken), ["access_point", "event"])
    both = copies.union(spoken_of.select(*EVENT_COLUMNS))
    together = small.materialise("bench_events", both)
    return EventTable(table=together, account={})


def _affordable_hours(
    played: Sequence[Played], windows: WindowTable, settings: IncidentSettings
) -> float:
    """`context_h`, or what keeps all contexts together within `max_context_rows`."""
    hosts = hosts_of(windows.index, entity=str(windows.account.get("entity", "access_point")))
    totals = windows.index.groupby(hosts)["n_events"].agg(["sum", "count"])
    span = windows.index["end"].max() - windows.index["start"].min()
    hours = max(span.total_seconds() / _HOUR_S, 1.0)
    an_hour = {host: (row["sum"] + row["count"]) / hours for host, row in totals.iterrows()}
    together = sum(an_hour[one.trial.speaker.name] for one in played)
    affordable = settings.max_context_rows / max(float(together), 1.0)
    return max(_MINIMUM_H, min(settings.context_h, affordable))


def _lively_windows(windows: WindowTable) -> Mapping[str, np.ndarray]:
    """Access point -> ascending starts of its windows that have WiFi lines."""
    import numpy as np

    hosts = hosts_of(windows.index, entity=str(windows.account.get("entity", "access_point")))
    starts = windows.index["start"].to_numpy("datetime64[us]")
    lively = (windows.index["n_events"] > 0).to_numpy()
    return {host: np.unique(starts[lively & (hosts == host).to_numpy()]) for host in hosts.unique()}


def _copies(events: ir.Table, spans: pd.DataFrame) -> ir.Table:
    """Events joined to the spans that hold them, by access point and hour first."""
    import ibis
    import pyarrow as pa

    spans_table = ibis.memtable(pa.Table.from_pandas(_by_hour(spans), preserve_index=False))
    named = events.mutate(
        on_host=events.access_point.fill_null(UNNAMED),
        hour=(events.time.epoch_seconds().cast("int64") // _HOUR_S).cast("int64"),
    )
    joined = named.join(
        spans_table,
        [named.on_host == spans_table.on_host, named.hour == spans_table.hour],
        rname="span_{name}",
    )
    inside = (joined.time >= joined.first) & (joined.time < joined.last)
    at_incident = (joined.time >= joined.start) & (joined.time < joined.end)
    lot = (joined.arrival % _MODULUS * _FACTOR + joined.trial) % _MODULUS
    kept = joined.filter(inside & ~(at_incident & (lot < joined.lost)))
    others = [name for name in EVENT_COLUMNS if name != "access_point"]
    return kept.select(*others, access_point=kept.host).select(*EVENT_COLUMNS)


def _by_hour(spans: pd.DataFrame) -> pd.DataFrame:
    """One row for each span and each hour that it touches."""
    import numpy as np

    hours = [spans[side].to_numpy("datetime64[h]").astype("int64") for side in ("first", "last")]
    count = hours[1] - hours[0] + 1
    repeated = spans.loc[spans.index.repeat(count)].reset_index(drop=True)
    within = np.arange(count.sum()) - np.repeat(count.cumsum() - count, count)
    repeated["hour"] = np.repeat(hours[0], count) + within
    return repeated.rename(columns={"access_point": "on_host"})


def _unsaid(told: Sequence[Played]) -> ir.Table:
    """Ordinary events that each trial's access point never logs.

    A line of them would give the incident away by its wording alone.
    """
    import ibis
    import pyarrow as pa

    pairs = [(one.trial.host, event) for one in told for event in one.trial.speaker.unsaid]
    columns = {
        "access_point": pa.array([host for host, _ in pairs], pa.string()),
        "event": pa.array([event for _, event in pairs], pa.string()),
    }
    return ibis.memtable(pa.table(columns))
