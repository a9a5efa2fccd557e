"""From typed rows to the canonical log table, and the numbers of the account."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from wifitrain.export.clock import ClockAccount, repair_clocks
from wifitrain.export.ordering import order_rows
from wifitrain.export.repeats import count_joined_repeats

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

    from wifitrain.export.loading import FileAccount

__all__ = ["Canonical", "Choices", "make_canonical"]

_REFUSE_RESETS = """
INSERT INTO export_refused
SELECT file, record, 'clock_reset',
    'stamped before the network told the device the time: ' || t.time, left(message, 4096)
FROM export_resets JOIN export_typed t USING (seq) JOIN export_texts USING (text_id);
DELETE FROM export_typed t USING export_resets r WHERE r.seq = t.seq
"""

_LEAVE_PROGRAMS_OUT = """
UPDATE export_typed SET seq = NULL
WHERE text_id NOT IN (
    SELECT text_id FROM export_texts WHERE list_contains($programs, program))
"""

_LEAVE_OLDEST_OUT = """
UPDATE export_typed SET seq = NULL WHERE seq < (
    SELECT min(seq) FROM (SELECT seq FROM export_ordered ORDER BY seq DESC LIMIT $most))
"""

# Views, since nothing but places and some times is added to the typed rows.
_ROWS = """
CREATE OR REPLACE VIEW log_rows_apart AS
SELECT o.seq AS arrival, path AS source_file, o.record, o.access_point, {time} AS time,
    {is_repaired} AS clock_reset, o.level, o.label, o.text_id
FROM export_ordered o JOIN export_names n ON n.file = o.file
"""
_TOGETHER = """
CREATE OR REPLACE VIEW log_texts AS FROM export_texts SEMI JOIN log_rows_apart USING (text_id);
CREATE OR REPLACE VIEW log_rows AS
SELECT arrival, source_file, record, access_point, time, clock_reset, level, program,
    interface_hint, message, label
FROM log_rows_apart JOIN export_texts USING (text_id)
"""
_REPAIRED = {
    "time": "coalesce(r.time, o.time)",
    "is_repaired": "r.time IS NOT NULL",
}
_AS_THEY_ARE = {"time": "o.time", "is_repaired": "false"}
_REPAIRS = "LEFT JOIN export_resets r ON r.seq = o.seq"

_COUNTS = """
SELECT count(*) AS rows, count(*) FILTER (is_wifi) AS wifi_rows, min(time) AS first_time,
    max(time) AS last_time
FROM log_rows_apart JOIN (
    SELECT text_id, list_contains($wifi, program) AS is_wifi FROM export_texts
) USING (text_id)
"""

_TYPED_COUNTS = """
SELECT count(*) + (SELECT count(*) FROM export_refused) AS rows,
    (SELECT count(*) FROM export_refused) AS invalid, count(*) FILTER (cut) AS cut_messages,
    count(*) FILTER (label IS NULL AND label_text IS NOT NULL) AS odd_labels
FROM export_valid
"""


@dataclass(frozen=True, kw_only=True)
class Canonical:
    """What became of the records on the way to the table `log_rows`."""

    numbers: Mapping[str, int]  # rows, invalid, exact_repeats, kept, left_out, wifi_rows, ...
    first_time: str | None  # ISO, UTC
    last_time: str | None
    span_days: float | None
    clock: ClockAccount


@dataclass(frozen=True, kw_only=True)
class Choices:
    """What the user decides about the canonical table."""

    timezone: str
    year: int | None
    clock_reset: str
    programs: Sequence[str]
    wifi_programs: Sequence[str]
    max_records: int | None


def make_canonical(
    connection: duckdb.DuckDBPyConnection, files: Sequence[FileAccount], *, choices: Choices
) -> Canonical:
    """Order, date, repair and number the typed rows into `log_rows` (`LOG_COLUMNS`)."""
    year_less, duplicates = order_rows(
        connection, _file_table(files, choices.year), timezone=choices.timezone
    )
    repeats = count_joined_repeats(
        connection,
        "hash(access_point, time, content)",
        of="(FROM export_contents WHERE seq IS NOT NULL)",
        shared="said",
        n_rows=_count_ordered(connection),
    )
    clock = repair_clocks(connection)
    counts = _row(connection, _TYPED_COUNTS, {})
    selected = _select(connection, choices)
    _make_view(connection, repair=choices.clock_reset == "repair" and clock.reset_rows > 0)
    kept, wifi, first, last = _row(connection, _COUNTS, {"wifi": list(choices.wifi_programs)})
    named = dict(zip(("rows", "invalid", "cut_messages", "odd_labels"), counts, strict=True))
    numbers = {
        **named,
        "year_less": year_less,
        "duplicates_removed": duplicates,
        "exact_repeats": repeats,
        "kept": kept,
        "left_out": selected - kept,
        "wifi_rows": wifi,
    }
    return Canonical(
        numbers={name: int(number) for name, number in numbers.items()},
        first_time=first.isoformat() if first else None,
        last_time=last.isoformat() if last else None,
        span_days=(last - first).total_seconds() / 86_400 if first else None,
        clock=clock,
    )


def _select(connection: duckdb.DuckDBPyConnection, choices: Choices) -> int:
    if choices.clock_reset == "quarantine":
        connection.execute(_REFUSE_RESETS)
    if choices.programs:
        connection.execute(_LEAVE_PROGRAMS_OUT, {"programs": list(choices.programs)})
    selected = _count_ordered(connection)
    if choices.max_records is not None and choices.max_records < selected:
        connection.execute(_LEAVE_OLDEST_OUT, {"most": choices.max_records})
    return selected


def _count_ordered(connection: duckdb.DuckDBPyConnection) -> int:
    return int(_row(connection, "SELECT count(*) FROM export_ordered", {})[0])


def _make_view(connection: duckdb.DuckDBPyConnection, *, repair: bool) -> None:
    columns = _REPAIRED if repair else _AS_THEY_ARE
    connection.execute(_ROWS.format(**columns) + (_REPAIRS if repair else ""))
    connection.execute(_TOGETHER)


def _file_table(files: Sequence[FileAccount], year: int | None) -> pa.Table:
    import pyarrow as pa

    return pa.table(
        {
            "file": pa.array(range(len(files)), pa.int32()),
            "series": [file.series for file in files],
            "first_year": pa.array([year] * len(files), pa.int32()),
            "modified": pa.array([file.modified for file in files], pa.timestamp("us")),
        }
    )


def _row(
    connection: duckdb.DuckDBPyConnection, query: str, parameters: Mapping[str, object]
) -> tuple[Any, ...]:
    return connection.execute(query, dict(parameters)).fetchone() or ()
