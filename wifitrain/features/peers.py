"""Facts about the addresses that speak in a window: how many, how loud, who is present."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["PEER_FACTS", "PRESENCE_S", "peer_facts", "peers_of_windows", "presence_changes"]

#: An address counts as present this long after its last line. Many access points exchange group
#: keys with every station once an hour; two hours forgive one exchange that went unlogged.
PRESENCE_S = 7_200

PEER_FACTS: Mapping[str, Callable[[ir.Table], ir.Value]] = {
    "peers": lambda peers: peers.count().cast("int64"),
    "peer_lines": lambda peers: peers.lines.sum().cast("int64"),
    "peer_lines_squares": lambda peers: (peers.lines * peers.lines).sum().cast("int64"),
    "most_lines": lambda peers: peers.lines.max(),
    "most_mismatches": lambda peers: peers.mismatches.max(),
    "peers_of_known_kind": lambda peers: peers.is_local.count().cast("int64"),
    "randomised_peers": lambda peers: peers.is_local.sum().cast("int64"),
}


def peers_of_windows(rows: ir.Table) -> ir.Table:
    """Rows -> one row for each (entity, window, peer) of WiFi lines, with its counts."""
    spoken = rows.filter(rows.wifi & rows.peer.notnull())
    return spoken.group_by("entity", "window", "peer").agg(
        lines=spoken.count().cast("int64"),
        mismatches=spoken.count(where=spoken.event == "psk_mismatch").cast("int64"),
        is_local=spoken.station_is_local.cast("int64").max(),
    )


def peer_facts(peers: ir.Table, *, names: Iterable[str]) -> ir.Table:
    """Peers -> one row for each (entity, window) in which an address speaks."""
    wanted = {name: PEER_FACTS[name](peers) for name in sorted(names)}
    return peers.group_by("entity", "window").agg(**wanted)


def presence_changes(peers: ir.Table, *, window_s: int) -> ir.Table:
    """Peers -> rows that say by how much the number of present addresses changes at a window.

    An address comes at the first window that it speaks in and goes `PRESENCE_S` after the last,
    which needs no knowledge of the future: the running sum is right as soon as a window is over.
    """
    import ibis

    stays = max(1, math.ceil(PRESENCE_S / window_s))
    order = ibis.window(group_by=["entity", "peer"], order_by="window")
    apart = peers.select(
        "entity",
        "window",
        since=peers.window - peers.window.lag().over(order),
        until=peers.window.lead().over(order) - peers.window,
    )
    came = apart.filter(apart.since.fill_null(stays + 1) > stays)
    left = apart.filter(apart.until.fill_null(stays + 1) > stays)
    coming, going = ibis.literal(1, "int64"), ibis.literal(-1, "int64")
    came = came.select("entity", "window", change=coming)
    return came.union(left.select("entity", window=left.window + stays, change=going))
