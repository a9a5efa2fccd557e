"""Log lines in the shapes of exports: thirteen-field rows, JSON text, syslog text."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["ENTRY_FIELDS", "export_rows", "json_texts", "syslog_texts"]

#: What an entry of shape E2 holds: three fields that it must have, and who said it how loudly.
ENTRY_FIELDS = ("timestamp", "device_ip", "log_level", "process_name", "message")

_SEVERITY = {
    "emergency": 0,
    "alert": 1,
    "critical": 2,
    "error": 3,
    "warning": 4,
    "notice": 5,
    "info": 6,
    "debug": 7,
}


def export_rows(lines: pa.Table, *, first_id: int, device_ids: Mapping[str, int]) -> pa.Table:
    """The thirteen fields of an export row (shape E1), typed, one row for each line.

    `id` counts from `first_id` in order of arrival. `device_ip` is the host's name and
    `structured_data` is JSON inside a text, as the service writes them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    count = lines.num_rows
    hosts = pa.array(list(device_ids))
    numbers = pa.array(list(device_ids.values()), pa.int64())
    raw = pc.binary_join_element_wise(syslog_texts(lines, pri=True), "\n", "")
    return pa.table(
        {
            "id": pa.array(np.arange(first_id, first_id + count)),
            "device_id": numbers.take(pc.index_in(lines["host"], hosts)),
            "device_ip": lines["host"],
            "timestamp": lines["time"],
            "log_level": lines["level"],
            "process_name": lines["program"],
            "message": lines["message"],
            "raw_message": raw,
            "structured_data": _structured(lines),
            "pushed_to_ai": pa.repeat(pa.scalar(False), count),
            "pushed_at": pa.nulls(count, pa.string()),
            "push_attempts": pa.repeat(pa.scalar(0), count),
            "last_push_error": pa.nulls(count, pa.string()),
        }
    )


def json_texts(rows: pa.Table, *, indent: int = 0) -> pa.ChunkedArray:
    """Each row as the text of a JSON object; `indent` > 0 puts every field on its own line.

    `indent` is the depth of the object's braces in blanks; its fields stand two blanks deeper.
    """
    import pyarrow.compute as pc

    margin, colon = ("\n" + " " * (indent + 2), ": ") if indent else ("", ":")
    parts: list[pa.ChunkedArray | str] = []
    for place, name in enumerate(rows.column_names):
        parts += [("," if place else "{") + f'{margin}"{name}"{colon}', _json_column(rows[name])]
    closing = "\n" + " " * indent + "}" if indent else "}"
    return pc.binary_join_element_wise(*parts, closing, "")


def syslog_texts(lines: pa.Table, *, pri: bool) -> pa.ChunkedArray:
    """Each line as RFC 3164 text, ``<30>Mar  2 08:15:00 ap-01 hostapd: ...``; no year, no zone."""
    import pyarrow as pa
    import pyarrow.compute as pc

    stamp = lines["time"].cast(pa.timestamp("s"), safe=False)
    numbered = pc.binary_join_element_wise("[", lines["pid"].cast(pa.string()), "]", "")
    pid = pc.fill_null(numbered, "")
    head = ("<", _priority(lines).cast(pa.string()), ">") if pri else ()
    when = pc.strftime(stamp, "%b %e %H:%M:%S")
    said = (" ", lines["host"], " ", lines["program"], pid, ": ", lines["message"])
    return pc.binary_join_element_wise(*head, when, *said, "")


def _priority(lines: pa.Table) -> pa.ChunkedArray:
    import pyarrow.compute as pc

    return pc.add(pc.multiply(lines["facility"], 8), _severity(lines))


def _severity(lines: pa.Table) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    names, codes = pa.array(list(_SEVERITY)), pa.array(list(_SEVERITY.values()), pa.int64())
    return pa.chunked_array([codes.take(pc.index_in(lines["level"].combine_chunks(), names))])


def _structured(lines: pa.Table) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    text = [
        pc.binary_join_element_wise(f'"{name}": ', column.cast(pa.string()), "")
        for name, column in (
            ("priority", _priority(lines)),
            ("facility", lines["facility"]),
            ("severity_code", _severity(lines)),
            ("pid", lines["pid"]),
        )
    ]
    inside = pc.binary_join_element_wise(*text, ", ", null_handling="skip")
    return pc.binary_join_element_wise("{", inside, "}", "")


def _json_column(column: pa.ChunkedArray) -> pa.ChunkedArray:
    import pyarrow as pa
    import pyarrow.compute as pc

    if pa.types.is_timestamp(column.type):
        text = pc.strftime(column, "%Y-%m-%dT%H:%M:%S")
        column = pc.replace_substring_regex(text, r"\.000000$", "")
    if not pa.types.is_string(column.type):
        return column.cast(pa.string())
    for raw, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n")):
        column = pc.replace_substring(column, raw, escaped)
    return pc.fill_null(pc.binary_join_element_wise('"', column, '"', ""), "null")
