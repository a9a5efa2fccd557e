"""Which access points a log is of, in which dialect each of them speaks, and of which stations."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from wifitrain.simulation import expressible

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.records import EventTable, LogTable

__all__ = ["UNNAMED", "Speaker", "Voice", "speakers_of"]

#: What the features call an access point without a name.
UNNAMED = "unnamed"
_ACCESS_POINT_PROGRAMS = ("hostapd", "wlceventd")
_CLIENT_PROGRAM = "wpa_supplicant"
#: hostapd on Broadcom firmware leaves frames to the driver and has no control interface to talk
#: to: it says none of these.
_UPSTREAM = ("authenticated", "sta_connected", "sta_disconnected", "handshake_completed")
_UPSTREAM_SHARE = 0.01
#: A program with a smaller share of an access point's lines is not how it tells of incidents.
_SPOKEN_SHARE = 0.05
_MOST_STATIONS = 20
#: What access points say of an ordinary arrival or departure. Which of it reaches a log depends on
#: levels and control interfaces; an incident is told in the words that this log shows.
_ORDINARY = (
    *("authenticated", "associated", "sta_connected", "accounting_started"),
    *("pairwise_handshake_completed", "handshake_completed", "group_handshake_completed"),
    *("disassociated", "disassociated_inactivity", "sta_disconnected"),
    *("deauthenticated_inactivity", "connecting", "connected", "key_negotiated", "disconnected"),
)
_ADDRESS = "([0-9a-f]{2}:){5}[0-9a-f]{2}"


@dataclass(frozen=True, kw_only=True)
class Voice:
    """A dialect that tells of an incident, and the addresses that it knows."""

    dialect: str
    stations: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """A device that logs; `access_point` dialects go before those of its `client` daemon."""

    name: str
    access_point: tuple[str, ...]
    client: tuple[str, ...]
    stations: tuple[str, ...] = ()  # clients of the access point, most frequent first
    neighbours: tuple[str, ...] = ()  # access points that the client daemon talks to
    unsaid: tuple[str, ...] = ()  # ordinary events that its log never shows

    @property
    def dialects(self) -> tuple[str, ...]:
        """Every dialect that it speaks."""
        return (*self.access_point, *self.client)

    def voices(self, kind: str) -> tuple[Voice, ...]:
        """Who tells of incident `kind` here; empty where nobody can.

        The daemons of the access point tell of it together; where they cannot, its client does.
        """
        for dialects, known in (
            (self.access_point, self.stations),
            (self.client, self.neighbours),
        ):
            able = [one for one in dialects if expressible(kind, one) is None]
            if able:
                return tuple(Voice(dialect=one, stations=known) for one in able)
        return ()


def speakers_of(events: EventTable, logs: LogTable) -> Mapping[str, Speaker]:
    """Every access point of the log by name; those of unknown dialects are left out."""
    heard, said = _addresses(logs.table), _ordinary_events(events.table)
    found = {}
    for row in _programs(events.table).to_pyarrow().to_pylist():
        access_point, client = _dialects(row)
        if access_point or client:
            found[row["host"]] = Speaker(
                name=row["host"],
                access_point=access_point,
                client=client,
                stations=heard.get((row["host"], False), ()),
                neighbours=heard.get((row["host"], True), ()),
                unsaid=tuple(sorted(set(_ORDINARY) - said.get(row["host"], set()))),
            )
    return found


def _programs(events: ir.Table) -> ir.Table:
    """Lines of each program at each access point."""
    lines = events.filter(events.event != "other")
    lines = lines.mutate(host=lines.access_point.fill_null(UNNAMED))
    by_hostapd = lines.program == "hostapd"
    return (
        lines.group_by("host")
        .agg(
            lines=lines.count(),
            hostapd=lines.count(where=by_hostapd),
            upstream=lines.count(where=by_hostapd & lines.event.isin(_UPSTREAM)),
            wlceventd=lines.count(where=lines.program == "wlceventd"),
            wpa_supplicant=lines.count(where=lines.program == _CLIENT_PROGRAM),
        )
        .order_by("host")
    )


def _ordinary_events(events: ir.Table) -> Mapping[str, set[str]]:
    """Access point -> the ordinary events that its log shows."""
    lines = events.filter(events.event.isin(_ORDINARY))
    lines = lines.mutate(host=lines.access_point.fill_null(UNNAMED))
    found: dict[str, set[str]] = {}
    for row in lines.select("host", "event").distinct().to_pyarrow().to_pylist():
        found.setdefault(row["host"], set()).add(row["event"])
    return found


def _dialects(row: Mapping[str, int]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    least = _SPOKEN_SHARE * row["lines"]
    access_point = []
    if row["hostapd"] and row["hostapd"] >= least:
        upstream = row["upstream"] >= _UPSTREAM_SHARE * row["hostapd"]
        access_point.append("hostapd_openwrt" if upstream else "hostapd_broadcom")
    if row["wlceventd"] and row["wlceventd"] >= least:
        access_point.append("wlceventd")
    speaks = row["wpa_supplicant"] and row["wpa_supplicant"] >= least
    return tuple(access_point), (_CLIENT_PROGRAM,) if speaks else ()


def _addresses(logs: ir.Table) -> Mapping[tuple[str, bool], tuple[str, ...]]:
    """(access point, told by its client) -> the addresses named most often, as they stand in the
    log: an incident happens to stations that are known.
    """
    import ibis

    lines = logs.filter(logs.program.isin((*_ACCESS_POINT_PROGRAMS, _CLIENT_PROGRAM)))
    named = lines.select(
        host=lines.access_point.fill_null(UNNAMED),
        client=lines.program == _CLIENT_PROGRAM,
        address=lines.message.lower().re_extract(_ADDRESS, 0),
    )
    named = named.filter(named.address != "")
    counts = named.group_by("host", "client", "address").agg(lines=named.count())
    order = ibis.window(group_by=["host", "client"], order_by=[ibis.desc("lines"), "address"])
    ranked = counts.mutate(rank=ibis.row_number().over(order))
    first = ranked.filter(ranked["rank"] < _MOST_STATIONS).order_by("host", "client", "rank")
    found: dict[tuple[str, bool], list[str]] = {}
    for row in first.to_pyarrow().to_pylist():
        found.setdefault((row["host"], row["client"]), []).append(row["address"])
    return {key: tuple(addresses) for key, addresses in found.items()}
