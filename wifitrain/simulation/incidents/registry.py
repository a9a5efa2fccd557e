"""All kinds of incident by name, and the one way to have one written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from wifitrain.errors import SimulationError
from wifitrain.simulation.incidents import credentials, device, disconnection, enterprise, radio
from wifitrain.simulation.incidents.scene import DIALECTS, Kind, Scene
from wifitrain.simulation.lines import SECOND, Journal, mac_numbers
from wifitrain.simulation.site import DAY, local_macs

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["KINDS", "IncidentLines", "expressible", "incident_lines"]

KINDS: Mapping[str, Kind] = {
    kind.name: kind
    for module in (disconnection, credentials, enterprise, radio, device)
    for kind in module.KINDS
}


@dataclass(frozen=True, kw_only=True)
class IncidentLines:
    """A written incident: host, lines, true interval, and the background that it swallows."""

    host: str
    lines: pa.Table  # columns of `line_schema()`, in order of arrival
    start: np.datetime64
    end: np.datetime64  # not before the last line
    removed_share: float  # share of the host's other lines in the interval that never arrive


def expressible(kind: str, dialect: str) -> str | None:
    """None where `dialect` can tell of incident `kind`, otherwise the reason why it cannot."""
    return _kind(kind).reasons.get(_dialect(dialect))


def incident_lines(
    kind: str,
    *,
    dialect: str,
    start: dt.datetime | str,
    duration_s: float,
    intensity: float,
    stations: Sequence[str],
    rng: np.random.Generator,
    host: str,
) -> IncidentLines:
    """Incident `kind` as log lines of `host`; the same arguments give the same lines.

    Parameters
    ----------
    dialect : hostapd_broadcom, hostapd_openwrt, wpa_supplicant or wlceventd.
    start : UTC; a time without a zone, or ISO text.
    intensity : factor on the kind's occurrences a minute (`KINDS[kind].per_minute`); there is
        always at least one. For access_point_silent the share of lines lost, 1 = all.
    stations : addresses known to the log: clients of an access point, access points of a client;
        empty makes three up.

    Raises
    ------
    SimulationError
        Unknown kind or dialect, or a kind that the dialect cannot express.
    """
    script = _kind(kind)
    reason = expressible(kind, dialect)
    if reason is not None:
        raise SimulationError(f"{kind} is not expressible in {dialect}: {reason}")
    speaker = DIALECTS[dialect]()
    journal = Journal(host, rng, whole_seconds=speaker.whole_seconds)
    first = int(np.datetime64(start, "us").astype(np.int64))
    known = mac_numbers(list(stations)) if stations else local_macs(rng, 3)
    moments = _moments(rng, script.per_minute * intensity, duration_s) + first
    scene = Scene(journal=journal, dialect=speaker, moments=moments, stations=known)
    script.scripts[dialect](scene)
    lines = _turn_back(journal.table(), script.clock_days_back)
    return IncidentLines(
        host=host,
        lines=lines,
        start=np.datetime64(first, "us"),
        end=_end(lines, first + int(duration_s * SECOND)),
        removed_share=min(1.0, intensity) if script.silences else 0.0,
    )


def _kind(name: str) -> Kind:
    if name not in KINDS:
        raise SimulationError(f"no incident is called {name!r}; known are {', '.join(KINDS)}")
    return KINDS[name]


def _dialect(name: str) -> str:
    if name not in DIALECTS:
        raise SimulationError(f"no dialect is called {name!r}; known are {', '.join(DIALECTS)}")
    return name


def _moments(rng: np.random.Generator, per_minute: float, duration_s: float) -> np.ndarray:
    """Occurrences spread over the duration, one at a random place in each equal part of it."""
    count = max(1, round(per_minute * duration_s / 60))
    places = (np.arange(count) + rng.random(count)) / count
    return (places * duration_s * SECOND).astype(np.int64)


def _turn_back(lines: pa.Table, days: int) -> pa.Table:
    import pyarrow as pa

    if not days:
        return lines
    early = pa.array(lines["time"].cast(pa.int64()).to_numpy() - days * DAY)
    place = lines.schema.get_field_index("time")
    return lines.set_column(place, "time", early.cast(pa.timestamp("us")))


def _end(lines: pa.Table, scheduled: int) -> np.datetime64:
    import pyarrow as pa

    arrived = lines["arrived"].cast(pa.int64()).to_numpy()
    return np.datetime64(max(scheduled, int(arrived.max(initial=scheduled))), "us")
