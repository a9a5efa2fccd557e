"""Facts that one pass over the rows of a window gives: integers, whose sums have no order."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING

from wifitrain.features.vocabulary import COUNTED, INACTIVITY_REASON

if TYPE_CHECKING:
    import ibis.expr.types as ir

__all__ = ["CODES", "LINE_FACTS", "ZERO_LINE_FACTS", "line_facts"]

_Aggregate = Callable[["ir.Table"], "ir.Value"]

#: Reason and status codes that the service's 39-column profile counts.
CODES = range(1, 18)
#: Sines and cosines are summed as integers of this scale: sums of floats depend on their order.
_CIRCLE = 1_000_000
_DAY_S, _WEEK_DAYS = 86_400, 7
_EPOCH_WEEKDAY = 3  # 1 January 1970 was a Thursday; Monday is 0
_ERROR_LEVELS = ("emergency", "alert", "critical", "error")


def line_facts(rows: ir.Table, *, names: Iterable[str]) -> ir.Table:
    """Rows -> one row for each (entity, window) that has a line, with the facts of `names`."""
    wanted = {name: LINE_FACTS[name](rows) for name in sorted(names)}
    return rows.group_by("entity", "window").agg(**wanted)


def _count(condition: Callable[[ir.Table], ir.Value]) -> _Aggregate:
    """Lines of WiFi programs for which `condition` holds."""
    return lambda rows: rows.count(where=rows.wifi & condition(rows)).cast("int64")


def _events(*names: str) -> _Aggregate:
    return _count(lambda rows: rows.event.isin(names))


def _filled(column: str) -> _Aggregate:
    return _count(lambda rows: rows[column].notnull())


def _sum(terms: Callable[[ir.Table], ir.Value]) -> _Aggregate:
    return lambda rows: terms(rows).cast("int64").sum(where=rows.wifi).cast("int64")


def _day_angle(rows: ir.Table) -> ir.Value:
    return (rows.second % _DAY_S).cast("float64") * (2 * math.pi / _DAY_S)


def _weekday_angle(rows: ir.Table) -> ir.Value:
    day = ((rows.second - rows.second % _DAY_S) / _DAY_S).round().cast("int64")
    return ((day + _EPOCH_WEEKDAY) % _WEEK_DAYS).cast("float64") * (2 * math.pi / _WEEK_DAYS)


def _circle(value: ir.Value) -> ir.Value:
    return (value * _CIRCLE).round().cast("int64")


def _is_inactivity(rows: ir.Table) -> ir.Value:
    by_reason = rows.reason_code.fill_null(0) == INACTIVITY_REASON
    named = rows.event.isin(("disassociated_inactivity", "deauthenticated_inactivity"))
    return named | (rows.event.isin(("deauthenticated", "disassociated")) & by_reason)


def _is_forced(rows: ir.Table) -> ir.Value:
    deauth = rows.event.isin(("deauthenticated", "deauthenticated_local"))
    return deauth & (rows.reason_code.fill_null(0) != INACTIVITY_REASON)


def _signal(rows: ir.Table) -> ir.Value:
    return rows.signal_dbm.cast("int64")


def _signal_offset(rows: ir.Table) -> ir.Value:
    import ibis

    return ibis.ifelse(rows.signal_dbm.notnull(), rows.offset_ms, ibis.null("int64"))


def _algorithm(name: str) -> _Aggregate:
    return _count(lambda rows: rows.auth_algorithm.fill_null("").lower().startswith(name))


def _band(low_mhz: int, high_mhz: int) -> _Aggregate:
    return _count(lambda rows: rows.frequency_mhz.between(low_mhz, high_mhz).fill_null(False))


def _code(column: str, code: int) -> _Aggregate:
    return _count(lambda rows: rows[column].fill_null(0) == code)


#: Facts that are zero in a window without lines.
ZERO_LINE_FACTS: Mapping[str, _Aggregate] = {
    "n_lines": lambda rows: rows.count().cast("int64"),
    "n_events": lambda rows: rows.count(where=rows.wifi).cast("int64"),
    "errors": _count(lambda rows: rows.level.fill_null("").isin(_ERROR_LEVELS)),
    "warnings": _count(lambda rows: rows.level.fill_null("") == "warning"),
    "forced_deauths": _count(_is_forced),
    "inactivity_ends": _count(_is_inactivity),
    "ssids": lambda rows: rows.ssid.nunique(where=rows.wifi).cast("int64"),
    "unknown_templates": lambda rows: rows.template.nunique(where=rows.event == "unknown").cast(
        "int64"
    ),
    "signal_n": _filled("signal_dbm"),
    "rate_n": _filled("tx_rate_kbps"),
    "algorithm_n": _filled("auth_algorithm"),
    "algorithm_open": _algorithm("open"),
    "algorithm_sae": _algorithm("sae"),
    "algorithm_ft": _algorithm("ft"),
    "band_n": _filled("frequency_mhz"),
    "band_2ghz": _band(2_400, 2_500),
    "band_5ghz": _band(4_900, 5_924),
    "band_6ghz": _band(5_925, 7_125),
    **{name: _events(*events) for name, events in COUNTED.items()},
    **{f"reason_code_{code}": _code("reason_code", code) for code in CODES},
    **{f"status_code_{code}": _code("status_code", code) for code in CODES},
}

LINE_FACTS: Mapping[str, _Aggregate] = {
    **ZERO_LINE_FACTS,
    "first_line_ms": lambda rows: rows.at_ms.min(),
    "last_line_ms": lambda rows: rows.at_ms.max(),
    "first_event_ms": lambda rows: rows.at_ms.min(where=rows.wifi),
    "last_event_ms": lambda rows: rows.at_ms.max(where=rows.wifi),
    "label": lambda rows: rows.label.cast("int64").max(),
    "signal_sum": _sum(_signal),
    "signal_squares": _sum(lambda rows: _signal(rows) * _signal(rows)),
    "signal_ms": _sum(_signal_offset),
    "signal_ms_squares": _sum(lambda rows: _signal_offset(rows) * _signal_offset(rows)),
    "signal_by_ms": _sum(lambda rows: _signal_offset(rows) * _signal(rows)),
    "signal_first_ms": lambda rows: _signal_offset(rows).min(where=rows.wifi),
    "signal_last_ms": lambda rows: _signal_offset(rows).max(where=rows.wifi),
    "rate_sum": _sum(lambda rows: rows.tx_rate_kbps),
    "day_sine": _sum(lambda rows: _circle(_day_angle(rows).sin())),
    "day_cosine": _sum(lambda rows: _circle(_day_angle(rows).cos())),
    "weekday_sine": _sum(lambda rows: _circle(_weekday_angle(rows).sin())),
    "weekday_cosine": _sum(lambda rows: _circle(_weekday_angle(rows).cos())),
}
