"""Usual rows in one cheap pass: rows of which nothing is odd, typed as `extraction` would.

Such a row has all its fields, of the right types, a level that is known and an ISO timestamp
without a zone. Whatever is left out here goes the careful way, which also says what is wrong.
"""

from __future__ import annotations

from collections.abc import Mapping

from wifitrain.export.fields import COLUMN_NAMES

__all__ = ["ARRAY_COLUMNS", "USUAL_ARRAY", "USUAL_COLUMNS"]

#: The parameter `columns` of `USUAL_ARRAY`.
ARRAY_COLUMNS: Mapping[str, str] = dict.fromkeys(COLUMN_NAMES, "VARCHAR")

# A running number keeps the engine to the order of the array. The two columns of which nothing is
# wanted are read because the engine then refuses an object that holds one of them twice.
_ARRAY_ROWS = r"""
WITH usual AS (
    SELECT $first + row_number() OVER () - 1 AS record, id, device_id AS device,
        coalesce(nullif(device_ip, ''), nullif(host, ''), nullif(hostname, '')) AS host,
        timestamp AS stamp, coalesce(log_level, level) AS level,
        coalesce(nullif(process_name, ''), nullif(source, '')) AS process, message,
        strlen(raw_message) >= 0 AND strlen(structured_data) >= 0 AS read
    FROM read_json($place, format = 'array', columns = $columns, maximum_object_size = $most_bytes)
)"""

_COLUMN_ROWS = r"""
WITH usual AS (
    SELECT record, id, nullif(device_id, '') AS device,
        coalesce(nullif(device_ip, ''), nullif(host, ''), nullif(hostname, '')) AS host,
        timestamp AS stamp, coalesce(nullif(log_level, ''), nullif(level, '')) AS level,
        coalesce(nullif(process_name, ''), nullif(source, '')) AS process, message, true AS read
    FROM export_batch WHERE broken IS NULL AND label IS NULL
)"""

_TYPED = r"""
, typed AS (
    SELECT record, nullif(id, '') AS id, device, host, process, export_level(level) AS level,
        export_utc(try_cast(stamp AS TIMESTAMP), $zone) AS time,
        CASE WHEN ends_with(message, ' ') OR ends_with(message, chr(10))
            OR ends_with(message, chr(13)) OR ends_with(message, chr(9))
            THEN rtrim(message, E' \t\r\n') ELSE message END AS message
    FROM usual WHERE coalesce(read, true) AND regexp_full_match(stamp,
        '(?:19[789]|2[01]\d)\d-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.]\d{1,9})?')
)
INSERT INTO export_typed BY NAME
SELECT $file AS file, record, id, device, host, time, level, export_program(process) AS program,
    CASE WHEN contains(process, ':') THEN export_interface(process) END AS interface_hint,
    CASE WHEN strlen(message) <= $max_chars THEN message ELSE left(message, $max_chars) END
        AS message,
    strlen(message) > $max_chars AND length(message) > $max_chars AS cut,
    try_cast(id AS BIGINT) AS seq
FROM typed
WHERE host <> '' AND process <> '' AND level IS NOT NULL AND trim(message) <> ''
    AND time BETWEEN TIMESTAMP '1970-01-01' AND TIMESTAMP '2200-01-01'
"""

#: Statements that put the usual rows of a JSON array, or of `export_batch`, into `export_typed`.
USUAL_ARRAY = _ARRAY_ROWS + _TYPED
USUAL_COLUMNS = _COLUMN_ROWS + _TYPED
