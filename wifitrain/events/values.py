"""What else a line carries: each column filled by one small pattern, for the rows that name it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from wifitrain.events.rows import event_names, fields, rules
from wifitrain.records import EVENT_COLUMNS

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["add_events", "add_values"]

_UNKNOWN_DBM = 9999  # what drivers say instead of a level or noise they do not have


def add_events(lines: ir.Table) -> ir.Table:
    """Columns `event` and `category` from `rule` and `is_wifi`, and `carries`: bits of fields."""
    import ibis

    known = ibis.memtable(
        [
            (rule.number, rule.event, event_names()[rule.event], _bits(rule.fields))
            for rule in rules()
        ],
        schema={"number": "int16", "event": "string", "category": "string", "carries": "int64"},
    )
    found = lines.left_join(known, [("rule", "number")]).drop("rule", "number")
    stranger = ibis.ifelse(found.is_wifi, "unknown", "other")
    return found.mutate(
        event=found.event.fill_null(stranger), category=found.category.fill_null(stranger)
    )


def add_values(lines: ir.Table) -> ir.Table:
    """The columns of `fields.tsv`; the station of the line's head goes before any other."""
    import ibis

    columns = {column: _column(lines, column) for column in _columns()}
    columns["station"] = ibis.coalesce(lines.head_station, columns["station"])
    for column in ("signal_dbm", "noise_dbm"):
        level = columns[column]
        columns[column] = ibis.ifelse(level.abs() < _UNKNOWN_DBM, level, ibis.null("int32"))
    return lines.mutate(columns)


def _columns() -> Mapping[str, list[str]]:
    """Field names by the column they fill."""
    filled: dict[str, list[str]] = {}
    for name, field in fields().items():
        filled.setdefault(field.column, []).append(name)
    return filled


def _column(lines: ir.Table, column: str) -> ir.Value:
    import ibis

    found = ibis.cases(
        *(
            (
                (lines.carries & _bits((name,))) != 0,
                lines.text.re_extract(fields()[name].pattern, 1),
            )
            for name in _columns()[column]
        ),
        else_=ibis.null("string"),
    ).nullif("")
    if column == "ssid":
        return found
    kind = EVENT_COLUMNS[column]
    return found.lower() if kind == "string" else found.try_cast(kind)


def _bits(names: tuple[str, ...]) -> int:
    order = list(fields())
    return sum(1 << order.index(name) for name in names)
