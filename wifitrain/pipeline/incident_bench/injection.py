"""Incidents as lines of the canonical log table, each under its own access point's name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.records import LOG_COLUMNS
from wifitrain.simulation import KINDS, incident_lines

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from wifitrain.pipeline.incident_bench.trials import Trial
    from wifitrain.simulation import IncidentLines

__all__ = ["Played", "log_rows", "play"]

_LINE_STREAM = 12
_DAY_US = 86_400_000_000


@dataclass(frozen=True, kw_only=True)
class Played:
    """A trial with its lines: told by `dialects` from its start to `end`."""

    trial: Trial
    end: np.datetime64
    removed_share: float  # of the background between start and end
    dialects: tuple[str, ...]
    told: tuple[IncidentLines, ...]


def play(trial: Trial, *, random_state: int) -> Played:
    """The incident in every dialect of its access point that can express it.

    All of them start from the same chance: they tell of the same stations at the same moments.
    """
    import numpy as np

    voices = trial.speaker.voices(trial.kind)
    place = list(KINDS).index(trial.kind)
    seed = [random_state, _LINE_STREAM, place, trial.repeat, int(trial.intensity * 1000)]
    told = () if trial.is_control else tuple(
        incident_lines(
            trial.kind,
            dialect=voice.dialect,
            start=str(trial.start),
            duration_s=trial.duration_s,
            intensity=trial.intensity,
            stations=voice.stations,
            rng=np.random.default_rng(seed),
            host=trial.host,
        )
        for voice in voices
    )  # fmt: skip
    scheduled = trial.start + np.timedelta64(int(trial.duration_s), "s")
    return Played(
        trial=trial,
        end=max([scheduled, *(one.end for one in told)]),
        removed_share=max((one.removed_share for one in told), default=0.0),
        dialects=tuple(voice.dialect for voice in voices),
        told=told,
    )


def log_rows(played: Sequence[Played], *, first_arrival: int) -> pa.Table:
    """Every incident's lines as `LOG_COLUMNS`, in order of arrival at each access point.

    Lines stamped by a clock that started again are dated by their arrival, as the reader of
    exports repairs them.
    """
    import numpy as np
    import pyarrow as pa

    tables = [_dated(one, KINDS[p.trial.kind].clock_days_back) for p in played for one in p.told]
    lines = pa.concat_tables(tables)
    order = np.lexsort((lines["arrived"].cast(pa.int64()).to_numpy(), lines["host"].to_numpy()))
    lines = lines.take(order)
    n = lines.num_rows
    arrival = np.arange(first_arrival, first_arrival + n)
    columns = {
        "arrival": pa.array(arrival, pa.int64()),
        "source_file": pa.repeat(pa.scalar("incidents"), n),
        "record": pa.array(np.arange(1, n + 1), pa.int64()),
        "access_point": lines["host"],
        "time": lines["time"],
        "clock_reset": lines["clock_reset"],
        "level": lines["level"],
        "program": lines["program"],
        "interface_hint": pa.nulls(n, pa.string()),
        "message": lines["message"],
        "label": pa.nulls(n, pa.bool_()),
    }
    return pa.table({name: columns[name] for name in LOG_COLUMNS})


def _dated(incident: IncidentLines, days_back: int) -> pa.Table:
    import pyarrow as pa

    lines = incident.lines
    stamped = lines["time"].cast(pa.int64()).to_numpy() + days_back * _DAY_US
    place = lines.schema.get_field_index("time")
    lines = lines.set_column(place, "time", pa.array(stamped).cast(pa.timestamp("us")))
    return lines.append_column("clock_reset", pa.repeat(pa.scalar(days_back > 0), len(lines)))
