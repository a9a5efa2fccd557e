"""Small event tables, written by hand or drawn at random."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

import ibis
import pandas as pd

from wifitrain.engine import Engine
from wifitrain.features import WindowFeatures, catalogue
from wifitrain.records import EVENT_COLUMNS, EventTable, WindowTable

START = pd.Timestamp("2026-03-02 00:00:00")  # a Monday
_PANDAS = {
    "string": "object",
    "boolean": "boolean",
    "int32": "Int32",
    "int64": "Int64",
    "timestamp(6)": "datetime64[us]",
}
Row = Mapping[str, object]


def line(seconds: float, event: str, station: str | None = None, **fields: object) -> Row:
    """One event row, `seconds` after the start, of hostapd on one access point."""
    at = START + pd.Timedelta(microseconds=round(seconds * 1e6))
    row = {"time": at, "event": event, "station": station, "interface": "wlan0"}
    return {**row, "program": "hostapd", "access_point": "ap1", "level": "info", **fields}


def frame_of(rows: Sequence[Row]) -> pd.DataFrame:
    """Rows in the order of their arrival, with every column of the event table."""
    table = pd.DataFrame([{"arrival": place, **row} for place, row in enumerate(rows)])
    table = table.reindex(columns=list(EVENT_COLUMNS))
    return table.astype({name: _PANDAS[kind] for name, kind in EVENT_COLUMNS.items()})


def build(
    rows: Sequence[Row] | pd.DataFrame,
    *,
    threads: int = 2,
    columns: Sequence[str] | None = None,
    features: WindowFeatures,
) -> WindowTable:
    """The windows of `rows`."""
    table = rows if isinstance(rows, pd.DataFrame) else frame_of(rows)
    with Engine(threads=threads) as engine:
        source = ibis.memtable(table, schema=ibis.schema(dict(EVENT_COLUMNS)))
        events = EventTable(table=engine.materialise("events", source), account={})
        return features.build(engine, events, columns=columns)


def choose(*names: str, **options: object) -> WindowFeatures:
    """The component with these features, each in the list of its group."""
    lists: dict[str, list[str]] = {}
    for name in names:
        lists.setdefault(catalogue()[name].group, []).append(name)
    return WindowFeatures(**lists, **options)


def every_feature(**options: object) -> WindowFeatures:
    """The component with the whole catalogue."""
    return choose(*catalogue(), **options)


def values(rows: Sequence[Row], *names: str, **options: object) -> dict[str, list[float]]:
    """Column -> its value in each window."""
    X = build(rows, features=choose(*names, **options)).X
    return {column: X[column].tolist() for column in X.columns}


_RANDOM_EVENTS = {
    "hostapd": (
        *("authenticated", "associated", "sta_connected", "pairwise_handshake_completed"),
        *("handshake_completed", "disassociated", "sta_disconnected", "deauthenticated"),
        *("deauthenticated_inactivity", "psk_mismatch", "sta_refused", "unknown", "probe_request"),
        *("interface_enabled", "daemon_started", "daemon_terminating", "channel_switch"),
        *("group_handshake_completed", "link_lost", "deauthenticated_local"),
    ),
    "wlceventd": ("associated", "reassociated", "disassociated", "deauthenticated"),
    "wpa_supplicant": (
        *("connected", "disconnected", "key_negotiated", "signal_change", "beacon_loss"),
        *("roam", "unknown", "scan_failed"),
    ),
    "dnsmasq": ("other",),
}


def random_events(seed: int, *, count: int = 600) -> pd.DataFrame:
    """Events of two access points and a client, some in bursts within one second, with gaps."""
    draw = random.Random(seed)
    at, rows = 0.0, []
    for _ in range(count):
        step = draw.choice((0, 0, 0.0004, 0.2567891, 1, 7.5, 20, 45, 130))
        at += draw.choice((4000, 90_000)) if draw.random() < 0.006 else step
        rows.append(_random_line(draw, at))
    draw.shuffle(rows)  # lines need not arrive in the order of their times
    return frame_of(rows)


def _random_line(draw: random.Random, at: float) -> Row:
    program = draw.choices(list(_RANDOM_EVENTS), weights=(6, 2, 3, 1))[0]
    event = draw.choice(_RANDOM_EVENTS[program])
    station = f"sta-{draw.randrange(5)}" if draw.random() < 0.9 else None
    fields: dict[str, object] = {
        "program": program,
        "access_point": draw.choice(("ap1", "ap2")),
        "interface": draw.choice(("wl0", "wl1", None)),
        "level": draw.choice(("info", "notice", "warning", "error", None)),
        "reason_code": draw.choice((None, 3, 4, 7)),
        "status_code": draw.choice((None, None, 1, 17)),
        "ssid": draw.choice((None, "net-a", "net-b")),
        "label": draw.choice((None, None, False, True)),
        "template": f"strange line <n> {draw.randrange(3)}" if event == "unknown" else None,
    }
    if program == "wpa_supplicant":
        fields |= {
            "access_point": "laptop",
            "bssid": draw.choice((None, "sta-x", "sta-y")),
            "signal_dbm": draw.choice((None, -40, -61, -77)),
            "tx_rate_kbps": draw.choice((None, 54_000, 300_000)),
            "frequency_mhz": draw.choice((None, 2412, 5180, 6115)),
        }
        return line(at, event, **fields)
    fields["auth_algorithm"] = draw.choice((None, "open", "sae", "FT"))
    fields["station_is_local"] = None if station is None else station in ("sta-1", "sta-3")
    return line(at, event, station, **fields)
