"""Facts about sessions: who arrives, who leaves, how long they stayed, whether the keys came about.

One arrival is logged as several lines (associated, AP-STA-CONNECTED, the same again by a second
program), and so is one departure; each is counted once. A session belongs to a station on one
interface of an access point, from its arrival to its next departure.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from wifitrain.features.rows import MILLISECONDS
from wifitrain.features.vocabulary import ASSOCIATED, AUTHORISED, ENDS, HANDSHAKES, STARTS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = [
    "SESSION_FACTS",
    "ZERO_SESSION_FACTS",
    "handshake_facts",
    "moves_of_stations",
    "session_facts",
]

#: An authorisation, a repeated departure or a handshake this close belongs to what went before.
_TOGETHER_MS = 30 * MILLISECONDS
#: Two programs speak of one association within this time.
_TWO_PROGRAMS_MS = 2 * MILLISECONDS
#: A session below this is short (issue 2): the station did not get what it came for.
_SHORT_MS = 30 * MILLISECONDS

ZERO_SESSION_FACTS: Mapping[str, Callable[[ir.Table], ir.Value]] = {
    "arrivals": lambda moves: moves.count(where=moves.is_start).cast("int64"),
    "arriving": lambda moves: moves.who.nunique(where=moves.is_start).cast("int64"),
    "departures": lambda moves: moves.count(where=~moves.is_start).cast("int64"),
    "ended_sessions": lambda moves: moves.length_ms.count().cast("int64"),
    "short_sessions": lambda moves: moves.count(where=moves.length_ms < _SHORT_MS).cast("int64"),
}
SESSION_FACTS: Mapping[str, Callable[[ir.Table], ir.Value]] = {
    **ZERO_SESSION_FACTS,
    "session_p10_ms": lambda moves: moves.length_ms.quantile(0.1),
    "session_p50_ms": lambda moves: moves.length_ms.quantile(0.5),
}


def moves_of_stations(rows: ir.Table) -> ir.Table:
    """Rows -> one row for each arrival and departure of a station, with the ended session's length.

    `length_ms` is null for an arrival and for a departure whose arrival the log does not hold.
    """
    import ibis

    lines = rows.filter(rows.wifi & rows.who.notnull() & rows.event.isin(STARTS + ENDS))
    lines = lines.mutate(is_start=lines.event.isin(STARTS))
    moves = _drop_echoes(lines)
    was = _before(moves, "is_start", "at_ms")
    ended = ~moves.is_start & was["is_start"]
    return moves.mutate(
        length_ms=ibis.ifelse(ended, moves.at_ms - was["at_ms"], ibis.null("int64"))
    )


def _drop_echoes(lines: ir.Table) -> ir.Table:
    """`lines` without those that only repeat the move before them in other words."""
    was = _before(lines, "is_start", "at_ms", "event", "program")
    apart_ms = lines.at_ms - was["at_ms"]
    authorised = lines.event.isin(AUTHORISED) & was["event"].isin(ASSOCIATED)
    two_programs = (lines.program != was["program"]) & (apart_ms <= _TWO_PROGRAMS_MS)
    same_arrival = (authorised & (apart_ms <= _TOGETHER_MS)) | two_programs
    same_departure = ~lines.is_start & ~was["is_start"] & (apart_ms <= _TOGETHER_MS)
    echo = (lines.is_start & was["is_start"] & same_arrival) | same_departure
    columns = ("entity", "window", "host", "link", "who", "time", "at_ms", "arrival", "event")
    marked = lines.select(*columns, "is_start", echo=echo.fill_null(False))
    return marked.filter(~marked.echo).drop("echo")


def _before(table: ir.Table, *columns: str) -> Mapping[str, ir.Value]:
    """The columns of the line before, of the same station on the same interface."""
    import ibis

    order = ibis.window(group_by=["host", "link", "who"], order_by=["time", "arrival"])
    return {name: table[name].lag().over(order) for name in columns}


def session_facts(moves: ir.Table, *, names: Iterable[str]) -> ir.Table:
    """Moves -> one row for each (entity, window) with a move."""
    wanted = {name: SESSION_FACTS[name](moves) for name in sorted(names)}
    return moves.group_by("entity", "window").agg(**wanted)


def handshake_facts(rows: ir.Table, *, moves: ir.Table) -> ir.Table:
    """How many arrivals of each (entity, window) were followed by a completed key handshake.

    The interface is left aside: some builds log EAPOL-4WAY-HS-COMPLETED without one. A client
    logs its keys before `connected`, an access point after `associated`.
    """
    import ibis

    columns = ("entity", "window", "host", "who", "time", "at_ms", "arrival", "event")
    keys = rows.filter(rows.wifi & rows.who.notnull() & rows.event.isin(HANDSHAKES))
    starts = moves.filter(moves.is_start).select(*columns)
    steps = starts.union(keys.select(*columns))
    order = ibis.window(group_by=["host", "who"], order_by=["time", "arrival"])
    following = steps.event.lead().over(order).isin(HANDSHAKES) & (
        steps.at_ms.lead().over(order) - steps.at_ms <= _TOGETHER_MS
    )
    leading = (
        (steps.event == "connected")
        & steps.event.lag().over(order).isin(HANDSHAKES)
        & (steps.at_ms - steps.at_ms.lag().over(order) <= _TOGETHER_MS)
    )
    marked = steps.mutate(completed=(following | leading).fill_null(False))
    is_start = marked.event.isin(STARTS)
    return marked.group_by("entity", "window").agg(
        completed_handshakes=marked.count(where=is_start & marked.completed).cast("int64"),
        key_lines=marked.count(where=~is_start).cast("int64"),
    )
