"""What became of the lines: how many were understood, by whom they were said, who was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from wifitrain.records import Json

__all__ = ["account_of"]

_MOST_TEMPLATES = 50


def account_of(events: ir.Table) -> dict[str, Json]:
    """Counts for the report; `understood_ratio` and `station_local_share` only where they exist."""
    wifi = events.event != "other"
    totals = events.aggregate(
        wifi_lines=wifi.sum(),
        understood_lines=(wifi & (events.event != "unknown")).sum(),
        stations=events.station.nunique(),
        local_stations=events.station.nunique(where=events.station_is_local),
    )
    counted = {name: n or 0 for name, n in totals.to_pyarrow().to_pylist()[0].items()}
    local = counted.pop("local_stations")
    account: dict[str, Json] = dict(counted)
    if counted["wifi_lines"]:
        account["understood_ratio"] = counted["understood_lines"] / counted["wifi_lines"]
    if counted["stations"]:
        account["station_local_share"] = local / counted["stations"]
    account["unknown_templates"] = _unknown_templates(events)
    for name, column in (("events", "event"), ("interfaces", "interface"), ("programs", "program")):
        account[name] = _counts(events, column)
    return account


def _unknown_templates(events: ir.Table) -> list[Json]:
    import ibis

    unknown = events.filter(events.template.notnull())
    counted = unknown.group_by("template").aggregate(count=unknown.count())
    first = counted.order_by([ibis.desc("count"), "template"]).limit(_MOST_TEMPLATES)
    return list(first.to_pyarrow().to_pylist())


def _counts(events: ir.Table, column: str) -> dict[str, Json]:
    named = events.filter(events[column].notnull())
    counted = named.group_by(column).aggregate(count=named.count()).order_by(column)
    return {row[column]: row["count"] for row in counted.to_pyarrow().to_pylist()}
