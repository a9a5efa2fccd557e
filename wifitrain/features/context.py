"""Which earlier rows the windows that are still to come depend on: what a follower must keep.

Next to nothing: the rows just before, the lines of sessions that are open, the last line of each
address that is present and of each entity, and one sign that an entity logs its handshakes.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from wifitrain.features.peers import PRESENCE_S
from wifitrain.features.rows import MILLISECONDS, rows_of_entities
from wifitrain.features.sessions import moves_of_stations
from wifitrain.features.vocabulary import ENDS, HANDSHAKES, STARTS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["context_of"]

#: Echoes, departures said twice and handshakes reach back 30 s at most.
_BEFORE_MS = 60 * MILLISECONDS


def context_of(
    events: ir.Table,
    *,
    entity: str,
    window_s: int,
    closed: ir.Table,
    forget_ms: int,
) -> ir.Table:
    """The rows of `events` without which a window to come would have other features.

    `closed` (of_host, closed_ms) says for each access point until when its windows are over
    (milliseconds since the epoch; a multiple of the window): its rows to come are later. Rows more
    than `forget_ms` before that are left behind whatever hangs on them, so that this stays bounded.
    """
    import ibis

    rows = rows_of_entities(events, entity=entity, window_s=window_s)
    rows = rows.left_join(closed, [("host", "of_host")]).drop("of_host")
    rows = rows.mutate(age_ms=rows.closed_ms.fill_null(0) - rows.at_ms)
    rows = rows.filter(rows.age_ms <= forget_ms)
    presence_ms = (math.ceil(PRESENCE_S / window_s) + 1) * window_s * MILLISECONDS
    # The last ones before the windows to come: what lies in those speaks for itself.
    past = rows.filter(rows.age_ms > 0)
    present = past.filter(past.wifi & past.peer.notnull() & (past.age_ms <= presence_ms))
    keyed = past.filter(past.wifi & past.who.notnull() & past.event.isin(HANDSHAKES))
    needed = [
        rows.filter(rows.age_ms <= _BEFORE_MS).select("arrival"),
        _last(past, "entity"),
        _last(past.filter(past.wifi), "entity"),
        _last(keyed, "entity"),
        _last(present, "entity", "peer"),
        _of_open_sessions(past),
    ]
    kept = ibis.union(*needed, distinct=True)
    return events.semi_join(kept, "arrival")


def _last(rows: ir.Table, *keys: str) -> ir.Table:
    """The arrival of the last row of each group."""
    import ibis

    latest = [ibis.desc("time"), ibis.desc("arrival")]
    place = ibis.row_number().over(ibis.window(group_by=list(keys), order_by=latest))
    ranked = rows.select("arrival", place=place)
    return ranked.filter(ranked.place == 0).select("arrival")


def _of_open_sessions(rows: ir.Table) -> ir.Table:
    """Arrivals and departures of a station since its last arrival, where it has not left since.

    What lies between only repeats the arrival, but the next line may repeat it in turn.
    """
    import ibis

    moves = moves_of_stations(rows)
    place = ibis.row_number().over(
        ibis.window(
            group_by=["host", "link", "who"], order_by=[ibis.desc("time"), ibis.desc("arrival")]
        )
    )
    last = moves.select("host", "link", "who", "is_start", since="time", place=place)
    is_open = last.filter((last.place == 0) & last.is_start).drop("place", "is_start")
    lines = rows.filter(rows.wifi & rows.who.notnull() & rows.event.isin(STARTS + ENDS))
    lines = lines.select("arrival", "host", "link", "who", "time")
    joined = lines.inner_join(is_open, ["host", "link", "who"])
    return joined.filter(joined.time >= joined.since).select("arrival")
