"""Event table -> rows that know their entity, their window and the address they speak of."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["CLIENT_PROGRAM", "ENTITIES", "MILLISECONDS", "rows_of_entities"]

ENTITIES = ("access_point", "interface", "station")
MILLISECONDS = 1_000
CLIENT_PROGRAM = "wpa_supplicant"
_UNNAMED = "unnamed"


def rows_of_entities(events: ir.Table, *, entity: str, window_s: int) -> ir.Table:
    """Every event row of an entity, with what the aggregates need.

    Added columns: `entity`; `window`, number of the window since the epoch; `at_ms`, milliseconds
    since the epoch; `second`, seconds since the epoch; `offset_ms`, milliseconds since the start
    of the window; `wifi`, a line of a WiFi program; `host`, the access point; `link`, its
    interface; `who`, whose sessions the line speaks of: a station, or the host itself where a
    client talks; `peer`, the address that the line names, station or BSSID.
    """
    import ibis

    second = events.time.truncate("s").epoch_seconds().cast("int64")
    # Spark cannot extract microseconds; a millisecond is finer than any feature.
    millisecond = events.time.millisecond().cast("int64")
    window = (second // window_s).cast("int64")
    is_client = events.program.fill_null("") == CLIENT_PROGRAM
    host = events.access_point.fill_null(_UNNAMED)
    rows = events.mutate(
        entity=_entity_name(events, entity, host, is_client),
        host=host,
        link=events.interface.fill_null(""),
        window=window,
        second=second,
        at_ms=second * MILLISECONDS + millisecond,
        offset_ms=(second - window * window_s) * MILLISECONDS + millisecond,
        wifi=events.event != "other",
        who=events.station.coalesce(ibis.ifelse(is_client, "", ibis.null("string"))),
        peer=events.station.coalesce(events.bssid),
    )
    return rows.filter(rows.entity.notnull())


def _entity_name(events: ir.Table, entity: str, host: ir.Value, is_client: ir.Value) -> ir.Value:
    import ibis

    if entity == "access_point":
        return host
    if entity == "interface":
        named = host.concat("/", events.interface.fill_null(""))
        return ibis.ifelse(events.interface.notnull(), named, ibis.null("string"))
    return events.station.coalesce(ibis.ifelse(is_client, host, ibis.null("string")))
